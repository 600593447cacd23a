#include "base/json.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/limits.h"
#include "base/random.h"
#include "base/text.h"

namespace duliang {
namespace {

using namespace std::string_view_literals;

std::string nested(size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); }

// The reason why a text is not accepted.
std::string refusal(std::string_view text) {
  const Result<Json> json = parse_json(text);
  if (json.ok()) return "accepted";
  EXPECT_EQ(json.error().code, Code::bad_input);
  EXPECT_TRUE(is_utf8(json.error().message));
  return json.error().message;
}

TEST(Json, comes_back_as_it_was) {
  for (const char* text :
       {"null", "true", "false", "[]", "{}", "\"\"", "[1,[2,[]],{}]",
        R"({"b":1,"a":{"z":null,"y":[true,false]},"c":"梁平 🌊"})", R"("\"\\\b\f\n\r\t\u0001/")"})
    EXPECT_EQ(parse_json(text).value().dump(), text);
}

TEST(Json, numbers_keep_their_text) {
  for (const char* text :
       {"0", "-0", "1", "1.0", "21.50", "-0.0", "1e5", "1E+5", "1.50e-7", "9007199254740993",
        "18446744073709551615", "18446744073709551616", "-9223372036854775808",
        "-9223372036854775809", "123456789012345678901234567890", "0.1000000000000000000000001",
        "1e-400"}) {
    const Result<Json> json = parse_json(text);
    ASSERT_TRUE(json.ok()) << text;
    EXPECT_EQ(json->number_text(), text);
    EXPECT_EQ(parse_json(fmt::format("[{}]", text))->dump(), fmt::format("[{}]", text));
  }
}

TEST(Json, reads_space_and_escapes) {
  EXPECT_EQ(parse_json(" \r\n\t{ \"a\" : [ 1 , 2 ] } \n")->dump(), R"({"a":[1,2]})");
  EXPECT_EQ(parse_json(R"("\u6881\u5e73 \ud83c\udf0a \u0000 \/")")->as_string(),
            "梁平 🌊 \0 /"sv);
}

TEST(Json, refuses_what_is_not_json) {
  for (const std::string_view text :
       {""sv, " "sv, "nul"sv, "True"sv, "01"sv, "-"sv, "+1"sv, ".5"sv, "1."sv, "1e"sv, "0x1"sv,
        "NaN"sv, "Infinity"sv, "[1,]"sv, "[,1]"sv, "[1 2]"sv, "[1"sv, "]"sv, "{\"a\"}"sv,
        "{\"a\":}"sv, "{\"a\":1,}"sv, "{a:1}"sv, "{'a':1}"sv, "{1:2}"sv, "{\"a\":\"b\":1}"sv,
        "\"a"sv, "\"\\x\""sv, "\"\\u12\""sv, "\"a\nb\""sv, "\"\\ud83c\""sv, "\"\\udf0a\""sv,
        "\"\\ud83cx\""sv, "1 2"sv, "{} x"sv, "{}{}"sv, "/*c*/1"sv, "1 //c"sv, "{}\0"sv,
        "\"a\0b\""sv, "\xef\xbb\xbf{}"sv, "1\x0c"sv, "1e400"sv, "-1e400"sv})
    EXPECT_NE(refusal(text), "accepted") << text;
}

TEST(Json, refuses_what_is_not_utf8) {
  for (const std::string_view text :
       {"\"\xff\""sv, "\"\xc0\xaf\""sv, "\"\xed\xa0\x80\""sv, "\"\xe6\xa2\""sv,
        "{\"\xf4\x90\x80\x80\":1}"sv, "\xff"sv})
    EXPECT_NE(refusal(text), "accepted");
}

TEST(Json, says_where_and_why) {
  EXPECT_EQ(refusal("{\"a\":1,\n \"b\":x}"),
            "The JSON is not accepted at line 2, column 6: while parsing value - invalid literal.");
  EXPECT_EQ(refusal("[1,2"),
            "The JSON is not accepted at line 1, column 5: while parsing array - unexpected end "
            "of input; expected ']'.");
  EXPECT_EQ(refusal(R"({"a":1,"b":{"c":1,"c":2}})"),
            "The JSON is not accepted at line 1, column 22: the member \"c\" stands twice.");
  EXPECT_NE(refusal("1e999").find("too large"), std::string::npos);
}

TEST(Json, does_not_repeat_what_was_sent) {
  EXPECT_EQ(refusal(R"({"password":"hunter2)").find("hunter2"), std::string::npos);
}

TEST(Json, refuses_a_member_named_twice_in_few_and_in_many) {
  EXPECT_EQ(refusal(R"({"a":1,"b":{"a":1},"c":[{"a":1}]})"), "accepted");
  EXPECT_NE(refusal(R"({"a":1,"\u0061":2})"), "accepted");
  for (const int count : {2, 23, 24, 25, 26, 1000}) {
    std::string text = "{";
    for (int i = 0; i < count; ++i) text += fmt::format("\"m{}\":{},", i, i);
    EXPECT_EQ(refusal(text + "\"m\":1}"), "accepted") << count;
    EXPECT_NE(refusal(text + "\"m0\":1}").find("stands twice"), std::string::npos) << count;
  }
}

TEST(Json, refuses_deep_nesting) {
  EXPECT_EQ(refusal(nested(limits::kJsonDepth)), "accepted");
  EXPECT_NE(refusal(nested(limits::kJsonDepth + 1)).find("64 levels"), std::string::npos);
  EXPECT_NE(refusal(std::string(1'000'000, '[')), "accepted");
  std::string objects;
  for (size_t i = 0; i <= limits::kJsonDepth; ++i) objects += "{\"a\":";
  EXPECT_NE(refusal(objects), "accepted");
}

TEST(Json, is_built_by_hand) {
  Json json;
  json["name"] = "r1";
  json["ok"] = true;
  json["count"] = 3;
  json["big"] = uint64_t{18446744073709551615u};
  json["value"] = 21.5;
  json["none"] = nullptr;
  json["text"] = JsonNumber{"21.50"};
  json["list"].push(1);
  json["list"].push("two");
  json["name"] = "r2";
  EXPECT_EQ(json.dump(),
            R"({"name":"r2","ok":true,"count":3,"big":18446744073709551615,"value":21.5,)"
            R"("none":null,"text":21.50,"list":[1,"two"]})");
  EXPECT_EQ(parse_json(json.dump()).value(), json);
  EXPECT_EQ(Json::object().dump(), "{}");
  EXPECT_EQ(Json::array().dump(), "[]");
}

TEST(Json, finds_members) {
  Json json = parse_json(R"({"a":{"b":1}})").value();
  ASSERT_NE(json.find("a"), nullptr);
  EXPECT_EQ(json.find("a")->find("b")->as_integer(), 1);
  EXPECT_EQ(json.find("b"), nullptr);
  EXPECT_EQ(Json(5).find("b"), nullptr);
  EXPECT_EQ(Json::array().find("b"), nullptr);
  *json.find("a") = 2;
  EXPECT_EQ(json.dump(), R"({"a":2})");
}

TEST(Json, copies_are_their_own) {
  Json json = parse_json(R"({"a":[1]})").value();
  Json copy = json;
  copy["a"].push(2);
  EXPECT_EQ(json.dump(), R"({"a":[1]})");
  EXPECT_NE(json, copy);
  json = copy;
  EXPECT_EQ(json, copy);
  EXPECT_NE(Json(1), parse_json("1.0").value());  // another text
}

TEST(Json, gives_integers_only_where_they_are) {
  EXPECT_EQ(parse_json("5")->as_integer(), 5);
  EXPECT_EQ(parse_json("-0")->as_integer(), 0);
  EXPECT_EQ(parse_json("5.0")->as_integer(), 5);
  EXPECT_EQ(parse_json("5e3")->as_integer(), 5000);
  EXPECT_EQ(parse_json("9223372036854775807")->as_integer(), INT64_MAX);
  EXPECT_EQ(parse_json("5.5")->as_integer(), std::nullopt);
  EXPECT_EQ(parse_json("9223372036854775808")->as_integer(), std::nullopt);
  EXPECT_EQ(parse_json("1e300")->as_integer(), std::nullopt);
  EXPECT_EQ(parse_json("21.50")->as_double(), 21.5);
  EXPECT_EQ(Json(JsonNumber{"1e999"}).as_double(), std::numeric_limits<double>::infinity());
  EXPECT_EQ(Json(JsonNumber{"1e999"}).as_integer(), std::nullopt);
}

TEST(JsonDeathTest, the_kind_must_be_right) {
  EXPECT_DEATH((void)Json(1).as_string(), "is_string");
  EXPECT_DEATH((void)Json("1").as_double(), "is_number");
  EXPECT_DEATH((void)Json("1")["a"], "is_object");
}

TEST(JsonNumbers, are_written_shortest_and_plain) {
  EXPECT_EQ(to_text(0.1), "0.1");
  EXPECT_EQ(to_text(21.5), "21.5");
  EXPECT_EQ(to_text(100000.0), "100000");
  EXPECT_EQ(to_text(-0.0), "-0");
  EXPECT_EQ(to_text(1e20), "100000000000000000000");
  EXPECT_EQ(to_text(1e21), "1e+21");
  EXPECT_EQ(to_text(0.000001), "0.000001");
  EXPECT_EQ(to_text(1e-7), "1e-07");
  EXPECT_EQ(to_text(NAN), "null");
  EXPECT_TRUE(Json(std::numeric_limits<double>::infinity()).is_null());
  Random random(4);
  for (int i = 0; i < 10'000; ++i) {
    const double value = (random.uniform() - 0.5) * std::pow(10, random.uniform() * 600 - 300);
    const std::string text = to_text(value);
    ASSERT_EQ(parse_double(text), value) << text;
    ASSERT_EQ(parse_json(text)->number_text(), text);
  }
  EXPECT_EQ(parse_double(to_text(std::numeric_limits<double>::max())),
            std::numeric_limits<double>::max());
  EXPECT_EQ(parse_double(to_text(std::numeric_limits<double>::denorm_min())),
            std::numeric_limits<double>::denorm_min());
}

TEST(JsonStrings, are_always_json) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text = {'a', static_cast<char>(byte), 'b'};
    const std::string json = Json(text).dump();
    const Result<Json> again = parse_json(json);
    ASSERT_TRUE(again.ok()) << byte;
    EXPECT_TRUE(byte >= 0x80 || again->as_string() == text) << byte;
  }
  std::string out = "x";
  append_json_string(out, "\xe6\xa2\x81\xff\xe6");
  EXPECT_EQ(out, "x\"梁\xef\xbf\xbd\xef\xbf\xbd\"");
}

}  // namespace
}  // namespace duliang
