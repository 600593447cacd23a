// Where Things are: HistoricalLocations and FeaturesOfInterest that the house makes by itself.
#include "engine/whereabouts.h"

#include "engine/engine_for_test.h"

namespace duliang {
namespace {

class WhereaboutsTest : public EngineTest {
 protected:
  void SetUp() override {
    EngineTest::SetUp();
    ASSERT_TRUE(open().ok());
  }

  static Row location(int64_t id, const std::string& place,
                      const char* encoding = "application/geo+json") {
    Row row = make_row(TypeId::location, RowId{id});
    row["name"] = std::string("here");
    row["description"] = std::string("d");
    row["encodingType"] = std::string(encoding);
    row["location"] = parse_json(place).value();
    return row;
  }
  static Row history(int64_t id, int64_t thing, Time time) {
    Row row = make_row(TypeId::historical_location, RowId{id});
    row["time"] = time;
    row.link("Thing") = RowId{thing};
    return row;
  }
  static RowChange placed(TypeId owner, int64_t from, int64_t location) {
    return RowChange::linked(owner, type_of(owner).relation_index("Locations"), RowId{from},
                             RowId{location});
  }
  // The Thing 1 with Datastream 1, at a new Location.
  void move_to(const std::string& place, const char* encoding = "application/geo+json") {
    PutRows put;
    put.changes = {RowChange::put(location(-1, place, encoding)), placed(TypeId::thing, 1, -1)};
    ASSERT_TRUE(ask(put).ok());
  }
  std::vector<RowId> reached_from(TypeId type, int64_t id, const char* step) {
    return reached(engine_->view()->ledger, type, RowId{id}, step).value();
  }
  RowId feature_of_next() {
    auto outcome = run(reading(1, "1"));
    EXPECT_TRUE(outcome.ok());
    return stored(outcome->readings.front())->feature;
  }
  Time time_of_history(int64_t id) {
    return engine_->view()
        ->ledger.find(TypeId::historical_location, RowId{id})
        .value()
        ->time("time")
        .value();
  }
  size_t features() {
    Selection all;
    all.type = TypeId::feature_of_interest;
    return engine_->view()->ledger.count(all).value();
  }
  void reopen() {
    engine_.reset();
    ASSERT_TRUE(open().ok());
  }
};

using Ids = std::vector<RowId>;
constexpr const char* kBridge = R"({"type":"Point","coordinates":[107.48,30.53]})";
constexpr const char* kDam = R"({"type":"Point","coordinates":[107.5,30.6]})";

TEST_F(WhereaboutsTest, AThingThatMovesLeavesWhereItWas) {
  ASSERT_TRUE(run(station("a")).ok());
  EXPECT_TRUE(reached_from(TypeId::thing, 1, "HistoricalLocations").empty()) << "it is nowhere";
  move_to(kBridge);
  clock_.advance(std::chrono::hours{1});
  move_to(kDam);
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(reached_from(TypeId::thing, 1, "Locations"), Ids{RowId{2}});
    EXPECT_EQ(reached_from(TypeId::thing, 1, "HistoricalLocations"), (Ids{RowId{1}, RowId{2}}));
    EXPECT_EQ(reached_from(TypeId::historical_location, 1, "Locations"), Ids{RowId{1}});
    EXPECT_EQ(reached_from(TypeId::historical_location, 2, "Locations"), Ids{RowId{2}});
    EXPECT_EQ(time_of_history(2), time_of_history(1) + std::chrono::hours{1});
    reopen();
  }
}

TEST_F(WhereaboutsTest, AChangeThatNamesPlacesMovesThereAndOneThatNamesTheSameDoesNot) {
  ASSERT_TRUE(run(station("a")).ok());
  move_to(kBridge);
  move_to(kDam);
  ChangeRow both{TypeId::thing, RowId{1}, Json::object(),
                 {{"Locations", RowId{2}}, {"Locations", RowId{1}}}};
  ASSERT_TRUE(ask(both).ok());
  EXPECT_EQ(reached_from(TypeId::thing, 1, "Locations"), (Ids{RowId{1}, RowId{2}}));
  EXPECT_EQ(reached_from(TypeId::historical_location, 3, "Locations"), (Ids{RowId{1}, RowId{2}}));
  EXPECT_EQ(ask(both)->sequence, 0U) << "it is there already";
  ChangeRow from_location{TypeId::location, RowId{1}, Json::object(), {{"Things", RowId{1}}}};
  ASSERT_TRUE(ask(from_location).ok());
  EXPECT_EQ(reached_from(TypeId::thing, 1, "Locations"), Ids{RowId{1}});
  EXPECT_EQ(reached_from(TypeId::thing, 1, "HistoricalLocations").size(), 4U);
  ChangeRow off{TypeId::thing, RowId{1}, Json::object(), {{"Locations", RowId{1}, true}}};
  ASSERT_TRUE(ask(off).ok());
  EXPECT_TRUE(reached_from(TypeId::thing, 1, "Locations").empty());
  EXPECT_EQ(reached_from(TypeId::thing, 1, "HistoricalLocations").size(), 4U);
}

TEST_F(WhereaboutsTest, AWrittenHistoryCountsWhereNoLaterOneStands) {
  ASSERT_TRUE(run(station("a")).ok());
  move_to(kBridge);
  const auto write = [this](Time time) {
    PutRows put;
    put.changes = {RowChange::put(location(-1, kDam)), RowChange::put(history(-2, 1, time)),
                   placed(TypeId::historical_location, -2, -1)};
    ASSERT_TRUE(ask(put).ok());
  };
  write(clock_.now() - std::chrono::hours{1});
  EXPECT_EQ(reached_from(TypeId::thing, 1, "Locations"), Ids{RowId{1}});
  write(clock_.now() + std::chrono::hours{1});
  EXPECT_EQ(reached_from(TypeId::thing, 1, "Locations"), Ids{RowId{3}});
  EXPECT_EQ(reached_from(TypeId::thing, 1, "HistoricalLocations").size(), 3U) << "no second one";
}

TEST_F(WhereaboutsTest, WhatMustBePlacedIsRefusedWhereItIsNowhere) {
  ASSERT_TRUE(run(station("a")).ok());
  PostReadings post = std::get<PostReadings>(reading(1, "1").body);
  post.placed = true;
  EXPECT_EQ(ask(post).error().field, "FeatureOfInterest");
  EXPECT_EQ(feature_of_next(), kNoRow);
  EXPECT_EQ(ask(post).error().code, Code::bad_input) << "that is known now";
  move_to(kBridge);
  const auto outcome = ask(post);
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(stored(outcome->readings.front())->feature, RowId{1});
}

TEST_F(WhereaboutsTest, AReadingIsOfWhereItsThingIs) {
  ASSERT_TRUE(run(station("a")).ok());
  EXPECT_EQ(feature_of_next(), kNoRow) << "taken, though the Thing is nowhere";
  move_to(kBridge);
  EXPECT_EQ(feature_of_next(), RowId{1});
  EXPECT_EQ(feature_of_next(), RowId{1});
  const auto made = engine_->view()->ledger.find(TypeId::feature_of_interest, RowId{1}).value();
  EXPECT_EQ(std::get<Json>((*made)["feature"]).dump(), kBridge);
  EXPECT_EQ(made->text("name"), "here");
  EXPECT_EQ(made->text("encodingType"), "application/geo+json");
  move_to(kDam);
  EXPECT_EQ(feature_of_next(), RowId{2});
  ChangeRow back{TypeId::thing, RowId{1}, Json::object(), {{"Locations", RowId{1}}}};
  ASSERT_TRUE(ask(back).ok());
  reopen();
  EXPECT_EQ(feature_of_next(), RowId{1}) << "the one that was made of it";
  move_to(R"("on the moon")", "text/plain");
  EXPECT_EQ(feature_of_next(), kNoRow) << "a Feature is GeoJSON";
  EXPECT_EQ(features(), 2U);
}

TEST_F(WhereaboutsTest, APlaceThatChangesIsAnotherFeature) {
  ASSERT_TRUE(run(station("a")).ok());
  move_to(kBridge);
  ASSERT_EQ(feature_of_next(), RowId{1});
  const auto change = [this](TypeId type, const char* name, const char* place) {
    Json values = Json::object();
    values[name] = parse_json(place).value();
    ASSERT_TRUE(ask(ChangeRow{type, RowId{1}, values, {}}).ok());
  };
  change(TypeId::location, "location", kDam);
  EXPECT_EQ(feature_of_next(), RowId{2});
  change(TypeId::location, "location", kBridge);
  EXPECT_EQ(feature_of_next(), RowId{1});
  change(TypeId::feature_of_interest, "feature", kDam);
  EXPECT_EQ(feature_of_next(), RowId{3}) << "the first is somewhere else now";
  ASSERT_TRUE(ask(RemoveRow{TypeId::location, RowId{1}, ""}).ok());
  EXPECT_EQ(feature_of_next(), kNoRow);
}

TEST_F(WhereaboutsTest, AFeatureThatGoesIsMadeAnew) {
  ASSERT_TRUE(run(station("a")).ok());
  move_to(kBridge);
  ASSERT_EQ(feature_of_next(), RowId{1});
  std::optional<Result<Outcome>> removed;
  engine_->submit(LongCommand{"ann", "test", RemoveFeature{RowId{1}, ""}},
                  [&removed](const Result<Outcome>& outcome) { removed = outcome; });
  // Between the portions of the removal readings go on coming.
  Ids named;
  for (int i = 0; !removed && i < 1000; ++i) {
    ASSERT_TRUE(engine_->tend().ok());
    named.push_back(feature_of_next());
  }
  ASSERT_TRUE(removed && removed->ok()) << (removed ? removed->error().message : "no answer");
  EXPECT_EQ(named.back(), RowId{2});
  EXPECT_EQ(features(), 1U);
  const auto gone = [](const Reading& one) {
    EXPECT_NE(one.feature, RowId{1}) << "it went with its own";
    return true;
  };
  ASSERT_TRUE(engine_->view()->series.scan({}, gone).ok());
}

TEST_F(WhereaboutsTest, ReadingsAreCreatedWithTheirStreamOrNothingIs) {
  PutRows put = std::get<PutRows>(station("a").body);
  put.changes.push_back(RowChange::put(location(-9, kBridge)));
  put.changes.push_back(placed(TypeId::thing, -1, -9));
  const auto add = [&put](const char* result, RowId feature) {
    Reading one = std::get<PostReadings>(reading(-4, result).body).readings.front();
    one.feature = feature;
    put.readings.push_back(one);
  };
  add("1", kNoRow);
  add("2", RowId{77});
  EXPECT_EQ(ask(put).error().code, Code::bad_input);
  EXPECT_TRUE(reached_from(TypeId::thing, 1, "Datastreams").empty());
  EXPECT_EQ(run(reading(1, "1")).error().code, Code::not_found);
  put.readings.back().feature = kNoRow;
  const auto outcome = ask(put);
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_EQ(outcome->rows.front(), RowId{1}) << "no id was lost by what was refused";
  ASSERT_EQ(outcome->readings.size(), 2U);
  EXPECT_EQ(stored(outcome->readings[1])->result, "2");
  EXPECT_EQ(stored(outcome->readings[1])->feature, RowId{1});
  EXPECT_EQ(outcome->sequence, 1U);
  reopen();
  EXPECT_EQ(stored(outcome->readings[0])->result, "1");
}

TEST_F(WhereaboutsTest, AfterAStartATurnFindsOutAboutSomeStreamsOnly) {
  for (int i = 0; i < 6; ++i) {
    ASSERT_TRUE(run(station(std::to_string(i))).ok());
  }
  engine_.reset();
  ASSERT_TRUE(open(limits::kTailReadings, {.places = 4}).ok());
  PostReadings post;
  for (int stream = 1; stream <= 6; ++stream) {
    post.readings.push_back(std::get<PostReadings>(reading(stream, "1").body).readings.front());
  }
  for (const uint64_t frames : {2U, 1U}) {
    const uint64_t before = engine_->view()->series.sequence();
    const auto outcome = ask(post);
    ASSERT_TRUE(outcome.ok());
    EXPECT_EQ(outcome->readings.size(), 6U);
    EXPECT_EQ(engine_->view()->series.sequence() - before, frames);
  }
  EXPECT_EQ(engine_->turn_costs().most.places, 4U);
}

TEST_F(WhereaboutsTest, TooManyReadingsWithTheirStreamAreRefusedWhole) {
  PutRows put = std::get<PutRows>(station("a").body);
  put.readings = std::get<PostReadings>(reading(-4, "1").body).readings;
  EXPECT_EQ(ask(put).error().field, "FeatureOfInterest") << "the Thing is nowhere";
  put.changes.push_back(RowChange::put(location(-9, kBridge)));
  put.changes.push_back(placed(TypeId::thing, -1, -9));
  const Reading one = put.readings.front();
  put.readings.assign(limits::kTurnReadings + 1, one);
  EXPECT_EQ(ask(put).error().code, Code::too_large);
  put.readings.resize(1);
  EXPECT_TRUE(ask(put).ok());
}

}  // namespace
}  // namespace duliang
