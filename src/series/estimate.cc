#include "series/view.h"

namespace duliang {
namespace {

// How much of the bounds lies within the times of the options.
double share_within(const Bounds& bounds, const ScanOptions& options) {
  const Time from = std::max(options.from.value_or(bounds.first), bounds.first);
  const Time to = std::min(options.to.value_or(bounds.last), bounds.last);
  if (from > to) return 0;
  if (bounds.first == bounds.last) return 1;
  return static_cast<double>((to - from).count()) /
         static_cast<double>((bounds.last - bounds.first).count());
}

void add(ScanEstimate& estimate, const Bounds& bounds, const ScanOptions& options, double pages) {
  const double share = share_within(bounds, options);
  estimate.readings += share * static_cast<double>(bounds.readings);
  estimate.pages += share * pages;
}

// Of a stream, or where sets are judged, every page's entry is looked at. Of a page that several
// streams share, each has as much as the others. What can't be read now is told by who reads it.
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
    if (share_within(entry->bounds, options) == 0) continue;
    ScanEstimate of_page;
    add(of_page, entry->bounds, options, 1);
    const auto streams = number(entry->last_stream) - number(entry->first_stream) + 1;
    if (options.stream) of_page.readings /= static_cast<double>(streams);
    estimate.readings += of_page.readings;
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
      add(estimate, chunk->sorted.bounds, options, 0);
      continue;
    }
    for (const StreamRows& of_stream : sets_of(chunk->sorted.streams, *options.stream)) {
      add(estimate, of_stream.bounds, options, 0);
    }
  }
  for (const NamedPart& part : *rows.parts) {
    const PartSummary& summary = part.part->summary();
    if (share_within(summary.bounds, options) == 0) continue;
    if (options.stream || options.sets) {
      add_pages(estimate, *part.part, options);
    } else {
      add(estimate, summary.bounds, options, static_cast<double>(summary.pages));
    }
  }
  return estimate;
}

std::vector<StreamId> SeriesView::streams() const {
  std::vector<StreamId> streams;
  each_lane_run([&](uint64_t, uint64_t, StreamId stream) { streams.push_back(stream); });
  std::ranges::sort(streams);
  const auto [first, last] = std::ranges::unique(streams);
  streams.erase(first, last);
  return streams;
}

}  // namespace duliang
