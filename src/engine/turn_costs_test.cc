#include "engine/turn_costs.h"

#include <gtest/gtest.h>

namespace duliang {
namespace {

TEST(CpuTimes, APieceFallsIntoTheBucketThatHoldsIt) {
  CpuTimes times;
  times.add(Duration{0});
  times.add(CpuTimes::kBounds.front());
  times.add(CpuTimes::kBounds.front() + Duration{1});
  times.add(CpuTimes::kBounds.back() + Duration{1});
  EXPECT_EQ(times.buckets.front(), 2U);
  EXPECT_EQ(times.buckets[1], 1U);
  EXPECT_EQ(times.buckets.back(), 1U);
  EXPECT_EQ(times.pieces, 4U);
  EXPECT_EQ(times.sum, 2 * CpuTimes::kBounds.front() + CpuTimes::kBounds.back() + Duration{2});
}

TEST(TurnCosts, TheMostOfEachNumberIsKept) {
  TurnCosts costs;
  costs.add({}, {.commands = 1, .rows = 9, .readings = 3, .corrections = 8, .bytes = 5});
  costs.add({}, {.commands = 2, .rows = 1, .readings = 7, .corrections = 2, .bytes = 6});
  costs.add({}, {.rule_steps = 4});
  costs.add({}, {.places = 3});
  EXPECT_EQ(costs.times.pieces, 4U);
  EXPECT_EQ(costs.most.commands, 2U);
  EXPECT_EQ(costs.most.rows, 9U);
  EXPECT_EQ(costs.most.readings, 7U);
  EXPECT_EQ(costs.most.corrections, 8U);
  EXPECT_EQ(costs.most.rule_steps, 4U);
  EXPECT_EQ(costs.most.places, 3U);
  EXPECT_EQ(costs.most.bytes, 6U);
}

}  // namespace
}  // namespace duliang
