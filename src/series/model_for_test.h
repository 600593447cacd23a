// The series beside a model of it that is as simple as can be: readings in a std::map. For tests:
// both get the same readings, and every question must have the same answer, after every restart.
#pragma once

#include <gtest/gtest.h>

#include <map>

#include "base/sim/sim_files.h"
#include "series/example_readings.h"
#include "series/series.h"
#include "sqlite/vfs.h"

namespace duliang {

// What a journal would hold.
struct ExampleFrame {
  uint64_t sequence = 0;
  std::vector<Reading> readings;
};

using ReadingMap = std::map<ReadingId, Reading>;

inline std::vector<Reading> model_scan(const ReadingMap& model, const ScanOptions& options) {
  std::vector<Reading> found;
  for (const auto& [id, reading] : model) {
    const Time begin = reading.phenomenon_time.begin;
    if (options.stream && reading.stream != *options.stream) continue;
    if (options.from && begin < *options.from) continue;
    if (options.to && begin > *options.to) continue;
    found.push_back(reading);
  }
  if (!options.by_id) {
    std::ranges::stable_sort(found, {}, [](const Reading& r) { return r.phenomenon_time.begin; });
  }
  if (options.descending) std::ranges::reverse(found);
  return found;
}

inline std::vector<Reading> view_scan(const SeriesView& view, const ScanOptions& options,
                                      size_t limit) {
  std::vector<Reading> found;
  if (limit == 0) return found;
  const Status status = view.scan(options, [&](const Reading& reading) {
    found.push_back(reading);
    return found.size() < limit;
  });
  EXPECT_TRUE(status.ok());
  return found;
}

inline void expect_same_scans(const SeriesView& view, const ReadingMap& model,
                              ScanOptions options) {
  for (const bool by_id : {false, true}) {
    for (const bool descending : {false, true}) {
      options.by_id = by_id;
      options.descending = descending;
      std::vector<Reading> expected = model_scan(model, options);
      ASSERT_EQ(view_scan(view, options, model.size() + 1), expected) << by_id << descending;
      if (expected.size() > 5) expected.resize(5);
      ASSERT_EQ(view_scan(view, options, 5), expected) << by_id << descending;
    }
  }
}

inline void expect_same_stream(const SeriesView& view, const ReadingMap& model, StreamId stream) {
  ScanOptions options;
  options.stream = stream;
  options.descending = true;
  const auto expected = model_scan(model, options);
  const auto newest = view.newest(stream).value();
  ASSERT_EQ(newest.has_value(), !expected.empty());
  if (newest) {
    ASSERT_EQ(*newest, expected.front());
  }
  const StreamExtent extent = view.extent(stream).value();
  ASSERT_EQ(extent.readings, expected.size());
  if (expected.empty()) return;
  ASSERT_EQ(extent.first, expected.back().phenomenon_time.begin);
  Time last = Time::min();
  for (const Reading& r : expected) last = std::max(last, r.phenomenon_time.end);
  ASSERT_EQ(extent.last, last);
}

// Every question, with streams 1 to `streams` and one that is not there.
inline void expect_same(const SeriesView& view, const ReadingMap& model, int64_t streams) {
  ASSERT_EQ(view.count().value(), model.size());
  ASSERT_NO_FATAL_FAILURE(expect_same_scans(view, model, {}));
  for (int64_t stream = 1; stream <= streams + 1; ++stream) {
    ScanOptions options;
    options.stream = StreamId{stream};
    ASSERT_NO_FATAL_FAILURE(expect_same_scans(view, model, options));
    ASSERT_NO_FATAL_FAILURE(expect_same_stream(view, model, StreamId{stream}));
  }
  for (const auto& [id, reading] : model) {
    const auto found = view.find(id).value();
    ASSERT_TRUE(found.has_value()) << static_cast<int64_t>(id);
    ASSERT_EQ(*found, reading);
  }
  for (const int64_t id : {int64_t{-1}, int64_t{0}, int64_t{255}, int64_t{1'000'000'000}}) {
    ASSERT_EQ(view.find(ReadingId{id}).value().has_value(), model.contains(ReadingId{id}));
  }
}

// A series on a simulated disk, and its frames, from which it is restored as the engine does it.
class SeriesModel {
 public:
  explicit SeriesModel(const std::string& vfs) : vfs_(vfs) {
    register_vfs(vfs_, files);
    EXPECT_TRUE(start().ok());
  }
  ~SeriesModel() {
    stop();
    unregister_vfs(vfs_);
  }
  SeriesModel(const SeriesModel&) = delete;
  SeriesModel& operator=(const SeriesModel&) = delete;

  Status start() {
    TRY_DO(files.make_folder("data"));
    TRY(connection, Connection::open("data/state.db", {.vfs = vfs_}));
    TRY_DO(Series::create_tables(connection));
    TRY(series, Series::open(files, "data/parts", connection, {.chunk_rows = 8, .block_rows = 4}));
    for (const ExampleFrame& frame : frames) {
      if (frame.sequence <= series->view().sequence()) continue;
      for (const Reading& reading : frame.readings) series->append(reading);
      series->publish(frame.sequence);
    }
    return {};
  }
  void stop() {
    series.reset();
    connection = Connection();
  }

  void post(std::vector<Reading> readings) {
    for (Reading& reading : readings) {
      reading.id = series->give_id(reading.stream);
      series->append(reading);
      model[reading.id] = reading;
    }
    frames.push_back({frames.size() + 1, std::move(readings)});
    series->publish(frames.back().sequence);
  }
  void post_random(Random& random, int64_t streams) {
    std::vector<Reading> readings(random.below(12));
    const auto around = static_cast<int64_t>(frames.size()) * 10;
    for (Reading& reading : readings) reading = random_reading(random, streams, around);
    post(std::move(readings));
  }
  Status checkpoint() {
    TRY_DO(connection.execute("BEGIN IMMEDIATE"));
    TRY_DO(series->write_part(connection, series->view().sequence()));
    TRY_DO(connection.execute("COMMIT"));
    series->forget_tail();
    return {};
  }
  std::vector<std::string> part_files() { return files.list("data/parts").value(); }

  SimFiles files;
  Connection connection;
  std::unique_ptr<Series> series;
  std::vector<ExampleFrame> frames;
  ReadingMap model;

 private:
  std::string vfs_;
};

inline std::vector<std::string> dump_of(const SeriesView& view) {
  std::vector<std::string> lines;
  const Status dumped =
      dump_readings(view, [&](std::string_view line) { lines.emplace_back(line); });
  EXPECT_TRUE(dumped.ok());
  return lines;
}

}  // namespace duliang
