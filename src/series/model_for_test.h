// The series beside a model of it that is as simple as can be: readings in a std::map. For tests:
// both get the same readings, and every question must have the same answer, after every restart.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/sim/sim_files.h"
#include "series/example_readings.h"
#include "series/series.h"
#include "sqlite/vfs.h"

namespace duliang {

inline constexpr int64_t kStreams = 6;  // where a test says no other number

// What a journal would hold.
struct ExampleFrame {
  uint64_t sequence = 0;
  std::vector<Reading> readings;
  std::vector<ReadingChange> changes;
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
  if (options.order == ScanOrder::time) {
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
  for (const ScanOrder order : {ScanOrder::time, ScanOrder::id}) {
    for (const bool descending : {false, true}) {
      options.order = order;
      options.descending = descending;
      std::vector<Reading> expected = model_scan(model, options);
      ASSERT_EQ(view_scan(view, options, model.size() + 1), expected)
          << number(order) << descending;
      if (expected.size() > 5) expected.resize(5);
      ASSERT_EQ(view_scan(view, options, 5), expected) << number(order) << descending;
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

// A series on a simulated disk, and its frames, from which it is restored as the engine does it:
// readings behind N, changes behind R.
class SeriesModel {
 public:
  explicit SeriesModel(const std::string& vfs) : vfs_(vfs) {
    register_vfs(vfs_, files);
    const Status started = start();
    EXPECT_TRUE(started.ok()) << (started.ok() ? "" : started.error().message);
  }
  ~SeriesModel() {
    stop();
    unregister_vfs(vfs_);
  }
  SeriesModel(const SeriesModel&) = delete;
  SeriesModel& operator=(const SeriesModel&) = delete;

  Status start();
  void stop() {
    job.reset();
    series.reset();
    connection = Connection();
  }

  // One frame: the readings, but for those that a cut refuses, then the changes.
  Status post(std::vector<Reading> readings, std::vector<ReadingChange> changes = {});
  Status post_random(Random& random, int64_t streams, bool changes = false);
  // One of a reading that is there, or was.
  std::optional<ReadingChange> random_change(Random& random, int64_t streams);

  Status run_job() {
    for (bool done = false; !done;) {
      TRY(done, job->step());
    }
    return end_job();
  }
  // Commits durably, as jobs must be.
  Status end_job();
  Status checkpoint() {
    job = series->begin_checkpoint();
    return run_job();
  }
  // All that is worth it.
  Status merge() {
    for (;;) {
      job = series->begin_merge();
      if (!job) return {};
      TRY_DO(run_job());
    }
  }
  std::vector<std::string> part_files() { return files.list("data/parts").value(); }
  void expect_same_as_model(int64_t streams);

  SimFiles files;
  Connection connection;
  std::unique_ptr<Series> series;
  std::unique_ptr<PartsJob> job;
  std::vector<ExampleFrame> frames;
  ReadingMap model;
  std::map<ReadingId, std::vector<ReadingVersion>> versions;
  std::map<StreamId, Time> cuts;

 private:
  void change_model(const ReadingChange& change, uint64_t sequence);
  Status apply(const ExampleFrame& frame, bool readings, bool changes);
  std::string vfs_;
};

inline uint32_t second_of_frame(uint64_t sequence) {
  return static_cast<uint32_t>(1'795'526'440 + 60 * sequence);
}

inline Status SeriesModel::start() {
  TRY_DO(make_durable_folder(files, "data"));
  TRY(connection, Connection::open("data/state.db", {.vfs = vfs_}));
  TRY_DO(Series::create_tables(connection));
  TRY_DO(
      connection.execute("CREATE TABLE IF NOT EXISTS applied(one INTEGER PRIMARY KEY, "
                         "sequence INTEGER); INSERT OR IGNORE INTO applied VALUES (1, 0)"));
  const SeriesSizes sizes{.chunk_rows = 8, .page_rows = 4, .step_rows = 16, .lane_rows = 2,
                          .overlay_entries = 20};
  TRY(series, Series::open(files, "data/parts", connection, sizes));
  const uint64_t in_parts = series->view().sequence();
  uint64_t applied = 0;
  {
    TRY(auto row, connection.prepare("SELECT sequence FROM applied"));
    TRY_DO(row.step());
    applied = static_cast<uint64_t>(row.integer(0));
  }
  for (const ExampleFrame& frame : frames) {
    TRY_DO(apply(frame, frame.sequence > in_parts, frame.sequence > applied));
  }
  return {};
}

inline Status SeriesModel::apply(const ExampleFrame& frame, bool readings, bool changes) {
  if (readings) {
    for (const Reading& reading : frame.readings) series->append(reading);
  }
  if (changes && !frame.changes.empty()) {
    TRY_DO(connection.execute("BEGIN IMMEDIATE"));
    const Time time = kExampleStart + std::chrono::seconds{frame.sequence};
    for (const ReadingChange& change : frame.changes) {
      TRY_DO(series->change(connection, {change, frame.sequence, time, "tester"}));
    }
    TRY_DO(connection.execute(fmt::format("UPDATE applied SET sequence = {}", frame.sequence)));
    TRY_DO(connection.execute("COMMIT"));
  }
  if (frame.sequence >= series->view().sequence()) series->publish(frame.sequence);
  return {};
}

inline Status SeriesModel::post(std::vector<Reading> readings, std::vector<ReadingChange> changes) {
  ExampleFrame frame{frames.size() + 1, {}, std::move(changes)};
  for (Reading& reading : readings) {
    const auto cut = series->cut_of(reading.stream);
    if (cut && reading.phenomenon_time.begin < *cut) continue;
    reading.id = series->give_id(reading.stream);
    reading.arrived_s = second_of_frame(frame.sequence);
    model[reading.id] = reading;
    frame.readings.push_back(std::move(reading));
  }
  for (const ReadingChange& change : frame.changes) change_model(change, frame.sequence);
  frames.push_back(std::move(frame));
  return apply(frames.back(), true, true);
}

inline Status SeriesModel::post_random(Random& random, int64_t streams, bool changes) {
  std::vector<Reading> readings(random.below(12));
  const auto around = static_cast<int64_t>(frames.size()) * 10;
  for (Reading& reading : readings) reading = random_reading(random, streams, around);
  std::vector<ReadingChange> asked;
  if (changes) {
    std::set<ReadingId> seen;  // one change of each, so that each finds what the model holds now
    for (uint64_t left = random.below(4); left > 0; --left) {
      auto change = random_change(random, streams);
      if (change && asked.empty() && change->kind == ReadingChange::Kind::cut) {
        asked.push_back(std::move(*change));
        break;  // what it hides must not be changed behind it
      }
      if (change && change->kind != ReadingChange::Kind::cut &&
          seen.insert(change->reading.id).second) {
        asked.push_back(std::move(*change));
      }
    }
  }
  return post(std::move(readings), std::move(asked));
}

inline std::optional<ReadingChange> SeriesModel::random_change(Random& random, int64_t streams) {
  const auto below = [&](uint64_t bound) { return static_cast<int64_t>(random.below(bound)); };
  if (random.chance(0.03)) {
    const int64_t second = below(frames.size() * 10 + 1) - 200;
    return ReadingChange::cut(StreamId{1 + below(static_cast<uint64_t>(streams))},
                              kExampleStart + std::chrono::seconds{second}, "old");
  }
  if (random.chance(0.1) && !versions.empty()) {  // put back what was removed
    auto old = std::next(versions.begin(), static_cast<ptrdiff_t>(random.below(versions.size())));
    const auto& before = old->second.back().before;
    if (model.contains(old->first) || !before) return std::nullopt;
    const auto cut = cuts.find(before->stream);
    if (cut != cuts.end() && before->phenomenon_time.begin < cut->second) return std::nullopt;
    return ReadingChange::replaced(*before, "by mistake");
  }
  if (model.empty()) return std::nullopt;
  const auto& [id, reading] =
      *std::next(model.begin(), static_cast<ptrdiff_t>(random.below(model.size())));
  if (random.chance(0.3)) return ReadingChange::removed(id, reading.stream, "wrong");
  Reading better = reading;
  better.result = fmt::format("{}", random.below(1000));
  better.quality = static_cast<Quality>(random.below(5));
  better.arrived_s = 0;
  if (random.chance(0.3)) shift(better, std::chrono::seconds{50 - below(100)});
  if (random.chance(0.1)) shift(better, std::chrono::days{31 * (2 - below(5))});
  const auto cut = cuts.find(better.stream);
  if (cut != cuts.end() && better.phenomenon_time.begin < cut->second) return std::nullopt;
  return ReadingChange::replaced(better, "corrected");
}

inline void SeriesModel::change_model(const ReadingChange& change, uint64_t sequence) {
  const ReadingId id = change.reading.id;
  if (change.kind == ReadingChange::Kind::cut) {
    Time& before = cuts.try_emplace(change.reading.stream, Time::min()).first->second;
    before = std::max(before, change.before);
    std::erase_if(model, [&](const auto& each) {
      return each.second.stream == change.reading.stream &&
             each.second.phenomenon_time.begin < before;
    });
    return;
  }
  const auto found = model.find(id);
  ReadingVersion version{
      sequence, kExampleStart + std::chrono::seconds{sequence}, "tester", change.reason, {}};
  if (found != model.end()) version.before = found->second;
  auto& of_reading = versions[id];
  if (change.kind == ReadingChange::Kind::remove) {
    model.erase(id);
  } else {
    Reading reading = change.reading;
    reading.arrived_s =
        version.before ? version.before->arrived_s : of_reading.back().before->arrived_s;
    model[id] = reading;
  }
  of_reading.push_back(std::move(version));
}

inline Status SeriesModel::end_job() {
  // The engine saves them all before it finishes; a smaller caller none. Here it is some.
  for (size_t portions = frames.size() % 4; portions > 0; --portions) {
    TRY(const bool all, series->save_lanes(connection, *job));
    if (all) break;
  }
  TRY_DO(connection.execute("PRAGMA synchronous = FULL; BEGIN IMMEDIATE"));
  TRY_DO(series->finish(connection, *job));
  TRY_DO(connection.execute("COMMIT; PRAGMA synchronous = NORMAL"));
  series->finished(*job);
  job.reset();
  return {};
}

inline void SeriesModel::expect_same_as_model(int64_t streams) {
  ASSERT_NO_FATAL_FAILURE(expect_same(series->view(), model, streams));
  ASSERT_EQ(series->view().sequence(), frames.size());
  for (const auto& [id, reading] : model) ASSERT_EQ(series->find(id).value(), reading);
  for (const auto& [id, expected] : versions) {
    if (!model.contains(id)) {
      ASSERT_FALSE(series->find(id).value());
      ASSERT_FALSE(series->view().find(id).value());
    }
    const auto kept = versions_of(connection, id).value();
    ASSERT_EQ(kept.size(), expected.size());
    for (size_t at = 0; at < kept.size(); ++at) {
      ASSERT_EQ(kept[at].sequence, expected[at].sequence);
      ASSERT_EQ(kept[at].time, expected[at].time);
      ASSERT_EQ(kept[at].actor, expected[at].actor);
      ASSERT_EQ(kept[at].reason, expected[at].reason);
      ASSERT_EQ(kept[at].before, expected[at].before);
    }
  }
}

// Some 500 readings of kStreams streams in ninety frames, in parts and in the tail.
inline Status live(SeriesModel& test, Random& random, bool changes) {
  for (int frame = 0; frame < 90; ++frame) {
    TRY_DO(test.post_random(random, kStreams, changes));
    if (random.chance(0.1)) TRY_DO(test.checkpoint());
    if (random.chance(0.05)) TRY_DO(test.merge());
  }
  return {};
}

inline std::vector<std::string> dump_of(SeriesModel& test) {
  std::vector<std::string> lines;
  const Status dumped = dump_readings(test.series->view(), test.connection,
                                      [&](std::string_view line) { lines.emplace_back(line); });
  EXPECT_TRUE(dumped.ok());
  return lines;
}

}  // namespace duliang
