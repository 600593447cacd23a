#include "series/count.h"

#include <cmath>

namespace duliang {
namespace {

// Of a page that is judged by its columns, so many readings are judged together first.
constexpr size_t kBlockRows = 64;

// Of its readings from `first` to before `behind`.
SetFacts facts_of(const PageColumns& columns, size_t first, size_t behind) {
  SetFacts facts;
  facts.first_stream = columns.streams[first];
  facts.last_stream = columns.streams[behind - 1];
  facts.results_known = !columns.results.empty();
  const auto [begin, end] = columns.times[first];
  facts.bounds = {behind - first, begin, begin, end, columns.ids[first], columns.ids[first]};
  Bounds& bounds = facts.bounds;
  for (size_t row = first; row < behind; ++row) {
    bounds.first = std::min(bounds.first, columns.times[row].begin);
    bounds.last = std::max(bounds.last, columns.times[row].begin);
    bounds.end = std::max(bounds.end, columns.times[row].end);
    bounds.lowest = std::min(bounds.lowest, columns.ids[row]);
    bounds.highest = std::max(bounds.highest, columns.ids[row]);
    if (!facts.results_known || std::isnan(columns.results[row])) continue;
    const double result = columns.results[row];
    facts.least = facts.numbers == 0 ? result : std::min(facts.least, result);
    facts.most = facts.numbers == 0 ? result : std::max(facts.most, result);
    ++facts.numbers;
  }
  return facts;
}

class Count {
 public:
  Count(const KeptRows& rows, const Changes& changes, const Counting& counting, ReadEffort& effort)
      : rows_(rows),
        changes_(changes),
        within_(counting.within),
        passes_(counting.passes),
        effort_(effort),
        columns_tell_(within_.sets && !changes.of_the_past()) {}
  Result<uint64_t> count();

 private:
  Passing judge(const SetFacts& facts) const;
  Passing judge_unchanged(const SetFacts& facts) const;
  Passing judge_place(const SetFacts& facts) const;
  Status add_sorted(const SortedRows& rows, size_t newer_layer, uint64_t& served);
  Status add_rows(std::span<const Reading* const> readings, RowFilter filter, uint64_t& served);
  Status add_open();
  Status add_part(const Part& part);
  Status add_page(const Part& part, size_t page, const Bounds& bounds);
  Result<bool> add_by_columns(const Part& part, size_t page, const Bounds& bounds);
  std::optional<uint64_t> count_columns(const PageColumns& columns, RowFilter filter) const;

