#include "model/value.h"

#include <gtest/gtest.h>

#include <limits>

namespace duliang {
namespace {

Json json_of(std::string_view text) { return parse_json(text).value(); }
std::string shown(const Value& value) { return to_json(value).dump(); }
Time moment(std::string_view text) { return parse_time(text).value(); }

TEST(Value, ScalarsComeOutAsTheyWentIn) {
  for (const char* text : {"null", "true", "false", "0", "-7", "21.50", "1.0", "1e3", "-0", "\"3\"",
                           "9223372036854775807", "-9223372036854775808", "9223372036854775808",
                           "\"都梁\"", "[1,2.0]", "{\"b\":1,\"a\":{}}"})
    EXPECT_EQ(shown(to_value(json_of(text))), text);
}

TEST(Value, JsonScalarsBecomeScalarValues) {
  EXPECT_TRUE(is_null(to_value(json_of("null"))));
  EXPECT_EQ(std::get<bool>(to_value(json_of("true"))), true);
  EXPECT_EQ(std::get<int64_t>(to_value(json_of("9223372036854775807"))),
            std::numeric_limits<int64_t>::max());
  const auto decimal = std::get<Decimal>(to_value(json_of("21.50")));
  EXPECT_EQ(decimal.value, 21.5);
  EXPECT_EQ(decimal.text, "21.50");
  EXPECT_TRUE(std::holds_alternative<Decimal>(to_value(json_of("1.0"))));
  EXPECT_TRUE(std::holds_alternative<Decimal>(to_value(json_of("-0"))));
  EXPECT_EQ(std::get<std::string>(to_value(json_of("\"2026-01-01T00:00:00Z\""))),
            "2026-01-01T00:00:00Z");
  EXPECT_TRUE(std::holds_alternative<Json>(to_value(json_of("[]"))));
}

TEST(Value, TimesAreShownAsIsoText) {
  const Time begin = moment("2026-11-24T13:20:40Z");
  EXPECT_EQ(shown(begin), "\"2026-11-24T13:20:40Z\"");
  EXPECT_EQ(shown(Interval{begin, begin + std::chrono::hours{1}}),
            "\"2026-11-24T13:20:40Z/2026-11-24T14:20:40Z\"");
  EXPECT_EQ(shown(Duration{90'000'000}), "\"PT90S\"");
  EXPECT_EQ(shown(Duration{-250'000}), "\"-PT0.25S\"");
  EXPECT_EQ(shown(Duration::min()), "\"-PT9223372036854.775808S\"");
  EXPECT_EQ(shown(Decimal{0.5, ""}), "0.5");
}

TEST(Value, WhatStandsForAnotherIsShownWithoutItsContent) {
  EXPECT_EQ(shown(Sealed{"person/7", "ciphertext"}), R"({"sealed":"person/7"})");
  Hash hash{};
  hash[0] = 0xab;
  EXPECT_EQ(shown(Blob{hash, 70'000, "image/jpeg"}),
            R"({"blob":"ab)" + std::string(62, '0') +
                R"(","bytes":70000,"mediaType":"image/jpeg"})");
}

TEST(Value, IsPrintedAsItsJson) {
  const Time time = Time{std::chrono::seconds{1'795'500'000}};
  const Value values[] = {{}, true, int64_t{-7}, Decimal{21.5, "21.50"}, Decimal{0.1, ""},
                          std::string("a \"b\"\n水"), time, Interval{time, time + Duration{5}},
                          Duration{1'500'000}, *parse_json(R"({"a":[1.0,null]})"),
                          Sealed{"key", "secret"}};
  for (const Value& value : values) {
    std::string out = "[";
    append_json(out, value);
    EXPECT_EQ(out, "[" + to_json(value).dump());
  }
}

TEST(Value, PropertiesTakeTheirOwnKind) {
  const auto taken = [](PropertyType type, std::string_view text) {
    return shown(to_value(json_of(text), Property{"p", type}).value());
  };
  EXPECT_EQ(taken(PropertyType::text, "\"a\""), "\"a\"");
  EXPECT_EQ(taken(PropertyType::boolean, "false"), "false");
  EXPECT_EQ(taken(PropertyType::integer, "42"), "42");
  EXPECT_EQ(taken(PropertyType::number, "42.10"), "42.10");
  EXPECT_EQ(taken(PropertyType::number, "42"), "42");
  EXPECT_EQ(taken(PropertyType::time, "\"2026-11-24T21:20:40+08:00\""), "\"2026-11-24T13:20:40Z\"");
  EXPECT_EQ(taken(PropertyType::interval, "\"2026-11-24T13:20:40Z\""), "\"2026-11-24T13:20:40Z\"");
  EXPECT_EQ(taken(PropertyType::interval, "\"2026-11-24T13:00:00Z/2026-11-24T14:00:00Z\""),
            "\"2026-11-24T13:00:00Z/2026-11-24T14:00:00Z\"");
  EXPECT_EQ(taken(PropertyType::json, "{\"z\":1,\"a\":2}"), "{\"z\":1,\"a\":2}");
  EXPECT_EQ(taken(PropertyType::text, "null"), "null");
}

TEST(Value, WrongKindsAreRefusedByName) {
  struct Refused {
    PropertyType type;
    std::string_view text;
    std::string_view expected;  // within the message
  };
  const Refused cases[] = {
      {PropertyType::text, "3", "must be a text, but a number came"},
      {PropertyType::boolean, "\"true\"", "true or false, but a text came"},
      {PropertyType::boolean, "1", "true or false"},
      {PropertyType::integer, "1.5", "whole number"},
      {PropertyType::integer, "9223372036854775808", "whole number"},
      {PropertyType::integer, "\"1\"", "whole number"},
      {PropertyType::number, "\"1\"", "a number, but a text came"},
      {PropertyType::time, "12", "ISO 8601"},
      {PropertyType::time, "\"yesterday\"", "ISO 8601"},
      {PropertyType::time, "\"2026-11-24T13:00:00Z/2026-11-24T14:00:00Z\"", "ISO 8601"},
      {PropertyType::interval, "\"2026-11-24T13:00:00Z/\"", "ISO 8601"},
      {PropertyType::interval, "{}", "an object came"},
  };
  for (const Refused& refused : cases) {
    const auto value = to_value(json_of(refused.text), Property{"taken", refused.type});
    ASSERT_FALSE(value.ok()) << refused.text;
    EXPECT_EQ(value.error().code, Code::bad_input);
    EXPECT_EQ(value.error().field, "taken");
    EXPECT_EQ(value.error().message.find("taken must be"), 0U) << value.error().message;
    EXPECT_NE(value.error().message.find(refused.expected), std::string::npos)
        << value.error().message;
  }
}

}  // namespace
}  // namespace duliang
