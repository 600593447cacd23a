#include "series/lanes.h"

#include <algorithm>

namespace duliang {
namespace {

// More would mean that the table is broken: 2^31 lanes are 5 * 10^11 readings.
constexpr int64_t kLaneMax = int64_t{1} << 31;

uint32_t length_after(uint32_t length) {
  return length == 0 ? 1 : std::min(2 * length, kRunLanesMax);
}

uint64_t first_id(const LaneRun& run) { return run.first * kLaneIds; }
uint64_t ids_of(const LaneRun& run) { return run.lanes * kLaneIds; }

}  // namespace

size_t LaneView::run_of(uint64_t lane) const {
  size_t low = 0;
  size_t high = runs;
  while (low < high) {
    const size_t middle = low + (high - low) / 2;
    const LaneRun& run = (*this)[middle];
    if (lane < run.first) {
      high = middle;
    } else if (lane >= uint64_t{run.first} + run.lanes) {
      low = middle + 1;
    } else {
      return middle;
    }
  }
  return runs;
}

StreamId LaneView::stream_of(uint64_t lane) const {
  const size_t run = run_of(lane);
  return run == runs ? StreamId{0} : (*this)[run].stream;
}

Result<std::vector<uint64_t>> LaneView::saved_use(Connection& connection) const {
  TRY(auto rows, connection.prepare("SELECT first, used FROM lane"));
  std::vector<uint64_t> used(runs);
  for (;;) {
    TRY(bool stands, rows.step());
    if (!stands) return used;
    const size_t run = run_of(static_cast<uint64_t>(rows.integer(0)));
    if (run < runs) used[run] = static_cast<uint64_t>(rows.integer(1));
  }
}

Status Lanes::create_tables(Connection& connection) {
  return connection.execute(
      "CREATE TABLE IF NOT EXISTS lane(first INTEGER PRIMARY KEY, lanes INTEGER NOT NULL, "
      "stream INTEGER NOT NULL, used INTEGER NOT NULL)");
}

Status Lanes::load(Connection& connection) {
  TRY(auto rows, connection.prepare("SELECT first, lanes, stream, used FROM lane ORDER BY first"));
  for (;;) {
    TRY(bool stands, rows.step());
    if (!stands) return {};
    const int64_t first = rows.integer(0);
    const int64_t lanes = rows.integer(1);
    const StreamId stream{rows.integer(2)};
    const int64_t used = rows.integer(3);
    const auto fault = [first] {
      return Error{Code::corrupt, fmt::format("Row {} of the table of lanes is not valid.", first),
                   "lane"};
    };
    if (stream <= StreamId{0} || first != next_lane_ || first >= kLaneMax) return fault();
    Current& current = current_[stream];
    if (lanes != length_after(current.length) || used < 0 ||
        used > lanes * static_cast<int64_t>(kLaneIds)) {
      return fault();
    }
    begin_run(stream, current);
    current.next = first_id(run_at(current.run)) + static_cast<uint64_t>(used);
  }
}

void Lanes::begin_run(StreamId stream, Current& current) {
  CHECK(next_lane_ < kLaneMax, "ids do not run out in a thousand years");
  if (runs_ / kRunsInPage == pages_->size()) {
    auto pages = std::make_shared<RunPages>(*pages_);
    pages->push_back(std::make_shared<RunPage>());
    pages_ = std::move(pages);
  }
  LaneRun& run = run_at(runs_);
  run = {stream, next_lane_, length_after(current.length)};
  current = {static_cast<uint32_t>(runs_), run.lanes, first_id(run), first_id(run) + ids_of(run),
             false};
  next_lane_ += run.lanes;
  ++runs_;
}

ReadingId Lanes::give(StreamId stream) {
  CHECK(stream > StreamId{0}, "only a stream that has its id takes readings");
  Current& current = current_[stream];
  if (current.next == current.end) {
    begin_run(stream, current);
    if (current.next == 0) current.next = 1;
  }
  note_change(current);
  return ReadingId{static_cast<int64_t>(current.next++)};
}

void Lanes::restore(ReadingId id, StreamId stream) {
  CHECK(id > ReadingId{0} && stream > StreamId{0}, "a reading has an id and a stream");
  const auto number = static_cast<uint64_t>(id);
  Current& current = current_[stream];
  if (number >= current.end - current.length * kLaneIds && number < current.end) {
    if (number < current.next) return;  // given by give(), or restored before
    current.next = number + 1;
    note_change(current);
    return;
  }
  if (lane_of(id) < next_lane_) {  // of an older run of the stream, full since
    CHECK(view().stream_of(lane_of(id)) == stream, "a lane belongs to one stream");
    return;
  }
  CHECK(lane_of(id) == next_lane_, "the readings of a stream come back in the order of their ids");
  begin_run(stream, current);
  current.next = number + 1;
  note_change(current);
}

void Lanes::note_change(Current& current) {
  if (current.changed) return;
  current.changed = true;
  changed_.push_back(current.run);
}

// Only the newest run of a stream can have room.
uint64_t Lanes::used(size_t run_index) const {
  const LaneRun& run = view()[run_index];
  const Current& current = current_.at(run.stream);
  return current.run == run_index ? current.next - first_id(run) : ids_of(run);
}

std::vector<LaneRow> Lanes::changed(std::span<const Reading* const> later) {
  saving_.insert(saving_.end(), changed_.begin(), changed_.end());
  changed_.clear();
  std::ranges::sort(saving_);
  saving_.erase(std::ranges::unique(saving_).begin(), saving_.end());
  const LaneView runs = view();
  std::unordered_map<size_t, uint64_t> before;  // ids of the run used then
  for (const Reading* reading : later) {
    const size_t run = runs.run_of(lane_of(reading->id));
    const uint64_t ids = static_cast<uint64_t>(reading->id) - first_id(runs[run]);
    const auto [known, fresh] = before.try_emplace(run, ids);
    if (!fresh) known->second = std::min(known->second, ids);
  }
  std::vector<LaneRow> rows;
  std::vector<uint32_t> still_changed;
  for (const uint32_t run : saving_) {
    Current& current = current_.at(runs[run].stream);
    if (current.run == run) current.changed = false;
    const auto known = before.find(run);
    const bool begun = known == before.end() || known->second > (runs[run].first == 0 ? 1 : 0);
    if (begun) rows.push_back({runs[run], known == before.end() ? used(run) : known->second});
    if (known != before.end()) still_changed.push_back(run);
  }
  changed_ = std::move(still_changed);
  for (const uint32_t run : changed_) {
    Current& current = current_.at(runs[run].stream);
    if (current.run == run) current.changed = true;
  }
  return rows;
}

Status Lanes::save(Connection& connection, std::span<const LaneRow> rows) {
  TRY(Statement * put, connection.cached("INSERT OR REPLACE INTO lane VALUES (?1, ?2, ?3, ?4)"));
  for (const LaneRow& row : rows) {
    put->bind(1, static_cast<int64_t>(row.run.first));
    put->bind(2, static_cast<int64_t>(row.run.lanes));
    put->bind(3, static_cast<int64_t>(row.run.stream));
    put->bind(4, static_cast<int64_t>(row.used));
    TRY_DO(put->run());
  }
  return {};
}

}  // namespace duliang
