#include "doors/csv/time_pattern.h"

#include <gtest/gtest.h>

namespace duliang {
namespace {

std::string read(std::string_view pattern, std::string_view text, Zone zone = {}) {
  const auto parsed = TimePattern::parse(pattern);
  if (!parsed.ok()) return parsed.error().message;
  const auto time = parsed->read(text, zone);
  return time.ok() ? to_text(*time) : time.error().message;
}

TEST(TimePattern, ReadsTheFormsThatFilesHave) {
  EXPECT_EQ(read("yyyy-MM-dd HH:mm:ss", "2016-10-04 07:59:42", kDistrictZone),
            "2016-10-03T23:59:42Z");
  EXPECT_EQ(read("dd-MMM-yyyy HH:mm", "01-JAN-2012 00:00"), "2012-01-01T00:00:00Z");
  EXPECT_EQ(read("d MMM yyyy", "9 sep 2012"), "2012-09-09T00:00:00Z");
  EXPECT_EQ(read("yyyy M d H", "2013 3 1 0"), "2013-03-01T00:00:00Z");
  EXPECT_EQ(read("yyyy年M月d日 H时m分", "2026年11月4日 9时05分", kDistrictZone),
            "2026-11-04T01:05:00Z");
  EXPECT_EQ(read("yyyyMMdd'T'HHmmss.SSS", "20261124T132040.5"), "2026-11-24T13:20:40.500Z");
  EXPECT_EQ(read("dd/MM/yyyy HH:mm XXX", "24/11/2026 21:20 +08:00"), "2026-11-24T13:20:00Z");
  EXPECT_EQ(read("dd/MM/yyyy HH:mmXXX", "24/11/2026 21:20Z", kDistrictZone),
            "2026-11-24T21:20:00Z");
}

TEST(TimePattern, TwentyFourIsTheEndOfTheDay) {
  EXPECT_EQ(read("yyyy-MM-dd HH:mm", "2026-12-31 24:00"), "2027-01-01T00:00:00Z");
  EXPECT_NE(read("yyyy-MM-dd HH:mm", "2026-12-31 24:01").find("no time"), std::string::npos);
}

TEST(TimePattern, RefusesWhatIsNoTime) {
  for (const char* text : {"", "2026-02-29 10:00", "2026-13-01 10:00", "2026-01-01 25:00",
                           "2026-01-01 10:60", "2026-01-01 10:00 ", "2026-1-01 10:00",
                           "0000-01-01 10:00", "2026-01-01T10:00", "9999-12-31 24:00"}) {
    EXPECT_NE(read("yyyy-MM-dd HH:mm", text).find("no time"), std::string::npos) << text;
  }
  EXPECT_NE(read("yyyy-MM-dd HH:mm", "0001-01-01 00:00", kDistrictZone).find("no time"),
            std::string::npos)
      << "before the first year that can be shown";
  EXPECT_NE(read("yyyy-MM-dd XXX", "2026-01-01 8").find("no time"), std::string::npos);
}

TEST(TimePattern, RefusesWhatIsNoPattern) {
  for (const char* pattern :
       {"", "yyyy-MM", "yyyy-MM-dd-dd", "yy-MM-dd", "yyyy-MM-dd hh:mm", "yyyy-MM-dd 'T",
        "yyyy-MM-MMM-dd", "yyyy-MM-dd HH H", "yyyy-MM-ddTHH:mm"}) {
    EXPECT_FALSE(TimePattern::parse(pattern).ok()) << pattern;
  }
  EXPECT_NE(TimePattern::parse("yyyy-MM-dd hh").error().message.find("\"hh\""), std::string::npos);
}

TEST(TimePattern, Zones) {
  EXPECT_EQ(parse_zone("+08:00")->offset.count(), 480);
  EXPECT_EQ(parse_zone("-0330")->offset.count(), -210);
  EXPECT_EQ(parse_zone("Z")->offset.count(), 0);
  for (const char* text : {"", "8", "08:00", ".5Z", "+25:00", "Asia/Shanghai"}) {
    EXPECT_FALSE(parse_zone(text).ok()) << text;
  }
}

}  // namespace
}  // namespace duliang
