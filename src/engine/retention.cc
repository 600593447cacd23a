#include "engine/retention.h"

#include <algorithm>

#include "base/limits.h"
#include "query/evaluate.h"

namespace duliang {
namespace {

using std::chrono::days;

// None: everything is kept.
Result<std::optional<int64_t>> days_kept(const House& house, const Row& stream) {
  // A class holds until stream or pack are changed, so it must not know the time.
  const Scope scope = scope_of(house.ledger(), stream, Time{});
  std::optional<int64_t> kept;
  for (const StreamClass& one : house.stream_classes()) {
    TRY(const bool concerned, holds(one.streams, scope));
    if (concerned) kept = std::max(kept.value_or(0), one.keep_days);
  }
  return kept;
}

Result<bool> has_readings_before(const Series& series, StreamId stream, Time before) {
  ScanOptions options;
  options.stream = stream;
  options.to = before - Duration{1};
  bool found = false;
  TRY_DO(series.view().scan(options, [&found](const Reading&) {
    found = true;
    return false;
  }));
  return found;
}

}  // namespace

Result<std::vector<CutReadings>> Retention::next(House& house, Time now) {
  std::vector<CutReadings> cuts;
  const auto today = std::chrono::floor<days>(now + kDistrictZone.offset);
  const int64_t day = today.time_since_epoch().count();
  if (day_ != day) {
    day_ = day;
    after_ = kNoRow;
    seen_all_ = false;
  }
  if (seen_all_ || house.stream_classes().empty()) return cuts;
  Selection streams;
  streams.type = TypeId::datastream;
  streams.after = after_;
  TRY(const auto rows, house.ledger().rows(streams, limits::kStreamsToCut));
  seen_all_ = rows.size() < limits::kStreamsToCut;
  for (const Row& row : rows) {
    after_ = row.id;
    TRY(const auto kept, days_kept(house, row));
    if (!kept) continue;
    const StreamId stream{number(row.id)};
    const Time before = Time(today - days{*kept}) - kDistrictZone.offset;
    TRY(const bool older, has_readings_before(house.series(), stream, before));
    if (older) cuts.push_back({stream, before, fmt::format("keep_days: {}", *kept)});
  }
  return cuts;
}

}  // namespace duliang
