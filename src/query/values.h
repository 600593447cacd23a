// Values against values: how numbers, times and durations are compared, calculated and ordered, as
// LANGUAGE.md has it. Pure functions; where an operation has no meaning or no result the answer is
// null. Used by the evaluator, by functions.cc and by bounds.cc.
#pragma once

#include <compare>
#include <optional>

#include "query/expression.h"

namespace duliang {

// 2^63 and -2^63 are doubles; what lies between is cut to int64_t without loss of range.
inline constexpr double kIntegerEnd = 9223372036854775808.0;

// The years that can be written: 0001 to 9999.
inline constexpr Time kFirstTime = std::chrono::sys_days{std::chrono::year{1} / 1 / 1};
inline constexpr Time kTimeEnd = std::chrono::sys_days{std::chrono::year{10000} / 1 / 1};

bool is_number(const Value& value);
std::string number_text(const Value& number);  // its own, or the shortest that reads back the same
// Exact, also between an integer and a decimal.
std::partial_ordering compare_numbers(const Value& a, const Value& b);
// An instant is an interval whose ends are one.
std::optional<Interval> interval_of(const Value& value);

Value calculate(Operation operation, const Value& a, const Value& b);  // add sub mul div mod
Value negate(const Value& value);

// Below 0, 0 or above: null, booleans, numbers, texts, times by their begin, durations, JSON; then
// what is sealed and blobs, each alike among themselves.
int order_values(const Value& a, const Value& b);

}  // namespace duliang
