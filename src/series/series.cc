#include "series/series.h"

#include <algorithm>

#include "series/series_state.h"

namespace duliang {

#ifdef DULIANG_MUTATIONS
bool Series::mutation_tail_freed_early = false;
bool Series::mutation_find_without_overlay = false;
bool Series::mutation_lanes_not_recorded = false;
bool Series::mutation_part_not_synced = false;
bool Series::mutation_folder_not_synced = false;
#endif

uint64_t readings_of(const Parts& parts) {
  uint64_t sum = 0;
  for (const NamedPart& part : parts) sum += part.part->summary().bounds.readings;
  return sum;
}

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

CutSnapshot Series::State::cut_snapshot() const {
  std::vector<Cut> cuts;
  cuts.reserve(counted.cuts.size());
  for (const auto& [stream, cut] : counted.cuts) cuts.push_back({stream, cut.before});
  return {std::make_shared<const std::vector<Cut>>(std::move(cuts))};
}

Time Series::State::cut_before(StreamId stream) const {
  const auto found = counted.cuts.find(stream);
  return found == counted.cuts.end() ? Time::min() : found->second.before;
}

Result<std::optional<Reading>> Series::State::find(StreamId stream, ReadingId id) const {
  ReadEffort effort;
  return find_now({tail.snapshot(), parts}, overlay.find(stream, id), cut_before(stream),
                  {id, stream}, effort);
}

Status Series::State::load(Connection& connection) {
  TRY(auto opened, open_parts(files, folder, connection));
  for (const NamedPart& part : opened) last_arrived_s = std::max(last_arrived_s, part.written_s);
  counted.part_readings = readings_of(opened);
  parts = std::make_shared<const Parts>(std::move(opened));
  TRY_DO(lanes.load(connection));
  TRY(const auto cuts, load_cuts(connection));
  for (const auto& [stream, cut] : cuts) counted.set(stream, cut);
  TRY(auto entries, load_overlay(connection));
  for (const EntryPtr& entry : entries) {
    counted.weights += weight(*entry, cut_before(entry->reading.stream));
  }
  overlay.load(std::move(entries));
  auto first = std::make_shared<SeriesView::State>();
  TRY(first->sequence, read_position(connection));
  first->rows = {tail.snapshot(), parts};
  first->changes = {overlay.published(), cut_snapshot()};
  first->lanes = lanes.view();
  first->readings = counted.readings(0);
  swap_in(std::move(first));
  return {};
}

Status Series::create_tables(Connection& connection) {
  TRY_DO(create_manifest(connection));
  TRY_DO(create_change_tables(connection));
  return Lanes::create_tables(connection);
}

Result<std::unique_ptr<Series>> Series::open(Files& files, std::string folder,
                                             Connection& connection, SeriesSizes sizes) {
  auto state = std::make_unique<State>(files, std::move(folder), sizes);
  TRY_DO(state->load(connection));
  return std::make_unique<Series>(std::move(state));
}

Series::Series(std::unique_ptr<State> state) : state_(std::move(state)) {}
Series::~Series() = default;

ReadingId Series::give_id(StreamId stream) { return state_->lanes.give(stream); }

void Series::append(const Reading& reading) {
  State& state = *state_;
  state.lanes.restore(reading.id, reading.stream);
  state.last_arrived_s = std::max(state.last_arrived_s, reading.arrived_s);
  state.tail.append(reading);
  // Only what is restored from frames behind which its stream was cut.
  if (reading.phenomenon_time.begin >= state.cut_before(reading.stream)) return;
  CutState cut = state.counted.cuts[reading.stream];
  ++cut.tail_rows;
  state.counted.set(reading.stream, cut);
}

void Series::publish(uint64_t sequence) {
  State& state = *state_;
  auto next = std::make_shared<SeriesView::State>(*state.picture());
  CHECK(sequence >= next->sequence, "frames are published in order");
  next->rows.tail = state.tail.snapshot();
  next->changes.overlay = state.overlay.publish();
  if (state.cuts_changed) next->changes.cuts = state.cut_snapshot();
  state.cuts_changed = false;
  next->lanes = state.lanes.view();
  next->sequence = sequence;
  next->readings = state.counted.readings(state.tail.readings());
  state.swap_in(std::move(next));
}

SeriesView Series::view() const { return SeriesView(state_->picture()); }
size_t Series::tail_readings() const { return state_->tail.readings(); }
size_t Series::changed_readings() const { return state_->overlay.published().entries(); }
const SeriesCounts& Series::counts() const { return *state_->picture()->counts; }

Result<std::optional<Reading>> Series::find(ReadingId id) const {
  if (id <= ReadingId{0}) return std::optional<Reading>();
  const StreamId stream = state_->lanes.view().stream_of(lane_of(id));
  if (stream == StreamId{0}) return std::optional<Reading>();
  return state_->find(stream, id);
}

std::optional<Time> Series::cut_of(StreamId stream) const {
  const Time before = state_->cut_before(stream);
  return before == Time::min() ? std::nullopt : std::optional<Time>(before);
}

Status Series::check_cut(StreamId stream, Time before) const {
  TRY_DO(count_before(*state_->parts, stream, before));
  return {};
}

Status Series::change(Connection& connection, const Change& change) {
  CHECK(!state_->finishing || !*state_->job_slot,
        "between finish() and finished() there is nothing but the commit");
  return change.change.kind == ReadingChange::Kind::cut
             ? state_->cut(connection, change)
             : state_->change_reading(connection, change);
}

Status Series::State::cut(Connection& connection, const Change& change) {
  const StreamId stream = change.change.reading.stream;
  const Time old_before = cut_before(stream);
  const Time before = change.change.before;
  if (before <= old_before) return {};
  CutState cut{before, change.sequence, 0, count_before(tail.snapshot(), stream, before)};
  TRY(cut.part_rows, count_before(*parts, stream, before));
  TRY_DO(store_cut(connection, stream, cut));
  for (const EntryPtr& entry : overlay.of(stream)) {
    counted.weights += weight(*entry, before) - weight(*entry, old_before);
  }
  counted.set(stream, cut);
  cuts_changed = true;
  return {};
}

namespace {

// When a reading arrived that was removed and is put back.
Result<uint32_t> arrival_of_removed(Connection& connection, ReadingId id) {
  TRY(const auto versions, versions_of(connection, id));
  for (auto version = versions.rbegin(); version != versions.rend(); ++version) {
    if (version->before) return version->before->arrived_s;
  }
  return Error{Code::not_found, fmt::format("There is no reading {}.", static_cast<int64_t>(id)),
               "id"};
}

}  // namespace

Status Series::State::change_reading(Connection& connection, const Change& change) {
  const Reading& to = change.change.reading;
  const bool removed = change.change.kind == ReadingChange::Kind::remove;
  if (lanes.view().stream_of(lane_of(to.id)) != to.stream) {
    return Error{Code::conflict,
                 fmt::format("The reading {} is not of stream {}.", static_cast<int64_t>(to.id),
                             static_cast<int64_t>(to.stream)),
                 "id"};
  }
  const OverlayEntry* current = overlay.find(to.stream, to.id);
  if (current != nullptr && current->sequence > change.sequence) return {};
  TRY(auto before, find(to.stream, to.id));
  if (removed && !before) return {};
  OverlayEntry entry{to, removed, change.sequence, {}};
  if (!removed) {
    if (before) {
      entry.reading.arrived_s = before->arrived_s;
    } else {
      TRY(entry.reading.arrived_s, arrival_of_removed(connection, to.id));
    }
  }
  if (current != nullptr) {
    entry.kept = current->kept;
  } else {
    ReadEffort effort;
    TRY(const auto kept, find_kept({tail.snapshot(), parts}, {to.id, to.stream}, effort));
    if (kept) entry.kept = kept->phenomenon_time.begin;
  }
  TRY_DO(store_version(connection, to.id,
                       {change.sequence, change.time, std::string(change.actor),
                        change.change.reason, std::move(before)}));
  TRY_DO(store_entry(connection, entry));
  const Time cut = cut_before(to.stream);
  counted.weights += weight(entry, cut) - (current != nullptr ? weight(*current, cut) : 0);
  overlay.set(std::move(entry));
  return {};
}

}  // namespace duliang
