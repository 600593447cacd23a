#include "series/view.h"

#include "series/extent.h"
#include "series/merge.h"

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
  return find_now(state_->rows, entry, state_->changes.cuts.before(stream), id, stream);
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

Result<uint64_t> SeriesView::count() const { return state_->readings; }

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
