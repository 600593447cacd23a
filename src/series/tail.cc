#include "series/tail.h"

#include <limits>

namespace duliang {

std::shared_ptr<const SealedChunk> seal(std::shared_ptr<const Chunk> chunk) {
  CHECK(chunk->rows.size() <= std::numeric_limits<uint32_t>::max());
  auto sealed = std::make_shared<SealedChunk>();
  struct Place {
    KeptOrder key;
    uint32_t at;
  };
  std::vector<Place> sorted;
  sorted.reserve(chunk->rows.size());
  for (const Reading& row : chunk->rows) {
    sorted.push_back({kept_order(row), static_cast<uint32_t>(sorted.size())});
  }
  std::ranges::sort(sorted, {}, &Place::key);
  sealed->order.reserve(sorted.size());
  for (const Place& place : sorted) {
    if (sealed->streams.empty() || sealed->streams.back().stream != place.key.stream) {
      sealed->streams.push_back(
          {place.key.stream, static_cast<uint32_t>(sealed->order.size()), Bounds{}});
    }
    sealed->streams.back().bounds.add(chunk->rows[place.at]);
    sealed->order.push_back(place.at);
  }
  sealed->streams.shrink_to_fit();
  for (const ChunkStream& stream : sealed->streams) sealed->bounds.add(stream.bounds);
  sealed->chunk = std::move(chunk);
  return sealed;
}

std::span<const uint32_t> places(const SealedChunk& chunk, const ChunkStream& stream) {
  return std::span(chunk.order).subspan(stream.offset, stream.bounds.readings);
}

std::span<const Reading> TailSnapshot::open_readings() const {
  if (!open) return {};
  return std::span(open->rows).first(open_rows);
}

size_t TailSnapshot::readings() const {
  // All chunks of a tail have one capacity, and a sealed one is full.
  const size_t full = sealed->empty() ? 0 : sealed->front()->order.size();
  return sealed->size() * full + open_rows;
}

void Tail::append(const Reading& reading) {
  if (!open_) open_ = std::make_shared<Chunk>(chunk_rows_);
  open_->rows[open_rows_] = reading;
  ++open_rows_;
  if (open_rows_ < chunk_rows_) return;
  auto sealed = std::make_shared<SealedChunks>(*sealed_);  // older snapshots keep the old list
  sealed->push_back(seal(std::move(open_)));
  sealed_ = std::move(sealed);
  open_ = nullptr;
  open_rows_ = 0;
}

const Reading& Tail::operator[](size_t place) const {
  CHECK(place < readings());
  const size_t chunk = place / chunk_rows_;
  const size_t row = place % chunk_rows_;
  return chunk < sealed_->size() ? (*sealed_)[chunk]->chunk->rows[row] : open_->rows[row];
}

}  // namespace duliang
