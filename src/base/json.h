// JSON as a value. Objects keep the order of their members, numbers keep the text that they came
// with (1, 1.0 and 21.50 stay what they were), so that what a client sends comes back as it was.
// This header is the only face of the JSON library; readers on the hot path use base/json_scan.h.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"

namespace duliang {

class Json;
using JsonMember = std::pair<std::string, Json>;

// Up to so many members of an object a name is looked for one by one; beyond, names are sorted.
inline constexpr size_t kFewMembers = 24;

struct JsonNumber {
  std::string text;  // as it came or as it will be written: "21.50"
  friend bool operator==(const JsonNumber&, const JsonNumber&) = default;
};

class Json {
 public:
  using Array = std::vector<Json>;
  using Object = std::vector<JsonMember>;

  Json();  // null
  Json(const Json& other);
  Json(Json&& other) noexcept;
  Json& operator=(const Json& other);
  Json& operator=(Json&& other) noexcept;
  ~Json();
  Json(std::nullptr_t) : Json() {}
  Json(bool value) : held_(value) {}
  Json(int value) : Json(static_cast<int64_t>(value)) {}
  Json(int64_t value);
  Json(uint64_t value);
  Json(double value);  // the shortest text that reads back the same; not finite becomes null
  Json(const char* value) : held_(std::string(value)) {}
  Json(std::string_view value) : held_(std::string(value)) {}
  Json(std::string value) : held_(std::move(value)) {}
  Json(JsonNumber value) : held_(std::move(value)) {}
  Json(Array value) : held_(std::move(value)) {}
  Json(Object value) : held_(std::move(value)) {}
  static Json object() { return Json(Object{}); }
  static Json array() { return Json(Array{}); }

  bool is_null() const { return std::holds_alternative<std::monostate>(held_); }
  bool is_bool() const { return std::holds_alternative<bool>(held_); }
  bool is_number() const { return std::holds_alternative<JsonNumber>(held_); }
  bool is_string() const { return std::holds_alternative<std::string>(held_); }
  bool is_array() const { return std::holds_alternative<Array>(held_); }
  bool is_object() const { return std::holds_alternative<Object>(held_); }

  // The content; the kind must be right (CHECK).
  bool as_bool() const;
  const std::string& as_string() const;
  const std::string& number_text() const;
  double as_double() const;
  // The number as an integer, also of 1.0 and 1e3; none where it has a fraction or is too large.
  std::optional<int64_t> as_integer() const;
  const Array& items() const;
  Array& items();
  const Object& members() const;
  Object& members();

  // The member of an object, or nullptr; also nullptr where this is no object.
  const Json* find(std::string_view name) const;
  Json* find(std::string_view name);
  // The member of an object, added as null where there is none; null becomes an object first.
  Json& operator[](std::string_view name);
  void push(Json value);  // null becomes an array first

  std::string dump() const;         // compact
  void dump_to(std::string& out) const;
  friend bool operator==(const Json&, const Json&) = default;

 private:
  std::variant<std::monostate, bool, JsonNumber, std::string, Array, Object> held_;
};

// Reads one JSON text. Refused with position and reason: anything not JSON (RFC 8259), a member
// named twice, nesting deeper than limits::kJsonDepth, text that is not UTF-8.
Result<Json> parse_json(std::string_view text);

// The error of a text that is not the JSON expected: says line and column of the byte at `offset`.
Error json_error(std::string_view text, size_t offset, std::string_view reason);

void append_json_string(std::string& out, std::string_view text);  // with quotes, escaped
std::string to_text(double value);                                 // the shortest that reads back

}  // namespace duliang
