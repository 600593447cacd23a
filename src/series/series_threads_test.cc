// One thread writes and two read, on the real disk: for the thread sanitizer, and for the promise
// that every picture is whole.
#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <thread>

#include "base/os/os_files.h"
#include "series/example_readings.h"
#include "series/series.h"

namespace duliang {
namespace {

constexpr int64_t kThreadStreams = 5;
constexpr uint64_t kFrames = 600;

// Frame number q brings the readings 10 (q - 1) to 10 q - 1, each with its number as result.
constexpr uint64_t kFrameReadings = 10;

void read_picture(const SeriesView& view, uint64_t* last_sequence) {
  ASSERT_GE(view.sequence(), *last_sequence);
  *last_sequence = view.sequence();
  const uint64_t expected = view.sequence() * kFrameReadings;
  ASSERT_EQ(view.count().value(), expected);
  std::vector<bool> seen(expected);
  uint64_t readings = 0;
  const Status scanned = view.scan({}, [&](const Reading& reading) {
    const auto number = static_cast<size_t>(*number_of(reading));
    EXPECT_TRUE(number < seen.size() && !seen[number]) << number;
    seen[number] = true;
    ++readings;
    return true;
  });
  ASSERT_TRUE(scanned.ok());
  ASSERT_EQ(readings, expected);
  uint64_t in_extents = 0;
  for (int64_t stream = 1; stream <= kThreadStreams; ++stream) {
    in_extents += view.extent(StreamId{stream}).value().readings;
    const auto newest = view.newest(StreamId{stream}).value();
    if (!newest) continue;
    ASSERT_EQ(view.find(newest->id).value(), newest);
  }
  ASSERT_EQ(in_extents, expected);
}

void write_all(Series& series, Connection& connection, Random& random) {
  uint64_t number = 0;
  std::unique_ptr<PartsJob> job;
  bool done = false;
  for (uint64_t sequence = 1; sequence <= kFrames; ++sequence) {
    for (uint64_t i = 0; i < kFrameReadings; ++i) {
      Reading reading = random_reading(random, kThreadStreams, static_cast<int64_t>(sequence));
      reading.id = series.give_id(reading.stream);
      reading.result = std::to_string(number++);
      series.append(reading);
    }
    series.publish(sequence);
    if (job && !done) done = job->step().value();
    if (job && done && sequence % 3 == 0) {
      ASSERT_TRUE(connection.execute("BEGIN").ok());
      ASSERT_TRUE(series.finish(connection, *job).ok());
      ASSERT_TRUE(connection.execute("COMMIT").ok());
      series.finished(*job);
      job.reset();
    }
    if (job || sequence % 20 != 0) continue;
    job = series.begin_merge();
    if (!job) job = series.begin_checkpoint();
    done = false;
  }
}

TEST(SeriesThreads, EveryPictureIsWholeWhileTheWriterGoesOn) {
  const std::string folder =
      std::filesystem::path(testing::TempDir()) / fmt::format("series_threads_{}", ::getpid());
  OsFiles files;
  ASSERT_TRUE(files.make_folder(folder).ok());
  auto connection = Connection::open(folder + "/state.db", {});
  ASSERT_TRUE(connection.ok());
  ASSERT_TRUE(Series::create_tables(*connection).ok());
  auto series = Series::open(files, folder + "/parts", *connection,
                             {.chunk_rows = 64, .page_rows = 32, .step_rows = 200});
  ASSERT_TRUE(series.ok());

  std::atomic<bool> done = false;
  const auto reader = [&] {
    uint64_t last_sequence = 0;
    while (!done && !testing::Test::HasFatalFailure()) {
      read_picture((*series)->view(), &last_sequence);
    }
  };
  std::thread first(reader);
  std::thread second(reader);
  Random random(100);
  write_all(**series, *connection, random);
  done = true;
  first.join();
  second.join();
  uint64_t last_sequence = 0;
  read_picture((*series)->view(), &last_sequence);
  EXPECT_EQ(last_sequence, kFrames);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace duliang
