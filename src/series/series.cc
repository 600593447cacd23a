#include "series/series.h"

#include <algorithm>
#include <mutex>

#include "series/view.h"

namespace duliang {
namespace {

constexpr std::string_view kPartEnding = ".part";

std::string part_name(uint64_t sequence) { return fmt::format("{:016x}{}", sequence, kPartEnding); }

std::string path_in(const std::string& folder, std::string_view name) {
  return fmt::format("{}/{}", folder, name);
}

// A row of the manifest.
struct PartRow {
  std::string name;
  uint64_t sequence = 0;
  uint64_t readings = 0;
};

Result<std::vector<PartRow>> read_manifest(Connection& connection) {
  TRY(auto rows, connection.prepare("SELECT name, sequence, readings FROM part ORDER BY sequence"));
  std::vector<PartRow> parts;
  for (;;) {
    TRY(bool stands, rows.step());
    if (!stands) return parts;
    parts.push_back({std::string(rows.text(0)), static_cast<uint64_t>(rows.integer(1)),
                     static_cast<uint64_t>(rows.integer(2))});
  }
}

Result<uint64_t> read_sequence(Connection& connection) {
  TRY(auto row, connection.prepare("SELECT sequence FROM series_position"));
  TRY(bool stands, row.step());
  return stands ? static_cast<uint64_t>(row.integer(0)) : uint64_t{0};
}

// A part that no manifest names was written by a checkpoint that was not committed: its readings
// are in the journal and come again.
Status remove_others(Files& files, const std::string& folder,
                     const std::vector<PartRow>& manifest) {
  TRY(auto names, files.list(folder));
  for (const std::string& name : names) {
    if (!name.ends_with(kPartEnding)) continue;
    if (std::ranges::find(manifest, name, &PartRow::name) != manifest.end()) continue;
    TRY_DO(files.remove(path_in(folder, name)));
  }
  return {};
}

Result<std::shared_ptr<const Part>> open_part(Files& files, const std::string& path,
                                              const PartRow& row) {
  TRY(bool exists, files.exists(path));
  if (!exists) {
    return Error{Code::corrupt,
                 fmt::format("The manifest names the part {}, which is not there.", path), path};
  }
  TRY(auto part, Part::open(files, path));
  const PartDirectory& directory = part->directory();
  if (directory.sequence != row.sequence || directory.bounds.readings != row.readings) {
    return Error{Code::corrupt,
                 fmt::format("The part {} holds {} readings up to frame {}, and the manifest says "
                             "{} up to frame {}.",
                             path, directory.bounds.readings, directory.sequence, row.readings,
                             row.sequence),
                 path};
  }
  return part;
}

Status write_manifest(Connection& connection, const PartRow& row, uint64_t bytes) {
  TRY(Statement * put, connection.cached("INSERT INTO part(name, sequence, readings, bytes) "
                                         "VALUES (?1, ?2, ?3, ?4)"));
  put->bind(1, row.name);
  put->bind(2, static_cast<int64_t>(row.sequence));
  put->bind(3, static_cast<int64_t>(row.readings));
  put->bind(4, static_cast<int64_t>(bytes));
  return put->run();
}

Status write_sequence(Connection& connection, uint64_t sequence) {
  TRY(Statement * put, connection.cached("INSERT OR REPLACE INTO series_position VALUES (1, ?1)"));
  put->bind(1, static_cast<int64_t>(sequence));
  return put->run();
}

}  // namespace

struct Series::State {
  State(Files& its_files, std::string its_folder, SeriesSizes its_sizes)
      : files(its_files), folder(std::move(its_folder)), sizes(its_sizes), tail(sizes.chunk_rows) {}

  void swap_in(std::shared_ptr<const SeriesView::State> next);
  std::shared_ptr<const SeriesView::State> picture() const;
  Result<std::shared_ptr<const Part>> write_tail(Connection& connection, uint64_t sequence);

  Files& files;
  const std::string folder;
  const SeriesSizes sizes;
  Lanes lanes;
  Tail tail;
  // Between write_part() and forget_tail(): how much of the tail is in the part.
  size_t written = 0;
  std::shared_ptr<const Part> written_part;

