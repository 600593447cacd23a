// Readings as the tail and the parts hold them, whatever was changed since. Any thread, as long as
// it holds what it asks.
#pragma once

#include <optional>

#include "base/deadline.h"
#include "series/facts.h"
#include "series/overlay.h"
#include "series/part.h"
#include "series/tail.h"

namespace duliang {

// A part of the manifest.
struct NamedPart {
  std::string name;
  uint32_t written_s = 0;  // the second since 1970, as readings that arrived say it
  std::shared_ptr<const Part> part;
};
using Parts = std::vector<NamedPart>;

struct KeptRows {
  TailSnapshot tail;
  std::shared_ptr<const Parts> parts = std::make_shared<const Parts>();
};

// What a question has looked at, and until when it may look.
struct ReadEffort {
  uint64_t tail_rows = 0;
  uint64_t part_rows = 0;
  uint64_t overlay_rows = 0;
  uint64_t pages = 0;  // asked for
  Deadline deadline;

  Status next_page() {
    ++pages;
    return deadline.go_on();
  }
};

struct ReadingName {
  ReadingId id{0};
  StreamId stream{0};
};
Result<std::optional<Reading>> find_kept(const KeptRows& rows, ReadingName name,
                                         ReadEffort& effort);
const Reading* find_kept(const SealedChunk& chunk, ReadingName name);
Result<std::optional<Reading>> find_kept(const Part& part, ReadingName name, ReadEffort& effort);

// The reading as it is now: `entry` is what the overlay says of it, or null.
Result<std::optional<Reading>> find_now(const KeptRows& rows, const OverlayEntry* entry,
                                        Time cut_before, ReadingName name, ReadEffort& effort);

// How many readings of the stream begin before a time; by the bounds of chunks and pages, of which
// only those at the edge are looked into.
uint64_t count_before(const TailSnapshot& tail, StreamId stream, Time before);
Result<uint64_t> count_before(const Parts& parts, StreamId stream, Time before);

// Whether a page holds nothing but the stream.
inline bool holds_only(const PageEntry& page, StreamId stream) {
  return page.first_stream == stream && page.last_stream == stream;
}

}  // namespace duliang
