// Counting, passing over pages by what is known of them, and how long a view may be held: each
// answer beside that of the model, and how many pages and rows were looked at for it.
#include <cmath>

#include "base/sim/sim_clock.h"
#include "series/model_for_test.h"
#include "series/page.h"
#include "series/page_cache.h"

namespace duliang {
namespace {

// What the columns of a page say is what its readings say, whatever their results look like.
TEST(PageColumns, AreThoseOfItsReadings) {
  const std::string results[] = {"1", "-0.5", "21.50", "1e3", "-0", "null", "\"7\"", "[1]", "true",
                                 "0.1", "1e-7", "12345678901234567", "9007199254740993",
                                 "0.000000000000000001", "123456789012345678901"};
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    Random random(seed);
    std::vector<Reading> readings;
    for (uint64_t left = 1 + random.below(300); left > 0; --left) {
      Reading reading = random_reading(random, 4, 0);
      reading.id = ReadingId{static_cast<int64_t>(left)};
      reading.quality = static_cast<Quality>(random.below(5));
      if (random.chance(0.5)) reading.result = results[random.below(std::size(results))];
      readings.push_back(std::move(reading));
    }
    std::ranges::sort(readings, {}, kept_order);
    const std::string bytes = encode_page(readings);
    const auto columns = decode_columns(bytes, true);
    ASSERT_TRUE(columns.ok());
    ASSERT_EQ(columns->results.size(), readings.size());
    for (size_t i = 0; i < readings.size(); ++i) {
      ASSERT_EQ(columns->streams[i], readings[i].stream);
      ASSERT_EQ(columns->ids[i], readings[i].id);
      ASSERT_EQ(columns->times[i], readings[i].phenomenon_time);
      const auto expected = number_of(readings[i]);
      ASSERT_EQ(std::isnan(columns->results[i]), !expected) << readings[i].result;
      if (expected) {
        ASSERT_EQ(columns->results[i], *expected) << readings[i].result;
      }
    }
    const auto without = decode_columns(bytes, false);
    ASSERT_TRUE(without.ok() && without->results.empty());
    EXPECT_EQ(without->ids, columns->ids);
    EXPECT_FALSE(decode_columns(std::string_view(bytes).substr(0, bytes.size() / 3), true).ok());
  }
}

// Begins at a time or later, and has a result above a number.
struct Condition {
  Time from{};
  double above = 0;

