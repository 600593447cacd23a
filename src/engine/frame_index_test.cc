#include "engine/frame_index.h"

#include <gtest/gtest.h>

namespace duliang {
namespace {

Tail tail_at(uint64_t sequence) {
  Tail tail;
  tail.epoch = 1;
  tail.claim_id = 0xffffffffffffffff;
  tail.sequence = sequence - 1;
  tail.hash.fill(static_cast<uint8_t>(sequence));
  tail.place = sequence * 100;
  return tail;
}

TEST(FrameIndex, FindsThePlaceInFrontAndKeepsIt) {
  auto connection = Connection::open(":memory:", {});
  ASSERT_TRUE(connection.ok());
  ASSERT_TRUE(FrameIndex::create_tables(*connection).ok());
  FrameIndex index;
  EXPECT_EQ(index.before(7).place, 0U);
  const auto add = [&index](uint64_t from, uint64_t to) {
    for (uint64_t sequence = from; sequence <= to; ++sequence) {
      index.add(sequence, {tail_at(sequence), Time{std::chrono::seconds{sequence}}});
    }
  };
  add(5, 3000);
  ASSERT_TRUE(index.save(*connection).ok());
  add(3001, 5000);
  ASSERT_TRUE(index.save(*connection).ok());
  FrameIndex again;
  ASSERT_TRUE(again.load(*connection).ok());
  for (const FrameIndex* one : {&index, &again}) {
    EXPECT_EQ(one->before(4).place, 0U);
    EXPECT_EQ(one->before(5).place, 500U);
    EXPECT_EQ(one->before(5 + FrameIndex::kStride - 1).place, 500U);
    const Tail found = one->before(4999);
    EXPECT_EQ(found.sequence, 5 + 4 * FrameIndex::kStride - 1);
    EXPECT_EQ(found.hash, tail_at(5 + 4 * FrameIndex::kStride).hash);
    EXPECT_EQ(found.claim_id, 0xffffffffffffffff);
    const Time time{std::chrono::seconds{5 + FrameIndex::kStride}};
    EXPECT_EQ(one->before(Time{}).tail.place, 0U);
    EXPECT_EQ(one->before(time - Duration{1}).tail.sequence, 4U);
    EXPECT_EQ(one->before(time).tail.sequence, 4U + FrameIndex::kStride);
    EXPECT_EQ(one->before(time).time, time);
  }
}

TEST(FrameIndex, ForgetsWhatIsRetired) {
  auto connection = Connection::open(":memory:", {});
  ASSERT_TRUE(connection.ok());
  ASSERT_TRUE(FrameIndex::create_tables(*connection).ok());
  FrameIndex index;
  for (uint64_t sequence = 1; sequence <= 5000; ++sequence) {
    index.add(sequence, {tail_at(sequence), {}});
    if (sequence == 3000) {
      ASSERT_TRUE(index.save(*connection).ok());
    }
  }
  const Tail horizon = tail_at(1500);  // frames up to 1499
  index.begin_at(horizon);
  ASSERT_TRUE(index.save(*connection).ok());
  FrameIndex again;
  ASSERT_TRUE(again.load(*connection).ok());
  again.begin_at(horizon);
  for (const FrameIndex* one : {&index, &again}) {
    EXPECT_EQ(one->before(7).place, horizon.place);
    EXPECT_EQ(one->before(1500).place, horizon.place);
    EXPECT_EQ(one->before(1 + 2 * FrameIndex::kStride).sequence, 2 * FrameIndex::kStride);
    EXPECT_EQ(one->before(4999).sequence, 4 * FrameIndex::kStride);
  }
}

}  // namespace
}  // namespace duliang
