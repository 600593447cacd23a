#include "base/json.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "base/limits.h"
#include "base/text.h"

namespace duliang {

namespace {

// Reads the text for the library and notes how far it came, because its events do not say.
class Cursor {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  Cursor(const char* at, const char** furthest) : at_(at), furthest_(furthest) {}
  const char& operator*() const { return *at_; }
  Cursor& operator++() {
    *furthest_ = ++at_;
    return *this;
  }
  Cursor operator++(int) {
    const Cursor before = *this;
    ++*this;
    return before;
  }
  friend bool operator==(const Cursor& a, const Cursor& b) { return a.at_ == b.at_; }

 private:
  const char* at_;
  const char** furthest_;
};

// Builds a Json from the library's events.
class Builder {
 public:
  using number_integer_t = nlohmann::json::number_integer_t;
  using number_unsigned_t = nlohmann::json::number_unsigned_t;
  using number_float_t = nlohmann::json::number_float_t;
  using string_t = nlohmann::json::string_t;
  using binary_t = nlohmann::json::binary_t;

  bool null() { return place(Json()); }
  bool boolean(bool value) { return place(Json(value)); }
  // The library hands a negative integer here, and 0 only where "-0" stood.
  bool number_integer(number_integer_t value) {
    return place(value == 0 ? Json(JsonNumber{"-0"}) : Json(value));
  }
  bool number_unsigned(number_unsigned_t value) { return place(Json(value)); }
  // Also every integer that is too large for the other two.
  bool number_float(number_float_t, const string_t& text) { return place(Json(JsonNumber{text})); }
  bool string(string_t& value) { return place(Json(std::move(value))); }
  bool binary(binary_t&) { return refuse("binary data is not JSON"); }
  bool start_object(size_t) { return start(Json::object()); }
  bool start_array(size_t) { return start(Json::array()); }
  bool end_array() {
    open_.pop_back();
    return true;
  }

  bool key(string_t& name) {
    Json::Object& members = open_.back()->members();
    if (members.size() < kFewMembers && open_.back()->find(name) != nullptr) return twice(name);
    members.emplace_back(std::move(name), Json());
    return true;
  }

  bool end_object() {
    const Json::Object& members = open_.back()->members();
    if (members.size() > kFewMembers && !check_names(members)) return false;
    open_.pop_back();
    return true;
  }

  bool parse_error(size_t position, const std::string&, const nlohmann::json::exception& error) {
    // "[json.exception.parse_error.101] parse error at line 1, column 3: syntax error while …;
    // last read: 'what stood there'". The end is left out: it may be a secret, or not UTF-8.
    std::string_view what = error.what();
    constexpr std::string_view kMark = "syntax error ";
    const size_t begin = what.find(kMark);
    position_ = position > 0 ? position - 1 : 0;
    if (begin == std::string_view::npos) return refuse("a number is too large");
    what = what.substr(begin + kMark.size());
    return refuse(std::string(what.substr(0, what.find("; last read"))));
  }

  bool refuse(std::string reason) {
    reason_ = std::move(reason);
    return false;
  }

  Json take() { return std::move(root_); }
  const std::string& reason() const { return reason_; }
  std::optional<size_t> position() const { return position_; }

 private:
  bool place(Json value) {
    add(std::move(value));
    return true;
  }

  // Open containers stay where they are: only the innermost grows.
  Json* add(Json value) {
    if (open_.empty()) {
      root_ = std::move(value);
      return &root_;
    }
    Json& parent = *open_.back();
    if (parent.is_array()) return &parent.items().emplace_back(std::move(value));
    Json& member = parent.members().back().second;
    member = std::move(value);
    return &member;
  }

  bool start(Json container) {
    if (open_.size() == limits::kJsonDepth)
      return refuse(fmt::format("it is nested deeper than {} levels", limits::kJsonDepth));
    open_.push_back(add(std::move(container)));
    return true;
  }

  bool check_names(const Json::Object& members) {
    std::vector<std::string_view> names;
    names.reserve(members.size());
    for (const JsonMember& member : members) names.push_back(member.first);
    std::sort(names.begin(), names.end());
    const auto same = std::adjacent_find(names.begin(), names.end());
    return same == names.end() || twice(*same);
  }

  bool twice(std::string_view name) {
    return refuse(fmt::format("the member {} stands twice", quoted(name)));
  }

  Json root_;
  std::vector<Json*> open_;
  std::string reason_;
  std::optional<size_t> position_;
};

bool parse_into(Builder& builder, std::string_view text, const char** furthest) {
  const char* const end = text.data() + text.size();
  try {
    return nlohmann::json::sax_parse(Cursor(text.data(), furthest), Cursor(end, furthest),
                                     &builder);
  } catch (const nlohmann::json::exception&) {
    return builder.refuse("it cannot be read");
  }
}

void append_escaped(std::string& out, char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\b':
      out += "\\b";
      return;
    case '\f':
      out += "\\f";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned>(c));
  }
}

bool needs_escape(char c) { return static_cast<uint8_t>(c) < 0x20 || c == '"' || c == '\\'; }

// A text of foreign origin (the name of a file, say) in which bytes that are no UTF-8 are replaced:
// an answer must stay JSON whatever was put into it.
std::string made_utf8(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    size_t length = 1;
    while (length < std::min<size_t>(4, text.size()) && !is_utf8(text.substr(0, length))) ++length;
    const bool good = is_utf8(text.substr(0, length));
    out += good ? text.substr(0, length) : "\xef\xbf\xbd";
    text.remove_prefix(good ? length : 1);
  }
  return out;
}

}  // namespace

