#include "series/lanes.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "base/sim/sim_files.h"
#include "sqlite/vfs.h"

namespace duliang {
namespace {

constexpr StreamId kWater{7};
constexpr StreamId kAir{9};

class LanesTest : public testing::Test {
 protected:
  LanesTest() {
    register_vfs("lanes_test", files_);
    connection_ = Connection::open("state.db", {.vfs = "lanes_test"}).value();
    EXPECT_TRUE(Lanes::create_tables(connection_).ok());
  }
  ~LanesTest() override {
    connection_ = Connection();
    unregister_vfs("lanes_test");
  }

  SimFiles files_;
  Connection connection_;
};

TEST_F(LanesTest, IdsBeginAtOneAndAStreamTakesALongerRunWhenItsOwnIsFull) {
  Lanes lanes;
  for (int64_t id = 1; id < 256; ++id) EXPECT_EQ(lanes.give(kWater), ReadingId{id});
  EXPECT_EQ(lanes.give(kAir), ReadingId{256});
  for (int64_t id = 512; id < 1024; ++id) EXPECT_EQ(lanes.give(kWater), ReadingId{id});
  EXPECT_EQ(lanes.give(kAir), ReadingId{257});
  EXPECT_EQ(lanes.give(kWater), ReadingId{1024});
  const LaneView view = lanes.view();
  EXPECT_EQ(view.stream_of(0), kWater);
  EXPECT_EQ(view.stream_of(1), kAir);
  for (uint64_t lane = 2; lane < 8; ++lane) EXPECT_EQ(view.stream_of(lane), kWater);
  EXPECT_EQ(view.stream_of(8), StreamId{0});
  EXPECT_EQ(view.runs, 4U);
}

TEST_F(LanesTest, AViewEndsWhereTheLanesEndedWhenItWasTaken) {
  Lanes lanes;
  lanes.give(kWater);
  const LaneView view = lanes.view();
  lanes.give(kAir);
  EXPECT_EQ(view.stream_of(1), StreamId{0});
  EXPECT_EQ(lanes.view().stream_of(1), kAir);
}

TEST_F(LanesTest, AfterReplayOfReadingsTheSameIdsAreGiven) {
  Random random(3);
  Lanes first;
  std::vector<std::pair<ReadingId, StreamId>> given;
  for (int i = 0; i < 50'000; ++i) {
    const StreamId stream{1 + static_cast<int64_t>(random.below(5))};
    given.emplace_back(first.give(stream), stream);
  }
  Lanes second;
  for (const auto& [id, stream] : given) second.restore(id, stream);
  for (const auto& [id, stream] : given) second.restore(id, stream);  // twice changes nothing
  for (int i = 0; i < 20'000; ++i) {
    const StreamId stream{1 + static_cast<int64_t>(random.below(8))};
    ASSERT_EQ(second.give(stream), first.give(stream));
  }
}

TEST_F(LanesTest, WhatWasSavedComesBackAsItWasBeforeLaterReadings) {
  Random random(4);
  Lanes lanes;
  std::vector<Reading> given;
  for (int round = 0; round < 30; ++round) {
    const auto give = [&](uint64_t count) {
      for (; count > 0; --count) {
        Reading reading;
        reading.stream = StreamId{1 + static_cast<int64_t>(random.below(3))};
        reading.id = lanes.give(reading.stream);
        given.push_back(reading);
      }
    };
    give(random.below(700));
    const size_t until = given.size();
    if (random.chance(0.5)) give(random.below(700));
    std::vector<const Reading*> later;
    for (size_t at = until; at < given.size(); ++at) later.push_back(&given[at]);
    ASSERT_TRUE(Lanes::save(connection_, lanes.changed(later)).ok());
    if (random.chance(0.7)) lanes.saved();  // else the transaction was rolled back: saved again
    Lanes replayed;
    for (size_t at = 0; at < until; ++at) replayed.restore(given[at].id, given[at].stream);
    Lanes loaded;
    ASSERT_TRUE(loaded.load(connection_).ok());
    for (int i = 0; i < 100; ++i) {
      const StreamId stream{1 + static_cast<int64_t>(random.below(4))};
      ASSERT_EQ(loaded.give(stream), replayed.give(stream)) << round;
    }
  }
}

TEST_F(LanesTest, ManyRunsFillMoreThanOnePage) {
  Lanes lanes;
  for (size_t i = 0; i < 3 * kRunsInPage; ++i) lanes.give(StreamId{static_cast<int64_t>(i) + 1});
  const LaneView view = lanes.view();
  for (size_t i = 0; i < 3 * kRunsInPage; ++i) {
    EXPECT_EQ(view.stream_of(i), StreamId{static_cast<int64_t>(i) + 1});
  }
}

TEST_F(LanesTest, TwoHundredMillionReadingsOfAThousandStreamsAreSomeTwentyThousandRuns) {
  Lanes lanes;
  constexpr int64_t kEach = 200'000'000 / 1000;
  // Each 256th reading stands for its lane.
  int64_t id = 1;
  for (int64_t stream = 1; stream <= 1000; ++stream) {
    const uint64_t lanes_before = lanes.view().runs;
    int64_t lane_ids = 0;
    for (uint32_t length = 1; lane_ids < kEach; length = std::min(2 * length, kRunLanesMax)) {
      lanes.restore(ReadingId{id}, StreamId{stream});
      id = (id / 256 + length) * 256;
      lane_ids += 256 * length;
    }
    ASSERT_LE(lanes.view().runs - lanes_before, 18U);
  }
  EXPECT_LE(lanes.view().runs * sizeof(LaneRun), 512U * 1024U);
}

TEST_F(LanesTest, RowsThatCannotBeAreCorrupt) {
  for (const char* row : {"(-1, 1, 1, 1)", "(0, 1, 0, 1)", "(0, 1, 1, 257)", "(0, 1, 1, -1)",
                          "(0, 2, 1, 1)", "(1, 1, 1, 1)", "(2147483648, 1, 1, 1)"}) {
    const auto sql = fmt::format("DELETE FROM lane; INSERT INTO lane VALUES {}", row);
    ASSERT_TRUE(connection_.execute(sql).ok());
    Lanes lanes;
    const Status loaded = lanes.load(connection_);
    ASSERT_FALSE(loaded.ok()) << row;
    EXPECT_EQ(loaded.error().code, Code::corrupt);
  }
}

}  // namespace
}  // namespace duliang
