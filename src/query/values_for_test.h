// A scope of fixed names, and expressions with the values that they must have in it.
#pragma once

#include <gtest/gtest.h>

#include <limits>

#include "query/evaluate.h"

namespace duliang {

inline constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
inline constexpr int64_t kMost = std::numeric_limits<int64_t>::max();

// i: 3, d: 3.50, one: 1.0, t: 'Abc', n: null, yes, no, big: the largest integer, small: the least,
// o: an object, a: an array, code: the text '5', at: an instant, from: an interval, span: one hour.
// It is noon of 2026-11-24, in UTC.
Scope scope_for_test();

// The value as JSON: texts in quotes, times and durations too; or the error.
std::string value_of(std::string_view text);

struct Case {
  const char* expression;
  const char* value;
};
void check_values(std::span<const Case> cases);

}  // namespace duliang
