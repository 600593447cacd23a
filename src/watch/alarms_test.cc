#include "watch/alarms.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "base/text.h"
#include "packs/ledger_for_test.h"

namespace duliang {
namespace {

const Time kRaisedFrom = *parse_time("2026-07-01T00:00:00Z");

class AlarmsTest : public testing::Test {
 protected:
  AlarmsTest() {
    near_ = house_.add_town("500155114", R"({"type":"Point","coordinates":[107.48,30.53]})");
    far_ = house_.add_town("500155104", R"({"type":"Point","coordinates":[107.54,30.61]})");
    house_.add_town("500155106");  // no point is known
    thing_ = house_.add_thing("回龙站", R"({"nameEn":"Huilong gauge"})");
    stream_ = StreamId{static_cast<int64_t>(house_.add_stream(thing_, "water_level"))};
    rule_ = add_rule("high-water");
    rule_.declaration.title = {"{station}水位超限", "{station}: high water"};
    rule_.declaration.opens = "mend";
  }

  Rule add_rule(const std::string& key) {
    Row row = make_row(TypeId::rule);
    row["key"] = key;
    row["version"] = std::string("1");
    row["name"] = key;
    Rule rule;
    rule.id = house_.add(std::move(row));
    rule.declaration.key = key;
    return rule;
  }

  Transition transition(int from, int to) {
    Transition one;
    one.rule = rule_.id;
    one.stream = stream_;
    one.from_level = from;
    one.to_level = to;
    one.readings = {ReadingId{++last_reading_}};
    one.at = kRaisedFrom + std::chrono::seconds(last_reading_);
    one.threshold = Value(Decimal{3.5, "3.50"});
    one.value = Value(Decimal{3.75, "3.750"});
    return one;
  }

  // Makes the change and applies it, as the engine does.
  AlarmChange change(int from, int to) {
    Result<AlarmChange> changed = change_alarm(house_.ledger(), rule_, transition(from, to), {});
    CHECK(changed.ok(), changed.ok() ? "" : changed.error().message);
    if (changed->alarm.id == kNoRow) changed->alarm.id = house_.next_id(TypeId::alarm);
    house_.put(changed->alarm);
    return *changed;
  }

  RowId add_case(RowId alarm, const std::string& state) {
    Row row = make_row(TypeId::case_file);
    for (const char* name : {"number", "title", "workflow", "step"}) row[name] = std::string("x");
    row["state"] = state;
    row.link("Alarm") = alarm;
    return house_.add(std::move(row));
  }

