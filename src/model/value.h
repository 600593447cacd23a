// A value of a property, and of an expression. Numbers that came from outside keep their text, so
// that 21.50 is answered as 21.50; integers are exact over the whole range of int64_t.
#pragma once

#include <string>
#include <variant>

#include "base/hash.h"
#include "base/json.h"
#include "base/time.h"
#include "model/model.h"

namespace duliang {

struct Decimal {
  double value = 0;
  std::string text;  // as it came; empty for a computed one
  friend bool operator==(const Decimal& a, const Decimal& b) { return a.value == b.value; }
};

// A value that only its key opens: what is kept everywhere is the ciphertext, and destroying the
// key erases the value. It stands in place of a value of any kind, and without its key it says
// nothing.
struct Sealed {
  std::string key;         // id of the key, no secret
  std::string ciphertext;  // bytes
  friend bool operator==(const Sealed&, const Sealed&) = default;
};

// A photo or document that is kept beside the ledger, by its name.
struct Blob {
  Hash keyed_hash{};       // of its bytes, under a key: who has not the key cannot test a guess
  uint64_t length = 0;     // bytes
  std::string media_type;  // "image/jpeg"
  friend bool operator==(const Blob&, const Blob&) = default;
};

// Null, boolean, integer, decimal, text, instant, interval, duration, JSON (object or array), or
// what stands for a value that is not here.
using Value = std::variant<std::monostate, bool, int64_t, Decimal, std::string, Time, Interval,
                           Duration, Json, Sealed, Blob>;

inline bool is_null(const Value& value) { return std::holds_alternative<std::monostate>(value); }

// The value as it is shown in an answer: times as ISO text, numbers with their own text. Of a
// sealed one {"sealed": key}, never the ciphertext; of a blob {"blob": hash, "bytes", "mediaType"}.
Json to_json(const Value& value);
void append_json(std::string& out, const Value& value);  // what to_json() would print
// A scalar JSON becomes a scalar Value; objects and arrays stay JSON. Text stays text.
Value to_value(const Json& json);
// The value of a property out of JSON, checked: wrong kinds and malformed times are bad_input
// naming the property and what it expects. An interval property also takes an instant.
Result<Value> to_value(const Json& json, const Property& property);

}  // namespace duliang
