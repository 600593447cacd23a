// Readings that are changed after they came: one put right, removed, put back; a stream cut. What
// views, the writer and the counts show of them, through checkpoints, merges and restarts.
#include "series/model_for_test.h"
#include "series/overlay.h"

namespace duliang {
namespace {

TEST(SeriesChanges, AnswersAsTheModelDoesThroughJobsAndRestarts) {
  for (uint64_t seed = 1; seed <= 6; ++seed) {
    Random random(seed);
    SeriesModel test("changes");
    bool stepped = false;
    for (int step = 0; step < 100; ++step) {
      ASSERT_TRUE(test.post_random(random, kStreams, true).ok()) << seed;
      if (!test.job && random.chance(0.2)) {
        test.job =
            random.chance(0.5) ? test.series->begin_checkpoint() : test.series->begin_merge();
        stepped = false;
      }
      if (test.job && !stepped) stepped = test.job->step().value();
      if (test.job && stepped && random.chance(0.3)) {
        const Status ended = test.end_job();
        ASSERT_TRUE(ended.ok()) << seed << ended.error().message;
      }
      if (random.chance(0.05)) {
        test.stop();
        const Status started = test.start();
        ASSERT_TRUE(started.ok()) << seed << started.error().message;
      }
      if (!random.chance(0.1)) continue;
      ASSERT_NO_FATAL_FAILURE(test.expect_same_as_model(kStreams)) << seed << " " << step;
    }
    test.job.reset();
    ASSERT_TRUE(test.checkpoint().ok());
    ASSERT_TRUE(test.merge().ok());
    ASSERT_NO_FATAL_FAILURE(test.expect_same_as_model(kStreams)) << seed;
    for (const std::string& name : test.part_files()) {
      EXPECT_TRUE(verify_part(test.files, "data/parts/" + name).ok());
    }
  }
}

TEST(SeriesChanges, TimeWindowsAreThoseOfTheReadingsAsTheyAreNow) {
  Random random(31);
  SeriesModel test("changed_windows");
  for (int step = 0; step < 80; ++step) {
    ASSERT_TRUE(test.post_random(random, kStreams, true).ok());
    if (step % 20 == 7) {
      ASSERT_TRUE(test.checkpoint().ok());
    }
  }
  for (int round = 0; round < 200; ++round) {
    ScanOptions options;
    const auto second = [&] {
      return kExampleStart + std::chrono::seconds{static_cast<int64_t>(random.below(820))};
    };
    if (random.chance(0.7)) options.from = second();
    if (random.chance(0.7)) options.to = second();
    if (random.chance(0.5)) options.stream = StreamId{1 + static_cast<int64_t>(random.below(7))};
    ASSERT_NO_FATAL_FAILURE(expect_same_scans(test.series->view(), test.model, options));
  }
}

TEST(SeriesChanges, ViewsSeeAChangeWhenItIsPublishedAndTheWriterAtOnce) {
  SeriesModel test("seen");
  ASSERT_TRUE(test.post({example_reading(0, 1, 0, "1")}).ok());
  Reading better = *test.series->find(ReadingId{1}).value();
  better.result = "2";
  const auto change = ReadingChange::replaced(better, "");
  ASSERT_TRUE(test.connection.execute("BEGIN").ok());
  ASSERT_TRUE(test.series->change(test.connection, {change, 2, kExampleStart, "me"}).ok());
  ASSERT_TRUE(test.connection.execute("COMMIT").ok());
  EXPECT_EQ(test.series->find(ReadingId{1}).value()->result, "2");
  const SeriesView before = test.series->view();
  EXPECT_EQ(before.find(ReadingId{1}).value()->result, "1");
  test.series->publish(2);
  EXPECT_EQ(test.series->view().find(ReadingId{1}).value()->result, "2");
  EXPECT_EQ(before.find(ReadingId{1}).value()->result, "1");
}

TEST(SeriesChanges, ApplyingAFrameTwiceChangesNothing) {
  Random random(32);
  SeriesModel test("twice");
  for (int step = 0; step < 40; ++step) {
    ASSERT_TRUE(test.post_random(random, kStreams, true).ok());
    for (const ReadingChange& change : test.frames.back().changes) {
      const uint64_t sequence = test.frames.size();
      ASSERT_TRUE(test.series->change(test.connection, {change, sequence, {}, "again"}).ok());
    }
    test.series->publish(test.frames.size());
  }
  ASSERT_NO_FATAL_FAILURE(test.expect_same_as_model(kStreams));
}

TEST(SeriesChanges, WhatIsNotThereCannotBeChanged) {
  SeriesModel test("absent");
  ASSERT_TRUE(test.post({example_reading(0, 1, 0)}).ok());
  const auto change = [&](const ReadingChange& asked) {
    return test.series->change(test.connection, {asked, 2, {}, ""});
  };
  const Status other = change(ReadingChange::removed(ReadingId{1}, StreamId{2}, ""));
  ASSERT_FALSE(other.ok());
  EXPECT_EQ(other.error().code, Code::conflict);
  const Status never = change(ReadingChange::replaced(example_reading(7, 1, 0), ""));
  ASSERT_FALSE(never.ok());
  EXPECT_EQ(never.error().code, Code::not_found);
  EXPECT_TRUE(change(ReadingChange::removed(ReadingId{7}, StreamId{1}, "")).ok());
  test.series->publish(2);
  expect_same(test.series->view(), test.model, 2);
}

TEST(SeriesChanges, ACutStaysWhereItIsUntilALaterOne) {
  SeriesModel test("cut");
  for (int64_t second = 0; second < 20; ++second) {
    ASSERT_TRUE(test.post({example_reading(0, 1, second), example_reading(0, 2, second)}).ok());
    if (second == 9) {
      ASSERT_TRUE(test.checkpoint().ok());
    }
  }
  EXPECT_FALSE(test.series->cut_of(StreamId{1}));
  const auto cut = [&](int64_t second) {
    return test.post(
        {}, {ReadingChange::cut(StreamId{1}, kExampleStart + std::chrono::seconds{second}, "")});
  };
  ASSERT_TRUE(cut(13).ok());
  ASSERT_TRUE(cut(5).ok());
  EXPECT_EQ(test.series->cut_of(StreamId{1}), kExampleStart + std::chrono::seconds{13});
  EXPECT_EQ(test.series->view().count().value(), 27U);
  ASSERT_NO_FATAL_FAILURE(test.expect_same_as_model(2));
  ASSERT_TRUE(test.post({}, {ReadingChange::cut(StreamId{1}, Time::max(), "all")}).ok());
  EXPECT_EQ(test.series->view().count().value(), 20U);
  ASSERT_TRUE(test.checkpoint().ok());
  ASSERT_NO_FATAL_FAILURE(test.expect_same_as_model(2));
}

TEST(SeriesChanges, AfterCheckpointsAndMergesNothingIsLeftInTheOverlay) {
  Random random(33);
  SeriesModel test("drained");
  for (int step = 0; step < 100; ++step) {
    ASSERT_TRUE(test.post_random(random, kStreams, true).ok());
    if (step % 10 == 5) {
      ASSERT_TRUE(test.checkpoint().ok());
      ASSERT_TRUE(test.merge().ok());
    }
  }
  ASSERT_TRUE(test.checkpoint().ok());
  ASSERT_TRUE(test.merge().ok());
  auto count = test.connection.prepare("SELECT count(*) FROM overlay").value();
  ASSERT_TRUE(count.step().value());
  EXPECT_LE(count.integer(0), 20);  // the limit of the test's sizes
}

TEST(Overlay, TheNewestEntryCountsWhateverTheLayers) {
  Random random(34);
  Overlay overlay;
  std::map<ReadingId, std::pair<std::string, bool>> expected;
  std::vector<std::pair<OverlaySnapshot, size_t>> taken;
  for (uint64_t sequence = 1; sequence <= 300; ++sequence) {
    for (uint64_t left = random.below(4); left > 0; --left) {
      const auto id = 1 + static_cast<int64_t>(random.below(200));
      OverlayEntry entry{example_reading(id, 1 + id % 3, id, std::to_string(sequence)),
                         random.chance(0.3),
                         sequence,
                         {}};
      expected[ReadingId{id}] = {entry.reading.result, entry.removed};
      overlay.set(std::move(entry));
    }
    overlay.publish();
  }
  for (const auto& [id, value] : expected) {
    const StreamId stream{1 + static_cast<int64_t>(id) % 3};
    const OverlayEntry* entry = overlay.published().find(stream, id);
    ASSERT_NE(entry, nullptr);
    EXPECT_EQ(std::pair(entry->reading.result, entry->removed), value);
  }
  EXPECT_EQ(overlay.published().all().size(), expected.size());
  EXPECT_LE(overlay.published().layers->size(), 9U);
  EXPECT_EQ(overlay.published().find(StreamId{1}, ReadingId{201}), nullptr);
}

}  // namespace
}  // namespace duliang
