#include "series/buckets.h"

#include <cmath>

namespace duliang {
namespace {

// By time, then id.
bool is_before(const ScanPlace& a, const ScanPlace& b) {
  return std::pair(a.begin, a.id) < std::pair(b.begin, b.id);
}

// The readings come from several sources, so which is the first and which the last is seen here.
void add(Bucket& to, const Bucket& more) {
  to.readings += more.readings;
  to.bad += more.bad;
  if (more.numbers == 0) return;
  const bool first = to.numbers == 0;
  if (first || is_before(more.first_at, to.first_at)) {
    to.first_at = more.first_at;
    to.first = more.first;
  }
  if (first || is_before(to.last_at, more.last_at)) {
    to.last_at = more.last_at;
    to.last = more.last;
  }
  to.least = first ? more.least : std::min(to.least, more.least);
  to.most = first ? more.most : std::max(to.most, more.most);
  to.sum += more.sum;
  to.numbers += more.numbers;
}

Bucket bucket_of(const Reading& reading) {
  Bucket bucket;
  bucket.readings = 1;
  bucket.bad = reading.quality == Quality::bad ? 1 : 0;
  const auto number = bucket.bad > 0 ? std::nullopt : number_of(reading);
  if (!number) return bucket;
  bucket.numbers = 1;
  bucket.least = bucket.most = bucket.sum = bucket.first = bucket.last = *number;
  bucket.first_at = bucket.last_at = {reading.phenomenon_time.begin, reading.id};
  return bucket;
}

// Of the rows of a page from `row` to before `end`, all of which stand and come in their order.
Bucket bucket_of(const PageColumns& columns, size_t row, size_t end) {
  Bucket bucket;
  bucket.readings = end - row;
  size_t last = row;
  for (; row < end; ++row) {
    if (columns.qualities[row] == Quality::bad) {
      ++bucket.bad;
      continue;
    }
    const double result = columns.results[row];
    if (std::isnan(result)) continue;
    if (bucket.numbers++ == 0) {
      bucket.least = bucket.most = bucket.first = result;
      bucket.first_at = {columns.times[row].begin, columns.ids[row]};
    }
    bucket.least = std::min(bucket.least, result);
    bucket.most = std::max(bucket.most, result);
    bucket.sum += result;
    last = row;
  }
  if (bucket.numbers == 0) return bucket;
  bucket.last = columns.results[last];
  bucket.last_at = {columns.times[last].begin, columns.ids[last]};
  return bucket;
}

// The work of one question.
class Buckets {
 public:
  Buckets(const KeptRows& rows, const Changes& changes, const BucketsAsked& asked,
          ReadEffort& effort)
      : rows_(rows), changes_(changes), asked_(asked), effort_(effort), buckets_(asked.count()) {}
  Result<std::vector<Bucket>> fill();

 private:
  bool overlaps(const Bounds& bounds) const {
    return bounds.last >= asked_.from && bounds.first < asked_.to;
  }
  bool takes(Time begin) const { return begin >= asked_.from && begin < asked_.to; }
  size_t place_of(Time begin) const {
    return static_cast<size_t>((begin - asked_.from) / asked_.step);
  }
  void add_reading(const Reading& reading, RowFilter& filter, uint64_t& served);
  void add_sorted(const SortedRows& rows, size_t newer_layer, uint64_t& served);
  void add_open();
  Status add_part(const Part& part);
  Status add_page(const Part& part, size_t page, const PageEntry& entry);

