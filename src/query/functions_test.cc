#include "query/functions.h"

#include "query/values_for_test.h"

namespace duliang {
namespace {

TEST(Functions, OfTexts) {
  const Case cases[] = {
      {"startswith(t,'Ab')", "true"},      {"startswith(t,'ab')", "false"},
      {"startswith(t,'')", "true"},        {"startswith('','a')", "false"},
      {"endswith(t,'bc')", "true"},        {"endswith(t,'')", "true"},
      {"substringof('b',t)", "true"},      {"substringof(t,'b')", "false"},
      {"substringof('水','保证水位')", "true"}, {"contains(t,'b')", "true"},
      {"contains('b',t)", "false"},        {"contains('保证水位','水')", "true"},
      {"length(t)", "3"},                  {"length('梁平')", "2"},
      {"length('')", "0"},                 {"length('a😀')", "2"},
      // From 0; -1 where it is not there.
      {"indexof(t,'A')", "0"},             {"indexof(t,'c')", "2"},
      {"indexof(t,'x')", "-1"},            {"indexof(t,'')", "0"},
      {"indexof('保证水位','水')", "2"},   {"indexof('😀b','b')", "1"},
      {"substring(t,1)", "\"bc\""},        {"substring(t,0)", "\"Abc\""},
      {"substring(t,3)", "\"\""},          {"substring(t,9)", "\"\""},
      {"substring(t,-1)", "\"c\""},        {"substring(t,-9)", "\"Abc\""},
      {"substring(t,1,1)", "\"b\""},       {"substring(t,1,0)", "\"\""},
      {"substring(t,1,9)", "\"bc\""},      {"substring(t,-2,1)", "\"b\""},
      {"substring('保证水位',2,1)", "\"水\""}, {"substring('😀b',1)", "\"b\""},
      {"substring(t,small)", "\"Abc\""},   {"substring(t,big)", "\"\""},
      {"substring(t,0,big)", "\"Abc\""},   {"substring(t,0,small)", "null"},
      {"substring(t,d)", "null"},          {"substring(t,one)", "null"},
      {"tolower(t)", "\"abc\""},           {"toupper(t)", "\"ABC\""},
      {"toupper('é@[`{')", "\"é@[`{\""},   {"tolower('@[Z')", "\"@[z\""},
      {"trim('  a b ')", "\"a b\""},       {"trim('　梁 ')", "\"梁\""},
      {"trim('')", "\"\""},                {"trim('   ')", "\"\""},
      {"concat(t,'d')", "\"Abcd\""},       {"concat(concat(t,', '),'梁')", "\"Abc, 梁\""},
  };
  check_values(cases);
}

// Times are kept in UTC, and so are their parts.
TEST(Functions, OfTimes) {
  const Case cases[] = {
      {"year(at)", "2026"},   {"month(at)", "11"},  {"day(at)", "24"}, {"hour(at)", "13"},
      {"minute(at)", "20"},   {"second(at)", "40"}, {"fractionalseconds(at)", "0.25"},
      {"year(2026-01-01T00:00:00+08:00)", "2025"},
      {"hour(2026-01-01T00:00:00+08:00)", "16"},
      {"year(0001-01-01T00:00:00Z)", "1"},
      {"second(1969-12-31T23:59:58.5Z)", "58"},
      {"fractionalseconds(1969-12-31T23:59:58.25Z)", "0.25"},
      {"fractionalseconds(from) eq 0", "true"},
      {"day(2024-02-29T12:00:00Z)", "29"},
      // An interval counts by its begin.
      {"hour(from)", "3"},
      {"date(at)", "\"2026-11-24T00:00:00Z\""},
      {"date(at) eq date(now())", "true"},
      {"time(at) eq duration'PT13H20M40.25S'", "true"},
      {"time(at) gt time(from)", "true"},
      {"date(at) add time(at) eq at", "true"},
      {"date(1969-12-31T23:00:00Z)", "\"1969-12-31T00:00:00Z\""},
      {"hour(time(at))", "13"},  {"minute(duration'PT90M')", "30"},
      {"hour(duration'PT24H')", "null"}, {"hour(- duration'PT1H')", "null"},
      {"totaloffsetminutes(at)", "0"},
      {"now()", "\"2026-11-24T12:00:00Z\""},
      {"now() sub duration'PT1H'", "\"2026-11-24T11:00:00Z\""},
      {"mindatetime()", "\"0001-01-01T00:00:00Z\""},
      {"maxdatetime()", "\"9999-12-31T23:59:59.999999Z\""},
      {"mindatetime() lt at and at lt maxdatetime()", "true"},
      {"year(span)", "null"}, {"date(span)", "null"}, {"time(i)", "null"},
  };
  check_values(cases);
}

TEST(Functions, OfNumbers) {
  const Case cases[] = {
      {"round(d)", "4"},        {"round(2.5)", "3"},      {"round(-2.5)", "-3"},
      {"round(2.4999)", "2"},   {"round(-0.4)", "0"},     {"round(i)", "3"},
      {"floor(d)", "3"},        {"floor(-3.5)", "-4"},    {"floor(one)", "1"},
      {"ceiling(d)", "4"},      {"ceiling(-3.5)", "-3"},  {"ceiling(3)", "3"},
      {"round(big)", "9223372036854775807"},
      {"floor(small)", "-9223372036854775808"},
      {"floor(9007199254740993)", "9007199254740993"},
      {"round(1e300) eq 1e300", "true"},
      {"round(yes)", "null"},   {"round(t)", "null"},     {"round(n)", "null"},
  };
  check_values(cases);
}

TEST(Functions, OfTimesAgainstEachOther) {
  const Case cases[] = {
      {"before(from,at)", "true"},   {"after(from,at)", "false"}, {"after(at,from)", "true"},
      {"before(from,2026-11-24T05:00:00Z)", "true"},
      {"before(from,2026-11-24T04:00:00Z)", "false"},
      {"after(from,2026-11-24T03:00:00Z)", "false"},
      {"meets(from,2026-11-24T05:00:00Z/2026-11-24T06:00:00Z)", "true"},
      {"meets(from,2026-11-24T01:00:00Z/2026-11-24T03:00:00Z)", "true"},
      {"meets(from,at)", "false"},   {"meets(at,at)", "true"},
      {"during(2026-11-24T03:00:00Z,from)", "true"},
      {"during(2026-11-24T05:00:00Z,from)", "false"},
      {"during(from,from)", "true"},
      {"during(from,2026-11-24T04:00:00Z/2026-11-24T06:00:00Z)", "false"},
      {"overlaps(from,2026-11-24T04:00:00Z/2026-11-24T06:00:00Z)", "true"},
      {"overlaps(from,2026-11-24T05:00:00Z/2026-11-24T06:00:00Z)", "false"},
      {"overlaps(2026-11-24T04:00:00Z,from)", "true"},
      {"overlaps(at,at)", "true"},
      {"starts(from,2026-11-24T03:00:00Z)", "true"},
      {"finishes(from,2026-11-24T05:00:00Z)", "true"},
      {"finishes(from,2026-11-24T03:00:00Z)", "false"},
      {"before(from,span)", "null"}, {"overlaps(n,at)", "null"},
  };
  check_values(cases);
}

// The name of an operand of this kind in the scope of these tests; null is of none.
constexpr std::pair<const char*, Kinds> kNames[] = {
    {"i", kNatural}, {"-1", kNegative}, {"d", kDecimal}, {"t", kText},
    {"yes", kBoolean}, {"at", kTime}, {"from", kInterval}, {"span", kDuration},
    {"o", kOther}, {"n", kOther}, {"sealed", kOther}, {"photo", kOther}};

std::string call_of(const Function& function, size_t count, size_t changed, const char* other) {
  std::string text = std::string(function.name) + "(";
  for (size_t i = 0; i < count; ++i) {
    const auto* fitting = std::ranges::find_if(
        kNames, [&](const auto& name) { return (name.second & function.takes[i]) != 0; });
    text += (i > 0 ? "," : "") + std::string(i == changed ? other : fitting->first);
  }
  return text + ")";
}

// Of each function, with each number of operands and each operand of each kind: what is of no kind
// that it takes has no result, else there is one, of the kind that the table says.
TEST(Functions, TakeWhatTheTableSays) {
  for (const Function& function : all_functions()) {
    for (size_t count = function.least; count <= function.most; ++count) {
      for (size_t changed = 0; changed < count; ++changed) {
        for (const auto& [name, kind] : kNames) {
          const std::string text = call_of(function, count, changed, name);
          const bool taken = (function.takes[changed] & kind) != 0;
          const auto expression = parse_expression(text);
          ASSERT_TRUE(expression.ok() || !taken) << text;
          if (!expression.ok()) continue;  // -1, where it can be seen
          const Value value = *evaluate(*expression, scope_for_test());
          EXPECT_EQ(is_null(value), !taken) << text;
          EXPECT_TRUE(is_null(value) || (kind_of(value) & function.gives) != 0) << text;
        }
      }
    }
  }
}

TEST(Functions, WhatCanNeverBeMeantIsRefused) {
  const Case cases[] = {
      {"length(3)", "At position 8: length takes a text there, not a whole number of 0 or more."},
      {"startswith(t,-3)", "At position 14: startswith takes a text there, not a negative number."},
      {"substring('a',1.5)",
       "At position 15: substring takes a whole number there, not a decimal."},
      {"substring('a',0,-1)",
       "At position 17: substring takes a whole number of 0 or more there, not a negative number."},
      {"year('2026')", "At position 6: year takes a time there, not a text."},
      {"hour(true)", "At position 6: hour takes a time or a duration there, not a boolean."},
      {"round(now())", "At position 7: round takes a number there, not an instant."},
      {"tolower(length(t))",
       "At position 9: tolower takes a text there, not a whole number of 0 or more."},
      {"length(i add 1)", "At position 10: length takes a text there, not a number."},
      {"length(t eq 'a')", "At position 10: length takes a text there, not a boolean."},
      {"during(at,now())", "At position 11: during takes an interval there, not an instant."},
      {"not 5", "At position 5: a boolean was expected, not a whole number of 0 or more."},
      {"yes and 'a'", "At position 9: a boolean was expected, not a text."},
      {"yes and no and length(t)",
       "At position 16: a boolean was expected, not a whole number of 0 or more."},
      {"- 'a'", "At position 3: a number or a duration was expected, not a text."},
      {"t eq - (t eq 'a')", "At position 11: a number or a duration was expected, not a boolean."},
      {"'a' add 1",
       "At position 5: there is no such calculation of a text and a whole number of 0 or more."},
      {"now() add now()",
       "At position 7: there is no such calculation of an instant and an instant."},
      {"duration'PT1H' mul 2", "At position 16: there is no such calculation of a duration and a "
                               "whole number of 0 or more."},
      {"year(at) eq true",
       "At position 10: a whole number of 0 or more can't be compared with a boolean."},
      {"length(t) gt tolower('5')",
       "At position 11: a whole number of 0 or more can't be compared with a text."},
      {"now() gt 'a'", "At position 7: an instant can't be compared with a text."},
      {"lenght(t)", "The function \"lenght\" (at position 1) is not offered. Did you mean length?"},
      {"substring(t)", "At position 12 a comma was expected, but \")\" stands there."},
      {"substring(t,1,2,3)",
       "At position 16 the bracket that closes substring was expected, but \",\" stands there."},
      // What depends on a path may be of any kind, and so is null.
      {"length(i)", "null"}, {"i and yes", "null"}, {"t add 1", "null"}, {"at eq i", "null"},
      {"length(null)", "null"}, {"null add 1", "null"}, {"not null", "null"},
  };
  check_values(cases);
}

}  // namespace
}  // namespace duliang
