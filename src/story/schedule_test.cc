#include "story/schedule.h"

#include <gtest/gtest.h>

#include "base/sim/sim_files.h"

namespace duliang {
namespace {

using std::chrono::seconds;

constexpr Time kStart{seconds{1'795'500'000}};

Timeline timeline(const std::string& text) {
  SimFiles files;
  EXPECT_TRUE(files.make_folder("/packs").ok());
  EXPECT_TRUE(replace_file(files, "/packs/air.csv",
                           "time,pm\n2026-01-01T00:00:00Z,5\n2026-01-01T00:01:00Z,6\n"
                           "2026-01-01T00:02:00Z,7\n2026-01-01T00:03:00Z,8\n")
                  .ok());
  auto parsed = parse_timeline(text, files, "/packs");
  EXPECT_TRUE(parsed.ok()) << parsed.error().message;
  return parsed.ok() ? std::move(*parsed) : Timeline{};
}

// "due/measured what", both in seconds since the first start.
std::string shown(const DueEvent& due) {
  const auto at = (due.at - kStart) / seconds{1};
  const auto* reading = std::get_if<TellReading>(&due.event->telling);
  if (reading == nullptr) return fmt::format("{} stream", at);
  const auto measured = (due.start + reading->phenomenon - kStart) / seconds{1};
  return fmt::format("{}/{} {}", at, measured, reading->result);
}

// Asks as the demo does: at the moment when the event before was told.
std::vector<std::string> told(Schedule& schedule, size_t most) {
  std::vector<std::string> shown_events;
  Time now = kStart;
  while (shown_events.size() < most) {
    const auto due = schedule.next(now);
    if (!due) break;
    now = std::max(now, due->at);
    shown_events.push_back(shown(*due));
  }
  return shown_events;
}

constexpr const char* kStory =
    "loop 50s\n"
    "stream a/b \"b\" property p\n"
    "+0s  read a/b history 10s : 1 2\n"
    "+8s  replay air.csv column pm into a/b until 2026-01-01T00:01:00Z history 1h\n"
    "+10s read a/b every 40s : 3 4\n";

TEST(Schedule, ThePastGoesOnceAndGoesOnWhileTheRestComesAgain) {
  const Timeline story = timeline(kStory);
  Schedule schedule(story, kStart);
  EXPECT_EQ(told(schedule, 13),
            (std::vector<std::string>{
                "0 stream", "0/-20 1", "0/-10 2", "0/-52 5", "8/8 6", "10/10 3", "50/50 4",
                // again, and the recorded rows in between, each at its own time
                "50 stream", "60/60 3", "68/68 7", "100/100 4", "100 stream", "110/110 3"}));
  const auto later = told(schedule, 3);
  EXPECT_EQ(later, (std::vector<std::string>{"128/128 8", "150/150 4", "150 stream"}));
}

TEST(Schedule, EndsWithoutALoop) {
  const Timeline story = timeline("+1s read a/b 1\n+2s read a/b 2\n");
  Schedule schedule(story, kStart);
  EXPECT_EQ(told(schedule, 9), (std::vector<std::string>{"1/1 1", "2/2 2"}));
}

TEST(Schedule, OnlyAPastEndsEvenWithALoop) {
  const Timeline story = timeline("loop 5s\nread a/b history 1s : 1\n");
  Schedule schedule(story, kStart);
  EXPECT_EQ(told(schedule, 9), (std::vector<std::string>{"0/-1 1"}));
}

TEST(Schedule, RoundsThatWereSleptThroughAreLeftOut) {
  const Timeline story = timeline("loop 50s\n+1s read a/b 1\n");
  struct Case {
    int now_s;
    const char* next;
  };
  for (const Case& one : {Case{1, "51/51 1"}, Case{99, "51/51 1"}, Case{100, "101/101 1"},
                          Case{499, "451/451 1"}, Case{-3600, "51/51 1"}}) {
    Schedule schedule(story, kStart);
    ASSERT_TRUE(schedule.next(kStart));
    const auto due = schedule.next(kStart + seconds{one.now_s});
    ASSERT_TRUE(due);
    EXPECT_EQ(shown(*due), one.next) << one.now_s;
  }
}

}  // namespace
}  // namespace duliang
