#include "engine/reading_search.h"

#include <algorithm>

#include "base/limits.h"

namespace duliang {
namespace {

// What it costs to find that a stream has nothing, in rows looked at.
constexpr size_t kStreamRows = 64;

}  // namespace

ReadingSearch::ReadingSearch(View view, Wanted wanted, SearchPlace from)
    : view_(std::move(view)), wanted_(std::move(wanted)), place_(from) {
  in_stream_ = place_.stream != StreamId{0};
}

Result<bool> ReadingSearch::step() {
  looked_ = 0;
  while (!place_.end && !has_enough()) {
    if (looked_ >= limits::kSearchRows) return false;
    if (in_stream_) {
      TRY_DO(look_into_stream());
    } else {
      TRY(in_stream_, next_stream());
      place_.end = !in_stream_;
    }
  }
  return true;
}

// False: there is none.
Result<bool> ReadingSearch::next_stream() {
  const StreamId only = wanted_.scope.stream;
  const StreamId before = std::exchange(place_.stream, only);
  place_.from = wanted_.scope.from;
  if (only != StreamId{0}) return before == StreamId{0};
  Selection streams;
  streams.type = TypeId::datastream;
  streams.after = RowId{number(before)};
  TRY(const auto rows, view_.ledger.rows(streams, 1));
  if (rows.empty()) return false;
  place_.stream = StreamId{number(rows.front().id)};
  return true;
}

// Stops between two times only, so that it can go on at one.
Status ReadingSearch::look_into_stream() {
  looked_ += kStreamRows;
  ScanOptions options;
  options.stream = place_.stream;
  options.from = place_.from;
  options.to = wanted_.scope.to - Duration{1};
  std::optional<Time> last;
  bool stopped = false;
  TRY_DO(view_.series.scan(options, [&](const Reading& reading) {
    const Time begin = reading.phenomenon_time.begin;
    stopped = last && begin != *last && (looked_ >= limits::kSearchRows || has_enough());
    if (stopped) {
      place_.from = begin;
      return false;
    }
    last = begin;
    ++looked_;
    if (!wanted_.scope.has(reading) || reading.quality == wanted_.unless) return true;
    found_.push_back({reading.id, reading.result.size() + reading.extras.size()});
    return true;
  }));
  in_stream_ = stopped;
  return {};
}

}  // namespace duliang
