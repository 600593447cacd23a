#include "series/kept_rows.h"

namespace duliang {
namespace {

uint64_t count_before(std::span<const Reading* const> rows, Time before) {
  return static_cast<uint64_t>(std::ranges::count_if(
      rows, [before](const Reading* reading) { return reading->phenomenon_time.begin < before; }));
}

const StreamRows* rows_of(const SortedRows& rows, StreamId stream) {
  const auto found = std::ranges::lower_bound(rows.streams, stream, {}, &StreamRows::stream);
  return found != rows.streams.end() && found->stream == stream ? &*found : nullptr;
}

}  // namespace

const Reading* find_kept(const SealedChunk& chunk, ReadingName name) {
  const auto [id, stream] = name;
  if (id < chunk.sorted.bounds.lowest || id > chunk.sorted.bounds.highest) return nullptr;
  const StreamRows* rows = rows_of(chunk.sorted, stream);
  if (rows == nullptr || id < rows->bounds.lowest || id > rows->bounds.highest) return nullptr;
  const auto of_stream = chunk.sorted.of(*rows);
  const auto found = std::ranges::find(of_stream, id, &Reading::id);
  return found != of_stream.end() ? *found : nullptr;
}

Result<std::optional<Reading>> find_kept(const Part& part, ReadingName name, ReadEffort& effort) {
  const ReadingId id = name.id;
  const Bounds& all = part.summary().bounds;
  if (id < all.lowest || id > all.highest) return std::optional<Reading>();
  TRY(const auto pages, part.pages_of(name.stream));
  for (size_t page = pages.first; page < pages.second; ++page) {
    TRY(const PageEntry entry, part.entry(page));
    if (id < entry.bounds.lowest || id > entry.bounds.highest) continue;
    TRY_DO(effort.next_page());
    TRY(const auto readings, part.read_page(page));
    const auto found = std::ranges::find(*readings, id, &Reading::id);
    if (found == readings->end()) continue;
    ++effort.part_rows;
    return std::optional<Reading>(*found);
  }
  return std::optional<Reading>();
}

Result<std::optional<Reading>> find_kept(const KeptRows& rows, ReadingName name,
                                         ReadEffort& effort) {
  const auto open = rows.tail.open_readings();
  const auto found = std::ranges::find(open, name.id, &Reading::id);
  const Reading* in_tail = found != open.end() ? &*found : nullptr;
  for (auto chunk = rows.tail.sealed->begin();
       in_tail == nullptr && chunk != rows.tail.sealed->end(); ++chunk) {
    in_tail = find_kept(**chunk, name);
  }
  if (in_tail != nullptr) {
    ++effort.tail_rows;
    return std::optional<Reading>(*in_tail);
  }
  for (auto part = rows.parts->rbegin(); part != rows.parts->rend(); ++part) {
    TRY(auto reading, find_kept(*part->part, name, effort));
    if (reading) return reading;
  }
  return std::optional<Reading>();
}

Result<std::optional<Reading>> find_now(const KeptRows& rows, const OverlayEntry* entry,
                                        Time cut_before, ReadingName name, ReadEffort& effort) {
  TRY_DO(effort.deadline.go_on());
  std::optional<Reading> reading;
  if (entry == nullptr) {
    TRY(reading, find_kept(rows, name, effort));
  } else if (!entry->removed) {
    ++effort.overlay_rows;
    reading = entry->reading;
  }
  if (reading && reading->phenomenon_time.begin < cut_before) reading.reset();
  return reading;
}

uint64_t count_before(const TailSnapshot& tail, StreamId stream, Time before) {
  uint64_t count = 0;
  for (const auto& chunk : *tail.sealed) {
    const StreamRows* rows = rows_of(chunk->sorted, stream);
    if (rows == nullptr || rows->bounds.first >= before) continue;
    count += rows->bounds.last < before ? rows->bounds.readings
                                        : count_before(chunk->sorted.of(*rows), before);
  }
  for (const Reading& reading : tail.open_readings()) {
    if (reading.stream == stream && reading.phenomenon_time.begin < before) ++count;
  }
  return count;
}

Result<uint64_t> count_before(const Parts& parts, StreamId stream, Time before) {
  uint64_t count = 0;
  for (const NamedPart& part : parts) {
    if (part.part->summary().bounds.first >= before) continue;
    TRY(const auto pages, part.part->pages_of(stream));
    for (size_t page = pages.first; page < pages.second; ++page) {
      TRY(const PageEntry entry, part.part->entry(page));
      if (entry.bounds.first >= before) continue;
      if (holds_only(entry, stream) && entry.bounds.last < before) {
        count += entry.bounds.readings;
        continue;
      }
      TRY(const auto readings, part.part->read_page(page));
      for (const Reading& reading : *readings) {
        if (reading.stream == stream && reading.phenomenon_time.begin < before) ++count;
      }
    }
  }
  return count;
}

}  // namespace duliang
