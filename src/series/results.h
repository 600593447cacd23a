// The column of results. Numbers that are written as plain decimals become whole numbers at one
// power of ten for each stream; whatever else is JSON keeps its text. Either comes back letter for
// letter. Pure functions of any thread.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "base/bytes.h"
#include "model/reading.h"

namespace duliang {

// 21.50 has the digits 2150, of which 2 stand behind the point.
struct PlainNumber {
  int64_t digits = 0;
  uint8_t decimals = 0;
};
// Of `-?digits(.digits)?` with at most 18 digits, no needless zeros before them and no "-0": what
// append_plain() writes the same again.
std::optional<PlainNumber> parse_plain(std::string_view text);
void append_plain(std::string& out, PlainNumber number);

// `runs` are the numbers of readings of one stream; they add up to all readings.
void put_results(std::string& out, std::span<const Reading> readings,
                 std::span<const int64_t> runs);
void take_results(Reader& in, std::span<Reading> readings, std::span<const int64_t> runs);

}  // namespace duliang