  LedgerForTest house_;
  RowId near_{}, far_{}, thing_{};
  StreamId stream_{};
  Rule rule_;
  int64_t last_reading_ = 0;
};

TEST_F(AlarmsTest, RaisedItSaysWhatWhereAndWhy) {
  house_.place(thing_, R"({"type":"Point","coordinates":[107.49,30.54]})");
  const AlarmChange raised = change(0, 3);
  const Row& alarm = raised.alarm;
  EXPECT_TRUE(raised.opens_case);
  EXPECT_EQ(alarm.text("title"), "回龙站水位超限");
  EXPECT_EQ(alarm.text("titleEn"), "Huilong gauge: high water");
  EXPECT_EQ(alarm.integer("level"), 3);
  EXPECT_EQ(alarm.integer("peakLevel"), 3);
  EXPECT_EQ(alarm.text("state"), "active");
  EXPECT_EQ(alarm.integer("occurrences"), 1);
  EXPECT_EQ(alarm.time("raisedAt"), kRaisedFrom + std::chrono::seconds(1));
  EXPECT_EQ(alarm.time("changedAt"), kRaisedFrom + std::chrono::seconds(1));
  EXPECT_FALSE(alarm.time("clearedAt").has_value());
  EXPECT_EQ(to_json(alarm["value"]).dump(), "3.750");
  EXPECT_EQ(to_json(alarm["threshold"]).dump(), "3.50");
  EXPECT_EQ(alarm.text("unitSymbol"), "m");
  EXPECT_EQ(to_json(alarm["readings"]).dump(), "[1]");
  EXPECT_EQ(to_json(alarm["history"]).dump(),
            R"([{"at":"2026-07-01T00:00:01Z","level":3,"rule":1,"readings":[1],"value":3.750,)"
            R"("threshold":3.50}])");
  EXPECT_EQ(alarm.link("Rule"), rule_.id);
  EXPECT_EQ(alarm.link("Datastream"), RowId{static_cast<int64_t>(stream_)});
  EXPECT_EQ(alarm.link("Town"), near_);
  EXPECT_EQ(alarm.text("townSource"), "nearest");
}

TEST_F(AlarmsTest, MovesBetweenLevelsAndIsCleared) {
  const RowId id = change(0, 3).alarm.id;
  add_case(id, "open");
  const AlarmChange up = change(3, 1);
  EXPECT_FALSE(up.opens_case);
  EXPECT_EQ(up.alarm.id, id);
  EXPECT_EQ(up.alarm.integer("level"), 1);
  const AlarmChange down = change(1, 3);
  EXPECT_EQ(down.alarm.integer("level"), 3);
  EXPECT_EQ(down.alarm.integer("peakLevel"), 1);
  EXPECT_EQ(down.alarm.time("raisedAt"), kRaisedFrom + std::chrono::seconds(1));
  EXPECT_EQ(down.alarm.time("changedAt"), kRaisedFrom + std::chrono::seconds(3));
  const AlarmChange cleared = change(3, 0);
  EXPECT_EQ(cleared.alarm.id, id);
  EXPECT_EQ(cleared.alarm.text("state"), "cleared");
  EXPECT_EQ(cleared.alarm.integer("level"), 3);
  EXPECT_EQ(cleared.alarm.time("clearedAt"), kRaisedFrom + std::chrono::seconds(4));
  EXPECT_EQ(std::get<Json>(cleared.alarm["history"]).items().size(), 4u);
}

TEST_F(AlarmsTest, RaisedAgainWithItsCaseOpenItIsTheSameMatter) {
  const RowId id = change(0, 3).alarm.id;
  add_case(id, "open");
  change(3, 0);
  const AlarmChange again = change(0, 1);
  EXPECT_EQ(again.alarm.id, id);
  EXPECT_FALSE(again.opens_case);
  EXPECT_EQ(again.alarm.text("state"), "active");
  EXPECT_EQ(again.alarm.integer("occurrences"), 2);
  EXPECT_EQ(again.alarm.integer("peakLevel"), 1);
  EXPECT_FALSE(again.alarm.time("clearedAt").has_value());
  EXPECT_EQ(to_json(again.alarm["readings"]).dump(), "[3]");
}

TEST_F(AlarmsTest, RaisedAgainWithItsCaseClosedItIsANewOne) {
  const RowId id = change(0, 3).alarm.id;
  add_case(id, "closed");
  change(3, 0);
  const AlarmChange again = change(0, 3);
  EXPECT_NE(again.alarm.id, id);
  EXPECT_TRUE(again.opens_case);
  EXPECT_EQ(again.alarm.integer("occurrences"), 1);
}

TEST_F(AlarmsTest, CaseClosedBeforeTheAlarmClears) {
  const RowId id = change(0, 3).alarm.id;
  add_case(id, "closed");
  const AlarmChange worse = change(3, 1);
  EXPECT_EQ(worse.alarm.id, id);  // it is still active: no second alarm beside it
  EXPECT_TRUE(worse.opens_case);  // but somebody must look at it again
  add_case(id, "open");
  EXPECT_FALSE(change(1, 3).opens_case);
  EXPECT_FALSE(change(3, 1).opens_case);  // one open case is enough
  EXPECT_EQ(change(1, 0).alarm.id, id);
}

TEST_F(AlarmsTest, WhatGetsBetterOpensNothing) {
  const RowId id = change(0, 1).alarm.id;
  add_case(id, "closed");
  EXPECT_FALSE(change(1, 3).opens_case);
  EXPECT_FALSE(change(3, 0).opens_case);
}

// Cleared and raised again with the case open, which is then closed: the alarm stands without one.
TEST_F(AlarmsTest, CaseClosedAfterTheAlarmCameBack) {
  const RowId id = change(0, 3).alarm.id;
  const RowId first = add_case(id, "open");
  change(3, 0);
  EXPECT_FALSE(change(0, 3).opens_case);
  Row closed = house_.row(TypeId::case_file, first);
  closed["state"] = std::string("closed");
  house_.put(closed);
  EXPECT_TRUE(change(3, 1).opens_case);
}

TEST_F(AlarmsTest, RuleAndReadingsAreThoseOfTheLastRise) {
  change(0, 3);
  const RowId first = rule_.id;
  rule_.id = add_rule("high-water").id;
  Row alarm = change(3, 1).alarm;
  EXPECT_EQ(alarm.link("Rule"), rule_.id);
  EXPECT_EQ(to_json(alarm["readings"]).dump(), "[2]");
  const RowId second = rule_.id;
  rule_.id = add_rule("high-water").id;
  alarm = change(1, 3).alarm;  // by a third version: what proves the alarm stays
  EXPECT_EQ(alarm.link("Rule"), second);
  EXPECT_EQ(to_json(alarm["readings"]).dump(), "[2]");
  alarm = change(3, 0).alarm;
  EXPECT_EQ(alarm.link("Rule"), second);
  const Json::Array& history = std::get<Json>(alarm["history"]).items();
  ASSERT_EQ(history.size(), 4u);
  const RowId rules[] = {first, second, rule_.id, rule_.id};
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(history[i].find("rule")->as_integer(), static_cast<int64_t>(rules[i])) << i;
    EXPECT_EQ(history[i].find("readings")->dump(), fmt::format("[{}]", i + 1)) << i;
  }
}

TEST_F(AlarmsTest, NewVersionOfTheRuleIsTheSameMatter) {
  const RowId id = change(0, 3).alarm.id;
  const RowId first = rule_.id;
  rule_.id = add_rule("high-water").id;
  const AlarmChange moved = change(3, 1);
  EXPECT_EQ(moved.alarm.id, id);
  EXPECT_EQ(moved.alarm.link("Rule"), rule_.id);
  EXPECT_NE(rule_.id, first);
  const Json::Array& history = std::get<Json>(moved.alarm["history"]).items();
  EXPECT_EQ(history[0].find("rule")->as_integer(), static_cast<int64_t>(first));
}

TEST_F(AlarmsTest, OtherRulesAndStreamsHaveTheirOwn) {
  const RowId id = change(0, 3).alarm.id;
  const Rule first = rule_;
  rule_ = add_rule("low-water");
  const AlarmChange other_rule = change(0, 3);
  EXPECT_NE(other_rule.alarm.id, id);
  EXPECT_FALSE(other_rule.opens_case);  // it opens nothing
  rule_ = first;
  stream_ = StreamId{static_cast<int64_t>(house_.add_stream(thing_, "water_level"))};
  EXPECT_NE(change(0, 3).alarm.id, id);
}

TEST_F(AlarmsTest, HistoryKeepsTheFirstAndTheNewest) {
  add_case(change(0, 3).alarm.id, "open");
  for (size_t i = 0; i < limits::kAlarmHistory; ++i) change(3, 0), change(0, 3);
  const Row alarm = house_.row(TypeId::alarm, RowId{1});
  const Json::Array& history = std::get<Json>(alarm["history"]).items();
  ASSERT_EQ(history.size(), limits::kAlarmHistory);
  EXPECT_EQ(history.front().find("readings")->dump(), "[1]");
  EXPECT_EQ(history.back().find("readings")->dump(),
            fmt::format("[{}]", 1 + 2 * limits::kAlarmHistory));
  EXPECT_EQ(alarm.integer("occurrences"), static_cast<int64_t>(limits::kAlarmHistory) + 1);
}

TEST_F(AlarmsTest, AlarmsOfARetiredRuleAreCleared) {
  const RowId gone = change(0, 3).alarm.id;
  add_case(gone, "open");
  const RowId retired = rule_.id;
  rule_ = add_rule("low-water");
  const RowId kept = change(0, 1).alarm.id;
  const Time now = kRaisedFrom + std::chrono::hours(1);
  EXPECT_TRUE(clear_retired_alarms(house_.ledger(), {"high-water", "low-water"}, now)->empty());
  const Result<std::vector<Row>> cleared =
      clear_retired_alarms(house_.ledger(), {"low-water"}, now);
  ASSERT_TRUE(cleared.ok()) << cleared.error().message;
  ASSERT_EQ(cleared->size(), 1u);
  const Row& alarm = cleared->front();
  EXPECT_EQ(alarm.id, gone);
  EXPECT_EQ(alarm.text("state"), "cleared");
  EXPECT_EQ(alarm.time("clearedAt"), now);
  EXPECT_EQ(alarm.time("changedAt"), now);
  EXPECT_EQ(alarm.integer("level"), 3);
  EXPECT_EQ(alarm.link("Rule"), retired);
  EXPECT_EQ(std::get<Json>(alarm["history"]).items().back().dump(),
            fmt::format(R"({{"at":"2026-07-01T01:00:00Z","level":0,"rule":{},"readings":[],)"
                        R"("reason":"retired"}})",
                        static_cast<int64_t>(retired)));
  house_.put(alarm);
  EXPECT_TRUE(clear_retired_alarms(house_.ledger(), {"low-water"}, now)->empty());
  EXPECT_EQ(house_.row(TypeId::alarm, kept).text("state"), "active");
}

// What a device may send is longer than what an alarm may weigh.
TEST_F(AlarmsTest, LongTextsAreClippedWhenTheyAreCopied) {
  std::string name;
  while (name.size() < 450'000) name += "梁";
  Row thing = house_.row(TypeId::thing, thing_);
  thing["name"] = "a" + name;
  thing["properties"] = *parse_json(R"({"nameEn":")" + name + R"("})");
  house_.put(thing);
  Row stream = house_.row(TypeId::datastream, RowId{static_cast<int64_t>(stream_)});
  stream["unitOfMeasurement"] = *parse_json(R"({"symbol":")" + name + R"("})");
  house_.put(stream);
  rule_.declaration.title = {"{station}{station}超限", "{station}: high water"};
  const std::string digits = "3." + std::string(400'000, '7');
  Transition raised = transition(0, 3);
  raised.value = Value(Decimal{3.75, digits});
  raised.threshold = Value(Decimal{3.5, digits});
  const Result<AlarmChange> changed = change_alarm(house_.ledger(), rule_, raised, {});
  ASSERT_TRUE(changed.ok()) << changed.error().message;
  const Row& alarm = changed->alarm;
  for (const char* property : {"title", "titleEn", "unitSymbol"}) {
    EXPECT_LE(alarm.text(property).size(), limits::kNameBytes) << property;
    EXPECT_GT(alarm.text(property).size(), limits::kNameBytes - 4) << property;
    EXPECT_TRUE(is_utf8(alarm.text(property))) << property;
  }
  EXPECT_EQ(to_json(alarm["value"]).dump(), "3.75");
  EXPECT_EQ(to_json(alarm["threshold"]).dump(), "3.5");
  std::string bytes;
  Row given = alarm;
  given.id = RowId{1};
  encode(bytes, RowChange::put(given));
  EXPECT_LT(bytes.size(), 4 * limits::kNameBytes);
}

TEST_F(AlarmsTest, ARiseKeepsTheReadingsThatProveIt) {
  const Transition raised = transition(0, 3);
  Reading reading;
  reading.id = raised.readings[0];
  reading.phenomenon_time = {kRaisedFrom, kRaisedFrom};
  reading.result = "3.7500" + std::string(400, '0');
  AlarmChange changed = *change_alarm(house_.ledger(), rule_, raised, {&reading, 1});
  const std::string proof =
      R"([{"@iot.id":1,"phenomenonTime":"2026-07-01T00:00:00Z","result":3.75}])";
  EXPECT_EQ(std::get<Json>(changed.alarm["proof"]).dump(), proof);
  changed.alarm.id = house_.next_id(TypeId::alarm);
  house_.put(changed.alarm);
  const Row fallen = change(3, 0).alarm;
  EXPECT_EQ(std::get<Json>(fallen["proof"]).dump(), proof) << "of the last rise";
}

TEST_F(AlarmsTest, AlarmsOfAStreamThatGoesAreCleared) {
  const RowId raised = change(0, 3).alarm.id;
  const std::array gone{stream_};
  const auto cleared = clear_alarms_of(house_.ledger(), gone, kRaisedFrom);
  ASSERT_TRUE(cleared.ok());
  ASSERT_EQ(cleared->size(), 1u);
  const Row& alarm = cleared->front();
  EXPECT_EQ(alarm.id, raised);
  EXPECT_EQ(alarm.text("state"), "cleared");
  EXPECT_EQ(alarm.time("clearedAt"), kRaisedFrom);
  const Json last = std::get<Json>(alarm["history"]).items().back();
  EXPECT_EQ(last.find("reason")->as_string(), "removed");
  EXPECT_EQ(last.find("level")->dump(), "0");
  house_.put(alarm);
  EXPECT_TRUE(clear_alarms_of(house_.ledger(), gone, kRaisedFrom)->empty()) << "it stands no more";
}

TEST_F(AlarmsTest, PlaceByPropertyThenByTheNearestTown) {
  EXPECT_EQ(place_of(house_.ledger(), stream_)->town, kNoRow);  // no town named, no location
  EXPECT_EQ(place_of(house_.ledger(), stream_)->source, "");
  house_.place(thing_, R"({"type":"Point","coordinates":[107.49,30.54]})");
  EXPECT_EQ(place_of(house_.ledger(), stream_)->town, near_);
  EXPECT_EQ(place_of(house_.ledger(), stream_)->source, "nearest");
  Row thing = house_.row(TypeId::thing, thing_);
  thing["properties"] = *parse_json(R"({"town":"500155104"})");
  house_.put(thing);
  EXPECT_EQ(place_of(house_.ledger(), stream_)->town, far_);
  EXPECT_EQ(place_of(house_.ledger(), stream_)->source, "property");
  thing["properties"] = *parse_json(R"({"town":"no such code"})");
  house_.put(thing);
  EXPECT_EQ(place_of(house_.ledger(), stream_)->source, "nearest");
}

TEST_F(AlarmsTest, WithoutAnEnglishNameTheNameStands) {
  Row thing = house_.row(TypeId::thing, thing_);
  thing["properties"] = Value();
  house_.put(thing);
  const Row alarm = change(0, 3).alarm;
  EXPECT_EQ(alarm.text("titleEn"), "回龙站: high water");
  EXPECT_EQ(alarm.link("Town"), kNoRow);
  EXPECT_TRUE(is_null(alarm["townSource"]));
}

}  // namespace
}  // namespace duliang