// Here and not in the header: each of them is large, and copies of it in every file are not needed.
Json::Json() = default;
Json::Json(const Json& other) = default;
Json::Json(Json&& other) noexcept = default;
Json& Json::operator=(const Json& other) = default;
Json& Json::operator=(Json&& other) noexcept = default;
Json::~Json() = default;

Json::Json(int64_t value) : held_(JsonNumber{std::to_string(value)}) {}
Json::Json(uint64_t value) : held_(JsonNumber{std::to_string(value)}) {}
Json::Json(double value) {
  if (std::isfinite(value)) held_ = JsonNumber{to_text(value)};
}

bool Json::as_bool() const {
  CHECK(is_bool());
  return std::get<bool>(held_);
}

const std::string& Json::as_string() const {
  CHECK(is_string());
  return std::get<std::string>(held_);
}

const std::string& Json::number_text() const {
  CHECK(is_number());
  return std::get<JsonNumber>(held_).text;
}

double Json::as_double() const {
  const std::string& text = number_text();
  const std::optional<double> value = parse_double(text);
  return value ? *value : std::strtod(text.c_str(), nullptr);
}

std::optional<int64_t> Json::as_integer() const {
  constexpr double kExact = 9'007'199'254'740'992;  // 2^53: to here a double holds every integer
  const std::string& text = number_text();
  if (const std::optional<int64_t> value = parse_integer(text)) return value;
  const double value = as_double();
  if (!(std::abs(value) <= kExact) || value != std::floor(value)) return std::nullopt;
  return static_cast<int64_t>(value);
}

const Json::Array& Json::items() const {
  CHECK(is_array());
  return std::get<Array>(held_);
}

Json::Array& Json::items() {
  CHECK(is_array());
  return std::get<Array>(held_);
}

const Json::Object& Json::members() const {
  CHECK(is_object());
  return std::get<Object>(held_);
}

Json::Object& Json::members() {
  CHECK(is_object());
  return std::get<Object>(held_);
}

const Json* Json::find(std::string_view name) const {
  const Object* object = std::get_if<Object>(&held_);
  if (object == nullptr) return nullptr;
  for (const JsonMember& member : *object)
    if (member.first == name) return &member.second;
  return nullptr;
}

Json* Json::find(std::string_view name) {
  return const_cast<Json*>(std::as_const(*this).find(name));
}

Json& Json::operator[](std::string_view name) {
  if (is_null()) held_ = Object{};
  if (Json* found = find(name)) return *found;
  return members().emplace_back(std::string(name), Json()).second;
}

void Json::push(Json value) {
  if (is_null()) held_ = Array{};
  items().push_back(std::move(value));
}

std::string Json::dump() const {
  std::string out;
  dump_to(out);
  return out;
}

void Json::dump_to(std::string& out) const {
  if (is_null()) {
    out += "null";
  } else if (is_bool()) {
    out += as_bool() ? "true" : "false";
  } else if (is_number()) {
    out += number_text();
  } else if (is_string()) {
    append_json_string(out, as_string());
  } else if (is_array()) {
    char before = '[';
    for (const Json& item : items()) {
      out.push_back(std::exchange(before, ','));
      item.dump_to(out);
    }
    out += before == '[' ? "[]" : "]";
  } else {
    char before = '{';
    for (const auto& [name, value] : members()) {
      out.push_back(std::exchange(before, ','));
      append_json_string(out, name);
      out.push_back(':');
      value.dump_to(out);
    }
    out += before == '{' ? "{}" : "}";
  }
}

Result<Json> parse_json(std::string_view text) {
  // The library takes both of these in silence: a NUL for the end, a byte order mark for nothing.
  if (const size_t zero = text.find('\0'); zero != std::string_view::npos)
    return json_error(text, zero, "a byte 0 stands there");
  if (text.starts_with("\xef\xbb\xbf"))
    return json_error(text, 0, "a byte order mark stands there");

  Builder builder;
  const char* furthest = text.data();
  if (parse_into(builder, text, &furthest)) return builder.take();
  const auto reached = static_cast<size_t>(furthest - text.data());
  return json_error(text, builder.position().value_or(reached), builder.reason());
}

Error json_error(std::string_view text, size_t offset, std::string_view reason) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const size_t line_end = before.rfind('\n');
  const size_t column = before.size() - (line_end == std::string_view::npos ? 0 : line_end + 1) + 1;
  return {Code::bad_input,
          fmt::format("The JSON is not accepted at line {}, column {}: {}.", line, column, reason),
          {}};
}

void append_json_string(std::string& out, std::string_view text) {
  std::string repaired;
  if (!is_utf8(text)) text = repaired = made_utf8(text);
  out.push_back('"');
  size_t plain = 0;  // where the run that needs no escape began
  for (size_t i = 0; i < text.size(); ++i) {
    if (!needs_escape(text[i])) continue;
    out.append(text, plain, i - plain);
    append_escaped(out, text[i]);
    plain = i + 1;
  }
  out.append(text, plain, text.size() - plain);
  out.push_back('"');
}

std::string to_text(double value) {
  if (!std::isfinite(value)) return "null";
  char digits[64];
  const double size = std::abs(value);
  // Plain digits where people would write them; the bounds are JavaScript's.
  const bool plain = size == 0 || (size >= 1e-6 && size < 1e21);
  const auto format = plain ? std::chars_format::fixed : std::chars_format::scientific;
  const auto [end, error] = std::to_chars(digits, digits + sizeof digits, value, format);
  CHECK(error == std::errc());
  return std::string(digits, end);
}

}  // namespace duliang
