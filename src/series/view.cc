#include "series/view.h"

#include "series/extent.h"
#include "series/merge.h"
#include "series/stored_changes.h"

namespace duliang {
namespace {

// The reading as `dump` prints it: one JSON object, the result as it came.
std::string line_of(const Reading& reading) {
  std::string line = fmt::format(
      R"({{"reading":{},"stream":{},"phenomenonTime":"{}")", static_cast<int64_t>(reading.id),
      static_cast<int64_t>(reading.stream), to_text(reading.phenomenon_time));
  if (reading.result_time) {
    line += fmt::format(R"(,"resultTime":"{}")", to_text(*reading.result_time));
  }
  if (reading.feature != kNoRow) {
    line += fmt::format(R"(,"feature":{})", static_cast<int64_t>(reading.feature));
  }
  line += fmt::format(R"(,"result":{})", reading.result);
  if (reading.quality != Quality::unset) {
    line += fmt::format(R"(,"quality":"{}")", name_of(reading.quality));
  }
  if (!reading.extras.empty()) line += fmt::format(R"(,"extras":{})", reading.extras);
  return line + "}";
}

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

Status SeriesView::scan(const ScanOptions& options,
                        const std::function<bool(const Reading&)>& each) const {
  Merge merge(options, state_->changes);
  merge.add_changed();
  merge.add(state_->rows.tail);
  for (const NamedPart& part : *state_->rows.parts) TRY_DO(merge.add(*part.part));
  auto next = merge.next();
  while (next.ok() && *next != nullptr && each(**next)) next = merge.next();
  const Merge::Counts& looked_at = merge.counts();
  SeriesCounts& counts = *state_->counts;
  counts.tail_rows += looked_at.tail_rows;
  counts.part_rows += looked_at.part_rows;
  counts.overlay_rows += looked_at.overlay_rows;
  counts.pages += looked_at.pages;
  if (!next.ok()) return std::move(next).error();
  return {};
}

Result<std::optional<Reading>> SeriesView::find(ReadingId id) const {
  if (id <= ReadingId{0}) return std::optional<Reading>();
  const StreamId stream = state_->lanes.stream_of(lane_of(id));
  if (stream == StreamId{0}) return std::optional<Reading>();
  const OverlayEntry* entry =
      overlay_ignored() ? nullptr : state_->changes.overlay.find(stream, id);
  TRY(auto reading,
      find_now(state_->rows, entry, state_->changes.cuts.before(stream), id, stream));
  if (reading && reading->arrived_s > state_->changes.arrived_until_s) reading.reset();
  return reading;
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
  return extent_of(state_->rows, state_->changes, stream);
}

Result<uint64_t> SeriesView::count() const {
  if (!state_->changes.of_the_past()) return state_->readings;
  uint64_t readings = 0;
  TRY_DO(scan({}, [&](const Reading&) { return ++readings > 0; }));
  return readings;
}

// What was changed since reads as it did then, by a layer over the overlay. Readings that arrived
// later need no entry: whoever meets them passes them by.
Result<SeriesView> SeriesView::as_of(Connection& connection, uint64_t sequence, Time end) const {
  auto past = std::make_shared<State>(*state_);
  past->sequence = sequence;
  const auto second = std::chrono::floor<std::chrono::seconds>(end).time_since_epoch().count();
  past->changes.arrived_until_s = static_cast<uint32_t>(second);
  TRY(const auto changed, changed_since(connection, sequence));
  std::vector<EntryPtr> entries;
  for (const auto& [id, before] : changed) {
    auto entry = std::make_shared<OverlayEntry>();
    entry->sequence = sequence;
    entry->removed = !before || before->arrived_s > past->changes.arrived_until_s;
    if (!entry->removed) entry->reading = *before;
    entry->reading.id = id;
    entry->reading.stream = state_->lanes.stream_of(lane_of(id));
    TRY(const auto kept, find_kept(past->rows, id, entry->reading.stream));
    if (kept && kept->arrived_s <= past->changes.arrived_until_s) {
      entry->kept = kept->phenomenon_time.begin;
    }
    entries.push_back(std::move(entry));
  }
  past->changes.overlay = past->changes.overlay.under(std::move(entries));
  return SeriesView(std::move(past));
}

uint64_t SeriesView::sequence() const { return state_->sequence; }

void SeriesView::each_lane_run(
    const std::function<void(uint64_t, uint64_t, StreamId)>& each) const {
  const LaneView& lanes = state_->lanes;
  for (size_t at = 0; at < lanes.runs; ++at) {
    const LaneRun& run = lanes[at];
    each(run.first, run.lanes, run.stream);
  }
}

Status dump_readings(const SeriesView& view, const std::function<void(std::string_view)>& line) {
  ScanOptions options;
  options.by_id = true;
  TRY_DO(view.scan(options, [&](const Reading& reading) {
    line(line_of(reading));
    return true;
  }));
  view.each_lane_run([&](uint64_t first, uint64_t lanes, StreamId stream) {
    line(fmt::format(R"({{"lane":{},"lanes":{},"stream":{}}})", first, lanes,
                     static_cast<int64_t>(stream)));
  });
  return {};
}

}  // namespace duliang
