// How long readings are kept: a class of streams in a pack, and a cut each day.
#include "engine/engine_for_test.h"

namespace duliang {
namespace {

using std::chrono::days;
using std::chrono::hours;

class EngineRetentionTest : public EngineTest {
 protected:
  Status open() {
    TRY_DO(EngineTest::open());
    clock_.advance(limits::kClockProof);
    return {};
  }
  // Streams of `station` observe "p".
  static Command keeping(const char* version, int keep_days, const char* property = "p") {
    Command command = pack(version, rule("one", "q"));
    auto files = std::get<LoadPack>(command.body).pack.files;
    files.push_back({"streams.yaml",
                     fmt::format("classes:\n  - {{key: c, streams: ObservedProperty/name eq '{}', "
                                 "keep_days: {}}}\n  - {{key: d, streams: name eq 'x', "
                                 "keep_days: 2}}\n",
                                 property, keep_days)});
    command.body = LoadPack{check_pack(files).value()};
    return command;
  }
  // Of the stream, at local noon of each of so many days, today's last.
  void post_days(int64_t stream, int count) {
    const Time today = midnight() + hours{12};
    PostReadings post;
    for (int i = count; i-- > 0;) {
      Reading one;
      one.stream = StreamId{stream};
      one.phenomenon_time = {today - days{i}, today - days{i}};
      one.result = "1";
      post.readings.push_back(one);
    }
    ASSERT_TRUE(ask(post).ok());
  }
  // The begin of the district's day.
  Time midnight() {
    return Time(std::chrono::floor<days>(clock_.now() + kDistrictZone.offset)) -
           kDistrictZone.offset;
  }
  void tend() {
    for (int i = 0; i < 5; ++i) {
      ASSERT_TRUE(engine_->tend().ok());
      while (engine_->has_work()) ASSERT_TRUE(engine_->turn().ok());
    }
  }
  uint64_t readings(int64_t stream) {
    return engine_->view()->series.extent(StreamId{stream}).value().readings;
  }
};

TEST_F(EngineRetentionTest, OnceADayWhatIsOlderIsCut) {
  ASSERT_TRUE(open().ok());
  ASSERT_TRUE(run(keeping("1", 5)).ok());
  ASSERT_TRUE(run(station("a")).ok());
  post_days(1, 10);
  std::vector<CommandRecord> told;
  engine_->subscribe([&told](const std::shared_ptr<const Frame>& frame) {
    for (const auto& command : frame->body.commands) told.push_back(command);
  });
  tend();
  EXPECT_EQ(readings(1), 6U) << "of today and of five whole days; the longest class holds";
  ASSERT_EQ(told.size(), 1U);
  EXPECT_EQ(told[0].kind, CommandKind::correct_readings);
  EXPECT_EQ(told[0].door, "retention");
  clock_.advance(midnight() + days{1} - clock_.now() - std::chrono::seconds{1});
  tend();
  EXPECT_EQ(readings(1), 6U) << "the day is not over";
  clock_.advance(std::chrono::seconds{2});
  tend();
  EXPECT_EQ(readings(1), 5U);
  EXPECT_EQ(told.size(), 2U);
  engine_.reset();
  ASSERT_TRUE(open().ok());
  EXPECT_EQ(readings(1), 5U) << "from the journal";
  const uint64_t sequence = engine_->status().sequence;
  tend();
  EXPECT_EQ(engine_->status().sequence, sequence) << "a start has nothing to add";
}

TEST_F(EngineRetentionTest, WhatNoClassConcernsIsKept) {
  ASSERT_TRUE(open().ok());
  ASSERT_TRUE(run(keeping("1", 5, "q")).ok());
  ASSERT_TRUE(run(station("a")).ok());
  Command other = station("b");
  std::get<PutRows>(other.body).changes[3].row["name"] = std::string("y");
  ASSERT_TRUE(run(std::move(other)).ok());
  post_days(1, 10);
  post_days(2, 10);
  tend();
  EXPECT_EQ(readings(1), 3U) << "of the class d";
  EXPECT_EQ(readings(2), 10U);
}

TEST_F(EngineRetentionTest, ManyStreamsAreCutAFewAtATime) {
  ASSERT_TRUE(open().ok());
  ASSERT_TRUE(run(keeping("1", 5)).ok());
  const auto count = static_cast<int64_t>(2 * limits::kStreamsToCut);
  for (int64_t stream = 1; stream <= count; ++stream) {
    ASSERT_TRUE(run(station("a")).ok());
    post_days(stream, 8);
  }
  ASSERT_TRUE(engine_->tend().ok());
  EXPECT_EQ(engine_->status().queued, limits::kStreamsToCut);
  tend();
  for (int64_t stream = 1; stream <= count; ++stream) EXPECT_EQ(readings(stream), 6U) << stream;
}

TEST_F(EngineRetentionTest, InTheFirstHourTheClockHasStillToBeProved) {
  ASSERT_TRUE(EngineTest::open().ok());
  ASSERT_TRUE(run(keeping("1", 5)).ok());
  ASSERT_TRUE(run(station("a")).ok());
  post_days(1, 10);
  clock_.advance(limits::kClockProof - std::chrono::seconds{1});
  tend();
  EXPECT_EQ(readings(1), 10U);
  clock_.advance(std::chrono::seconds{1});
  tend();
  EXPECT_EQ(readings(1), 6U);
}

// What is cut can't be put back: a clock in doubt cuts nothing.
TEST_F(EngineRetentionTest, AClockThatRanAheadCutsNothing) {
  ASSERT_TRUE(open().ok());
  ASSERT_TRUE(run(keeping("1", 5)).ok());
  ASSERT_TRUE(run(station("a")).ok());
  post_days(1, 4);
  tend();
  clock_.jump_wall(days{365});
  tend();
  EXPECT_NE(engine_->status().halted, "");
  EXPECT_EQ(readings(1), 4U);
  engine_.reset();
  ASSERT_TRUE(open().ok());
  tend();
  EXPECT_NE(engine_->status().halted, "") << "shut for a year, as it seems";
  EXPECT_EQ(readings(1), 4U);
  engine_.reset();
  clock_.jump_wall(-days{365});
  ASSERT_TRUE(open().ok());
  tend();
  EXPECT_EQ(engine_->status().halted, "");
  EXPECT_EQ(readings(1), 4U);
}

}  // namespace
}  // namespace duliang
