#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <string_view>

namespace duliang {
namespace {

Error sample_error() { return {Code::conflict, "It stands already.", "name"}; }

Result<int> half(int number) {
  if (number % 2 != 0) return Error{Code::bad_input, "The number is odd.", "number"};
  return number / 2;
}

Status must_be_even(int number) {
  TRY(const int ignored, half(number));
  (void)ignored;
  return {};
}

Result<std::string> quarter(int number) {
  TRY(const int first, half(number));
  TRY_DO(must_be_even(first));
  TRY(int second, half(first));
  return std::to_string(second);
}

TEST(Result, holds_a_value_or_an_error) {
  const Result<int> good = 3;
  EXPECT_TRUE(good.ok());
  EXPECT_TRUE(static_cast<bool>(good));
  EXPECT_EQ(*good, 3);

  const Result<int> bad = sample_error();
  EXPECT_FALSE(bad.ok());
  EXPECT_EQ(bad.error().code, Code::conflict);
  EXPECT_EQ(bad.error().message, "It stands already.");
  EXPECT_EQ(bad.error().field, "name");
}

TEST(Result, may_hold_what_cannot_be_copied) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(7);
  EXPECT_EQ(**result, 7);
  const std::unique_ptr<int> taken = *std::move(result);
  EXPECT_EQ(*taken, 7);
}

TEST(Result, try_hands_the_error_up) {
  EXPECT_EQ(quarter(12).value(), "3");
  EXPECT_EQ(quarter(3).error().message, "The number is odd.");
  EXPECT_EQ(quarter(6).error().field, "number");
}

TEST(Result, status_is_good_unless_told_otherwise) {
  EXPECT_TRUE(Status().ok());
  const Status bad = sample_error();
  EXPECT_FALSE(bad.ok());
  EXPECT_EQ(bad.error().code, Code::conflict);
}

TEST(ResultDeathTest, the_value_of_an_error_stops_the_program) {
  const Result<int> bad = sample_error();
  EXPECT_DEATH((void)bad.value(), "It stands already.");
}

TEST(CheckDeathTest, says_where_and_why) {
  EXPECT_DEATH(CHECK(1 + 1 == 3, "arithmetic"), "result_test.cc.*1 \\+ 1 == 3: arithmetic");
  EXPECT_DEATH(CHECK(false), "CHECK failed: false");
}

TEST(Code, each_has_a_status_a_name_and_both_languages) {
  struct Expected {
    Code code;
    int http_status;
    std::string_view name;
  };
  const Expected expected[] = {
      {Code::bad_input, 400, "bad_input"},     {Code::forbidden, 403, "forbidden"},
      {Code::not_found, 404, "not_found"},     {Code::conflict, 409, "conflict"},
      {Code::too_large, 413, "too_large"},     {Code::too_many, 429, "too_many"},
      {Code::unsupported, 501, "unsupported"}, {Code::unavailable, 503, "unavailable"},
      {Code::no_room, 507, "no_room"},         {Code::io, 500, "io"},
      {Code::corrupt, 500, "corrupt"},         {Code::outdated, 412, "precondition_failed"},
  };
  std::set<std::string_view> texts;
  for (const Expected& each : expected) {
    EXPECT_EQ(info(each.code).http_status, each.http_status) << each.name;
    EXPECT_EQ(info(each.code).name, each.name);
    EXPECT_TRUE(texts.insert(info(each.code).zh).second) << each.name;
    EXPECT_TRUE(texts.insert(info(each.code).en).second) << each.name;
  }
}

}  // namespace
}  // namespace duliang
