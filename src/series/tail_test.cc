#include "series/tail.h"

#include <gtest/gtest.h>

#include <set>

#include "series/example_readings.h"

namespace duliang {
namespace {

std::vector<Reading> all_of(const TailSnapshot& tail) {
  std::vector<Reading> readings;
  for (const auto& chunk : *tail.sealed) {
    readings.insert(readings.end(), chunk->chunk->rows.begin(), chunk->chunk->rows.end());
  }
  const auto open = tail.open_readings();
  readings.insert(readings.end(), open.begin(), open.end());
  return readings;
}

TEST(Tail, AReadingIsAtMost120BytesPlusLongTexts) { EXPECT_LE(sizeof(Reading), 120U); }

TEST(Tail, ASnapshotShowsWhatWasThereAndNothingThatCameLater) {
  Random random(1);
  Tail tail(4);
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
    EXPECT_EQ(snapshots[i].readings(), i);
    EXPECT_EQ(all_of(snapshots[i]),
              std::vector<Reading>(came.begin(), came.begin() + static_cast<ptrdiff_t>(i)));
  }
  for (size_t i = 0; i < came.size(); ++i) EXPECT_EQ(tail[i], came[i]);
}

TEST(Tail, ASealedChunkFindsTheReadingsOfAStreamInOrder) {
  Random random(2);
  auto chunk = std::make_shared<Chunk>(200);
  for (size_t i = 0; i < 200; ++i) {
    chunk->rows[i] = random_reading(random, 7, static_cast<int64_t>(i));
    chunk->rows[i].id = ReadingId{static_cast<int64_t>(i) + 1};
  }
  const auto sealed = seal(chunk);
  std::set<uint32_t> seen;
  for (const ChunkStream& stream : sealed->streams) {
    Bounds bounds;
    const Reading* before = nullptr;
    for (const uint32_t place : places(*sealed, stream)) {
      const Reading& reading = chunk->rows[place];
      EXPECT_EQ(reading.stream, stream.stream);
      if (before != nullptr) {
        EXPECT_LT(kept_order(*before), kept_order(reading));
      }
      before = &reading;
      bounds.add(reading);
      seen.insert(place);
    }
    EXPECT_EQ(bounds, stream.bounds);
  }
  EXPECT_EQ(seen.size(), 200U);
  EXPECT_EQ(sealed->bounds.readings, 200U);
  EXPECT_EQ(sets_of(sealed->streams, StreamId{4}).size(), 1U);
  EXPECT_EQ(sets_of(sealed->streams, StreamId{8}).size(), 0U);
}

}  // namespace
}  // namespace duliang
