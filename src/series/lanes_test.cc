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

TEST_F(LanesTest, IdsBeginAtOneAndAStreamTakesTheNextLaneWhenItsOwnIsFull) {
  Lanes lanes;
  for (int64_t id = 1; id < 256; ++id) EXPECT_EQ(lanes.give(kWater), ReadingId{id});
  EXPECT_EQ(lanes.give(kAir), ReadingId{256});
  EXPECT_EQ(lanes.give(kWater), ReadingId{512});
  EXPECT_EQ(lanes.give(kAir), ReadingId{257});
  const LaneView view = lanes.view();
  EXPECT_EQ(view.stream_of(0), kWater);
  EXPECT_EQ(view.stream_of(1), kAir);
  EXPECT_EQ(view.stream_of(2), kWater);
  EXPECT_EQ(view.stream_of(3), StreamId{0});
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
  for (int i = 0; i < 5000; ++i) {
    const StreamId stream{1 + static_cast<int64_t>(random.below(5))};
    given.emplace_back(first.give(stream), stream);
  }
  Lanes second;
  for (const auto& [id, stream] : given) second.restore(id, stream);
  for (const auto& [id, stream] : given) second.restore(id, stream);  // twice changes nothing
  for (int i = 0; i < 2000; ++i) {
    const StreamId stream{1 + static_cast<int64_t>(random.below(8))};
    ASSERT_EQ(second.give(stream), first.give(stream));
  }
}

TEST_F(LanesTest, WhatWasSavedComesBackAtAnyMoment) {
  Random random(4);
  Lanes lanes;
  std::vector<std::pair<ReadingId, StreamId>> given;
  for (int round = 0; round < 20; ++round) {
    for (uint64_t i = random.below(700); i > 0; --i) {
      const StreamId stream{1 + static_cast<int64_t>(random.below(3))};
      given.emplace_back(lanes.give(stream), stream);
    }
    ASSERT_TRUE(lanes.save(connection_).ok());
    if (random.chance(0.7)) lanes.saved();  // else the transaction was rolled back: saved again
    Lanes replayed;
    for (const auto& [id, stream] : given) replayed.restore(id, stream);
    Lanes loaded;
    ASSERT_TRUE(loaded.load(connection_).ok());
    for (int64_t stream = 1; stream <= 4; ++stream) {
      ASSERT_EQ(loaded.give(StreamId{stream}), replayed.give(StreamId{stream})) << round;
    }
  }
}

TEST_F(LanesTest, OlderLanesThatComeBackLateAreKeptAndSaved) {
  Lanes lanes;
  lanes.restore(ReadingId{3 * 256 + 4}, kWater);
  lanes.restore(ReadingId{2 * 256 + 255}, kWater);
  EXPECT_EQ(lanes.view().stream_of(2), kWater);
  EXPECT_EQ(lanes.give(kWater), ReadingId{3 * 256 + 5});
  EXPECT_EQ(lanes.give(kAir), ReadingId{4 * 256});
  ASSERT_TRUE(lanes.save(connection_).ok());
  Lanes loaded;
  ASSERT_TRUE(loaded.load(connection_).ok());
  EXPECT_EQ(loaded.view().stream_of(2), kWater);
  EXPECT_EQ(loaded.give(kWater), ReadingId{3 * 256 + 6});
}

TEST_F(LanesTest, ManyLanesFillMoreThanOnePage) {
  Lanes lanes;
  for (size_t i = 0; i < 3 * kLanesInPage; ++i) lanes.give(StreamId{static_cast<int64_t>(i) + 1});
  const LaneView view = lanes.view();
  for (size_t i = 0; i < 3 * kLanesInPage; ++i) {
    EXPECT_EQ(view.stream_of(i), StreamId{static_cast<int64_t>(i) + 1});
  }
}

TEST_F(LanesTest, RowsThatCannotBeAreCorrupt) {
  for (const char* row : {"(-1, 1, 1)", "(1, 0, 1)", "(1, 1, 257)", "(1, 1, -1)",
                          "(2147483648, 1, 1)"}) {
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
