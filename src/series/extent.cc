#include "series/extent.h"

namespace duliang {
namespace {

class Extent {
 public:
  Extent(const KeptRows& rows, const Changes& changes, StreamId stream, ReadEffort& effort)
      : rows_(rows),
        changes_(changes),
        effort_(effort),
        stream_(stream),
        cut_before_(changes.cuts.before(stream)),
        entries_(changes.overlay.of(stream)) {}
  Result<StreamExtent> measure();

 private:
  // What a page holds of the stream.
  struct Piece {
    const Part* part;
    size_t page;
    Bounds bounds;
    uint32_t first_arrived_s;
    uint32_t last_arrived_s;
  };
  Status add_part(const Part& part);
  Status add_piece(const Piece& piece);
  Status add_rows_of(const Piece& piece);
  Result<std::optional<StreamOnPage>> ends_of(const Piece& piece);
  void add_tail();
  void add_rows(const auto& readings, const Bounds& bounds, uint64_t& looked_at);
  Status add_changed_pieces();
  Status widen_by_changed(const Piece& piece);
  void widen(const Interval& time);
  bool may_widen(const Bounds& bounds) const;
  bool changed_within(ReadingId lowest, ReadingId highest) const;

  const KeptRows& rows_;
  const Changes& changes_;
  ReadEffort& effort_;
  const StreamId stream_;
  const Time cut_before_;
  const std::vector<EntryPtr> entries_;
  uint64_t kept_ = 0;             // that no cut hides
  std::optional<Interval> time_;  // of those that there are
  std::vector<Piece> changed_;  // they count already; whether their ends stand is to be seen
};

Result<StreamExtent> Extent::measure() {
  auto readings = int64_t{0};
  for (const EntryPtr& entry : entries_) {
    readings += weight(*entry, cut_before_);
    const Interval& time = entry->reading.phenomenon_time;
    if (!entry->removed && time.begin >= cut_before_) widen(time);
  }
  add_tail();
  for (const NamedPart& part : *rows_.parts) TRY_DO(add_part(*part.part));
  TRY_DO(add_changed_pieces());
  readings += static_cast<int64_t>(kept_);
  if (!time_) return StreamExtent{};
  return StreamExtent{static_cast<uint64_t>(readings), time_->begin, time_->end};
}

void Extent::widen(const Interval& time) {
  if (!time_) time_ = time;
  time_->begin = std::min(time_->begin, time.begin);
  time_->end = std::max(time_->end, time.end);
}

bool Extent::may_widen(const Bounds& bounds) const {
  return !time_ || bounds.first < time_->begin || bounds.end > time_->end;
}

bool Extent::changed_within(ReadingId lowest, ReadingId highest) const {
  const auto by_id = [](const EntryPtr& entry) { return entry->reading.id; };
  const auto found = std::ranges::lower_bound(entries_, lowest, {}, by_id);
  return found != entries_.end() && by_id(*found) <= highest;
}

// Readings of the stream, of which not all are there.
void Extent::add_rows(const auto& readings, const Bounds& bounds, uint64_t& looked_at) {
  looked_at += readings.size();
  RowFilter filter(changes_, 0, bounds);
  for (const Reading* reading : readings) {
    const auto verdict = filter.judge(*reading);
    if (verdict != RowFilter::Verdict::cut) ++kept_;
    if (verdict == RowFilter::Verdict::stands) widen(reading->phenomenon_time);
  }
}

void Extent::add_tail() {
  for (const auto& chunk : *rows_.tail.sealed) {
    for (const StreamRows& rows : sets_of(chunk->sorted.streams, stream_)) {
      if (changes_.of_the_past() || rows.bounds.first < cut_before_ ||
          changed_within(rows.bounds.lowest, rows.bounds.highest)) {
        add_rows(chunk->sorted.of(rows), rows.bounds, effort_.tail_rows);
      } else {
        kept_ += rows.bounds.readings;
        widen({rows.bounds.first, rows.bounds.end});
      }
    }
  }
  std::vector<const Reading*> open;
  Bounds bounds;
  for (const Reading& reading : rows_.tail.open_readings()) {
    if (reading.stream != stream_) continue;
    open.push_back(&reading);
    bounds.add(reading);
  }
  add_rows(open, bounds, effort_.tail_rows);
}

Status Extent::add_part(const Part& part) {
  if (part.summary().bounds.last < cut_before_) return {};
  TRY(const auto pages, part.pages_of(stream_));
  for (size_t page = pages.first; page < pages.second; ++page) {
    TRY(const PageEntry entry, part.entry(page));
    Piece piece{&part, page, entry.bounds, entry.first_arrived_s, entry.last_arrived_s};
    if (!holds_only(entry, stream_)) {
      TRY(const auto ends, ends_of(piece));
      if (!ends) continue;
      piece = {&part, page, ends->bounds, ends->first_arrived_s, ends->last_arrived_s};
    }
    TRY_DO(add_piece(piece));
  }
  return {};
}

Status Extent::add_piece(const Piece& piece) {
  const Bounds& bounds = piece.bounds;
  const uint32_t until_s = changes_.arrived_until_s;
  if (bounds.last < cut_before_ || piece.first_arrived_s > until_s) return {};
  if (bounds.first < cut_before_ || piece.last_arrived_s > until_s) return add_rows_of(piece);
  kept_ += bounds.readings;
  if (changed_within(bounds.lowest, bounds.highest)) {
    changed_.push_back(piece);
  } else {
    widen({bounds.first, bounds.end});
  }
  return {};
}

Status Extent::add_rows_of(const Piece& piece) {
  TRY_DO(effort_.next_page());
  TRY(const auto readings, piece.part->read_page(piece.page));
  std::vector<const Reading*> of_stream;
  for (const Reading& reading : *readings) {
    if (reading.stream == stream_) of_stream.push_back(&reading);
  }
  add_rows(of_stream, piece.bounds, effort_.part_rows);
  return {};
}

// None: the page has nothing of the stream.
Result<std::optional<StreamOnPage>> Extent::ends_of(const Piece& piece) {
  TRY_DO(effort_.next_page());
  TRY(const auto streams, piece.part->streams_on(piece.page));
  const auto its = sets_of(*streams, stream_);
  return its.empty() ? std::nullopt : std::optional(its.front());
}

// What else is in them matters only where it could be the first or the last. Those at the ends come
// first, so that most others need not be looked at.
Status Extent::add_changed_pieces() {
  if (changed_.empty()) return {};
  std::ranges::sort(changed_, {}, [](const Piece& piece) { return piece.bounds.first; });
  std::ranges::reverse(changed_);
  std::swap(changed_.back(), changed_[std::min<size_t>(1, changed_.size() - 1)]);
  for (const Piece& piece : changed_) {
    if (may_widen(piece.bounds)) TRY_DO(widen_by_changed(piece));
  }
  return {};
}

// Mostly the two readings at its ends are none of those that were changed; else all are looked at.
Status Extent::widen_by_changed(const Piece& piece) {
  TRY(const auto ends, ends_of(piece));
  CHECK(ends, "the piece is of the stream");
  if (!changed_within(ends->first, ends->first) && !changed_within(ends->latest, ends->latest)) {
    widen({ends->bounds.first, ends->bounds.end});
    return {};
  }
  const uint64_t counted = kept_;
  TRY_DO(add_rows_of(piece));
  kept_ = counted;
  return {};
}

}  // namespace

Result<StreamExtent> extent_of(const KeptRows& rows, const Changes& changes, StreamId stream,
                               ReadEffort& effort) {
  TRY_DO(effort.deadline.go_on());
  return Extent(rows, changes, stream, effort).measure();
}

}  // namespace duliang
