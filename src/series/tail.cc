#include "series/tail.h"

namespace duliang {

std::shared_ptr<const SealedChunk> seal(std::shared_ptr<const Chunk> chunk, size_t rows) {
  auto sealed = std::make_shared<SealedChunk>();
  std::vector<const Reading*> pointers;
  pointers.reserve(rows);
  for (const Reading& row : std::span(chunk->rows).first(rows)) pointers.push_back(&row);
  sealed->sorted = sort_rows(std::move(pointers));
  sealed->chunk = std::move(chunk);
  return sealed;
}

std::span<const Reading> TailSnapshot::open_readings() const {
  if (!open) return {};
  return std::span(open->rows).first(open_rows);
}

TailSnapshot TailSnapshot::without(size_t chunks) const {
  CHECK(chunks <= sealed->size());
  const auto first_kept = sealed->begin() + static_cast<ptrdiff_t>(chunks);
  TailSnapshot rest = *this;
  rest.sealed = std::make_shared<const SealedChunks>(first_kept, sealed->end());
  for (auto gone = sealed->begin(); gone != first_kept; ++gone) {
    rest.readings -= (*gone)->sorted.rows.size();
  }
  return rest;
}

void SeriesTail::append(const Reading& reading) {
  if (!open_) {
    open_ = std::make_shared<Chunk>(chunk_rows_);
    shown_.open = open_;
  }
  open_->rows[shown_.open_rows] = reading;
  ++shown_.open_rows;
  ++shown_.readings;
  if (shown_.open_rows == chunk_rows_) seal_open();
}

void SeriesTail::seal_open() {
  auto sealed = std::make_shared<SealedChunks>(*shown_.sealed);  // older snapshots keep their list
  sealed->push_back(seal(std::move(open_), shown_.open_rows));
  shown_.sealed = std::move(sealed);
  shown_.open = nullptr;
  shown_.open_rows = 0;
}

std::vector<const Reading*> SeriesTail::behind(size_t readings) const {
  std::vector<const Reading*> rows;
  size_t place = 0;
  const auto take = [&](std::span<const Reading> chunk) {
    for (size_t row = readings > place ? readings - place : 0; row < chunk.size(); ++row) {
      rows.push_back(&chunk[row]);
    }
    place += chunk.size();
  };
  for (const auto& sealed : *shown_.sealed) {
    take(std::span(sealed->chunk->rows).first(sealed->sorted.rows.size()));
  }
  take(shown_.open_readings());
  return rows;
}

size_t SeriesTail::seal_first(size_t readings) {
  CHECK(readings <= shown_.readings);
  const TailSnapshot before = shown_;  // keeps the readings behind until they are copied
  const auto rest = behind(readings);
  auto kept = std::make_shared<SealedChunks>();
  size_t place = 0;
  for (const auto& chunk : *before.sealed) {
    const size_t rows = std::min(chunk->sorted.rows.size(), readings - place);
    if (rows > 0) {
      kept->push_back(rows == chunk->sorted.rows.size() ? chunk : seal(chunk->chunk, rows));
    }
    place += rows;
  }
  if (place < readings) kept->push_back(seal(before.open, readings - place));
  const size_t chunks = kept->size();
  shown_ = {std::move(kept), nullptr, 0, readings};
  open_ = nullptr;
  for (const Reading* reading : rest) append(*reading);
  return chunks;
}

void SeriesTail::forget(size_t chunks) { shown_ = shown_.without(chunks); }

}  // namespace duliang