  const KeptRows& rows_;
  const Changes& changes_;
  const ScanOptions& within_;
  const ReadingJudge& passes_;
  ReadEffort& effort_;
  uint64_t count_ = 0;
  bool columns_tell_;  // until they did not
};

Result<uint64_t> Count::count() {
  const OverlayLayers& layers = *changes_.overlay.layers;
  for (size_t at = 0; at < layers.size(); ++at) {
    TRY_DO(add_sorted(layers[at]->replaced, at + 1, effort_.overlay_rows));
  }
  for (const auto& chunk : *rows_.tail.sealed) {
    TRY_DO(add_sorted(chunk->sorted, 0, effort_.tail_rows));
  }
  TRY_DO(add_open());
  for (const NamedPart& part : *rows_.parts) TRY_DO(add_part(*part.part));
  return count_;
}

// By stream and time alone.
Passing Count::judge_place(const SetFacts& facts) const {
  const Bounds& bounds = facts.bounds;
  Passing passing = Passing::all;
  if (within_.stream) {
    if (facts.last_stream < *within_.stream || facts.first_stream > *within_.stream) {
      return Passing::none;
    }
    if (facts.first_stream != facts.last_stream) passing = Passing::some;
  }
  if (within_.from && bounds.last < *within_.from) return Passing::none;
  if (within_.to && bounds.first > *within_.to) return Passing::none;
  const bool reaches_out = (within_.from && bounds.first < *within_.from) ||
                           (within_.to && bounds.last > *within_.to);
  return reaches_out ? Passing::some : passing;
}

// Without regard to what was changed.
Passing Count::judge_unchanged(const SetFacts& facts) const {
  const Passing passing = judge_place(facts);
  if (passing == Passing::none) return passing;
  return both(passing, within_.sets ? within_.sets(facts) : Passing::some);
}

Passing Count::judge(const SetFacts& facts) const {
  if (facts.first_arrived_s > changes_.arrived_until_s) return Passing::none;
  const Passing passing = judge_unchanged(facts);
  return passing == Passing::all && changes_.may_touch(facts) ? Passing::some : passing;
}

// Of readings by KeptOrder.
Status Count::add_rows(std::span<const Reading* const> readings, RowFilter filter,
                       uint64_t& served) {
  for (const Reading* reading : readings) {
    if (!takes(within_, *reading) || filter.judge(*reading) != RowFilter::Verdict::stands) continue;
    ++served;
    TRY(const bool passes, passes_(*reading));
    if (passes) ++count_;
  }
  return {};
}

// What replaces something in the overlay is hidden by newer layers alone, and they name it.
Status Count::add_sorted(const SortedRows& rows, size_t newer_layer, uint64_t& served) {
  TRY_DO(effort_.deadline.go_on());
  const auto first = within_.stream ? std::ranges::lower_bound(rows.streams, *within_.stream, {},
                                                               &StreamRows::stream)
                                    : rows.streams.begin();
  for (auto at = first; at != rows.streams.end(); ++at) {
    if (within_.stream && at->stream != *within_.stream) break;
    Passing passing = judge(facts_of(*at));
    if (passing == Passing::none) continue;
    if (passing == Passing::all && newer_layer == 0) {
      count_ += at->bounds.readings;
      continue;
    }
    TRY_DO(add_rows(rows.of(*at), RowFilter(changes_, newer_layer, at->bounds), served));
  }
  return {};
}

Status Count::add_open() {
  std::vector<const Reading*> readings;
  Bounds bounds;
  for (const Reading& reading : rows_.tail.open_readings()) {
    if (!takes(within_, reading)) continue;
    readings.push_back(&reading);
    bounds.add(reading);
  }
  std::ranges::sort(readings, {}, [](const Reading* reading) { return kept_order(*reading); });
  return add_rows(readings, RowFilter(changes_, 0, bounds), effort_.tail_rows);
}

Status Count::add_part(const Part& part) {
  SetFacts whole;
  whole.bounds = part.summary().bounds;
  whole.last_stream = StreamId{std::numeric_limits<int64_t>::max()};
  if (judge_place(whole) == Passing::none) return {};
  std::pair<size_t, size_t> pages{0, part.summary().pages};
  if (within_.stream) {
    TRY(pages, part.pages_of(*within_.stream));
  }
  for (size_t page = pages.first; page < pages.second; ++page) {
    TRY(const PageEntry entry, part.entry(page));
    const SetFacts facts = facts_of(entry);
    const Passing passing = judge(facts);
    if (passing == Passing::none) continue;
    if (passing == Passing::all) {
      count_ += entry.bounds.readings;
      continue;
    }
    TRY_DO(effort_.next_page());
    TRY_DO(add_page(part, page, entry.bounds));
  }
  return {};
}

// By its columns, as long as these decide; else, and where it matters when they arrived, its
// readings are judged.
Status Count::add_page(const Part& part, size_t page, const Bounds& bounds) {
  if (columns_tell_) {
    TRY(columns_tell_, add_by_columns(part, page, bounds));
    if (columns_tell_) return {};
  }
  TRY(const auto readings, part.read_page(page));
  std::vector<const Reading*> rows;
  rows.reserve(readings->size());
  for (const Reading& reading : *readings) rows.push_back(&reading);
  return add_rows(rows, RowFilter(changes_, 0, bounds), effort_.part_rows);
}

// False: nothing is added, as they do not tell enough.
Result<bool> Count::add_by_columns(const Part& part, size_t page, const Bounds& bounds) {
  TRY(const PageColumns columns, part.read_columns(page, within_.sets_by_result));
  const auto passing = count_columns(columns, RowFilter(changes_, 0, bounds));
  if (!passing) return false;
  count_ += *passing;
  effort_.part_rows += columns.ids.size();
  return true;
}

// None where of one reading the columns do not tell enough.
std::optional<uint64_t> Count::count_columns(const PageColumns& columns, RowFilter filter) const {
  const size_t rows = columns.ids.size();
  uint64_t count = 0;
  for (size_t first = 0; first < rows; first += kBlockRows) {
    const size_t behind = std::min(first + kBlockRows, rows);
    const SetFacts block = facts_of(columns, first, behind);
    const Passing passing = judge(block);
    if (passing == Passing::all) count += behind - first;
    if (passing != Passing::some) continue;
    for (size_t row = first; row < behind; ++row) {
      const SetFacts facts = facts_of(columns, row, row + 1);
      const Passing row_passing = judge_unchanged(facts);
      if (row_passing == Passing::none) continue;
      const KeptOrder place{columns.streams[row], columns.times[row].begin, columns.ids[row]};
      if (filter.judge(place) != RowFilter::Verdict::stands) continue;
      if (row_passing == Passing::some) return std::nullopt;
      ++count;
    }
  }
  return count;
}

}  // namespace

Result<uint64_t> count_of(const KeptRows& rows, const Changes& changes, const Counting& counting,
                          ReadEffort& effort) {
  TRY_DO(effort.deadline.go_on());
  return Count(rows, changes, counting, effort).count();
}

}  // namespace duliang
