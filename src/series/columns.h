// The columns of a page as bytes: numbers and texts, each column by itself, so that likes stand
// beside likes. A column whose values follow a rule (all equal, equal steps) costs a few bytes.
// Pure functions of any thread.
//
// Taking trusts nothing: how many values a column has is known before it is read, nothing is
// allocated by a length that was read before that is bounded, and what is odd makes the Reader
// fail.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace duliang {

// The texts of a column without repetitions (with them: twice as many): a page ends behind
// kPageBytes of them, and the reading with which it does can bring no more than a frame of the
// journal holds.
inline constexpr size_t kPageTextBytes = 2 * 1024 * 1024;

void put_numbers(std::string& out, std::span<const int64_t> values);
void take_numbers(Reader& in, std::span<int64_t> values);

// Numbers that stand in runs (those of one stream), each run likely to go on as it began: plain, or
// as steps, or as steps of steps, whichever is shortest. The lengths of the runs add up to the
// values, and none is 0.
void put_series(std::string& out, std::span<const int64_t> values, std::span<const int64_t> runs);
void take_series(Reader& in, std::span<int64_t> values, std::span<const int64_t> runs);

// Each different text once, and which one stands where. At most kPageTextBytes (CHECK).
void put_texts(std::string& out, std::span<const std::string_view> texts);
// The views are into `held`.
void take_texts(Reader& in, std::span<std::string_view> texts, std::string& held);

}  // namespace duliang
