#include "series/view.h"

#include "series/merge.h"

namespace duliang {
namespace {

const Reading* find_in_tail(const TailSnapshot& tail, ReadingId id, StreamId stream) {
  const auto open = tail.open_readings();
  const auto found = std::ranges::find(open, id, &Reading::id);
  if (found != open.end()) return &*found;
  for (const auto& chunk : *tail.sealed) {
    for (const ChunkStream& set : sets_of(chunk->streams, stream)) {
      if (id < set.bounds.lowest || id > set.bounds.highest) continue;
      for (const uint32_t place : places(*chunk, set)) {
        const Reading& reading = chunk->chunk->rows[place];
        if (reading.id == id) return &reading;
      }
    }
  }
  return nullptr;
}

Result<std::optional<Reading>> find_in_part(const Part& part, ReadingId id, StreamId stream) {
  const auto& blocks = part.directory().blocks;
  for (const PartBlock& block : sets_of(blocks, stream)) {
    if (id < block.bounds.lowest || id > block.bounds.highest) continue;
    TRY(auto readings, part.read_block(static_cast<size_t>(&block - blocks.data())));
    const auto found = std::ranges::find(readings, id, &Reading::id);
    if (found != readings.end()) return std::optional<Reading>(std::move(*found));
  }
  return std::optional<Reading>();
}

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
  if (!reading.extras.empty()) line += fmt::format(R"(,"extras":{})", reading.extras);
  return line + "}";
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
  Merge merge(options);
  merge.add(state_->tail);
  for (const auto& part : *state_->parts) merge.add(*part);
  return merge.run(each);
}

Result<std::optional<Reading>> SeriesView::find(ReadingId id) const {
  if (id <= ReadingId{0}) return std::optional<Reading>();
  const StreamId stream = state_->lanes.stream_of(lane_of(id));
  if (stream == StreamId{0}) return std::optional<Reading>();
  if (const Reading* reading = find_in_tail(state_->tail, id, stream)) {
    return std::optional<Reading>(*reading);
  }
  for (auto part = state_->parts->rbegin(); part != state_->parts->rend(); ++part) {
    TRY(auto reading, find_in_part(**part, id, stream));
    if (reading) return reading;
  }
  return std::optional<Reading>();
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
  Bounds bounds;
  for (const auto& part : *state_->parts) {
    for (const PartBlock& block : sets_of(part->directory().blocks, stream)) {
      bounds.add(block.bounds);
    }
  }
  for (const auto& chunk : *state_->tail.sealed) {
    for (const ChunkStream& set : sets_of(chunk->streams, stream)) bounds.add(set.bounds);
  }
  for (const Reading& reading : state_->tail.open_readings()) {
    if (reading.stream == stream) bounds.add(reading);
  }
  return StreamExtent{bounds.readings, bounds.first, bounds.end};
}

Result<uint64_t> SeriesView::count() const {
  return state_->part_readings + state_->tail.readings();
}

uint64_t SeriesView::sequence() const { return state_->sequence; }

void SeriesView::each_lane(const std::function<void(uint64_t, StreamId)>& each) const {
  for (uint64_t lane = 0; lane < state_->lanes.end; ++lane) {
    const StreamId stream = state_->lanes.stream_of(lane);
    if (stream != StreamId{0}) each(lane, stream);
  }
}

Status dump_readings(const SeriesView& view, const std::function<void(std::string_view)>& line) {
  ScanOptions options;
  options.by_id = true;
  TRY_DO(view.scan(options, [&](const Reading& reading) {
    line(line_of(reading));
    return true;
  }));
  view.each_lane([&](uint64_t lane, StreamId stream) {
    line(fmt::format(R"({{"lane":{},"stream":{}}})", lane, static_cast<int64_t>(stream)));
  });
  return {};
}

}  // namespace duliang
