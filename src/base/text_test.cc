#include "base/text.h"

#include <gtest/gtest.h>

namespace duliang {
namespace {

using Parts = std::vector<std::string_view>;

TEST(Text, knows_utf8) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8("Liangping 梁平 🌊"));
  EXPECT_FALSE(is_utf8("\xff"));
  EXPECT_FALSE(is_utf8("\xe6\xa2"));          // cut
  EXPECT_FALSE(is_utf8("\xc0\xaf"));          // overlong
  EXPECT_FALSE(is_utf8("\xed\xa0\x80"));      // a surrogate
  EXPECT_FALSE(is_utf8("\xf4\x90\x80\x80"));  // beyond U+10FFFF
}

TEST(Text, quotes_for_messages) {
  EXPECT_EQ(quoted("abc"), "\"abc\"");
  EXPECT_EQ(quoted("a\nb\x7f"), "\"a?b?\"");
  EXPECT_EQ(quoted("梁平"), "\"梁平\"");
  EXPECT_EQ(quoted("a\xff"), "\"a?\"");
  std::string word;
  for (int i = 0; i < 50; ++i) word += "梁";
  for (const std::string_view start : {"", "a", "ab"}) {
    const std::string shown = quoted(std::string(start) + word);
    EXPECT_TRUE(is_utf8(shown));
    EXPECT_TRUE(shown.ends_with("梁…\"")) << shown;
    EXPECT_LE(shown.size(), 70u);
  }
}

TEST(Text, trims_and_splits) {
  EXPECT_EQ(trim(" \t a b\r\n"), "a b");
  EXPECT_EQ(trim(" \n"), "");
  EXPECT_EQ(trim(""), "");
  EXPECT_EQ(split("a,b,,c", ','), (Parts{"a", "b", "", "c"}));
  EXPECT_EQ(split("", ','), (Parts{""}));
  EXPECT_EQ(split(",", ','), (Parts{"", ""}));
}

TEST(Text, reads_integers) {
  EXPECT_EQ(parse_integer("0"), 0);
  EXPECT_EQ(parse_integer("-12"), -12);
  EXPECT_EQ(parse_integer("9223372036854775807"), INT64_MAX);
  EXPECT_EQ(parse_integer("-9223372036854775808"), INT64_MIN);
  for (const char* text : {"", "-", "+1", " 1", "1 ", "1.0", "0x10", "9223372036854775808"})
    EXPECT_EQ(parse_integer(text), std::nullopt) << text;
}

TEST(Text, reads_decimals) {
  EXPECT_EQ(parse_double("21.50"), 21.5);
  EXPECT_EQ(parse_double("-1e3"), -1000);
  EXPECT_EQ(parse_double("1e-400"), 0);
  for (const char* text :
       {"", "-", "+1", " 1", "1 ", "nan", "inf", "1e400", "-1e400", "0x10", "1,5"})
    EXPECT_EQ(parse_double(text), std::nullopt) << text;
}

TEST(Text, finds_the_nearest_word) {
  const std::vector<std::string> known{"phenomenonTime", "result", "resultTime", "id"};
  EXPECT_EQ(nearest("phenomenontime", known), "phenomenonTime");
  EXPECT_EQ(nearest("phenomenomTime", known), "phenomenonTime");
  EXPECT_EQ(nearest("reuslt", known), "result");
  EXPECT_EQ(nearest("result", known), "result");
  EXPECT_EQ(nearest("temperature", known), "");
  EXPECT_EQ(nearest("x", known), "");
  EXPECT_EQ(nearest("", known), "");
  EXPECT_EQ(nearest(std::string(10'000, 'r'), known), "");
}

TEST(Text, percent_codes_and_decodes) {
  EXPECT_EQ(encode_percent("Az09-._~"), "Az09-._~");
  EXPECT_EQ(encode_percent("a b/梁+%"), "a%20b%2F%E6%A2%81%2B%25");
  EXPECT_EQ(decode_percent("a%20b%2f%E6%A2%81+"), "a b/梁+");
  EXPECT_EQ(decode_percent(""), "");
  EXPECT_EQ(decode_percent("%00"), std::string(1, '\0'));
  for (const char* text : {"%", "%2", "a%", "%zz", "%2g", "% 1", "%-1"})
    EXPECT_EQ(decode_percent(text), std::nullopt) << text;
}

}  // namespace
}  // namespace duliang