  mutable std::mutex mutex;  // guards `published` alone
  std::shared_ptr<const SeriesView::State> published = std::make_shared<SeriesView::State>();
};

void Series::State::swap_in(std::shared_ptr<const SeriesView::State> next) {
  {
    const std::lock_guard lock(mutex);
    published.swap(next);
  }
  // The old picture goes here, outside of the lock: it may be the last to hold a whole tail.
}

std::shared_ptr<const SeriesView::State> Series::State::picture() const {
  const std::lock_guard lock(mutex);
  return published;
}

// The published tail as a part that stands safe on disk, and its row of the manifest.
Result<std::shared_ptr<const Part>> Series::State::write_tail(Connection& connection,
                                                              uint64_t sequence) {
  struct Place {
    KeptOrder key;
    const Reading* reading;
  };
  std::vector<Place> sorted;
  sorted.reserve(written);
  for (size_t place = 0; place < written; ++place) {
    sorted.push_back({kept_order(tail[place]), &tail[place]});
  }
  std::ranges::sort(sorted, {}, &Place::key);
  std::vector<const Reading*> readings;
  readings.reserve(sorted.size());
  for (const Place& place : sorted) readings.push_back(place.reading);

  const PartRow row{part_name(sequence), sequence, written};
  const std::string path = path_in(folder, row.name);
  TRY(const uint64_t bytes, write_part_file(files, path, {sequence, readings, sizes.block_rows}));
  TRY_DO(files.sync_folder(folder));
  TRY_DO(write_manifest(connection, row, bytes));
  return Part::open(files, path);
}

Status Series::create_tables(Connection& connection) {
  TRY_DO(connection.execute(
      "CREATE TABLE IF NOT EXISTS part(name TEXT PRIMARY KEY, sequence INTEGER NOT NULL, "
      "readings INTEGER NOT NULL, bytes INTEGER NOT NULL) WITHOUT ROWID;"
      "CREATE TABLE IF NOT EXISTS series_position("
      "one INTEGER PRIMARY KEY CHECK (one = 1), sequence INTEGER NOT NULL)"));
  return Lanes::create_tables(connection);
}

Result<std::unique_ptr<Series>> Series::open(Files& files, std::string folder,
                                             Connection& connection, SeriesSizes sizes) {
  if (!folder.empty()) TRY_DO(files.make_folder(folder));
  TRY(const auto manifest, read_manifest(connection));
  CHECK(!folder.empty() || manifest.empty(), "parts stand in a folder");
  if (!folder.empty()) TRY_DO(remove_others(files, folder, manifest));
  auto state = std::make_unique<State>(files, std::move(folder), sizes);
  auto parts = std::make_shared<Parts>();
  auto first = std::make_shared<SeriesView::State>();
  for (const PartRow& row : manifest) {
    TRY(auto part, open_part(files, path_in(state->folder, row.name), row));
    parts->push_back(std::move(part));
    first->part_readings += row.readings;
  }
  TRY_DO(state->lanes.load(connection));
  TRY(first->sequence, read_sequence(connection));
  first->parts = std::move(parts);
  first->lanes = state->lanes.view();
  state->swap_in(std::move(first));
  return std::make_unique<Series>(std::move(state));
}

Series::Series(std::unique_ptr<State> state) : state_(std::move(state)) {}
Series::~Series() = default;

ReadingId Series::give_id(StreamId stream) { return state_->lanes.give(stream); }

void Series::append(const Reading& reading) {
  state_->lanes.restore(reading.id, reading.stream);
  state_->tail.append(reading);
}

void Series::publish(uint64_t sequence) {
  auto next = std::make_shared<SeriesView::State>(*state_->picture());
  CHECK(sequence >= next->sequence, "frames are published in order");
  next->tail = state_->tail.snapshot();
  next->lanes = state_->lanes.view();
  next->sequence = sequence;
  state_->swap_in(std::move(next));
}

SeriesView Series::view() const { return SeriesView(state_->picture()); }

size_t Series::tail_readings() const { return state_->tail.readings(); }

Status Series::write_part(Connection& connection, uint64_t sequence) {
  CHECK(!state_->folder.empty(), "a series without a folder stays in memory");
  const auto picture = state_->picture();
  CHECK(sequence == picture->sequence, "a part ends where the published tail ends");
  CHECK(picture->tail.readings() == 0 || picture->parts->empty() ||
            picture->parts->back()->directory().sequence < sequence,
        "a part has a name of its own");
  TRY_DO(state_->lanes.save(connection));
  TRY_DO(write_sequence(connection, sequence));
  state_->written = picture->tail.readings();
  state_->written_part = nullptr;
  if (state_->written == 0) return {};
  TRY(state_->written_part, state_->write_tail(connection, sequence));
  return {};
}

void Series::forget_tail() {
  state_->lanes.saved();
  if (!state_->written_part) return;
  auto next = std::make_shared<SeriesView::State>(*state_->picture());
  auto parts = std::make_shared<Parts>(*next->parts);
  parts->push_back(std::move(state_->written_part));
  next->parts = std::move(parts);
  next->part_readings += state_->written;
  // What came since stays: the published first, so that the new picture ends behind it.
  Tail rest(state_->sizes.chunk_rows);
  size_t place = state_->written;
  for (const size_t end = next->tail.readings(); place < end; ++place) {
    rest.append(state_->tail[place]);
  }
  next->tail = rest.snapshot();
  for (; place < state_->tail.readings(); ++place) rest.append(state_->tail[place]);
  state_->tail = std::move(rest);
  state_->written = 0;
  state_->written_part = nullptr;
  state_->swap_in(std::move(next));
}

}  // namespace duliang
