#include "engine/clock_watch.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace duliang {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

const Time kNow = parse_time("2026-11-24T06:00:00Z").value();
constexpr Duration kBoot = hours{3};

ClockWatch opened(Time recorded, bool trusted = false) {
  ClockWatch watch;
  watch.begin(kNow, kBoot, recorded, trusted);
  return watch;
}

TEST(ClockWatch, BelievesAClockThatGoesOn) {
  ClockWatch watch = opened(kNow - hours{1});
  EXPECT_EQ(watch.fault(kNow, kBoot, kNow - hours{1}), "");
  EXPECT_EQ(watch.fault(kNow + days{400}, kBoot + days{400}, kNow), "");
  EXPECT_EQ(watch.fault(kNow + days{1} - minutes{5}, kBoot + days{1}, kNow), "");
}

TEST(ClockWatch, TellsOfAClockThatWasMovedUntilItIsMovedBack) {
  ClockWatch watch = opened(kNow);
  for (const minutes by : {minutes{6}, minutes{-6}}) {
    const std::string fault = watch.fault(kNow + days{1} + by, kBoot + days{1}, kNow);
    EXPECT_NE(fault.find(std::to_string(by.count()) + " minutes"), std::string::npos) << fault;
  }
  EXPECT_EQ(watch.fault(kNow + days{1} + seconds{1}, kBoot + days{1}, kNow), "");
}

TEST(ClockWatch, TellsOfAClockBehindTheJournal) {
  ClockWatch watch = opened(kNow + hours{1});
  EXPECT_NE(watch.fault(kNow, kBoot, kNow + hours{1}).find("set the clock"), std::string::npos);
  EXPECT_EQ(watch.fault(kNow + hours{1}, kBoot + hours{1}, kNow + hours{1}), "");
}

TEST(ClockWatch, BelievesAClockThatWasBehindAndWasSet) {
  ClockWatch watch = opened(kNow + days{365});
  EXPECT_NE(watch.fault(kNow, kBoot, kNow + days{365}), "");
  EXPECT_EQ(watch.fault(kNow + days{365}, kBoot, kNow + days{365}), "");
  EXPECT_NE(watch.fault(kNow + days{366}, kBoot, kNow + days{365}), "") << "moved again";
}

TEST(ClockWatch, AsksWhetherTheHouseWasReallyShutForSoLong) {
  const Time recorded = kNow - limits::kShutWithoutQuestion - seconds{1};
  EXPECT_NE(opened(recorded).fault(kNow, kBoot, recorded).find("--trust-clock"), std::string::npos);
  // Also when something has been recorded since.
  EXPECT_NE(opened(recorded).fault(kNow + hours{1}, kBoot + hours{1}, kNow), "");
  EXPECT_EQ(opened(recorded, true).fault(kNow, kBoot, recorded), "");
  EXPECT_EQ(opened(recorded + seconds{1}).fault(kNow, kBoot, recorded), "");
  EXPECT_EQ(opened(Time{}).fault(kNow, kBoot, Time{}), "") << "a new folder";
}

}  // namespace
}  // namespace duliang