  const KeptRows& rows_;
  const Changes& changes_;
  const BucketsAsked& asked_;
  ReadEffort& effort_;
  std::vector<Bucket> buckets_;
};

Result<std::vector<Bucket>> Buckets::fill() {
  const OverlayLayers& layers = *changes_.overlay.layers;
  for (size_t at = 0; at < layers.size(); ++at) {
    add_sorted(layers[at]->replaced, at + 1, effort_.overlay_rows);
  }
  for (const auto& chunk : *rows_.tail.sealed) add_sorted(chunk->sorted, 0, effort_.tail_rows);
  add_open();
  for (const NamedPart& part : *rows_.parts) TRY_DO(add_part(*part.part));
  return std::move(buckets_);
}

void Buckets::add_reading(const Reading& reading, RowFilter& filter, uint64_t& served) {
  const Time begin = reading.phenomenon_time.begin;
  if (reading.stream != asked_.stream || !takes(begin)) return;
  if (filter.judge(reading) != RowFilter::Verdict::stands) return;
  ++served;
  add(buckets_[place_of(begin)], bucket_of(reading));
}

// What replaces something in the overlay is hidden by newer layers alone.
void Buckets::add_sorted(const SortedRows& rows, size_t newer_layer, uint64_t& served) {
  const auto found =
      std::ranges::lower_bound(rows.streams, asked_.stream, {}, &StreamRows::stream);
  if (found == rows.streams.end() || found->stream != asked_.stream) return;
  if (!overlaps(found->bounds)) return;
  RowFilter filter(changes_, newer_layer, found->bounds);
  for (const Reading* reading : rows.of(*found)) add_reading(*reading, filter, served);
}

void Buckets::add_open() {
  Bounds bounds;
  for (const Reading& reading : rows_.tail.open_readings()) bounds.add(reading);
  RowFilter filter(changes_, 0, bounds);
  for (const Reading& reading : rows_.tail.open_readings()) {
    add_reading(reading, filter, effort_.tail_rows);
  }
}

Status Buckets::add_part(const Part& part) {
  if (!overlaps(part.summary().bounds)) return {};
  TRY(const auto pages, part.pages_of(asked_.stream));
  for (size_t page = pages.first; page < pages.second; ++page) {
    TRY(const PageEntry entry, part.entry(page));
    if (!overlaps(entry.bounds)) continue;
    TRY_DO(effort_.next_page());
    TRY_DO(add_page(part, page, entry));
  }
  return {};
}

// Of the past it matters when each reading arrived, which the columns do not tell.
Status Buckets::add_page(const Part& part, size_t page, const PageEntry& entry) {
  RowFilter filter(changes_, 0, entry.bounds);
  if (changes_.of_the_past()) {
    TRY(const auto readings, part.read_page(page));
    for (const Reading& reading : *readings) add_reading(reading, filter, effort_.part_rows);
    return {};
  }
  TRY(const PageColumns columns, part.read_columns(page, true));
  const bool all_stand = !changes_.may_touch(facts_of(entry));
  const auto [first, behind] = std::ranges::equal_range(columns.streams, asked_.stream);
  const auto end = static_cast<size_t>(behind - columns.streams.begin());
  for (auto row = static_cast<size_t>(first - columns.streams.begin()); row < end;) {
    const Time begin = columns.times[row].begin;
    const KeptOrder place{asked_.stream, begin, columns.ids[row]};
    const bool wanted = takes(begin) && (all_stand || filter.judge(place) ==
                                                          RowFilter::Verdict::stands);
    size_t until = row + 1;
    if (wanted) {
      const size_t bucket = place_of(begin);
      const Time next = asked_.from + asked_.step * static_cast<int64_t>(bucket + 1);
      while (all_stand && until < end && columns.times[until].begin < std::min(next, asked_.to)) {
        ++until;
      }
      add(buckets_[bucket], bucket_of(columns, row, until));
      effort_.part_rows += until - row;
    }
    row = until;
  }
  return {};
}

}  // namespace

Result<std::vector<Bucket>> buckets_of(const KeptRows& rows, const Changes& changes,
                                       const BucketsAsked& asked, ReadEffort& effort) {
  TRY_DO(effort.deadline.go_on());
  return Buckets(rows, changes, asked, effort).fill();
}

}  // namespace duliang
