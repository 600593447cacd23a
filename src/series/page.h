// A page: one to two thousand readings of many streams, by KeptOrder, as the bytes that stand in a
// part file: columns, each compressed by itself. Encoding and decoding are pure functions of any
// thread. What comes back is equal to what went in, in every field, whatever it was. The bytes are
// in FORMAT.md.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/reading.h"

namespace duliang {

inline constexpr size_t kPageRows = 2048;
// A page also ends behind the reading with which the results and extras of its readings reach so
// many bytes as they stand in memory, so that long ones do not make pages that are costly to
// decode.
inline constexpr size_t kPageBytes = 256 * 1024;

// What a reading adds to kPageBytes.
inline size_t content_bytes(const Reading& reading) {
  return reading.result.size() + reading.extras.size();
}

// One to kPageRows readings by KeptOrder, none behind the one with which kPageBytes are reached
// (CHECK).
std::string encode_page(std::span<const Reading> readings);
// Of bytes from anywhere: corrupt where they are not such a page.
Result<std::vector<Reading>> decode_page(std::string_view bytes);

// What readings are judged by most, without making them: a fraction of the time. As many as there
// are readings of each, in their order.
struct PageColumns {
  std::vector<StreamId> streams;
  std::vector<ReadingId> ids;
  std::vector<Interval> times;
  std::vector<double> results;  // NaN of one that is no number; empty unless they were wanted
  std::vector<Quality> qualities;  // likewise
};
Result<PageColumns> decode_columns(std::string_view bytes, bool with_results);

}  // namespace duliang
