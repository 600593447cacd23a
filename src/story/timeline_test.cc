#include "story/timeline.h"

#include <gtest/gtest.h>

#include "base/sim/sim_files.h"

namespace duliang {
namespace {

Result<Timeline> parse(const std::string& text) {
  SimFiles files;
  EXPECT_TRUE(files.make_folder("/packs").ok());
  EXPECT_TRUE(replace_file(files, "/packs/air.csv",
                           "time,pm\n2026-01-01T00:00:00Z,5\n2026-01-01T01:00:00Z,NA\n"
                           "2026-01-01T02:00:00Z,7\n2026-01-01T03:00:00Z,8\n")
                  .ok());
  return parse_timeline(text, files, "/packs");
}

std::vector<std::string> readings(const Timeline& timeline) {
  std::vector<std::string> shown;
  for (const TimelineEvent& event : timeline.events) {
    const auto* reading = std::get_if<TellReading>(&event.telling);
    if (reading == nullptr) continue;
    shown.push_back(fmt::format("{}:{}={}", event.at / std::chrono::seconds{1},
                                reading->phenomenon / std::chrono::seconds{1}, reading->result));
  }
  return shown;
}

TEST(Timeline, ReadingsComeInOrderOfTime) {
  const auto timeline = parse(
      "+10s read a/b every 5s : 1 - 3   # a comment\n"
      "+12s read a/b 9 at -60s\n"
      "+0s  read a/b history 1m : 4 5\n");
  ASSERT_TRUE(timeline.ok()) << timeline.error().message;
  EXPECT_EQ(readings(*timeline),
            (std::vector<std::string>{"0:-120=4", "0:-60=5", "10:10=1", "12:-60=9", "20:20=3"}));
}

TEST(Timeline, ReplayMovesARecordInTime) {
  const auto timeline =
      parse("+8s replay air.csv column pm into a/b until 2026-01-01T02:00:00Z history 2h\n");
  ASSERT_TRUE(timeline.ok()) << timeline.error().message;
  EXPECT_EQ(readings(*timeline), (std::vector<std::string>{"0:-7192=5", "8:8=7", "3608:3608=8"}));
}

TEST(Timeline, MistakesNameTheLine) {
  struct Case {
    const char* text;
    const char* message;
  };
  for (const Case& one :
       {Case{"\nfly a/b", "line 2 expects a statement; 'fly' is none"},
        Case{"+5 read a/b 1", "line 1"},
        Case{"read a/b maybe", "line 1 expects a JSON value, not 'maybe'"},
        Case{"station a \"b", "line 1 a quote is not closed"},
        Case{"stream a \"n\" property p", "line 1 expects station/stream"},
        Case{"stream a/b \"n\"", "line 1 expects property NAME"},
        Case{"station a \"b\" at 1;2", "line 1 expects longitude,latitude"},
        Case{"expect alarm a/b loud", "line 1 expects level"},
        Case{"act ann sign a/b refused often", "line 1 expects a number"},
        Case{"restart now", "line 1 expects nothing behind"},
        Case{"start 2026-01-01T00:00:00Z", "line 1 expects a statement"},
        Case{"loop 9s\n+4s read a/b every 3s : 1 2 3", "line 2 goes on after the loop's end"}}) {
    const auto timeline = parse(one.text);
    ASSERT_FALSE(timeline.ok()) << one.text;
    EXPECT_TRUE(timeline.error().message.starts_with(one.message)) << timeline.error().message;
  }
}

}  // namespace
}  // namespace duliang
