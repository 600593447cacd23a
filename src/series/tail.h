// The newest readings, in memory, in the order in which they came. They stand in chunks of a fixed
// size that are allocated once and never moved. The writer fills the open chunk beyond what a
// snapshot shows; a full one is sealed: it gets an index by stream and time, so that a question
// about one stream looks at few rows.
//
// Tail is the writer's. A TailSnapshot may be read by any thread for as long as it is held: it
// shares the chunks and never touches a slot that was empty when it was taken.
#pragma once

#include <memory>
#include <vector>

#include "model/reading.h"
#include "series/order.h"

namespace duliang {

struct Chunk {
  explicit Chunk(size_t capacity) : rows(capacity) {}
  std::vector<Reading> rows;  // its size is the capacity and never changes
};

// The readings of one stream in a sealed chunk: a piece of its `order`.
struct ChunkStream {
  StreamId stream{0};
  uint32_t offset = 0;
  Bounds bounds;
};

struct SealedChunk {
  std::shared_ptr<const Chunk> chunk;
  std::vector<uint32_t> order;       // places in the chunk, by KeptOrder
  std::vector<ChunkStream> streams;  // by stream
  Bounds bounds;
};
std::shared_ptr<const SealedChunk> seal(std::shared_ptr<const Chunk> chunk);
// Places of the chunk's readings that belong to `stream`, by begin, then id.
std::span<const uint32_t> places(const SealedChunk& chunk, const ChunkStream& stream);

using SealedChunks = std::vector<std::shared_ptr<const SealedChunk>>;

struct TailSnapshot {
  std::shared_ptr<const SealedChunks> sealed = std::make_shared<const SealedChunks>();
  std::shared_ptr<const Chunk> open;
  size_t open_rows = 0;

  std::span<const Reading> open_readings() const;
  size_t readings() const;
};

class Tail {
 public:
  explicit Tail(size_t chunk_rows) : chunk_rows_(chunk_rows) {}
  void append(const Reading& reading);
  size_t readings() const { return sealed_->size() * chunk_rows_ + open_rows_; }
  const Reading& operator[](size_t place) const;  // in the order in which they came
  TailSnapshot snapshot() const { return {sealed_, open_, open_rows_}; }

 private:
  size_t chunk_rows_;
  std::shared_ptr<const SealedChunks> sealed_ = std::make_shared<const SealedChunks>();
  std::shared_ptr<Chunk> open_;
  size_t open_rows_ = 0;
};

}  // namespace duliang
