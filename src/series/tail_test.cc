#include "series/tail.h"

#include <gtest/gtest.h>

#include <set>

#include "series/example_readings.h"

namespace duliang {
namespace {

std::vector<Reading> all_of(const TailSnapshot& tail) {
  std::vector<Reading> readings;
  for (const auto& chunk : *tail.sealed) {
    const auto rows = std::span(chunk->chunk->rows).first(chunk->sorted.rows.size());
    readings.insert(readings.end(), rows.begin(), rows.end());
  }
  const auto open = tail.open_readings();
  readings.insert(readings.end(), open.begin(), open.end());
  return readings;
}

TEST(Tail, AReadingIsAtMost120BytesPlusLongTexts) { EXPECT_LE(sizeof(Reading), 120U); }

TEST(Tail, ASnapshotShowsWhatWasThereAndNothingThatCameLater) {
  Random random(1);
  SeriesTail tail(4);
  std::vector<Reading> came;
  std::vector<TailSnapshot> snapshots{tail.snapshot()};
  for (int64_t i = 0; i < 30; ++i) {
    Reading reading = random_reading(random, 3, i);
    reading.id = ReadingId{i + 1};
    tail.append(reading);
    came.push_back(reading);
    snapshots.push_back(tail.snapshot());
  }
  EXPECT_EQ(tail.readings(), 30U);
  for (size_t i = 0; i < snapshots.size(); ++i) {
    EXPECT_EQ(snapshots[i].readings, i);
    EXPECT_EQ(all_of(snapshots[i]),
              std::vector<Reading>(came.begin(), came.begin() + static_cast<ptrdiff_t>(i)));
  }
}

TEST(Tail, ASealedChunkFindsTheReadingsOfAStreamInOrder) {
  Random random(2);
  auto chunk = std::make_shared<Chunk>(200);
  for (size_t i = 0; i < 200; ++i) {
    chunk->rows[i] = random_reading(random, 7, static_cast<int64_t>(i));
    chunk->rows[i].id = ReadingId{static_cast<int64_t>(i) + 1};
  }
  for (const size_t rows : {200U, 150U, 1U}) {
    const auto sealed = seal(chunk, rows);
    std::set<const Reading*> seen;
    for (const StreamRows& stream : sealed->sorted.streams) {
      Bounds bounds;
      const Reading* before = nullptr;
      for (const Reading* reading : sealed->sorted.of(stream)) {
        EXPECT_EQ(reading->stream, stream.stream);
        if (before != nullptr) {
          EXPECT_LT(kept_order(*before), kept_order(*reading));
        }
        before = reading;
        bounds.add(*reading);
        seen.insert(reading);
      }
      EXPECT_EQ(bounds, stream.bounds);
    }
    EXPECT_EQ(seen.size(), rows);
    EXPECT_EQ(sealed->sorted.bounds.readings, rows);
  }
}

TEST(Tail, StreamsOfAnySizeAreSorted) {
  Random random(3);
  std::vector<Reading> readings(500);
  int64_t id = 1;
  for (Reading& reading : readings) {
    reading = random_reading(random, 7, id);
    // Streams that differ in high bytes alone, in low ones alone, and in both.
    reading.stream = StreamId{(int64_t{1} << (8 * random.below(7))) +
                              256 * static_cast<int64_t>(reading.feature)};
    reading.id = ReadingId{id++};
  }
  std::vector<const Reading*> expected;
  for (const Reading& reading : readings) expected.push_back(&reading);
  const SortedRows sorted = sort_rows(expected);
  std::ranges::sort(expected, {}, [](const Reading* reading) { return kept_order(*reading); });
  EXPECT_EQ(sorted.rows, expected);
  EXPECT_TRUE(sort_rows({}).rows.empty());
}

TEST(Tail, WhatIsWrittenIsSealedByItselfAndForgotten) {
  for (size_t first = 0; first <= 11; ++first) {
    SeriesTail tail(4);
    std::vector<Reading> came;
    for (int64_t i = 0; i < 11; ++i) {
      came.push_back(example_reading(i + 1, 1 + i % 2, i));
      tail.append(came.back());
    }
    const TailSnapshot before = tail.snapshot();
    const size_t chunks = tail.seal_first(first);
    const TailSnapshot cut = tail.snapshot();
    EXPECT_EQ(all_of(cut), came);
    EXPECT_EQ(all_of(before), came);
    EXPECT_EQ(tail.behind(first).size(), 11 - first);
    const TailSnapshot rest = cut.without(chunks);
    tail.forget(chunks);
    const std::vector<Reading> behind(came.begin() + static_cast<ptrdiff_t>(first), came.end());
    EXPECT_EQ(all_of(rest), behind);
    EXPECT_EQ(all_of(tail.snapshot()), behind);
    EXPECT_EQ(tail.readings(), 11 - first);
    tail.append(came.front());
    EXPECT_EQ(tail.readings(), 12 - first);
  }
}

}  // namespace
}  // namespace duliang
