#include "watch/watch.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "base/random.h"
#include "packs/ledger_for_test.h"

namespace duliang {
namespace {

const Time kStart = *parse_time("2026-07-01T00:00:00Z");

LevelDeclaration level_of(int level, const char* threshold, const char* clear) {
  LevelDeclaration declared;
  declared.level = level;
  declared.name = {"线", "line"};
  declared.threshold = threshold;
  declared.raise = "value ge threshold";
  declared.clear = clear;
  return declared;
}

// Two levels: 5.0 and 3.0 m, cleared 0.5 m lower.
Rule two_levels(RowId id = RowId{1}) {
  Rule rule;
  rule.id = id;
  rule.declaration.key = "high-water";
  rule.declaration.title = {"水位", "water"};
  rule.declaration.streams = "ObservedProperty/name eq 'water_level'";
  rule.declaration.levels = {level_of(1, "properties/guaranteed_m", "value lt threshold sub 0.5"),
                             level_of(3, "properties/warning_m", "value lt threshold sub 0.5")};
  return rule;
}

Rule with_delays(int raise_s, int clear_s) {
  Rule rule = two_levels();
  for (LevelDeclaration& level : rule.declaration.levels) {
    level.raise_after = std::chrono::seconds(raise_s);
    level.clear_after = std::chrono::seconds(clear_s);
  }
  return rule;
}

class WatchTest : public testing::Test {
 protected:
  WatchTest() {
    const RowId thing = house_.add_thing("gauge");
    gauge_ = stream_of(
        house_.add_stream(thing, "water_level", R"({"guaranteed_m":5.0,"warning_m":3.0})"));
    other_ =
        stream_of(house_.add_stream(thing, "water_level", R"({"guaranteed_m":50,"warning_m":30})"));
    half_ = stream_of(house_.add_stream(thing, "water_level", R"({"warning_m":3})"));
    bare_ = stream_of(house_.add_stream(thing, "water_level"));
    rain_ = stream_of(house_.add_stream(thing, "rain", R"({"warning_m":3})"));
  }

  static StreamId stream_of(RowId id) { return StreamId{static_cast<int64_t>(id)}; }

  Reading reading(StreamId stream, int second, const std::string& result) {
    Reading one;
    one.id = ReadingId{++last_reading_};
    one.stream = stream;
    const Time at = kStart + std::chrono::seconds(second);
    one.phenomenon_time = {at, at};
    one.result = result;
    return one;
  }
  std::vector<Transition> observe(Watch& watch, StreamId stream, int second,
                                  const std::string& result) {
    return watch.observe(reading(stream, second, result), kStart + std::chrono::seconds(second));
  }

