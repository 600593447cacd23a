#include "base/plain_number.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace duliang
