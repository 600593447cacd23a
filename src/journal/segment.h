// A segment file of a FileLog, as bytes: its name, reading it piece by piece, and finding where its
// sound records end. Used by FileLog only; fails with io, and with unsupported where a record is
// sound but of a version that this program cannot read.
#pragma once

#include <optional>
#include <string>

#include "base/files.h"
#include "journal/log.h"

namespace duliang {

std::string segment_name(Place first);  // 16 hex digits and ".log"
std::string sealed_name(Place first);   // and ".sealed"
std::string sealing_name(Place first);  // and ".sealing": not whole yet
std::optional<Place> segment_place(std::string_view name);
std::optional<Place> sealed_place(std::string_view name);
std::optional<Place> sealing_place(std::string_view name);
std::string to_hex(Place place);  // 16 digits

// A piece of a file, held to be read from again. What it holds must not change in the file.
class Window {
 public:
  // At least `wanted` bytes from `offset` on, fewer only where the file or `limit` ends. The view
  // holds until the next call.
  Result<std::string_view> at(const File& file, uint64_t offset, size_t wanted, uint64_t limit);
  void forget() { size_ = 0; }

 private:
  std::string buffer_;
  uint64_t offset_ = 0;
  size_t size_ = 0;
};

// A stretch of a segment that was walked record by record.
struct Walk {
  uint64_t end = 0;  // offset behind the last sound record
  Place synced = 0;  // the highest place that a record of it calls durable
};
// Walks from `offset` to the first bytes that are no sound record.
Result<Walk> walk_segment(const File& file, Place first, uint64_t offset);

// What stands behind the end of the sound records.
struct Rest {
  std::string bytes;  // as far as a record that is not all zeros can reach
  size_t used = 0;    // up to the last byte that is not zero; 0: nothing but zeros
};
Result<Rest> read_rest(const File& file, uint64_t offset);
// The highest place that a sound record anywhere in `rest`, which begins at `at`, calls durable.
Place synced_in_rest(std::string_view rest, Place at);

}  // namespace duliang
