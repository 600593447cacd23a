// A value of a property, and of an expression. Numbers that came from outside keep their text, so
// that 21.50 is answered as 21.50; integers are exact over the whole range of int64_t.
#pragma once

#include <string>
#include <variant>

#include "base/json.h"
#include "base/time.h"
#include "model/model.h"

namespace duliang {

struct Decimal {
  double value = 0;
  std::string text;  // as it came; empty for a computed one
  friend bool operator==(const Decimal& a, const Decimal& b) { return a.value == b.value; }
};

// Null, boolean, integer, decimal, text, instant, interval, duration, or JSON (object or array).
using Value = std::variant<std::monostate, bool, int64_t, Decimal, std::string, Time, Interval,
                           Duration, Json>;

inline bool is_null(const Value& value) { return std::holds_alternative<std::monostate>(value); }

// The value as it is shown in an answer: times as ISO text, numbers with their own text.
Json to_json(const Value& value);
// A scalar JSON becomes a scalar Value; objects and arrays stay JSON. Text stays text.
Value to_value(const Json& json);
// The value of a property out of JSON, checked: wrong kinds and malformed times are bad_input
// naming the property and what it expects. An interval property also takes an instant.
Result<Value> to_value(const Json& json, const Property& property);

}  // namespace duliang
