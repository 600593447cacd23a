#include "query/evaluate.h"

#include "query/narrow.h"
#include "query/values_for_test.h"

namespace duliang {
namespace {

TEST(Evaluate, ThreeValuedLogic) {
  const Case cases[] = {
      {"yes and yes", "true"},  {"yes and no", "false"},  {"no and yes", "false"},
      {"no and no", "false"},   {"yes and n", "null"},    {"n and yes", "null"},
      {"no and n", "false"},    {"n and no", "false"},    {"n and n", "null"},
      {"yes or yes", "true"},   {"yes or no", "true"},    {"no or yes", "true"},
      {"no or no", "false"},    {"yes or n", "true"},     {"n or yes", "true"},
      {"no or n", "null"},      {"n or no", "null"},      {"n or n", "null"},
      {"not yes", "false"},     {"not no", "true"},       {"not n", "null"},
      {"n and yes and no", "false"}, {"n or no or yes", "true"}, {"yes and n and yes", "null"},
      // What is no boolean is not known.
      {"i and yes", "null"},    {"i and no", "false"},    {"t or no", "null"},
      {"not i", "null"},        {"not t", "null"},
  };
  check_values(cases);
}

TEST(Evaluate, OnlyTrueHolds) {
  const std::pair<const char*, bool> cases[] = {
      {"yes", true}, {"no", false}, {"n", false}, {"3", false}, {"'true'", false}};
  for (const auto& [text, expected] : cases)
    EXPECT_EQ(*holds(*parse_expression(text), scope_for_test()), expected) << text;
}

TEST(Evaluate, NullIsNotKnownButCanBeAskedFor) {
  const Case cases[] = {
      {"n eq 3", "null"},     {"n ne 3", "null"},     {"n lt 3", "null"},   {"n eq n", "null"},
      {"n eq null", "true"},  {"n ne null", "false"}, {"i eq null", "false"},
      {"i ne null", "true"},  {"null eq n", "true"},  {"null eq null", "true"},
      {"null ne i", "true"},  {"n gt null", "null"},  {"null le null", "null"},
      {"n add 1", "null"},    {"1 mul n", "null"},    {"- n", "null"},
      {"length(n)", "null"},  {"startswith(n,'a')", "null"}, {"not (n eq 3)", "null"},
  };
  check_values(cases);
}

TEST(Evaluate, NumbersAreComparedExactly) {
  const Case cases[] = {
      {"i eq 3", "true"},    {"i eq 3.0", "true"},   {"i ne 3.0", "false"}, {"i lt d", "true"},
      {"d le 3.5", "true"},  {"d eq 3.5", "true"},   {"one eq 1", "true"},  {"1 eq 1.0", "true"},
      {"i ge 3", "true"},    {"i gt 2.999", "true"}, {"-1 lt 0", "true"},   {"i le 2", "false"},
      {"-0.0 eq 0", "true"}, {"-3.5 lt -3", "true"}, {"-3 gt -3.5", "true"},
      {"9007199254740993 gt 9007199254740992.0", "true"},  // 2^53 + 1 is no double
      {"9007199254740993 eq 9007199254740993", "true"},
      {"9007199254740992.0 lt 9007199254740993", "true"},
      {"big eq 9223372036854775807", "true"},
      {"big lt 9223372036854775808", "true"},  // 2^63, a decimal
      {"big eq 9223372036854775807.0", "false"},
      {"small eq -9223372036854775808.0", "true"},
      {"small gt -9.3e18", "true"},
      {"big gt small", "true"},
      {"1e300 gt big", "true"},
      {"-1e300 lt small", "true"},
  };
  check_values(cases);
}

TEST(Evaluate, ANumberAgainstATextLiteralIsCompared) {
  const Case cases[] = {
      {"i eq '3'", "true"},      {"'3' eq i", "true"},      {"i gt '12'", "true"},
      {"12 gt '3'", "false"},    {"'3' lt 12", "false"},    {"d eq '3.50'", "true"},
      {"d eq '3.5'", "false"},   {"one eq '1'", "false"},   {"one eq '1.0'", "true"},
      {"(1 div 4) eq '0.25'", "true"},
      // Where the text is a value too there is no common meaning.
      {"code eq 5", "null"},     {"i lt code", "null"},     {"t gt 3", "null"},
  };
  check_values(cases);
}

TEST(Evaluate, KindsWithoutACommonMeaningAreNull) {
  const char* const values[] = {"i", "'3'", "yes", "at", "span", "o"};
  const char* const operands[] = {"i", "code", "yes", "at", "span", "o"};
  for (size_t i = 0; i < std::size(values); ++i) {
    for (size_t j = 0; j < std::size(values); ++j) {
      const bool number_and_text = i + j == 1;
      if (i == j || number_and_text) continue;
      for (const char* operation : {"eq", "ne", "lt", "le", "gt", "ge"}) {
        const std::string text = fmt::format("{} {} {}", values[i], operation, values[j]);
        EXPECT_EQ(value_of(text), "null") << text;
      }
      for (const char* operation : {"mul", "div", "mod"}) {
        const std::string text = fmt::format("{} {} {}", operands[i], operation, operands[j]);
        EXPECT_EQ(value_of(text), "null") << text;
      }
    }
  }
}

TEST(Evaluate, TextsBooleansAndJson) {
  const Case cases[] = {
      {"t eq 'Abc'", "true"},    {"t eq 'abc'", "false"},   {"'B' lt 'a'", "true"},
      {"'a' lt 'ab'", "true"},   {"'10' lt '9'", "true"},   {"'é' gt 'z'", "true"},
      {"'万' lt '梁'", "true"},  {"'' lt 'a'", "true"},     {"t ge 'Abc'", "true"},
      {"no lt yes", "true"},     {"yes eq true", "true"},   {"yes ne no", "true"},
      {"o eq o", "true"},        {"o ne o", "false"},       {"o eq a", "false"},
      {"o ne a", "true"},        {"o lt a", "null"},        {"yes eq 1", "null"},
  };
  check_values(cases);
}

// What cannot be read is not null and is comparable with nothing, not even with itself.
TEST(Evaluate, WhatIsSealedOrABlobSaysNothing) {
  const Case cases[] = {
      {"sealed eq 'Abc'", "null"},    {"sealed eq sealed", "null"}, {"sealed lt 'Z'", "null"},
      {"sealed eq null", "false"},    {"sealed ne null", "true"},   {"length(sealed)", "null"},
      {"sealed add 1", "null"},       {"photo eq photo", "null"},   {"photo ne t", "null"},
      {"startswith(sealed,'A')", "null"},
  };
  check_values(cases);
}

TEST(Evaluate, Arithmetic) {
  const Case cases[] = {
      {"i add 1", "4"},          {"i sub 5", "-2"},         {"i mul 4", "12"},
      {"6 div 2", "3"},          {"1 div 4", "0.25"},       {"-7 div 2", "-3.5"},
      {"7 mod 3", "1"},          {"-7 mod 3", "-1"},        {"7 mod -3", "1"},
      {"7.5 mod 2", "1.5"},      {"14 div 4 mod 3", "0.5"}, {"1 add 2.0", "3.0"},
      {"0.1 add 0.2 eq 0.3", "true"},    {"445.2 sub 0.1 eq 445.1", "true"},
      {"1.1 mul 3 eq 3.3", "true"},      {"1 div 3 mul 3 eq 1", "true"},
      {"- i", "-3"},             {"- d", "-3.5"},           {"-(-3)", "3"},
      // Division by zero is not known.
      {"1 div 0", "null"},       {"1 mod 0", "null"},       {"1.5 div 0", "null"},
      {"1 div 0.0", "null"},     {"1 mod -0.0", "null"},    {"0 div 0", "null"},
      {"1 div 0 eq 1", "null"},
      // Exact up to the ends of 64 bits, decimal beyond.
      {"big add 0", "9223372036854775807"},
      {"big sub 1", "9223372036854775806"},
      {"9007199254740993 mul 1", "9007199254740993"},
      {"big add 1 gt big", "true"},
      {"small sub 1 lt big", "true"},
      {"big mul big gt big", "true"},
      {"small div -1 gt big", "true"},
      {"small mod -1", "0"},
      {"- small gt big", "true"},
      {"1e308 mul 10", "null"},  {"1e308 add 1e308", "null"},
      {"t add 1", "null"},       {"yes add yes", "null"},
      {"14 div (1 add 1) mod 3 mul 3 eq 3", "true"},
      {"14 div (3 add 1) mod 3 mul 3 eq 3", "false"},
  };
  for (const Case& each : cases) {
    const std::string value = value_of(each.expression);
    const bool same = value == each.value || value + ".0" == each.value;
    EXPECT_TRUE(same) << each.expression << ": " << value << " for " << each.value;
  }
}

TEST(Evaluate, TimesAndDurations) {
  const Case cases[] = {
      {"2026-11-24T00:00:00Z add duration'PT1H'", "\"2026-11-24T01:00:00Z\""},
      {"duration'PT1H' add 2026-11-24T00:00:00Z", "\"2026-11-24T01:00:00Z\""},
      {"2026-11-24T00:00:00Z/2026-11-24T02:00:00Z sub duration'PT1H'",
       "\"2026-11-23T23:00:00Z/2026-11-24T01:00:00Z\""},
      {"2026-11-24T01:00:00Z sub 2026-11-24T00:00:00Z", "\"PT3600S\""},
      {"2026-11-24T01:00:00Z/2026-11-25T00:00:00Z sub 2026-11-24T00:00:00Z", "\"PT3600S\""},
      {"duration'PT1H' add duration'PT1M'", "\"PT3660S\""},
      {"duration'PT1H' sub duration'PT1M'", "\"PT3540S\""},
      {"duration'PT1H' gt duration'PT59M'", "true"},
      {"duration'PT60M' eq duration'PT1H'", "true"},
      {"- duration'PT1H' lt duration'PT0S'", "true"},
      {"span sub at", "null"},  {"at add at", "null"},  {"at add 1", "null"},
      {"span mul 2", "null"},
      {"9999-12-31T23:59:59Z add duration'PT1S'", "null"},
      {"0001-01-01T00:00:00Z sub duration'PT1S'", "null"},
      {"0001-01-01T00:00:00Z sub 9999-12-31T23:59:59Z lt duration'PT0S'", "true"},
  };
  check_values(cases);
}

// The table of LANGUAGE.md: four situations of a left side towards a right side, six comparisons.
TEST(Evaluate, TimesAgainstIntervals) {
  struct Line {
    const char* left;
    const char* right;
    const char* true_ones;  // of eq ne lt le gt ge
  };
  const auto time = [](int hour) { return fmt::format("2026-11-24T{:02}:00:00Z", hour); };
  // Hours; "3-5" is an interval.
  const auto literal = [&](std::string_view text) {
    const size_t dash = text.find('-');
    const auto hour = [](std::string_view digits) { return std::stoi(std::string(digits)); };
    if (dash == std::string_view::npos) return time(hour(text));
    return time(hour(text.substr(0, dash))) + "/" + time(hour(text.substr(dash + 1)));
  };
  const Line lines[] = {
      {"3", "3", "eq le ge"},     {"3", "4", "ne lt le"},     {"4", "3", "ne gt ge"},
      // interval against instant
      {"3-5", "2", "ne gt ge"},   {"3-5", "3", "ge"},         {"3-5", "4", "ne"},
      {"3-5", "5", "lt le"},      {"3-5", "6", "ne lt le"},
      // instant against interval
      {"2", "3-5", "ne lt le"},   {"3", "3-5", "le"},         {"4", "3-5", "ne"},
      {"5", "3-5", "gt ge"},      {"6", "3-5", "ne gt ge"},
      // interval against interval
      {"3-5", "3-5", "eq le ge"}, {"3-5", "5-7", "ne lt le"}, {"3-5", "6-7", "ne lt le"},
      {"3-5", "4-6", "ne le"},    {"3-5", "3-6", "le"},       {"3-5", "4-5", "le"},
      {"4-5", "3-5", "ge"},       {"3-6", "4-5", "ne"},       {"4-5", "3-6", "ne"},
      {"5-7", "3-5", "ne gt ge"}, {"6-7", "3-5", "ne gt ge"}, {"4-6", "3-5", "ne ge"},
      // an interval whose ends are one is an instant
      {"3-3", "3", "eq le ge"},   {"3-3", "3-5", "le"},
  };
  for (const Line& line : lines) {
    std::string true_ones;
    for (const char* operation : {"eq", "ne", "lt", "le", "gt", "ge"}) {
      const auto text = fmt::format("{} {} {}", literal(line.left), operation, literal(line.right));
      const std::string value = value_of(text);
      ASSERT_TRUE(value == "true" || value == "false") << text << ": " << value;
      if (value == "true") true_ones += (true_ones.empty() ? "" : " ") + std::string(operation);
    }
    EXPECT_EQ(true_ones, line.true_ones) << line.left << " and " << line.right;
  }
}

TEST(Evaluate, AnErrorOfTheScopeComesOut) {
  const Scope failing{.resolve = [](std::span<const std::string>) -> Result<Value> {
                        return Error{Code::io, "The disk failed.", ""};
                      },
                      .now = {}};
  for (const char* text : {"a", "a eq 3", "yes and a", "not a", "length(a)", "startswith(a,'x')",
                           "- a", "a add 1", "null eq a"}) {
    const auto value = evaluate(*parse_expression(text), failing);
    ASSERT_FALSE(value.ok()) << text;
    EXPECT_EQ(value.error().code, Code::io);
  }
}

TEST(Order, OfValues) {
  const auto json = [](const char* text) { return Value{*parse_json(text)}; };
  const auto at = [](const char* text) { return *parse_time(text); };
  const Value ascending[] = {
      {}, false, true, kLeast, Decimal{-1.5, ""}, int64_t{0}, Decimal{0.5, ""}, int64_t{1},
      int64_t{9007199254740992}, int64_t{9007199254740993}, kMost, Decimal{1e19, ""},
      std::string(""), std::string("B"), std::string("a"), std::string("ab"),
      at("2026-11-24T00:00:00Z"),
      Interval{at("2026-11-24T01:00:00Z"), at("2026-11-24T05:00:00Z")},
      at("2026-11-24T02:00:00Z"), Duration{-5}, Duration{7}, json("[1]"), json("{}"),
      Sealed{"person/7", "b"}, Blob{}};
  for (size_t i = 0; i < std::size(ascending); ++i) {
    for (size_t j = 0; j < std::size(ascending); ++j) {
      const int compared = compare_for_order(ascending[i], ascending[j]);
      EXPECT_EQ(compared < 0, i < j) << i << " " << j;
      EXPECT_EQ(compared > 0, i > j) << i << " " << j;
    }
  }
  EXPECT_EQ(compare_for_order(int64_t{1}, Decimal{1, "1.0"}), 0);
}

ValueBounds bounds(std::string_view filter, std::string_view path, std::optional<Time> now = {}) {
  return bounds_of(*parse_expression(filter), path, now);
}
std::string shown(const ValueBounds& bounds) {
  const auto side = [](const std::optional<Value>& value) {
    return value ? to_json(*value).dump() : std::string("…");
  };
  return side(bounds.least) + " to " + side(bounds.most);
}

TEST(Bounds, Golden) {
  struct Line {
    const char* filter;
    const char* path;
    const char* bounds;
  };
  const Line lines[] = {
      {"id eq 3", "id", "3 to 3"},
      {"@iot.id eq 3", "id", "3 to 3"},
      {"3 eq id", "id", "3 to 3"},
      {"id gt 3 and id le 7", "id", "3 to 7"},
      {"3 lt id and 7 ge id", "id", "3 to 7"},
      {"id gt 1 add 2 and id lt 9 and id lt 5", "id", "3 to 5"},
      {"id ge 2.5", "id", "2.5 to …"},
      {"id eq 3 or id eq 7", "id", "3 to 7"},
      {"id eq 3 or name eq 'a'", "id", "… to …"},
      {"id ne 3", "id", "… to …"},
      {"not id eq 3", "id", "… to …"},
      {"id eq null", "id", "… to …"},
      {"id add 1 eq 3", "id", "… to …"},
      {"id eq result", "id", "… to …"},
      {"id gt 3 and id lt '7'", "id", "3 to \"7\""},
      {"id gt '7' and id gt 3", "id", "3 to …"},
      {"Datastream/@iot.id eq 4 and id gt 2", "Datastream/id", "4 to 4"},
      {"Datastream/id eq 4", "id", "… to …"},
      {"Datastream/id eq 4", "Datastream", "… to …"},
      {"name eq 'a' and startswith(name,'a')", "name", "\"a\" to \"a\""},
      {"time ge 2026-11-24T00:00:00Z", "time", "\"2026-11-24T00:00:00Z\" to …"},
      {"time gt 2026-11-24T00:00:00Z/2026-11-25T00:00:00Z", "time",
       "\"2026-11-25T00:00:00Z\" to …"},
      {"time lt 2026-11-24T00:00:00Z/2026-11-25T00:00:00Z", "time",
       "… to \"2026-11-24T00:00:00Z\""},
      {"2026-11-24T00:00:00Z/2026-11-25T00:00:00Z lt time", "time",
       "\"2026-11-25T00:00:00Z\" to …"},
      {"time gt now()", "time", "… to …"},
  };
  for (const Line& line : lines)
    EXPECT_EQ(shown(bounds(line.filter, line.path)), line.bounds) << line.filter;
  EXPECT_EQ(shown(bounds("time gt now() sub duration'PT1H'", "time",
                         *parse_time("2026-11-24T12:00:00Z"))),
            "\"2026-11-24T11:00:00Z\" to …");
}

}  // namespace
}  // namespace duliang