  LedgerForTest house_;
  StreamId gauge_{}, other_{}, half_{}, bare_{}, rain_{};
  int64_t last_reading_ = 0;
};

struct Line {
  int second;
  const char* result;
  int level;  // at which the stream then stands
};

struct Case {
  const char* what;
  int raise_after_s;
  int clear_after_s;
  std::vector<Line> lines;
};

const Case kCases[] = {
    {"below nothing happens", 0, 0, {{0, "1", 0}, {1, "2.99", 0}}},
    {"at the threshold it is raised", 0, 0, {{0, "3", 3}, {1, "3.0", 3}}},
    {"escalates and comes down by steps",
     0,
     0,
     {{0, "3.1", 3}, {1, "5.2", 1}, {2, "4.6", 1}, {3, "4.4", 3}, {4, "2.4", 0}}},
    {"jumps over a level both ways", 0, 0, {{0, "6", 1}, {1, "0", 0}}},
    {"between clear and raise it stays as it is",
     0,
     0,
     {{0, "2.7", 0}, {1, "3", 3}, {2, "2.7", 3}, {3, "2.5", 3}, {4, "2.49", 0}, {5, "2.7", 0}}},
    {"raise must hold so long",
     4,
     0,
     {{0, "3", 0}, {2, "3", 0}, {3, "3", 0}, {4, "3", 3}, {5, "3", 3}}},
    {"raise that breaks off begins anew",
     4,
     0,
     {{0, "3", 0}, {3, "2.9", 0}, {4, "3", 0}, {7, "3", 0}, {8, "3", 3}}},
    {"a gap does not break it off", 4, 0, {{0, "3", 0}, {3600, "3", 3}}},
    {"one reading alone raises nothing", 4, 0, {{0, "9", 0}, {600, "1", 0}, {1200, "1", 0}}},
    {"clear must hold so long", 0, 4, {{0, "3", 3}, {1, "1", 3}, {4, "1", 3}, {5, "1", 0}}},
    {"clear that breaks off begins anew",
     0,
     4,
     {{0, "3", 3}, {1, "1", 3}, {4, "2.6", 3}, {5, "1", 3}, {8, "1", 3}, {9, "1", 0}}},
    {"missing data never clears", 0, 0, {{0, "3", 3}, {1, "null", 3}, {999999, "3", 3}}},
    {"text, boolean and JSON are not judged",
     0,
     0,
     {{0, "\"9\"", 0}, {1, "true", 0}, {2, "{\"a\":9}", 0}, {3, "9", 1}, {4, "\"0\"", 1}}},
    {"each level has its own clock", 4, 0, {{0, "3", 0}, {2, "5", 0}, {4, "5", 3}, {6, "5", 1}}},
    {"an older reading changes nothing", 0, 0, {{10, "3", 3}, {9, "0", 3}, {11, "0", 0}}},
    {"a doubled reading changes nothing", 0, 0, {{10, "3", 3}, {10, "0", 3}}},
    {"a doubled reading does not count for the time",
     4,
     0,
     {{0, "3", 0}, {0, "3", 0}, {3, "3", 0}, {3, "3", 0}, {4, "3", 3}}},
};

TEST_F(WatchTest, LevelsByReadings) {
  for (const Case& one : kCases) {
    SCOPED_TRACE(one.what);
    Watch watch;
    ASSERT_TRUE(
        watch.load({with_delays(one.raise_after_s, one.clear_after_s)}, house_.ledger()).ok());
    int level = 0;
    for (const Line& line : one.lines) {
      const std::vector<Transition> transitions = observe(watch, gauge_, line.second, line.result);
      ASSERT_LE(transitions.size(), 1u);
      if (!transitions.empty()) {
        EXPECT_EQ(transitions[0].from_level, level);
        EXPECT_NE(transitions[0].to_level, level);
        EXPECT_EQ(transitions[0].at, kStart + std::chrono::seconds(line.second));
        level = transitions[0].to_level;
      }
      EXPECT_EQ(level, line.level) << line.second << " s: " << line.result;
    }
  }
}

TEST_F(WatchTest, TransitionSaysWhatItWasProvedBy) {
  Watch watch;
  ASSERT_TRUE(watch.load({with_delays(4, 0)}, house_.ledger()).ok());
  EXPECT_TRUE(observe(watch, gauge_, 0, "3").empty());     // reading 1
  EXPECT_TRUE(observe(watch, gauge_, 2, "3.25").empty());  // reading 2
  std::vector<Transition> up = observe(watch, gauge_, 4, "3.50");
  ASSERT_EQ(up.size(), 1u);
  EXPECT_EQ(up[0].rule, RowId{1});
  EXPECT_EQ(up[0].stream, gauge_);
  EXPECT_EQ(up[0].readings, (std::vector{ReadingId{1}, ReadingId{2}, ReadingId{3}}));
  EXPECT_EQ(to_json(up[0].value).dump(), "3.50");
  ASSERT_TRUE(up[0].threshold.has_value());
  EXPECT_EQ(to_json(*up[0].threshold).dump(), "3.0");
  std::vector<Transition> down = observe(watch, gauge_, 5, "1");
  ASSERT_EQ(down.size(), 1u);
  EXPECT_EQ(down[0].readings, std::vector{ReadingId{4}});
  EXPECT_EQ(to_json(*down[0].threshold).dump(), "3.0");
}

TEST_F(WatchTest, ProofKeepsItsBeginningAndItsEnd) {
  Watch watch;
  ASSERT_TRUE(watch.load({with_delays(100, 0)}, house_.ledger()).ok());
  std::vector<Transition> transitions;
  for (int second = 0; second <= 100; ++second) transitions = observe(watch, gauge_, second, "3");
  ASSERT_EQ(transitions.size(), 1u);
  ASSERT_EQ(transitions[0].readings.size(), kProofReadings);
  EXPECT_EQ(transitions[0].readings.front(), ReadingId{1});
  EXPECT_EQ(transitions[0].readings.back(), ReadingId{101});
}

TEST_F(WatchTest, StreamsAreJudgedByThemselves) {
  Watch watch;
  ASSERT_TRUE(watch.load({two_levels()}, house_.ledger()).ok());
  EXPECT_EQ(observe(watch, gauge_, 10, "6").size(), 1u);
  EXPECT_TRUE(observe(watch, other_, 5, "6").empty());  // older than the other's: not late
  EXPECT_EQ(watch.counts().late, 0u);
  EXPECT_EQ(observe(watch, other_, 11, "31")[0].to_level, 3);
  EXPECT_EQ(observe(watch, half_, 11, "31")[0].to_level, 3);  // it has no level 1
}

TEST_F(WatchTest, StreamsWithoutThresholdOrOfAnotherKindAreNoConcern) {
  Watch watch;
  ASSERT_TRUE(watch.load({two_levels()}, house_.ledger()).ok());
  EXPECT_TRUE(watch.concerns(gauge_));
  EXPECT_TRUE(watch.concerns(half_));
  EXPECT_FALSE(watch.concerns(bare_));
  EXPECT_FALSE(watch.concerns(rain_));
  EXPECT_FALSE(watch.concerns(StreamId{1000000}));
  EXPECT_TRUE(observe(watch, rain_, 0, "99").empty());
  EXPECT_TRUE(observe(watch, StreamId{1000000}, 0, "99").empty());
  EXPECT_EQ(watch.counts().judged, 0u);
}

TEST_F(WatchTest, ThresholdThatIsNoNumberIsNone) {
  const StreamId wordy = stream_of(house_.add_stream(house_.add_thing("wordy"), "water_level",
                                                     R"({"guaranteed_m":"5.0","warning_m":3})"));
  Watch watch;
  ASSERT_TRUE(watch.load({two_levels()}, house_.ledger()).ok());
  EXPECT_EQ(observe(watch, wordy, 0, "9")[0].to_level, 3);
}

TEST_F(WatchTest, EveryReadingIsCountedOnce) {
  Watch watch;
  ASSERT_TRUE(watch.load({two_levels()}, house_.ledger()).ok());
  observe(watch, gauge_, 10, "1");
  observe(watch, gauge_, 10, "1");
  observe(watch, gauge_, 9, "1");
  observe(watch, gauge_, 11, "\"1\"");
  Reading ahead = reading(gauge_, 11, "9");
  ahead.phenomenon_time.begin += limits::kFutureTolerance + std::chrono::microseconds(1);
  EXPECT_TRUE(watch.observe(ahead, kStart + std::chrono::seconds(11)).empty());
  EXPECT_EQ(watch.counts().judged, 1u);
  EXPECT_EQ(watch.counts().late, 2u);
  EXPECT_EQ(watch.counts().not_a_number, 1u);
  EXPECT_EQ(watch.counts().future, 1u);
  // The wrong clock did not make what follows late; at the tolerance itself it is judged.
  EXPECT_EQ(observe(watch, gauge_, 12, "9").size(), 1u);
  ahead.phenomenon_time.begin -= std::chrono::microseconds(1);
  ahead.result = "0";
  EXPECT_EQ(watch.observe(ahead, kStart + std::chrono::seconds(11)).size(), 1u);
}

// The clock of the house runs ahead by two days; a device that sends no time is given that one.
// When the clock is right again nothing looks late.
TEST_F(WatchTest, WrongClockThatWasPutRightMakesNoStreamDeaf) {
  Watch watch;
  ASSERT_TRUE(watch.load({with_delays(4, 0)}, house_.ledger()).ok());
  constexpr int kAhead = 2 * 24 * 3600;
  EXPECT_TRUE(observe(watch, gauge_, kAhead, "6").empty());
  EXPECT_TRUE(observe(watch, gauge_, 10, "6").empty());  // what was pending begins anew
  EXPECT_TRUE(observe(watch, gauge_, 13, "6").empty());
  const std::vector<Transition> raised = observe(watch, gauge_, 14, "6");
  ASSERT_EQ(raised.size(), 1u);
  EXPECT_EQ(raised[0].readings, (std::vector{ReadingId{2}, ReadingId{3}, ReadingId{4}}));
  EXPECT_EQ(watch.counts().late, 0u);
  // An alarm that stands goes on standing, and clears by what comes then.
  EXPECT_TRUE(observe(watch, gauge_, kAhead, "6").empty());
  EXPECT_EQ(observe(watch, gauge_, 20, "1").size(), 1u);
}

// Ahead by no more than any device may be: the order of the readings holds as always.
TEST_F(WatchTest, ReadingWithinTheToleranceKeepsItsPlace) {
  Watch watch;
  ASSERT_TRUE(watch.load({two_levels()}, house_.ledger()).ok());
  const auto tolerance = std::chrono::seconds(limits::kFutureTolerance);
  const Reading ahead = reading(gauge_, static_cast<int>(tolerance.count()), "6");
  EXPECT_EQ(watch.observe(ahead, kStart).size(), 1u);
  EXPECT_TRUE(observe(watch, gauge_, 1, "0").empty());
  EXPECT_EQ(watch.counts().late, 1u);
}

TEST_F(WatchTest, NewStreamIsBound) {
  Watch watch;
  ASSERT_TRUE(watch.load({two_levels()}, house_.ledger()).ok());
  const StreamId fresh =
      stream_of(house_.add_stream(house_.add_thing("new"), "water_level", R"({"warning_m":1})"));
  EXPECT_FALSE(watch.concerns(fresh));
  ASSERT_TRUE(watch.bind(house_.ledger(), fresh).ok());
  EXPECT_EQ(observe(watch, fresh, 0, "1.5")[0].to_level, 3);
}

TEST_F(WatchTest, AStreamThatIsGoneIsForgotten) {
  Watch watch;
  ASSERT_TRUE(watch.load({two_levels()}, house_.ledger()).ok());
  EXPECT_EQ(observe(watch, gauge_, 1, "4").size(), 1u);
  EXPECT_EQ(observe(watch, other_, 1, "1").size(), 0u);
  watch.forget(gauge_);
  EXPECT_FALSE(watch.concerns(gauge_));
  EXPECT_TRUE(watch.concerns(other_));
  EXPECT_EQ(watch.save().find(R"("stream":1,)"), std::string::npos) << watch.save();
  watch.forget(gauge_);  // what is not known is forgotten already
  // Its place is given to the next one, without its past.
  const StreamId next =
      stream_of(house_.add_stream(RowId{1}, "water_level", R"({"warning_m":3.0})"));
  ASSERT_TRUE(watch.bind(house_.ledger(), next).ok());
  const auto raised = observe(watch, next, 1, "4");
  ASSERT_EQ(raised.size(), 1u);
  EXPECT_EQ(raised[0].from_level, 0);
  EXPECT_EQ(observe(watch, other_, 2, "31").size(), 1u);
}

TEST_F(WatchTest, ChangedThresholdHoldsFromTheNextReading) {
  Watch watch;
  ASSERT_TRUE(watch.load({two_levels()}, house_.ledger()).ok());
  EXPECT_EQ(observe(watch, gauge_, 0, "4")[0].to_level, 3);
  Row row = house_.row(TypeId::datastream, RowId{static_cast<int64_t>(gauge_)});
  row["properties"] = *parse_json(R"({"guaranteed_m":4,"warning_m":2})");
  house_.put(row);
  ASSERT_TRUE(watch.bind(house_.ledger(), gauge_).ok());
  EXPECT_EQ(observe(watch, gauge_, 1, "4")[0].to_level, 1);
  // Its levels are taken away: what they raised is cleared by the next reading.
  row["properties"] = *parse_json("{}");
  house_.put(row);
  ASSERT_TRUE(watch.bind(house_.ledger(), gauge_).ok());
  const std::vector<Transition> cleared = observe(watch, gauge_, 2, "9");
  ASSERT_EQ(cleared.size(), 1u);
  EXPECT_EQ(cleared[0].to_level, 0);
  EXPECT_FALSE(watch.concerns(gauge_));
}

TEST_F(WatchTest, NewVersionOfARuleGoesOnWithWhatIsActive) {
  Watch watch;
  ASSERT_TRUE(watch.load({two_levels()}, house_.ledger()).ok());
  EXPECT_EQ(observe(watch, gauge_, 0, "6")[0].to_level, 1);
  Rule second = two_levels(RowId{2});
  second.declaration.levels[0].clear = "value lt threshold sub 2";
  ASSERT_TRUE(watch.load({second}, house_.ledger()).ok());
  EXPECT_TRUE(observe(watch, gauge_, 1, "3.5").empty());  // the old version would have moved
  const std::vector<Transition> cleared = observe(watch, gauge_, 2, "1");
  ASSERT_EQ(cleared.size(), 1u);
  EXPECT_EQ(cleared[0].rule, RowId{2});
  EXPECT_EQ(cleared[0].from_level, 1);
  EXPECT_EQ(cleared[0].to_level, 0);
}

TEST_F(WatchTest, NewVersionWithoutTheLevelLeavesIt) {
  Watch watch;
  ASSERT_TRUE(watch.load({two_levels()}, house_.ledger()).ok());
  EXPECT_EQ(observe(watch, gauge_, 0, "6")[0].to_level, 1);
  Rule second = two_levels(RowId{2});
  second.declaration.levels.erase(second.declaration.levels.begin());
  ASSERT_TRUE(watch.load({second}, house_.ledger()).ok());
  const std::vector<Transition> left = observe(watch, gauge_, 1, "6");
  ASSERT_EQ(left.size(), 1u);
  EXPECT_EQ(left[0].from_level, 1);
  EXPECT_EQ(left[0].to_level, 3);
  EXPECT_FALSE(left[0].threshold.has_value());
}

TEST_F(WatchTest, AnotherRuleBeginsAnew) {
  Watch watch;
  ASSERT_TRUE(watch.load({two_levels()}, house_.ledger()).ok());
  EXPECT_EQ(observe(watch, gauge_, 0, "6")[0].to_level, 1);
  Rule another = two_levels(RowId{2});
  another.declaration.key = "very-high-water";
  ASSERT_TRUE(watch.load({two_levels(), another}, house_.ledger()).ok());
  const std::vector<Transition> raised = observe(watch, gauge_, 1, "6");
  ASSERT_EQ(raised.size(), 1u);  // the first goes on, the second begins
  EXPECT_EQ(raised[0].rule, RowId{2});
  EXPECT_EQ(raised[0].from_level, 0);
}

// What is to be told of a transition, as one text.
std::string told(const std::vector<Transition>& transitions) {
  std::string text;
  for (const Transition& one : transitions) {
    text += fmt::format("{} {} {}>{} {} {}:", static_cast<int64_t>(one.rule),
                        static_cast<int64_t>(one.stream), one.from_level, one.to_level,
                        to_text(one.at), to_json(one.value).dump());
    for (const ReadingId id : one.readings) text += fmt::format(" {}", static_cast<int64_t>(id));
    text += "\n";
  }
  return text;
}

TEST_F(WatchTest, SavedAtAnyPointItGoesOnTheSame) {
  const std::vector<Rule> rules = {with_delays(3, 2)};
  Random random(7);
  Watch steady;
  ASSERT_TRUE(steady.load(rules, house_.ledger()).ok());
  auto restarted = std::make_unique<Watch>();
  ASSERT_TRUE(restarted->load(rules, house_.ledger()).ok());
  const StreamId streams[] = {gauge_, other_, half_, bare_, rain_};
  size_t transitions = 0;
  for (int i = 0; i < 400; ++i) {
    const StreamId stream = streams[random.next() % 5];
    const int second = i - static_cast<int>(random.next() % 3);
    const std::string value = fmt::format("{}", static_cast<double>(random.next() % 70) / 10);
    const Reading one = reading(stream, second, value);
    const Time received = kStart + std::chrono::seconds(i);
    const std::vector<Transition> expected = steady.observe(one, received);
    transitions += expected.size();
    ASSERT_EQ(told(restarted->observe(one, received)), told(expected)) << i;
    const std::string saved = steady.save();
    ASSERT_EQ(restarted->save(), saved) << i;
    restarted = std::make_unique<Watch>();
    ASSERT_TRUE(restarted->load(rules, house_.ledger()).ok());
    ASSERT_TRUE(restarted->restore(saved).ok());
  }
  EXPECT_GT(transitions, 20u);
}

TEST_F(WatchTest, StateSavedBeforeANewVersionIsTakenOverByIt) {
  Watch before;
  ASSERT_TRUE(before.load({two_levels()}, house_.ledger()).ok());
  observe(before, gauge_, 0, "6");
  const std::string saved = before.save();
  Watch after;
  ASSERT_TRUE(after.load({two_levels(RowId{2})}, house_.ledger()).ok());
  ASSERT_TRUE(after.restore(saved).ok());
  ASSERT_TRUE(before.load({two_levels(RowId{2})}, house_.ledger()).ok());
  EXPECT_EQ(after.save(), before.save());
  EXPECT_EQ(observe(after, gauge_, 1, "0")[0].from_level, 1);
}

// A change was pending when the state was saved; the new version does not concern the stream.
TEST_F(WatchTest, SavedStateOfARuleThatNoLongerAppliesIsDropped) {
  Watch steady;
  ASSERT_TRUE(steady.load({with_delays(60, 0)}, house_.ledger()).ok());
  EXPECT_TRUE(observe(steady, gauge_, 0, "6").empty());
  const std::string saved = steady.save();
  Rule second = two_levels(RowId{2});
  second.declaration.streams = "ObservedProperty/name eq 'rain'";
  ASSERT_TRUE(steady.load({second}, house_.ledger()).ok());
  EXPECT_FALSE(steady.concerns(gauge_));
  Watch restored;
  ASSERT_TRUE(restored.load({second}, house_.ledger()).ok());
  ASSERT_TRUE(restored.restore(saved).ok());
  EXPECT_FALSE(restored.concerns(gauge_));
  EXPECT_EQ(restored.save(), steady.save());
}

TEST_F(WatchTest, StateOfARuleThatIsGoneIsDropped) {
  Watch watch;
  ASSERT_TRUE(watch.load({two_levels()}, house_.ledger()).ok());
  observe(watch, gauge_, 0, "6");
  const std::string saved = watch.save();
  Rule another = two_levels(RowId{2});
  another.declaration.key = "very-high-water";
  Watch after;
  ASSERT_TRUE(after.load({another}, house_.ledger()).ok());
  ASSERT_TRUE(after.restore(saved).ok());
  EXPECT_EQ(observe(after, gauge_, 1, "6")[0].from_level, 0);
}

TEST_F(WatchTest, RestoreRefusesWhatItDidNotSave) {
  Watch watch;
  ASSERT_TRUE(watch.load({two_levels()}, house_.ledger()).ok());
  observe(watch, gauge_, 0, "6");
  const std::string saved = watch.save();
  for (const char* broken :
       {"", "{", "[]", R"({"streams":4})", R"({"streams":[{"stream":0,"newest":1,"rules":[]}]})",
        R"({"streams":[{"stream":1,"newest":"x","rules":[]}]})",
        R"({"streams":[{"stream":1,"newest":1,"rules":[{"rule":1}]}]})"}) {
    const Status restored = watch.restore(broken);
    ASSERT_FALSE(restored.ok()) << broken;
    EXPECT_EQ(restored.error().code, Code::corrupt);
  }
  EXPECT_TRUE(watch.restore(saved).ok());
  EXPECT_EQ(watch.save(), saved);
}

TEST_F(WatchTest, WrongExpressionIsRefusedAndTheOldRulesStay) {
  Watch watch;
  ASSERT_TRUE(watch.load({two_levels()}, house_.ledger()).ok());
  Rule wrong = two_levels();
  wrong.declaration.streams = "name eq";
  EXPECT_FALSE(watch.load({wrong}, house_.ledger()).ok());
  EXPECT_EQ(observe(watch, gauge_, 0, "6").size(), 1u);
}

TEST_F(WatchTest, ChartLinesAreOfTheActiveRules) {
  for (const bool active : {false, true}) {
    Row row = make_row(TypeId::rule);
    const Rule rule = two_levels();
    row["key"] = rule.declaration.key;
    row["version"] = std::string("1");
    row["name"] = std::string("rule");
    row["active"] = active;
    row["declaration"] = to_json(rule.declaration);
    house_.add(std::move(row));
  }
  const Result<std::vector<Watch::Line>> lines = Watch::lines(house_.ledger(), gauge_);
  ASSERT_TRUE(lines.ok()) << lines.error().message;
  ASSERT_EQ(lines->size(), 2u);
  EXPECT_EQ((*lines)[0].rule, RowId{2});
  EXPECT_EQ(active_rules(house_.ledger())->size(), 1u);
  EXPECT_EQ((*lines)[0].level, 1);
  EXPECT_EQ((*lines)[0].name.zh, "线");
  EXPECT_EQ(to_json((*lines)[0].threshold).dump(), "5.0");
  EXPECT_EQ(Watch::lines(house_.ledger(), half_)->size(), 1u);
  EXPECT_TRUE(Watch::lines(house_.ledger(), rain_)->empty());
  EXPECT_TRUE(Watch::lines(house_.ledger(), StreamId{999})->empty());
}

}  // namespace
}  // namespace duliang