  bool passes(const Reading& reading) const {
    return reading.phenomenon_time.begin >= from && number_of(reading).value_or(above) > above;
  }
  Passing judge(const SetFacts& facts) const {
    const Bounds& bounds = facts.bounds;
    if (bounds.last < from) return Passing::none;
    if (!facts.results_known) return Passing::some;
    if (facts.numbers == 0 || facts.most <= above) return Passing::none;
    const bool all =
        bounds.first >= from && facts.numbers == bounds.readings && facts.least > above;
    return all ? Passing::all : Passing::some;
  }
};

ScanOptions random_options(Random& random, int64_t seconds) {
  ScanOptions options;
  const auto second = [&] {
    return kExampleStart + std::chrono::seconds{static_cast<int64_t>(
                               random.below(static_cast<uint64_t>(seconds)))};
  };
  if (random.chance(0.5)) options.from = second();
  if (random.chance(0.5)) options.to = second();
  if (random.chance(0.5)) options.stream = StreamId{1 + static_cast<int64_t>(random.below(7))};
  return options;
}

void expect_same_count(const SeriesView& view, const ReadingMap& model, ScanOptions options,
                       const Condition& condition) {
  const auto passes = [&](const Reading& reading) -> Result<bool> {
    return condition.passes(reading);
  };
  std::vector<Reading> expected = model_scan(model, options);
  std::erase_if(expected, [&](const Reading& reading) { return !condition.passes(reading); });
  ASSERT_EQ(view.count(options, passes).value(), expected.size());
  options.sets = [&](const SetFacts& facts) { return condition.judge(facts); };
  ASSERT_EQ(view.count(options, passes).value(), expected.size());
  options.sets_by_result = true;
  ASSERT_EQ(view.count(options, passes).value(), expected.size());

  std::vector<Reading> scanned;
  const auto keep = [&](const Reading& reading) {
    if (condition.passes(reading)) scanned.push_back(reading);
    return true;
  };
  ASSERT_TRUE(view.scan(options, keep).ok());
  ASSERT_EQ(scanned, expected) << "pages are passed over that hold something";
  std::ranges::sort(expected, {}, kept_order);
  scanned.clear();
  options.order = ScanOrder::kept;
  ASSERT_TRUE(view.scan(options, keep).ok());
  ASSERT_EQ(scanned, expected);
  for (const bool descending : {false, true}) {
    scanned.clear();
    options.order = ScanOrder::result;
    options.descending = descending;
    ASSERT_TRUE(view.scan(options, keep).ok());
    std::ranges::sort(scanned, {}, kept_order);
    ASSERT_EQ(scanned, expected);
  }
}

TEST(Counts, AreThoseOfTheModel) {
  for (uint64_t seed = 1; seed <= 6; ++seed) {
    Random random(seed);
    SeriesModel test("counted");
    ASSERT_TRUE(live(test, random, seed % 2 == 0).ok());
    for (int round = 0; round < 60; ++round) {
      const ScanOptions options = random_options(random, 920);
      const Condition condition{options.from.value_or(kExampleStart),
                                static_cast<double>(random.below(500)) - 10};
      ASSERT_NO_FATAL_FAILURE(
          expect_same_count(test.series->view(), test.model, options, condition))
          << seed << " " << round;
    }
  }
}

// 4 streams with 100 readings each, one a second, in one part with pages of 4: 100 pages. Results
// rise from 0 to 99.
class CountedPages : public ::testing::Test {
 protected:
  void SetUp() override {
    for (int64_t second = 0; second < 100; ++second) {
      std::vector<Reading> readings;
      for (int64_t stream = 1; stream <= 4; ++stream) {
        readings.push_back(example_reading(0, stream, second, std::to_string(second)));
      }
      ASSERT_TRUE(test_.post(std::move(readings)).ok());
    }
    ASSERT_TRUE(test_.checkpoint().ok());
  }
  static Time at(int64_t second) { return kExampleStart + std::chrono::seconds{second}; }
  // Of a count of readings from `from` on with results above `above`.
  struct Cost {
    uint64_t count, pages, rows;
    friend bool operator==(const Cost&, const Cost&) = default;
    friend void PrintTo(const Cost& cost, std::ostream* out) {
      *out << cost.count << " of " << cost.pages << " pages, " << cost.rows << " rows";
    }
  };
  Cost cost(const Condition& condition, ScanOptions options = {}) {
    options.sets = [&](const SetFacts& facts) { return condition.judge(facts); };
    options.sets_by_result = true;
    const SeriesCounts& counts = test_.series->counts();
    const uint64_t pages = counts.pages, rows = counts.part_rows + counts.overlay_rows;
    const auto count = test_.series->view().count(
        options, [&](const Reading& reading) -> Result<bool> { return condition.passes(reading); });
    EXPECT_TRUE(count.ok());
    return {count.ok() ? *count : 0, counts.pages - pages,
            counts.part_rows + counts.overlay_rows - rows};
  }
  SeriesModel test_{"pages"};
};

TEST_F(CountedPages, OnlyThoseAtTheEdgesAreRead) {
  EXPECT_EQ(cost({at(0), -1}), (Cost{400, 0, 0}));
  EXPECT_EQ(cost({at(40), -1}), (Cost{240, 0, 0})) << "40 is where pages begin";
  EXPECT_EQ(cost({at(42), -1}), (Cost{232, 4, 16}));
  EXPECT_EQ(cost({at(0), 97.5}), (Cost{8, 4, 16}));
  EXPECT_EQ(cost({at(0), 99}), (Cost{0, 0, 0}));
  ScanOptions options;
  options.stream = StreamId{2};
  options.to = at(61);
  EXPECT_EQ(cost({at(42), -1}, options), (Cost{20, 2, 8}));
}

// Once somebody has read the page on which it stands; whatever was changed since.
TEST_F(CountedPages, TheNewestOfAStreamCostsAPageOnce) {
  const SeriesCounts& counts = test_.series->counts();
  const auto newest = [&](int64_t stream) {
    const auto found = test_.series->view().newest(StreamId{stream}).value();
    return found ? found->result : "none";
  };
  const uint64_t before = counts.pages;
  EXPECT_EQ(newest(2), "99");
  EXPECT_EQ(counts.pages, before + 1);
  for (int round = 0; round < 3; ++round) EXPECT_EQ(newest(2), "99");
  EXPECT_EQ(counts.pages, before + 1);
  EXPECT_EQ(newest(3), "99");
  EXPECT_EQ(counts.pages, before + 2);
  ScanOptions options;
  options.stream = StreamId{2};
  options.descending = true;
  ASSERT_NO_FATAL_FAILURE(expect_same_scans(test_.series->view(), test_.model, options));
  const Reading last = *test_.series->view().newest(StreamId{2}).value();
  ASSERT_TRUE(test_.post({}, {ReadingChange::removed(last.id, last.stream, "")}).ok());
  EXPECT_EQ(newest(2), "98");
  options.to = at(97);
  ASSERT_NO_FATAL_FAILURE(expect_same_scans(test_.series->view(), test_.model, options));
  ASSERT_TRUE(test_.post({}, {ReadingChange::cut(StreamId{2}, at(200), "")}).ok());
  EXPECT_EQ(newest(2), "none");
}

// Page by page, until who asks has enough.
TEST_F(CountedPages, TheHighestAndTheLowestCostTheirPages) {
  const SeriesCounts& counts = test_.series->counts();
  for (const bool descending : {false, true}) {
    std::vector<std::string> results;
    ScanOptions options;
    options.order = ScanOrder::result;
    options.descending = descending;
    options.sets = [&](const SetFacts&) {
      return results.size() < 16 ? Passing::some : Passing::none;
    };
    const uint64_t pages = counts.pages;
    ASSERT_TRUE(test_.series->view().scan(options, [&](const Reading& reading) {
      results.push_back(reading.result);
      return true;
    }).ok());
    EXPECT_EQ(counts.pages, pages + 4);
    std::ranges::sort(results);
    const std::vector<std::string> ends{results.begin(), results.begin() + 4};
    EXPECT_EQ(ends, std::vector<std::string>(4, descending ? "96" : "0"));
    EXPECT_EQ(results.size(), 16U);
  }
}

TEST_F(CountedPages, WithACorrectionAreRead) {
  Reading better = *test_.series->find(test_.model.begin()->first).value();
  better.result = "-5";
  ASSERT_TRUE(test_.post({}, {ReadingChange::replaced(better, "")}).ok());
  EXPECT_EQ(cost({at(0), -1}), (Cost{399, 1, 5})) << "its page, and itself";
  ASSERT_TRUE(test_.post({}, {ReadingChange::cut(StreamId{2}, at(6), "")}).ok());
  EXPECT_EQ(cost({at(0), -1}), (Cost{393, 3, 13})) << "two more, which the cut hides wholly or not";
}

// Pages that hold several streams are decoded for the first who asks. Of a page with a correction
// it is enough that the readings at its ends are as they were.
TEST(Extents, OfPagesWithManyStreamsAreReadOnce) {
  SeriesModel test("extents");
  for (int64_t second = 0; second < 5; ++second) {
    for (int64_t stream = 1; stream <= 3; ++stream) {
      ASSERT_TRUE(test.post({example_reading(0, stream, second)}).ok());
    }
  }
  ASSERT_TRUE(test.checkpoint().ok());
  const auto decoded_for_all = [&] {
    const uint64_t before = PageCache::of_process().counts().pages_decoded;
    const SeriesView view = test.series->view();
    for (int64_t stream = 1; stream <= 3; ++stream) {
      expect_same_stream(view, test.model, StreamId{stream});
      EXPECT_EQ(view.extent(StreamId{stream})->readings, 5U);
    }
    return PageCache::of_process().counts().pages_decoded - before;
  };
  EXPECT_GT(decoded_for_all(), 0U);
  EXPECT_EQ(decoded_for_all(), 0U);
  for (const int64_t second : {2, 0, 4}) {
    for (auto [id, reading] : ReadingMap(test.model)) {
      if (reading.phenomenon_time.begin != kExampleStart + std::chrono::seconds{second}) continue;
      reading.result = "7";
      reading.phenomenon_time = {kExampleStart + std::chrono::seconds{1},
                                 kExampleStart + std::chrono::seconds{3}};
      ASSERT_TRUE(test.post({}, {ReadingChange::replaced(reading, "")}).ok());
    }
    EXPECT_LE(decoded_for_all(), 2U) << "pages of one stream, whose ends were not known by reading";
    EXPECT_EQ(decoded_for_all(), 0U);
  }
}

TEST(Views, AnswerNothingBehindTheirDeadline) {
  SeriesModel test("expiry");
  for (int64_t second = 0; second < 500; ++second) {
    ASSERT_TRUE(test.post({example_reading(0, 1, second)}).ok());
  }
  ASSERT_TRUE(test.checkpoint().ok());
  SimClock clock{Time{}};
  SeriesView view = test.series->view();
  view.expire({&clock, clock.since_boot() + limits::kViewAge});
  const ReadingId id = test.model.begin()->first;
  const auto passes = [](const Reading&) -> Result<bool> { return true; };
  clock.advance(limits::kViewAge - std::chrono::seconds{1});
  EXPECT_FALSE(view.expired());
  EXPECT_EQ(view.count({}, passes).value(), 500U);
  // One that is being read while the deadline passes comes to its end, too.
  size_t came = 0;
  const Status scanned = view.scan({}, [&](const Reading&) {
    if (++came == 100) clock.advance(std::chrono::seconds{1});
    return true;
  });
  ASSERT_FALSE(scanned.ok());
  EXPECT_EQ(scanned.error().code, Code::unavailable);
  EXPECT_NE(scanned.error().message.find("30 s"), std::string::npos);
  EXPECT_LT(came, 200U);
  EXPECT_TRUE(view.expired());
  const auto refused = [](const auto& answer) {
    return !answer.ok() && answer.error().code == Code::unavailable;
  };
  EXPECT_TRUE(refused(view.find(id)));
  EXPECT_TRUE(refused(view.newest(StreamId{1})));
  EXPECT_TRUE(refused(view.extent(StreamId{1})));
  EXPECT_TRUE(refused(view.count()));
  EXPECT_TRUE(refused(view.count({}, passes)));
  EXPECT_EQ(test.series->view().count().value(), 500U) << "a new one answers";
}

}  // namespace
}  // namespace duliang
