// Long commands: a quality of many readings, and a FeatureOfInterest that goes with its readings.
#include "engine/engine_for_test.h"

namespace duliang {
namespace {

const Time kFirst{std::chrono::seconds{1'795'000'000}};
constexpr size_t kMany = limits::kTurnCorrections * 3 + 7;

class EngineLongTest : public EngineTest {
 protected:
  // Small portions, so that there are several.
  Status reopen(bool on_threads = false) {
    engine_.reset();
    EngineOptions options;
    options.work_on_threads = on_threads;
    options.folder = "/data";
    options.vfs = kVfs;
    options.portion_readings = limits::kTurnCorrections + 3;
    TRY(engine_, Engine::open(options, clock_, files_, Random(1)));
    return {};
  }

  void SetUp() override {
    EngineTest::SetUp();
    ASSERT_TRUE(reopen().ok());
    ASSERT_TRUE(run(station("a")).ok());
    ASSERT_TRUE(run(station("b")).ok());
    for (int i = 0; i < 2; ++i) {
      Row feature = make_row(TypeId::feature_of_interest, RowId{-1});
      for (const char* name : {"name", "description", "encodingType"}) {
        feature[name] = std::string("f");
      }
      feature["feature"] = Json("here");
      PutRows put;
      put.changes.push_back(RowChange::put(feature));
      ASSERT_TRUE(ask(put).ok());
    }
  }

  // A second apart, two each with one time; every third of the feature 1.
  void post(int64_t stream, size_t count) {
    PostReadings post;
    for (size_t i = 0; i < count; ++i) {
      Reading one;
      one.stream = StreamId{stream};
      const Time time = kFirst + std::chrono::seconds{i / 2};
      one.phenomenon_time = {time, time};
      one.result = "1";
      one.feature = RowId{i % 3 == 0 ? 1 : 2};
      post.readings.push_back(one);
    }
    ASSERT_TRUE(ask(post).ok());
  }

  // Its answer comes some time later.
  void begin(decltype(LongCommand::body) body) {
    answer_.reset();
    engine_->submit(LongCommand{"ann", "test", std::move(body)},
                    [this](const Result<Outcome>& outcome) {
                      EXPECT_FALSE(answer_) << "it is answered once";
                      answer_ = outcome;
                    });
  }
  void go_on() {
    ASSERT_TRUE(engine_->tend().ok());
    ASSERT_TRUE(engine_->turn().ok());
  }
  Result<Outcome> finish() {
    while (engine_->has_long_work()) go_on();
    EXPECT_TRUE(answer_);
    return *answer_;
  }

  static FlagReadings bad(int64_t stream, int from_s, int to_s) {
    return {StreamId{stream}, kFirst + std::chrono::seconds{from_s},
            kFirst + std::chrono::seconds{to_s}, Quality::bad, "the probe was dirty"};
  }
  size_t count_if(const std::function<bool(const Reading&)>& wanted) {
    size_t count = 0;
    const auto view = engine_->view();
    EXPECT_TRUE(view->series
                    .scan({},
                          [&](const Reading& reading) {
                            count += wanted(reading) ? 1 : 0;
                            return true;
                          })
                    .ok());
    return count;
  }
  size_t count_bad() {
    return count_if([](const Reading& reading) { return reading.quality == Quality::bad; });
  }
  size_t count_of_feature(int64_t feature) {
    return count_if([=](const Reading& reading) { return reading.feature == RowId{feature}; });
  }

  std::optional<Result<Outcome>> answer_;
};

TEST_F(EngineLongTest, AQualityIsSaidOfASpanOverSeveralTurns) {
  post(1, kMany + 10);
  post(2, 20);
  size_t frames = 0, most = 0;
  engine_->subscribe([&](const std::shared_ptr<const Frame>& frame) {
    ++frames;
    most = std::max(most, frame->body.corrections.size());
  });
  begin(bad(1, 5, 1'000'000));
  go_on();
  EXPECT_FALSE(answer_) << "nothing is said before all is done";
  EXPECT_GT(count_bad(), 0U);
  ASSERT_TRUE(run(reading(2, "7")).ok()) << "others come between";
  const auto outcome = finish();
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_EQ(outcome->changed, kMany);
  EXPECT_EQ(count_bad(), kMany);
  EXPECT_GE(frames, 4U);
  EXPECT_LE(most, limits::kTurnCorrections);
  const ReadingId one = engine_->view()->series.newest(StreamId{1}).value()->id;
  const auto versions = versions_of(*engine_->view()->lease, one).value();
  ASSERT_EQ(versions.size(), 1U);
  EXPECT_EQ(versions[0].actor, "ann");
  EXPECT_EQ(versions[0].reason, "the probe was dirty");
  // From a time on, and before another.
  EXPECT_EQ(count_if([](const Reading& reading) {
              return reading.stream == StreamId{1} && reading.quality == Quality::unset &&
                     reading.phenomenon_time.begin < kFirst + std::chrono::seconds{5};
            }),
            10U);
  begin(bad(1, 5, 1'000'000));
  EXPECT_EQ(finish()->changed, 0U) << "it is said already";
  FlagReadings back = bad(1, 6, 8);
  back.quality = Quality::unset;
  begin(back);
  EXPECT_EQ(finish()->changed, 4U);
  EXPECT_EQ(count_bad(), kMany - 4);
}

TEST_F(EngineLongTest, AFeatureGoesWithItsReadings) {
  post(1, kMany);
  post(2, kMany);
  const size_t others = count_of_feature(2);
  begin(RemoveFeature{RowId{1}, "a test field"});
  go_on();
  EXPECT_GT(count_of_feature(1), 0U);
  EXPECT_TRUE(engine_->view()->ledger.find(TypeId::feature_of_interest, RowId{1}).value());
  Command late = reading(1, "5");
  std::get<PostReadings>(late.body).readings[0].feature = RowId{1};
  EXPECT_EQ(run(late).error().code, Code::conflict) << "or it would be left behind";
  const auto outcome = finish();
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_EQ(outcome->changed, 2 * ((kMany + 2) / 3));
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(count_of_feature(1), 0U);
    EXPECT_EQ(count_of_feature(2), others);
    EXPECT_FALSE(engine_->view()->ledger.find(TypeId::feature_of_interest, RowId{1}).value());
    EXPECT_EQ(run(late).error().code, Code::bad_input);
    ASSERT_TRUE(reopen().ok());
  }
  begin(RemoveFeature{RowId{1}, ""});
  EXPECT_EQ(finish().error().code, Code::not_found);
}

// What was done stands, and asking again does what is left.
TEST_F(EngineLongTest, KilledInTheMiddleItIsAskedForAgain) {
  post(1, kMany);
  post(2, kMany);
  const size_t all = count_of_feature(1);
  size_t asked = 0;
  size_t left = all;
  while (engine_->view()->ledger.find(TypeId::feature_of_interest, RowId{1}).value()) {
    begin(RemoveFeature{RowId{1}, ""});
    go_on();
    go_on();
    go_on();
    engine_.reset();
    files_.kill();
    ASSERT_TRUE(reopen().ok());
    EXPECT_LT(count_of_feature(1), left + (left == 0 ? 1 : 0));
    left = count_of_feature(1);
    ASSERT_LT(++asked, 20U);
  }
  EXPECT_GT(asked, 1U);
  EXPECT_EQ(count_of_feature(1), 0U);
  EXPECT_GT(count_of_feature(2), 0U);
}

TEST_F(EngineLongTest, ItIsLookedForOnAThread) {
  post(1, kMany);
  ASSERT_TRUE(reopen(true).ok());
  begin(bad(1, 0, 1'000'000));
  EXPECT_EQ(finish()->changed, kMany);
  begin(RemoveFeature{RowId{1}, ""});
  go_on();
  ASSERT_TRUE(reopen(true).ok()) << "a search that is under way is given up";
  EXPECT_GT(count_of_feature(1), 0U);
}

// A step of the search ends between two times, else it would begin at the same one for ever.
TEST_F(EngineLongTest, MoreOfOneTimeThanAStepLooksAt) {
  PostReadings post;
  Reading one;
  one.stream = StreamId{1};
  one.phenomenon_time = {kFirst, kFirst};
  one.feature = RowId{2};
  post.readings.assign(limits::kSearchRows + 5, one);
  one.phenomenon_time = {kFirst + std::chrono::seconds{1}, kFirst + std::chrono::seconds{1}};
  one.feature = RowId{1};
  post.readings.push_back(one);
  ASSERT_TRUE(ask(post).ok());
  begin(RemoveFeature{RowId{1}, ""});
  for (int i = 0; i < 10 && !answer_; ++i) go_on();
  ASSERT_TRUE(answer_);
  EXPECT_EQ((*answer_)->changed, 1U);
}

TEST_F(EngineLongTest, ItEndsWhereTheDiskIsNearlyFull) {
  post(1, kMany);
  begin(bad(1, 0, 1'000'000));
  go_on();
  files_.set_capacity(limits::kDiskReserve);
  EXPECT_EQ(finish().error().code, Code::no_room);
  EXPECT_LT(count_bad(), kMany);
  files_.set_capacity(0);
  ASSERT_TRUE(engine_->tend().ok());
  begin(bad(1, 0, 1'000'000));
  EXPECT_TRUE(finish().ok());
  EXPECT_EQ(count_bad(), kMany) << "what was left";
}

// What was being looked for belongs to the one that asked, also where that one is given up.
TEST_F(EngineLongTest, TheNextOneLooksForItself) {
  post(1, kMany);
  begin(RemoveFeature{RowId{1}, ""});
  ASSERT_TRUE(engine_->tend().ok());  // the search has begun
  files_.set_capacity(limits::kDiskReserve);
  EXPECT_EQ(finish().error().code, Code::no_room);
  files_.set_capacity(0);
  ASSERT_TRUE(engine_->tend().ok());
  const size_t of_the_other = count_of_feature(2);
  begin(RemoveFeature{RowId{2}, ""});
  const auto outcome = finish();
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(outcome->changed, of_the_other);
  EXPECT_EQ(count_of_feature(2), 0U);
}

// Between the search and the change somebody else may come.
TEST_F(EngineLongTest, WhatIsNoLongerOfTheFeatureIsPassedOver) {
  post(1, 9);
  const auto ids = [this] {
    std::vector<ReadingId> found;
    EXPECT_TRUE(engine_->view()->series
                    .scan({},
                          [&](const Reading& reading) {
                            if (reading.feature == RowId{1}) found.push_back(reading.id);
                            return true;
                          })
                    .ok());
    return found;
  }();
  ASSERT_EQ(ids.size(), 3U);
  ReadingPatch elsewhere;
  elsewhere.feature = RowId{2};
  ASSERT_TRUE(ask(PatchReading{ids[1], elsewhere, ""}).ok());
  ASSERT_TRUE(ask(RemoveReading{ids[2], ""}).ok());
  ReadingScope scope;
  scope.feature = RowId{1};
  const auto outcome = ask(ChangeReadings{ids, scope, std::nullopt, ""});
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(outcome->changed, 1U);
  EXPECT_EQ(count_if([](const Reading&) { return true; }), 7U);
  EXPECT_EQ(ask(ChangeReadings{ids, scope, std::nullopt, ""})->sequence, 0U)
      << "nothing had to be done";
}

TEST_F(EngineLongTest, WhatCannotBeDoneIsRefused) {
  begin(bad(9, 0, 5));
  EXPECT_EQ(finish().error().code, Code::not_found);
  FlagReadings wordy = bad(1, 0, 5);
  wordy.reason = std::string(limits::kNoteBytes + 1, 'x');
  begin(wordy);
  EXPECT_EQ(finish().error().code, Code::too_large);
  begin(bad(1, 0, 5));
  EXPECT_EQ(finish()->changed, 0U) << "there is nothing to be done";
  size_t refused = 0;
  for (size_t i = 0; i < limits::kLongCommands + 2; ++i) {
    engine_->submit(LongCommand{"ann", "test", bad(1, 0, 5)}, [&](const Result<Outcome>& outcome) {
      if (!outcome.ok() && outcome.error().code == Code::too_many) ++refused;
    });
  }
  EXPECT_EQ(refused, 2U);
  while (engine_->has_long_work()) go_on();
}

}  // namespace
}  // namespace duliang
