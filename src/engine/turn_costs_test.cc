#include "engine/turn_costs.h"

#include <gtest/gtest.h>

namespace duliang {
namespace {

TEST(TurnCosts, ATurnFallsIntoTheBucketThatHoldsIt) {
  TurnCosts costs;
  costs.add(Duration{0}, {});
  costs.add(TurnCosts::kBounds.front(), {});
  costs.add(TurnCosts::kBounds.front() + Duration{1}, {});
  costs.add(TurnCosts::kBounds.back() + Duration{1}, {});
  EXPECT_EQ(costs.buckets.front(), 2U);
  EXPECT_EQ(costs.buckets[1], 1U);
  EXPECT_EQ(costs.buckets.back(), 1U);
  EXPECT_EQ(costs.turns, 4U);
  EXPECT_EQ(costs.cpu, 2 * TurnCosts::kBounds.front() + TurnCosts::kBounds.back() + Duration{2});
}

TEST(TurnCosts, TheMostOfEachNumberIsKept) {
  TurnCosts costs;
  costs.add({}, {.commands = 1, .rows = 9, .readings = 3, .rule_steps = 4, .bytes = 5});
  costs.add({}, {.commands = 2, .rows = 1, .readings = 7, .rule_steps = 1, .bytes = 6});
  EXPECT_EQ(costs.most.commands, 2U);
  EXPECT_EQ(costs.most.rows, 9U);
  EXPECT_EQ(costs.most.readings, 7U);
  EXPECT_EQ(costs.most.rule_steps, 4U);
  EXPECT_EQ(costs.most.bytes, 6U);
}

}  // namespace
}  // namespace duliang
