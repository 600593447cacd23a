#include "series/view.h"

namespace duliang {
namespace {

// How much of the bounds lies within the times of the options: one reading at least, where any may.
std::optional<double> share_within(const Bounds& bounds, const ScanOptions& options) {
  const Time from = std::max(options.from.value_or(bounds.first), bounds.first);
  const Time to = std::min(options.to.value_or(bounds.last), bounds.last);
  if (from > to) return std::nullopt;
  if (bounds.first == bounds.last) return 1;
  const double share = static_cast<double>((to - from).count()) /
                       static_cast<double>((bounds.last - bounds.first).count());
  return std::max(share, 1 / static_cast<double>(bounds.readings));
}

double readings_within(const Bounds& bounds, const ScanOptions& options) {
  return share_within(bounds, options).value_or(0) * static_cast<double>(bounds.readings);
}

// By every page's entry. Of a page that several streams share, each has as much as the others. What
// can't be read now is told by who reads it.
void add_pages(ScanEstimate& estimate, const Part& part, const ScanOptions& options) {
  std::pair<size_t, size_t> pages{0, part.summary().pages};
  if (options.stream) {
    const auto found = part.pages_of(*options.stream);
    pages = found.ok() ? *found : std::pair<size_t, size_t>{};
  }
  for (size_t page = pages.first; page < pages.second; ++page) {
    const auto entry = part.entry(page);
    if (!entry.ok()) return;
    if (options.sets && options.sets(facts_of(*entry)) == Passing::none) continue;
    const double readings = readings_within(entry->bounds, options);
    if (readings == 0) continue;
    const auto streams = number(entry->last_stream) - number(entry->first_stream) + 1;
    estimate.readings += readings / (options.stream ? static_cast<double>(streams) : 1);
    estimate.pages += 1;
  }
}

}  // namespace

ScanEstimate SeriesView::estimate(const ScanOptions& options) const {
  const KeptRows& rows = state_->rows;
  ScanEstimate estimate;
  estimate.readings = static_cast<double>(rows.tail.open_rows);
  for (const auto& chunk : *rows.tail.sealed) {
    if (!options.stream) {
      estimate.readings += readings_within(chunk->sorted.bounds, options);
      continue;
    }
    for (const StreamRows& of_stream : sets_of(chunk->sorted.streams, *options.stream)) {
      estimate.readings += readings_within(of_stream.bounds, options);
    }
  }
  for (const NamedPart& part : *rows.parts) {
    const PartSummary& summary = part.part->summary();
    if (!share_within(summary.bounds, options)) continue;
    if (options.stream || options.sets || options.from || options.to) {
      add_pages(estimate, *part.part, options);
    } else {
      estimate.readings += static_cast<double>(summary.bounds.readings);
      estimate.pages += static_cast<double>(summary.pages);
    }
  }
  return estimate;
}

}  // namespace duliang
