#include "base/time.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/random.h"

namespace duliang {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// What a text is read as, written again in UTC; "refused" where it is not a time.
std::string again(std::string_view text, Zone zone = {}) {
  const Result<Time> time = parse_time(text, zone);
  if (time.ok()) return to_text(*time);
  EXPECT_EQ(time.error().code, Code::bad_input);
  EXPECT_NE(time.error().message.find("expected"), std::string::npos);
  return "refused";
}

TEST(Time, counts_from_1970) {
  EXPECT_EQ(parse_time("1970-01-01T00:00:00Z")->time_since_epoch().count(), 0);
  EXPECT_EQ(parse_time("2026-11-24T13:20:40Z")->time_since_epoch().count(), 1795526440'000000);
  EXPECT_EQ(parse_time("1969-12-31T23:59:59.999999Z")->time_since_epoch().count(), -1);
}

TEST(Time, comes_back_as_it_was) {
  for (const char* text :
       {"2026-11-24T13:20:40Z", "2026-11-24T13:20:40.500Z", "2026-11-24T13:20:40.000001Z",
        "2024-02-29T00:00:00Z", "2000-02-29T12:00:00Z", "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999Z", "0004-02-29T00:00:00Z"})
    EXPECT_EQ(again(text), text);
}

TEST(Time, writes_a_fraction_only_where_there_is_one) {
  EXPECT_EQ(again("2026-11-24T13:20:40.0Z"), "2026-11-24T13:20:40Z");
  EXPECT_EQ(again("2026-11-24T13:20:40.00Z"), "2026-11-24T13:20:40Z");
  EXPECT_EQ(again("2026-11-24T13:20:40.5Z"), "2026-11-24T13:20:40.500Z");
  EXPECT_EQ(again("2026-11-24T13:20:40,25Z"), "2026-11-24T13:20:40.250Z");
  EXPECT_EQ(again("2026-11-24T13:20:40.1234Z"), "2026-11-24T13:20:40.123400Z");
  EXPECT_EQ(again("2026-11-24T13:20:40.123456Z"), "2026-11-24T13:20:40.123456Z");
}

TEST(Time, reads_offsets) {
  EXPECT_EQ(again("2026-11-24T21:20:40+08:00"), "2026-11-24T13:20:40Z");
  EXPECT_EQ(again("2026-11-24T21:20:40+0800"), "2026-11-24T13:20:40Z");
  EXPECT_EQ(again("2026-11-24T21:20:40+08"), "2026-11-24T13:20:40Z");
  EXPECT_EQ(again("2026-11-24T21:20:40-0700"), "2026-11-25T04:20:40Z");
  EXPECT_EQ(again("2026-01-01T00:00:00.5+05:45"), "2025-12-31T18:15:00.500Z");
  EXPECT_EQ(again("2026-11-24T13:20:40-00:00"), "2026-11-24T13:20:40Z");
  EXPECT_EQ(again("2026-11-24t13:20:40z"), "2026-11-24T13:20:40Z");
}

TEST(Time, without_offset_is_in_the_zone) {
  EXPECT_EQ(again("2026-11-24T21:20:40"), "2026-11-24T21:20:40Z");
  EXPECT_EQ(again("2026-11-24T21:20:40", kDistrictZone), "2026-11-24T13:20:40Z");
  EXPECT_EQ(again("2026-11-24T21:20", kDistrictZone), "2026-11-24T13:20:00Z");
  EXPECT_EQ(again("2026-11-24T21:20:40Z", kDistrictZone), "2026-11-24T21:20:40Z");
}

TEST(Time, refuses_what_is_no_time) {
  for (const char* text :
       {"", " ", "now", "2026", "2026-11-24", "2026-11-24T", "2026-11-24T13", "2026-11-24T13:20:",
        "2026-11-24 13:20:40Z", " 2026-11-24T13:20:40Z", "2026-11-24T13:20:40Z ",
        "2026-11-24T13:20:40ZZ", "2026-11-24T13:20:40.Z", "2026-11-24T13:20:40.1234567Z",
        "2026-1-24T13:20:40Z", "26-11-24T13:20:40Z", "+2026-11-24T13:20:40Z",
        "2026-11-24T13:20:40+8:00", "2026-11-24T13:20:40+08:", "2026-11-24T13:20:40+08:0",
        "2026-11-24T13:20:40+24:00", "2026-11-24T13:20:40+08:60", "2026-11-24T13:20:40 08:00",
        "2026-11-24T-1:20:40Z", "2026-11-24T13:20.5Z", "２０２６-11-24T13:20:40Z"})
    EXPECT_EQ(again(text), "refused") << text;
}

TEST(Time, refuses_dates_that_no_calendar_has) {
  for (const char* text :
       {"2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2100-02-29T00:00:00Z",
        "2026-04-31T00:00:00Z", "2026-00-10T00:00:00Z", "2026-13-10T00:00:00Z",
        "2026-01-00T00:00:00Z", "2026-01-32T00:00:00Z", "0000-01-01T00:00:00Z",
        "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-12-31T23:59:60Z"})
    EXPECT_EQ(again(text), "refused") << text;
}

TEST(Time, refuses_what_an_offset_leads_out_of_the_years) {
  EXPECT_EQ(again("0001-01-01T00:00:00+00:01"), "refused");
  EXPECT_EQ(again("0001-01-01T08:00:00+08:00"), "0001-01-01T00:00:00Z");
  EXPECT_EQ(again("9999-12-31T23:59:59-00:01"), "refused");
  EXPECT_EQ(again("9999-12-31T23:00:00", Zone{minutes(-60)}), "refused");
}

TEST(Time, quotes_what_was_given_but_not_all_of_it) {
  const Result<Time> time = parse_time(std::string(100'000, 'x'));
  EXPECT_LT(time.error().message.size(), 300u);
  EXPECT_EQ(parse_time("\xff\n").error().message.find('\xff'), std::string::npos);
}

TEST(Time, agrees_with_the_library_on_every_kind_of_day) {
  Random random(1);
  for (int i = 0; i < 20'000; ++i) {
    // From year 1 to 9999.
    const auto day = static_cast<int64_t>(random.below(3652059)) - 719162;
    const std::chrono::year_month_day date{std::chrono::sys_days(days(day))};
    const auto second = static_cast<int64_t>(random.below(86'400));
    const std::string text =
        fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", static_cast<int>(date.year()),
                    static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                    second / 3600, second / 60 % 60, second % 60);
    ASSERT_EQ(to_text(Time(days(day) + seconds(second))), text);
    ASSERT_EQ(again(text), text);
  }
}

TEST(Time, beyond_four_digits_of_year_is_written_with_a_sign) {
  EXPECT_EQ(to_text(Time(days(2932897))), "+010000-01-01T00:00:00Z");
  EXPECT_EQ(to_text(Time(days(-719163))), "0000-12-31T00:00:00Z");
  EXPECT_EQ(to_text(Time(days(-719528 - 1))), "-000001-12-31T00:00:00Z");
  EXPECT_EQ(to_text(Time::max()), "+294247-01-10T04:00:54.775807Z");
}

TEST(Time, is_shown_in_the_zone_of_the_district) {
  const Time time = *parse_time("2026-12-31T16:00:00.5Z");
  EXPECT_EQ(to_local_text(time, kDistrictZone), "2027-01-01T00:00:00.500+08:00");
  EXPECT_EQ(to_local_text(time, Zone{minutes(-210)}), "2026-12-31T12:30:00.500-03:30");
  EXPECT_EQ(to_local_text(time, Zone{}), "2026-12-31T16:00:00.500+00:00");
  EXPECT_EQ(local_year(time, kDistrictZone), 2027);
  EXPECT_EQ(local_year(time, Zone{}), 2026);
  EXPECT_EQ(local_year(*parse_time("0001-01-01T00:00:00Z"), Zone{}), 1);
}

TEST(Interval, is_an_instant_or_two_times) {
  const Result<Interval> instant = parse_interval("2026-11-24T13:20:40Z");
  ASSERT_TRUE(instant.ok());
  EXPECT_TRUE(instant->instant());
  EXPECT_EQ(to_text(*instant), "2026-11-24T13:20:40Z");

  const Result<Interval> hour = parse_interval("2026-11-24T21:00:00+08:00/2026-11-24T14:00:00Z");
  ASSERT_TRUE(hour.ok());
  EXPECT_EQ(hour->end - hour->begin, hours(1));
  EXPECT_EQ(to_text(*hour), "2026-11-24T13:00:00Z/2026-11-24T14:00:00Z");

  const Result<Interval> same = parse_interval("2026-11-24T13:20:40Z/2026-11-24T13:20:40.00Z");
  ASSERT_TRUE(same.ok());
  EXPECT_TRUE(same->instant());
}

TEST(Interval, refuses_what_is_none) {
  EXPECT_FALSE(parse_interval("2026-11-24T14:00:00Z/2026-11-24T13:00:00Z").ok());
  EXPECT_FALSE(parse_interval("2026-11-24T14:00:00Z/").ok());
  EXPECT_FALSE(parse_interval("/2026-11-24T14:00:00Z").ok());
  EXPECT_FALSE(parse_interval("2026-11-24T14:00:00Z/PT1H").ok());
  EXPECT_FALSE(
      parse_interval("2026-11-24T14:00:00Z/2026-11-24T15:00:00Z/2026-11-24T16:00:00Z").ok());
  EXPECT_FALSE(parse_interval("").ok());
}

TEST(Duration, reads_short_and_iso_spans) {
  struct Sample {
    const char* text;
    Duration expected;
  };
  const Sample samples[] = {
      {"250ms", std::chrono::milliseconds(250)},
      {"90s", seconds(90)},
      {"5m", minutes(5)},
      {"2h", hours(2)},
      {"1d", hours(24)},
      {"1.5h", minutes(90)},
      {"0s", seconds(0)},
      {"PT5M", minutes(5)},
      {"PT0.25S", std::chrono::milliseconds(250)},
      {"PT1H30M", minutes(90)},
      {"P1DT12H", hours(36)},
      {"P1W", hours(168)},
      {"P2W1D", hours(360)},
      {"P3652500D", hours(24) * 3652500},
  };
  for (const Sample& sample : samples) {
    const Result<Duration> span = parse_duration(sample.text);
    ASSERT_TRUE(span.ok()) << sample.text;
    EXPECT_EQ(*span, sample.expected) << sample.text;
  }
}

TEST(Duration, refuses_what_is_none) {
  for (const char* text :
       {"", "5", "m", "5 m", "5min", "-5m", "+5m", "5m ", "1h30m", "1M", "P", "PT", "P5M", "P1Y",
        "PT5", "P1DT", "PT5M1H", "PT1M1M", "PT1.5H30M", "P1.5DT1H", "pt5m", "P1D1D", "1e3s",
        "0.0001ms", "99999999999d", "999999999999s", "P4000000D", "99999999999h", "1.s", "PTM"}) {
    const Result<Duration> span = parse_duration(text);
    EXPECT_FALSE(span.ok()) << text;
  }
}

}  // namespace
}  // namespace duliang
