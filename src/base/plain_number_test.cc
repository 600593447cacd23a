#include "base/plain_number.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "base/text.h"

namespace duliang {
namespace {

TEST(PlainNumber, WhatIsReadIsWrittenTheSame) {
  for (const std::string text :
       {"0", "1", "-1", "1.0", "0.0", "21.50", "-21.50", "0.001", "-0.5", "100", "1234567890.12",
        "123456789012345.678", "999999999999999999", "-999999999999999999",
        "0.12345678901234567"}) {
    const auto number = parse_plain(text);
    ASSERT_TRUE(number.has_value()) << text;
    std::string written;
    append_plain(written, *number);
    EXPECT_EQ(written, text);
  }
  EXPECT_EQ(parse_plain("-21.50")->digits, -2150);
  EXPECT_EQ(parse_plain("-21.50")->decimals, 2);
}

TEST(PlainNumber, WhatWouldBeWrittenOtherwiseIsNone) {
  for (const std::string_view text :
       {"-0", "-0.0", "05", "-05", ".5", "5.", "1e5", "", "-", ".", "1.2.3", "+1", " 1", "1 ",
        "1234567890123456789", "0.123456789012345678", "true"}) {
    EXPECT_FALSE(parse_plain(text).has_value()) << text;
  }
}

TEST(PlainNumber, TheNearestDoubleIsThatOfTheText) {
  Random random(1);
  int known = 0;
  for (int round = 0; round < 20'000; ++round) {
    const auto digits = static_cast<int64_t>(random.next() >> (1 + random.below(63)));
    const PlainNumber number{random.chance(0.5) ? digits : -digits,
                             static_cast<uint8_t>(random.below(kPlainDigits + 2))};
    std::string text;
    if (number.decimals > kPlainDigits) {
      EXPECT_FALSE(nearest_double(number).has_value());
      continue;
    }
    append_plain(text, number);
    const auto nearest = nearest_double(number);
    if (!nearest) continue;
    ++known;
    ASSERT_EQ(*nearest, parse_double(text)) << text;
  }
  EXPECT_GT(known, 10'000);
  EXPECT_FALSE(nearest_double({(int64_t{1} << 53) + 1, 0}).has_value());
}

}  // namespace
}  // namespace duliang
