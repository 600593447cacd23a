// Views of the past against models that were kept when it was the present.
#include "series/model_for_test.h"

namespace duliang {
namespace {

constexpr int64_t kPastStreams = 4;

Time time_of_frame(uint64_t sequence) {
  return Time{std::chrono::seconds{second_of_frame(sequence)}};
}

// What the model held then, but for what was cut since.
ReadingMap without_cut(ReadingMap then, const std::map<StreamId, Time>& cuts) {
  std::erase_if(then, [&](const auto& each) {
    const auto cut = cuts.find(each.second.stream);
    return cut != cuts.end() && each.second.phenomenon_time.begin < cut->second;
  });
  return then;
}

TEST(SeriesPast, AnswersAsItDidThroughJobsAndRestarts) {
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    Random random(seed);
    SeriesModel test("past");
    std::vector<ReadingMap> models(1);  // by frame
    for (int step = 0; step < 60; ++step) {
      ASSERT_TRUE(test.post_random(random, kPastStreams, true).ok()) << seed;
      models.push_back(test.model);
      if (random.chance(0.15)) {
        ASSERT_TRUE(test.checkpoint().ok());
      }
      if (random.chance(0.1)) {
        ASSERT_TRUE(test.merge().ok());
      }
      if (random.chance(0.05)) {
        test.stop();
        ASSERT_TRUE(test.start().ok()) << seed;
      }
      if (!random.chance(0.2)) continue;
      const uint64_t then = 1 + random.below(test.frames.size());
      const auto past =
          test.series->view().as_of(test.connection, then, time_of_frame(then)).value();
      EXPECT_EQ(past.sequence(), then);
      ASSERT_NO_FATAL_FAILURE(
          expect_same(past, without_cut(models[then], test.cuts), kPastStreams))
          << seed << ": " << then << " of " << step;
    }
  }
}

TEST(SeriesPast, WhatCameLaterInTheSameSecondBelongsToIt) {
  SeriesModel test("second");
  ASSERT_TRUE(test.post({example_reading(0, 1, 0, "1")}).ok());
  const auto end = time_of_frame(1) + std::chrono::milliseconds{999};
  EXPECT_EQ(test.series->view().as_of(test.connection, 1, end)->count().value(), 1U);
  const auto before = time_of_frame(1) - Duration{1};
  EXPECT_EQ(test.series->view().as_of(test.connection, 1, before)->count().value(), 0U);
  EXPECT_FALSE(test.series->view().as_of(test.connection, 1, before)->find(ReadingId{1}).value());
}

}  // namespace
}  // namespace duliang
