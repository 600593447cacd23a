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
  struct PagePlace {
    const Part* part;
    size_t page;
    Bounds bounds;
  };
  Status add_part(const Part& part);
  void add_tail();
  void add_rows(const auto& readings, const Bounds& bounds, uint64_t& looked_at);
  Status add_changed_pages();
  void widen(const Interval& time);
  bool may_widen(const Bounds& bounds) const;
  bool changed_within(const Bounds& bounds) const;

  const KeptRows& rows_;
  const Changes& changes_;
  ReadEffort& effort_;
  const StreamId stream_;
  const Time cut_before_;
  const std::vector<EntryPtr> entries_;
  uint64_t kept_ = 0;             // that no cut hides
  std::optional<Interval> time_;  // of those that there are
  std::vector<PagePlace> changed_pages_;
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
  TRY_DO(add_changed_pages());
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

bool Extent::changed_within(const Bounds& bounds) const {
  const auto by_id = [](const EntryPtr& entry) { return entry->reading.id; };
  const auto found = std::ranges::lower_bound(entries_, bounds.lowest, {}, by_id);
  return found != entries_.end() && by_id(*found) <= bounds.highest;
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
          changed_within(rows.bounds)) {
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
    const Bounds& bounds = entry.bounds;
    if (bounds.last < cut_before_ || entry.first_arrived_s > changes_.arrived_until_s) continue;
    if (holds_only(entry, stream_) && bounds.first >= cut_before_ &&
        entry.last_arrived_s <= changes_.arrived_until_s) {
      kept_ += bounds.readings;
      if (changed_within(bounds)) {
        changed_pages_.push_back({&part, page, bounds});
      } else {
        widen({bounds.first, bounds.end});
      }
      continue;
    }
    TRY_DO(effort_.next_page());
    TRY(const auto readings, part.read_page(page));
    std::vector<const Reading*> of_stream;
    for (const Reading& reading : *readings) {
      if (reading.stream == stream_) of_stream.push_back(&reading);
    }
    add_rows(of_stream, bounds, effort_.part_rows);
  }
  return {};
}

// Pages of which some readings were changed: how many are kept is known, and what is in them
// matters only where it could be the first or the last. Those at the ends come first, so that most
// others need not be read.
Status Extent::add_changed_pages() {
  if (changed_pages_.empty()) return {};
  std::ranges::sort(changed_pages_, {}, [](const PagePlace& place) { return place.bounds.first; });
  std::ranges::reverse(changed_pages_);
  std::swap(changed_pages_.back(), changed_pages_[std::min<size_t>(1, changed_pages_.size() - 1)]);
  for (const PagePlace& place : changed_pages_) {
    if (!may_widen(place.bounds)) continue;
    TRY_DO(effort_.next_page());
    TRY(const auto readings, place.part->read_page(place.page));
    effort_.part_rows += readings->size();
    RowFilter filter(changes_, 0, place.bounds);
    for (const Reading& reading : *readings) {
      if (filter.judge(reading) == RowFilter::Verdict::stands) widen(reading.phenomenon_time);
    }
  }
  return {};
}

}  // namespace

Result<StreamExtent> extent_of(const KeptRows& rows, const Changes& changes, StreamId stream,
                               ReadEffort& effort) {
  TRY_DO(effort.deadline.go_on());
  return Extent(rows, changes, stream, effort).measure();
}

}  // namespace duliang
