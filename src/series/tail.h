// The newest readings, in memory, in the order in which they came. They stand in chunks that are
// allocated once and never moved. The writer fills the open chunk beyond what a snapshot shows; a
// full one is sealed: it gets an index by stream and time, so that a question about one stream
// looks at few rows. A checkpoint seals what there is, writes the sealed chunks, and lets them go.
//
// SeriesTail is the writer's. A TailSnapshot may be read by any thread for as long as it is held:
// it shares the chunks and never touches a slot that was empty when it was taken.
#pragma once

#include <memory>
#include <vector>

#include "series/sorted_rows.h"

namespace duliang {

struct Chunk {
  explicit Chunk(size_t capacity) : rows(capacity) {}
  std::vector<Reading> rows;  // its size is the capacity and never changes
};

struct SealedChunk {
  std::shared_ptr<const Chunk> chunk;
  SortedRows sorted;
};
// The first `rows` readings of the chunk.
std::shared_ptr<const SealedChunk> seal(std::shared_ptr<const Chunk> chunk, size_t rows);

using SealedChunks = std::vector<std::shared_ptr<const SealedChunk>>;

struct TailSnapshot {
  std::shared_ptr<const SealedChunks> sealed = std::make_shared<const SealedChunks>();
  std::shared_ptr<const Chunk> open;
  size_t open_rows = 0;
  size_t readings = 0;

  std::span<const Reading> open_readings() const;
  // Without the first `chunks` sealed ones.
  TailSnapshot without(size_t chunks) const;
};

class SeriesTail {
 public:
  explicit SeriesTail(size_t chunk_rows) : chunk_rows_(chunk_rows) {}
  void append(const Reading& reading);
  size_t readings() const { return shown_.readings; }
  TailSnapshot snapshot() const { return shown_; }
  // The first `readings` stand in sealed chunks of their own from now on; how many chunks.
  size_t seal_first(size_t readings);
  // The readings behind the first `readings`, in the order in which they came.
  std::vector<const Reading*> behind(size_t readings) const;
  void forget(size_t chunks);  // the first so many sealed ones

 private:
  void seal_open();
  size_t chunk_rows_;
  std::shared_ptr<Chunk> open_;
  TailSnapshot shown_;  // all that is here; its `open` is open_
};

}  // namespace duliang
