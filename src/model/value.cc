#include "model/value.h"

#include "base/check.h"

namespace duliang {
namespace {

// ISO 8601 in seconds: "PT90S", "-PT0.25S"; parse_duration reads it back.
std::string iso_text(Duration duration) {
  const int64_t count = duration.count();
  uint64_t rest = static_cast<uint64_t>(count);
  if (count < 0) rest = 0 - rest;
  std::string text = fmt::format("{}PT{}", count < 0 ? "-" : "", rest / 1'000'000);
  if (const uint64_t fraction = rest % 1'000'000; fraction != 0) {
    text += fmt::format(".{:06}", fraction);
    text.erase(text.find_last_not_of('0') + 1);
  }
  return text + "S";
}

std::string_view kind_name(const Json& json) {
  if (json.is_null()) return "null";
  if (json.is_bool()) return "a boolean";
  if (json.is_number()) return "a number";
  if (json.is_string()) return "a text";
  return json.is_array() ? "an array" : "an object";
}

std::string_view expected(PropertyType type) {
  switch (type) {
    case PropertyType::text: return "a text";
    case PropertyType::boolean: return "true or false";
    case PropertyType::integer: return "a whole number of at most 64 bits";
    case PropertyType::number: return "a number";
    case PropertyType::time: return "a time in ISO 8601, as \"2026-11-24T13:20:40Z\"";
    case PropertyType::interval:
      return "a time in ISO 8601 or two with a slash between, as "
             "\"2026-11-24T13:00:00Z/2026-11-24T14:00:00Z\"";
    case PropertyType::json: return "any JSON";
  }
  return "";
}

Error wrong_kind(const Json& json, const Property& property) {
  return {Code::bad_input,
          fmt::format("{} must be {}, but {} came.", property.name, expected(property.type),
                      kind_name(json)),
          std::string(property.name)};
}

Error malformed(const Error& cause, const Property& property) {
  return {Code::bad_input,
          fmt::format("{} must be {}. {}", property.name, expected(property.type), cause.message),
          std::string(property.name)};
}

}  // namespace

Json to_json(const Value& value) {
  struct Shown {
    Json operator()(std::monostate) const { return {}; }
    Json operator()(bool held) const { return held; }
    Json operator()(int64_t held) const { return held; }
    Json operator()(const Decimal& held) const {
      return held.text.empty() ? Json(held.value) : Json(JsonNumber{held.text});
    }
    Json operator()(const std::string& held) const { return held; }
    Json operator()(Time held) const { return to_text(held); }
    Json operator()(const Interval& held) const { return to_text(held); }
    Json operator()(Duration held) const { return iso_text(held); }
    Json operator()(const Json& held) const { return held; }
    Json operator()(const Sealed& held) const { return Json::Object{{"sealed", held.key}}; }
    Json operator()(const Blob& held) const {
      return Json::Object{{"blob", to_hex(held.keyed_hash)},
                          {"bytes", static_cast<int64_t>(held.length)},
                          {"mediaType", held.media_type}};
    }
  };
  return std::visit(Shown{}, value);
}

namespace {

struct Appended {
  std::string& out;
  void operator()(const std::string& held) const { append_json_string(out, held); }
  void operator()(const Decimal& held) const {
    if (held.text.empty()) return Json(held.value).dump_to(out);
    out += held.text;
  }
  void operator()(Time held) const { out.append("\"").append(to_text(held)).append("\""); }
  void operator()(const Interval& held) const {
    out.append("\"").append(to_text(held)).append("\"");
  }
  void operator()(const Json& held) const { held.dump_to(out); }
  void operator()(const auto& held) const { to_json(Value(held)).dump_to(out); }
};

}  // namespace

void append_json(std::string& out, const Value& value) { std::visit(Appended{out}, value); }

Value to_value(const Json& json) {
  if (json.is_null()) return {};
  if (json.is_bool()) return json.as_bool();
  if (json.is_string()) return json.as_string();
  if (!json.is_number()) return json;
  // Only where the integer's own text is the text that came: 1.0, 1e3 and -0 keep theirs.
  const std::string& text = json.number_text();
  if (const auto integer = json.as_integer(); integer && std::to_string(*integer) == text)
    return *integer;
  return Decimal{json.as_double(), text};
}

Result<Value> to_value(const Json& json, const Property& property) {
  if (json.is_null()) return Value{};
  switch (property.type) {
    case PropertyType::text:
      if (!json.is_string()) return wrong_kind(json, property);
      return Value{json.as_string()};
    case PropertyType::boolean:
      if (!json.is_bool()) return wrong_kind(json, property);
      return Value{json.as_bool()};
    case PropertyType::integer: {
      const auto integer = json.is_number() ? json.as_integer() : std::nullopt;
      if (!integer) return wrong_kind(json, property);
      return Value{*integer};
    }
    case PropertyType::number:
      if (!json.is_number()) return wrong_kind(json, property);
      return to_value(json);
    case PropertyType::time: {
      if (!json.is_string()) return wrong_kind(json, property);
      auto time = parse_time(json.as_string());
      if (!time.ok()) return malformed(time.error(), property);
      return Value{*time};
    }
    case PropertyType::interval: {
      if (!json.is_string()) return wrong_kind(json, property);
      auto interval = parse_interval(json.as_string());
      if (!interval.ok()) return malformed(interval.error(), property);
      return Value{*interval};
    }
    case PropertyType::json:
      return to_value(json);
  }
  CHECK(false, "a property has one of the types above");
}

}  // namespace duliang
