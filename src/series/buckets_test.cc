// Buckets: each beside what the model's readings come to, over tail, parts, corrections and cuts.
#include <cmath>

#include "series/model_for_test.h"

namespace duliang {
namespace {

std::vector<Bucket> model_buckets(const ReadingMap& model, const BucketsAsked& asked) {
  std::vector<Bucket> buckets(asked.count());
  ScanOptions options;
  options.stream = asked.stream;
  for (const Reading& reading : model_scan(model, options)) {  // by time, then id
    const Time begin = reading.phenomenon_time.begin;
    if (begin < asked.from || begin >= asked.to) continue;
    Bucket& bucket = buckets[static_cast<size_t>((begin - asked.from) / asked.step)];
    ++bucket.readings;
    if (reading.quality == Quality::bad) ++bucket.bad;
    const auto number = number_of(reading);
    if (!number || reading.quality == Quality::bad) continue;
    if (bucket.numbers++ == 0) bucket.least = bucket.most = bucket.first = *number;
    bucket.least = std::min(bucket.least, *number);
    bucket.most = std::max(bucket.most, *number);
    bucket.sum += *number;
    bucket.last = *number;
  }
  return buckets;
}

void expect_same(const std::vector<Bucket>& found, const std::vector<Bucket>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (size_t i = 0; i < found.size(); ++i) {
    ASSERT_EQ(found[i].readings, expected[i].readings) << i;
    ASSERT_EQ(found[i].bad, expected[i].bad) << i;
    ASSERT_EQ(found[i].numbers, expected[i].numbers) << i;
    ASSERT_EQ(found[i].least, expected[i].least) << i;
    ASSERT_EQ(found[i].most, expected[i].most) << i;
    ASSERT_EQ(found[i].first, expected[i].first) << i;
    ASSERT_EQ(found[i].last, expected[i].last) << i;
    ASSERT_NEAR(found[i].sum, expected[i].sum, 1e-9 * (1 + std::abs(expected[i].sum))) << i;
  }
}

BucketsAsked random_spans(Random& random) {
  const auto second = [&] {
    return kExampleStart + std::chrono::seconds{static_cast<int64_t>(random.below(920))};
  };
  BucketsAsked asked{StreamId{1 + static_cast<int64_t>(random.below(7))}, second(), second(), {}};
  if (asked.to < asked.from) std::swap(asked.from, asked.to);
  asked.step = std::chrono::milliseconds{1 + static_cast<int64_t>(random.below(90'000))};
  return asked;
}

TEST(Buckets, AreThoseOfTheModel) {
  for (uint64_t seed = 1; seed <= 6; ++seed) {
    Random random(seed);
    SeriesModel test("buckets");
    ASSERT_TRUE(live(test, random, seed % 2 == 0).ok());
    for (int round = 0; round < 60; ++round) {
      const BucketsAsked asked = random_spans(random);
      ASSERT_NO_FATAL_FAILURE(expect_same(test.series->view().buckets(asked).value(),
                                          model_buckets(test.model, asked)))
          << seed << " " << round;
    }
  }
}

TEST(Buckets, TheLastIsCutShort) {
  SeriesModel test("buckets");
  std::vector<Reading> readings;
  for (int64_t second = 0; second < 10; ++second) {
    readings.push_back(example_reading(0, 1, second, std::to_string(second)));
  }
  ASSERT_TRUE(test.post(std::move(readings)).ok());
  using std::chrono::seconds;
  const BucketsAsked asked{StreamId{1}, kExampleStart, kExampleStart + seconds{8}, seconds{5}};
  const auto buckets = test.series->view().buckets(asked).value();
  ASSERT_EQ(buckets.size(), 2U);
  EXPECT_EQ(buckets[0].sum, 0 + 1 + 2 + 3 + 4);
  EXPECT_EQ(buckets[1].sum, 5 + 6 + 7);
  EXPECT_TRUE(test.series->view().buckets({StreamId{1}, kExampleStart, kExampleStart, seconds{5}})
                  .value()
                  .empty());
}

}  // namespace
}  // namespace duliang
