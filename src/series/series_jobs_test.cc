// Jobs that write parts: half done while the writer goes on, dropped, on a full disk, through
// crashes at every call; which parts are merged; and switches that break the series on purpose,
// which the other tests' comparisons must notice.
#include <gtest/gtest-spi.h>

#include "series/model_for_test.h"
#include "series/tiers.h"

namespace duliang {
namespace {

TEST(SeriesJobs, TheWriterGoesOnBetweenAllSteps) {
  Random random(40);
  SeriesModel test("between");
  for (int round = 0; round < 10; ++round) {
    for (int step = 0; step < 3; ++step) {
      ASSERT_TRUE(test.post_random(random, kStreams, true).ok());
    }
    test.job = test.series->begin_merge();
    if (!test.job) test.job = test.series->begin_checkpoint();
    const SeriesView begun = test.series->view();
    const ReadingMap model = test.model;
    for (bool done = false; !done;) {
      done = test.job->step().value();
      if (random.chance(0.3)) {
        ASSERT_TRUE(test.post_random(random, kStreams, true).ok());
      }
      if (!done && random.chance(0.8)) continue;
      ASSERT_NO_FATAL_FAILURE(test.expect_same_as_model(kStreams)) << round;
    }
    ASSERT_TRUE(test.end_job().ok());
    ASSERT_NO_FATAL_FAILURE(test.expect_same_as_model(kStreams)) << round;
    ASSERT_NO_FATAL_FAILURE(expect_same(begun, model, kStreams)) << round;
    if (round % 3 != 0) continue;
    test.stop();
    ASSERT_TRUE(test.start().ok());
    ASSERT_NO_FATAL_FAILURE(test.expect_same_as_model(kStreams)) << round;
  }
}

TEST(SeriesJobs, AReplacedFileGoesWithTheLastViewThatReadsIt) {
  SeriesModel test("replaced");
  SeriesView old;
  for (size_t at = 0; at < kTierFactor; ++at) {
    ASSERT_TRUE(test.post({example_reading(0, 1, static_cast<int64_t>(at))}).ok());
    ASSERT_TRUE(test.checkpoint().ok());
  }
  old = test.series->view();
  EXPECT_EQ(test.part_files().size(), kTierFactor);
  ASSERT_TRUE(test.merge().ok());
  EXPECT_EQ(test.part_files().size(), kTierFactor + 1);
  expect_same(old, test.model, 1);
  old = SeriesView();
  EXPECT_EQ(test.part_files(), std::vector<std::string>{"0000000000000006-202611-2.part"});
  test.stop();
  ASSERT_TRUE(test.start().ok());
  test.expect_same_as_model(1);
}

TEST(SeriesJobs, AMonthThatIsOverAndQuietBecomesOnePart) {
  SeriesModel test("months");
  for (int64_t at = 0; at < 3; ++at) {
    ASSERT_TRUE(test.post({example_reading(0, 1, at)}).ok());
    ASSERT_TRUE(test.checkpoint().ok());
    EXPECT_EQ(test.series->begin_merge(), nullptr);
  }
  // Eight days later it is December, and four days into it.
  while (test.frames.size() < 10 * 24 * 60) test.frames.push_back({test.frames.size() + 1, {}, {}});
  ASSERT_TRUE(test.post({example_reading(0, 1, 10 * 24 * 3600)}).ok());
  ASSERT_TRUE(test.checkpoint().ok());
  EXPECT_EQ(test.part_files().size(), 4U);
  ASSERT_TRUE(test.merge().ok());
  EXPECT_EQ(test.part_files(), (std::vector<std::string>{"0000000000003841-202611.part",
                                                         "0000000000003841-202612.part"}));
  test.expect_same_as_model(1);
}

TEST(SeriesJobs, MoreMonthsThanAreWrittenAtOnceGetAPartEach) {
  SeriesModel test("century");
  std::vector<Reading> readings;
  for (int64_t month = 0; month < 3 * 16 + 5; ++month) {
    for (int64_t stream = 1; stream <= 2; ++stream) {
      readings.push_back(example_reading(0, stream, -month * 31 * 24 * 3600));
    }
  }
  ASSERT_TRUE(test.post(std::move(readings)).ok());
  ASSERT_TRUE(test.checkpoint().ok());
  EXPECT_GE(test.part_files().size(), 3U * 16U);
  test.expect_same_as_model(2);
}

TEST(SeriesJobs, AJobThatIsDroppedLeavesNothing) {
  Random random(41);
  SeriesModel test("dropped");
  for (int step = 0; step < 10; ++step) {
    ASSERT_TRUE(test.post_random(random, kStreams, true).ok());
  }
  test.job = test.series->begin_checkpoint();
  while (!test.job->step().value()) {
  }
  EXPECT_FALSE(test.part_files().empty());
  test.job.reset();
  EXPECT_TRUE(test.part_files().empty());
  test.expect_same_as_model(kStreams);
  ASSERT_TRUE(test.checkpoint().ok());
  test.expect_same_as_model(kStreams);
}

TEST(SeriesJobs, WhatWasRolledBackIsWrittenAgain) {
  Random random(42);
  SeriesModel test("rolled_back");
  for (int step = 0; step < 10; ++step) {
    ASSERT_TRUE(test.post_random(random, kStreams, true).ok());
  }
  test.job = test.series->begin_checkpoint();
  while (!test.job->step().value()) {
  }
  ASSERT_TRUE(test.connection.execute("BEGIN").ok());
  ASSERT_TRUE(test.series->finish(test.connection, *test.job).ok());
  ASSERT_TRUE(test.connection.execute("ROLLBACK").ok());
  test.job.reset();
  ASSERT_TRUE(test.post_random(random, kStreams, true).ok());
  ASSERT_TRUE(test.checkpoint().ok());
  EXPECT_EQ(test.series->tail_readings(), 0U);
  test.stop();
  ASSERT_TRUE(test.start().ok());
  EXPECT_EQ(test.series->tail_readings(), 0U);
  test.expect_same_as_model(kStreams);
}

TEST(SeriesJobs, LanesAreSavedInPortionsAndMayBeAheadOfTheParts) {
  SeriesModel test("lanes_ahead");
  Random random(1);
  for (int i = 0; i < 30; ++i) {
    ASSERT_TRUE(test.post_random(random, kStreams).ok());
  }
  test.job = test.series->begin_checkpoint();
  while (!test.job->step().value()) {}
  int portions = 1;
  while (!test.series->save_lanes(test.connection, *test.job).value()) ++portions;
  EXPECT_EQ(portions, 3) << "of six streams, two at a time";
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(test.post_random(random, kStreams).ok());
  }
  test.stop();
  ASSERT_TRUE(test.start().ok());
  ASSERT_NO_FATAL_FAILURE(test.expect_same_as_model(kStreams));
  ASSERT_TRUE(test.post_random(random, kStreams).ok());
  ASSERT_TRUE(test.checkpoint().ok());
  ASSERT_NO_FATAL_FAILURE(test.expect_same_as_model(kStreams));
}

TEST(SeriesJobs, AFullDiskRefusesTheJobAndLosesNothing) {
  Random random(43);
  SeriesModel test("full");
  for (int step = 0; step < 10; ++step) {
    ASSERT_TRUE(test.post_random(random, kStreams).ok());
  }
  test.job = test.series->begin_checkpoint();
  test.files.set_capacity(1);
  Result<bool> stepped = false;
  while (stepped.ok() && !*stepped) stepped = test.job->step();
  EXPECT_FALSE(stepped.ok());
  test.job.reset();
  test.files.set_capacity(0);
  EXPECT_TRUE(test.part_files().empty());
  test.expect_same_as_model(kStreams);
  ASSERT_TRUE(test.checkpoint().ok());
  test.expect_same_as_model(kStreams);
}

// Some of everything, up to the first error: a checkpoint after each few readings, and when a tier
// is full, a merge during which the writer goes on.
Status live(SeriesModel& test, Random& random) {
  for (int64_t round = 0; round < 8; ++round) {
    std::vector<ReadingChange> changes;
    if (auto change = test.random_change(random, 2)) changes.push_back(std::move(*change));
    TRY_DO(test.post({example_reading(0, 1, round), example_reading(0, 2, round)},
                     std::move(changes)));
    TRY_DO(test.checkpoint());
    test.job = test.series->begin_merge();
    if (!test.job) continue;
    for (bool done = false; !done;) {
      TRY(done, test.job->step());
      TRY_DO(test.post_random(random, kStreams, true));
    }
    TRY_DO(test.end_job());
  }
  return {};
}

// A call that changes the disk fails, and the process ends; or power goes at it. What the frames
// say is there afterwards, and no part that the manifest does not name.
void fail_at(uint64_t call, SimFiles::Fault fault) {
  Random random(7);
  SeriesModel test("crash");
  test.files.fault_at(call, fault);
  const Status lived = live(test, random);
  test.stop();
  test.files.fault_at(0, fault);
  Random kept(call);
  if (fault == SimFiles::Fault::die) {
    test.files.crash(kept);
  } else {
    test.files.kill();
  }
  const Status started = test.start();
  ASSERT_TRUE(started.ok()) << started.error().message
                            << (lived.ok() ? "" : " " + lived.error().message);
  ASSERT_NO_FATAL_FAILURE(test.expect_same_as_model(kStreams));
  {
    auto count = test.connection.prepare("SELECT count(*) FROM part").value();
    ASSERT_TRUE(count.step().value());
    EXPECT_EQ(static_cast<size_t>(count.integer(0)), test.part_files().size());
  }
  ASSERT_TRUE(test.post_random(random, kStreams, true).ok());
  ASSERT_TRUE(test.checkpoint().ok());
  ASSERT_NO_FATAL_FAILURE(test.expect_same_as_model(kStreams));
}

TEST(SeriesJobs, ACrashAtAnyCallLosesAndDoublesNothing) {
  uint64_t calls = 0;
  {
    Random random(7);
    SeriesModel test("calls");
    const uint64_t before = test.files.changing_calls();
    ASSERT_TRUE(live(test, random).ok());
    calls = test.files.changing_calls() - before;
  }
  EXPECT_GT(calls, 150U);
  for (const SimFiles::Fault fault : {SimFiles::Fault::fail, SimFiles::Fault::die}) {
    for (uint64_t call = 1; call <= calls; ++call) {
      ASSERT_NO_FATAL_FAILURE(fail_at(call, fault)) << call;
    }
  }
}

// Checkpoints of one month, each of as many readings as the next, as sizes alone.
TEST(Tiers, AReadingIsWrittenFewTimes) {
  SeriesModel test("amplification");
  uint64_t written = 0;
  uint64_t most_parts = 0;
  for (int64_t round = 0; round < 100; ++round) {
    std::vector<Reading> readings;
    for (int64_t at = 0; at < 10; ++at) {
      readings.push_back(example_reading(0, 1 + at % 3, round * 10 + at));
    }
    ASSERT_TRUE(test.post(std::move(readings)).ok());
    ASSERT_TRUE(test.checkpoint().ok());
    written += 10;
    while ((test.job = test.series->begin_merge())) {
      auto before = test.part_files();
      ASSERT_TRUE(test.run_job().ok());
      auto row = test.connection.prepare(
          "SELECT readings FROM part ORDER BY sequence DESC, readings DESC LIMIT 1");
      ASSERT_TRUE(row->step().value());
      written += static_cast<uint64_t>(row->integer(0));
    }
    most_parts = std::max<uint64_t>(most_parts, test.part_files().size());
  }
  RecordProperty("written", std::to_string(written));
  EXPECT_LE(written, 1000U * 4U);
  EXPECT_LE(most_parts, 3 * kTierFactor);
}

// Whether the comparisons of this room notice something.
bool noticed(const std::function<void()>& lives) {
  testing::TestPartResultArray results;
  {
    const testing::ScopedFakeTestPartResultReporter reporter(
        testing::ScopedFakeTestPartResultReporter::INTERCEPT_ONLY_CURRENT_THREAD, &results);
    lives();
  }
  for (int at = 0; at < results.size(); ++at) {
    if (results.GetTestPartResult(at).failed()) return true;
  }
  return false;
}

void compare_through_a_checkpoint() {
  Random random(50);
  SeriesModel test("mutation");
  for (int step = 0; step < 8; ++step) {
    ASSERT_TRUE(test.post_random(random, kStreams).ok());
  }
  const auto change =
      ReadingChange::removed(test.model.begin()->first, test.model.begin()->second.stream, "");
  test.job = test.series->begin_checkpoint();
  ASSERT_TRUE(test.post({}, {change}).ok());
  test.expect_same_as_model(kStreams);
  ASSERT_TRUE(test.run_job().ok());
  test.expect_same_as_model(kStreams);
  test.stop();
  ASSERT_TRUE(test.start().ok());
  test.expect_same_as_model(kStreams);
}

TEST(SeriesMutations, EachIsNoticed) {
  EXPECT_FALSE(noticed(compare_through_a_checkpoint));
  for (bool* mutation : {&Series::mutation_tail_freed_early, &Series::mutation_find_without_overlay,
                         &Series::mutation_lanes_not_recorded}) {
    *mutation = true;
    EXPECT_TRUE(noticed(compare_through_a_checkpoint));
    *mutation = false;
  }
}

}  // namespace
}  // namespace duliang
