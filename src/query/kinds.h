// Kinds of values as far as the words of an expression tell them, so that what can never be meant
// (`length(3)`, `'a' add 1`, `not 5`) is refused while it is parsed and not answered with nothing.
// What depends on a path may be of any kind: there the evaluator finds null. Pure, any thread.
#pragma once

#include "query/expression.h"

namespace duliang {

// Each kind is a bit, so that a set of them is their sum.
using Kinds = uint16_t;
inline constexpr Kinds kBoolean = 1;
inline constexpr Kinds kNatural = 2;   // a whole number of 0 or more
inline constexpr Kinds kNegative = 4;  // a whole number below
inline constexpr Kinds kDecimal = 8;
inline constexpr Kinds kText = 16;
inline constexpr Kinds kInstant = 32;
inline constexpr Kinds kInterval = 64;
inline constexpr Kinds kDuration = 128;
inline constexpr Kinds kOther = 256;  // null, JSON, what is sealed, blobs: no function takes them
inline constexpr Kinds kInteger = kNatural | kNegative;
inline constexpr Kinds kNumber = kInteger | kDecimal;
inline constexpr Kinds kTime = kInstant | kInterval;
inline constexpr Kinds kClock = kTime | kDuration;  // of which there is an hour, a minute
inline constexpr Kinds kAnyKind = kBoolean | kNumber | kText | kClock | kOther;

Kinds kind_of(const Value& value);
// What it may be, where it is not null.
Kinds possible_kinds(const Expression& expression);

// bad_input with the position where an operand, whatever the values, can't be of a kind that the
// operation or the function takes. Those before `first` have been checked.
Status check_operands(const Expression& expression, size_t first = 0);

}  // namespace duliang
