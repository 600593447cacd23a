#include "series/view.h"

#include "series/buckets.h"
#include "series/count.h"
#include "series/extent.h"
#include "series/merge.h"
#include "series/stored_changes.h"

namespace duliang {
namespace {

// How many readings are handed out before the clock is looked at again.
constexpr uint64_t kRowsBetweenLooks = 64;

bool overlay_ignored() {
#ifdef DULIANG_MUTATIONS
  return Series::mutation_find_without_overlay;
#else
  return false;
#endif
}

}  // namespace

SeriesView::SeriesView() : state_(std::make_shared<const State>()) {}
SeriesView::SeriesView(std::shared_ptr<const State> state) : state_(std::move(state)) {}
SeriesView::~SeriesView() = default;
SeriesView::SeriesView(SeriesView&&) noexcept = default;
SeriesView& SeriesView::operator=(SeriesView&&) noexcept = default;
SeriesView::SeriesView(const SeriesView&) = default;
SeriesView& SeriesView::operator=(const SeriesView&) = default;

ReadEffort SeriesView::begin() const {
  ReadEffort effort;
  effort.deadline = deadline_;
  return effort;
}

void SeriesView::end(const ReadEffort& effort) const {
  SeriesCounts& counts = *state_->counts;
  counts.tail_rows += effort.tail_rows;
  counts.part_rows += effort.part_rows;
  counts.overlay_rows += effort.overlay_rows;
  counts.pages += effort.pages;
}

Status SeriesView::scan(const ScanOptions& options,
                        const std::function<bool(const Reading&)>& each) const {
  ReadingCursor cursor(*this, options);
  for (;;) {
    TRY(const Reading* reading, cursor.next());
    if (reading == nullptr || !each(*reading)) return {};
  }
}

ReadingCursor::ReadingCursor(const SeriesView& view, const ScanOptions& options)
    : view_(view),
      merge_(std::make_unique<Merge>(options, view_.state_->changes, view_.deadline_)) {}

ReadingCursor::~ReadingCursor() { view_.end(merge_->effort()); }

Status ReadingCursor::begin() {
  const KeptRows& rows = view_.state_->rows;
  merge_->add_changed();
  merge_->add(rows.tail);
  for (const NamedPart& part : *rows.parts) TRY_DO(merge_->add(*part.part));
  return {};
}

Result<const Reading*> ReadingCursor::next() {
  if (asked_ == 0) TRY_DO(begin());
  if (asked_++ % kRowsBetweenLooks == 0) TRY_DO(merge_->effort().deadline.go_on());
  return merge_->next();
}

Result<std::optional<Reading>> SeriesView::find(ReadingId id) const {
  if (id <= ReadingId{0}) return std::optional<Reading>();
  const StreamId stream = state_->lanes.stream_of(lane_of(id));
  if (stream == StreamId{0}) return std::optional<Reading>();
  const OverlayEntry* entry =
      overlay_ignored() ? nullptr : state_->changes.overlay.find(stream, id);
  ReadEffort effort = begin();
  auto found =
      find_now(state_->rows, entry, state_->changes.cuts.before(stream), {id, stream}, effort);
  end(effort);
  const bool came_later =
      found.ok() && *found && (*found)->arrived_s > state_->changes.arrived_until_s;
  if (came_later) return std::optional<Reading>();
  return found;
}

Result<std::optional<Reading>> SeriesView::newest(StreamId stream) const {
  std::optional<Reading> newest;
  ScanOptions options;
  options.stream = stream;
  options.descending = true;
  TRY_DO(scan(options, [&](const Reading& reading) {
    newest = reading;
    return false;
  }));
  return newest;
}

Result<StreamExtent> SeriesView::extent(StreamId stream) const {
  ReadEffort effort = begin();
  auto extent = extent_of(state_->rows, state_->changes, stream, effort);
  end(effort);
  return extent;
}

Result<uint64_t> SeriesView::count() const {
  TRY_DO(deadline_.go_on());
  if (!state_->changes.of_the_past()) return state_->readings;
  ScanOptions all;
  all.sets = [](const SetFacts&) { return Passing::all; };
  return count(all, [](const Reading&) { return true; });
}

// What was changed since reads as it did then, by a layer over the overlay. Readings that arrived
// later need no entry: whoever meets them passes them by.
Result<SeriesView> SeriesView::as_of(Connection& connection, uint64_t sequence, Time then) const {
  auto past = std::make_shared<State>(*state_);
  past->sequence = sequence;
  const auto second = std::chrono::floor<std::chrono::seconds>(then).time_since_epoch().count();
  past->changes.arrived_until_s = static_cast<uint32_t>(second);
  TRY(const auto changed, changed_since(connection, sequence));
  ReadEffort effort = begin();
  std::vector<EntryPtr> entries;
  for (const auto& [id, before] : changed) {
    auto entry = std::make_shared<OverlayEntry>();
    entry->sequence = sequence;
    entry->removed = !before || before->arrived_s > past->changes.arrived_until_s;
    if (!entry->removed) entry->reading = *before;
    entry->reading.id = id;
    entry->reading.stream = state_->lanes.stream_of(lane_of(id));
    TRY(const auto kept, find_kept(past->rows, {id, entry->reading.stream}, effort));
    if (kept && kept->arrived_s <= past->changes.arrived_until_s) {
      entry->kept = kept->phenomenon_time.begin;
    }
    entries.push_back(std::move(entry));
  }
  end(effort);
  past->changes.overlay = past->changes.overlay.under(std::move(entries));
  SeriesView view(std::move(past));
  view.deadline_ = deadline_;
  return view;
}

Result<uint64_t> SeriesView::count(const ScanOptions& within, const ReadingJudge& passes) const {
  ReadEffort effort = begin();
  auto count = count_of(state_->rows, state_->changes, {within, passes}, effort);
  end(effort);
  return count;
}

Result<std::vector<Bucket>> SeriesView::buckets(const BucketsAsked& asked) const {
  CHECK(asked.step > Duration::zero(), "a bucket has a length");
  ReadEffort effort = begin();
  auto buckets = buckets_of(state_->rows, state_->changes, asked, effort);
  end(effort);
  return buckets;
}

uint64_t SeriesView::sequence() const { return state_->sequence; }

// Every id that was given behind the saved table is of a reading in the tail.
Result<std::vector<LaneRow>> SeriesView::lane_rows(Connection& connection) const {
  const LaneView& lanes = state_->lanes;
  TRY(std::vector<uint64_t> used, lanes.saved_use(connection));
  const auto take = [&](const Reading& reading) {
    const size_t run = lanes.run_of(lane_of(reading.id));
    const uint64_t ids = static_cast<uint64_t>(reading.id) - lanes[run].first * kLaneIds + 1;
    used[run] = std::max(used[run], ids);
  };
  const TailSnapshot& tail = state_->rows.tail;
  for (const auto& chunk : *tail.sealed) {
    for (const Reading* reading : chunk->sorted.rows) take(*reading);
  }
  for (const Reading& reading : tail.open_readings()) take(reading);
  std::vector<LaneRow> rows;
  for (size_t run = 0; run < lanes.runs; ++run) rows.push_back({lanes[run], used[run]});
  return rows;
}

std::vector<StreamId> SeriesView::streams() const {
  const LaneView& lanes = state_->lanes;
  std::vector<StreamId> streams;
  for (size_t run = 0; run < lanes.runs; ++run) streams.push_back(lanes[run].stream);
  std::ranges::sort(streams);
  const auto [first, last] = std::ranges::unique(streams);
  streams.erase(first, last);
  return streams;
}

}  // namespace duliang
