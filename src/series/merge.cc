#include "series/merge.h"

#include <bit>
#include <span>

namespace duliang {
namespace {

// The readings of one stream are kept in the order of their time.
ScanOrder order_of(const ScanOptions& options) {
  const bool one_kept = options.order == ScanOrder::kept && options.stream;
  return one_kept ? ScanOrder::time : options.order;
}

// Such that integers are ordered as the numbers are.
int64_t in_order(double number) {
  const auto bits = std::bit_cast<int64_t>(number == 0 ? 0.0 : number);
  return bits < 0 ? std::numeric_limits<int64_t>::min() - bits : bits;
}

constexpr int64_t kFirst = std::numeric_limits<int64_t>::min();

}  // namespace

Merge::Merge(const ScanOptions& options, const Changes& changes, Deadline deadline)
    : options_(options), changes_(changes), order_(order_of(options)) {
  CHECK(options.order != ScanOrder::kept || !options.descending, "kept in one direction");
  effort_.deadline = deadline;
  if (options_.after) begin_behind(*options_.after);
  if (!options_.stream) return;
  // Pages before the cut need not be read to know that nothing in them is there.
  const Time cut_before = changes_.cuts.before(*options_.stream);
  if (cut_before == Time::min()) return;
  options_.from = std::max(options_.from.value_or(cut_before), cut_before);
}

Merge::Merge(const Changes& changes) : changes_(changes), order_(ScanOrder::kept) {}

void Merge::begin_behind(const ScanPlace& place) {
  CHECK(order_ == ScanOrder::time || order_ == ScanOrder::id, "a place of such an order");
  after_ = key_of(StreamId{0}, place.begin, place.id);
  if (order_ == ScanOrder::id) return;
  if (options_.descending) {
    options_.to = std::min(options_.to.value_or(place.begin), place.begin);
  } else {
    options_.from = std::max(options_.from.value_or(place.begin), place.begin);
  }
}

bool Merge::wants(const Reading& reading) const {
  return takes(options_, reading) && (!after_ || key_of(reading) > *after_);
}

Merge::Key Merge::key_of(StreamId stream, Time begin, ReadingId id) const {
  if (order_ == ScanOrder::result) return {kFirst, 0, 0};  // whatever was looked into comes at once
  Key key{0, begin.time_since_epoch().count(), static_cast<int64_t>(id)};
  if (order_ == ScanOrder::id) key.second = 0;
  if (order_ == ScanOrder::kept) key.first = static_cast<int64_t>(stream);
  // The complement turns the order of integers round without overflow.
  if (options_.descending) key = {~key.first, ~key.second, ~key.third};
  return key;
}

Merge::Key Merge::key_of(const Reading& reading) const {
  return key_of(reading.stream, reading.phenomenon_time.begin, reading.id);
}

Merge::Key Merge::key_of(const Bounds& bounds) const {
  return options_.descending ? key_of(StreamId{0}, bounds.last, bounds.highest)
                             : key_of(StreamId{0}, bounds.first, bounds.lowest);
}

// The bounds of a page are those of all its streams, so that its first reading by KeptOrder may
// come before its smallest time.
Merge::Key Merge::key_of(const PageEntry& page) const {
  if (order_ == ScanOrder::kept) return key_of(page.first_stream, page.bounds.first, ReadingId{0});
  if (order_ != ScanOrder::result || page.numbers < page.bounds.readings)
    return key_of(page.bounds);
  return {options_.descending ? ~in_order(page.most) : in_order(page.least), 0, 0};
}

bool Merge::may_hold(const Bounds& bounds) const {
  if (after_ && order_ == ScanOrder::id) {
    const ReadingId last = options_.descending ? bounds.lowest : bounds.highest;
    if (key_of(StreamId{0}, Time{}, last) <= *after_) return false;
  }
  return (!options_.from || bounds.last >= *options_.from) &&
         (!options_.to || bounds.first <= *options_.to);
}

bool Merge::may_hold(const SetFacts& facts) const {
  return facts.first_arrived_s <= changes_.arrived_until_s && may_hold(facts.bounds) &&
         (!options_.sets || options_.sets(facts) != Passing::none);
}

void Merge::add(const TailSnapshot& tail) {
  for (const auto& chunk : *tail.sealed) add(*chunk);
  inputs_.push_back({nullptr, nullptr, &effort_.tail_rows, 0});
  std::vector<const Reading*> readings;
  Bounds bounds;
  for (const Reading& reading : tail.open_readings()) {
    if (!wants(reading)) continue;
    readings.push_back(&reading);
    bounds.add(reading);
  }
  // Of what comes as it came, the filter turns from stream to stream.
  std::ranges::sort(readings, {}, [](const Reading* reading) { return kept_order(*reading); });
  push_run(readings, bounds, nullptr, inputs_.size() - 1);
}

void Merge::add(const SealedChunk& chunk) { add(chunk.sorted, effort_.tail_rows, 0); }

void Merge::add_changed() {
  const OverlayLayers& layers = *changes_.overlay.layers;
  for (size_t at = 0; at < layers.size(); ++at) {
    add(layers[at]->replaced, effort_.overlay_rows, at + 1);
  }
}

void Merge::add(const SortedRows& rows, uint64_t& served, size_t newer_layer) {
  if (rows.rows.empty() || !may_hold(rows.bounds)) return;
  inputs_.push_back({&rows, nullptr, &served, newer_layer});
  const size_t input = inputs_.size() - 1;
  if (order_ == ScanOrder::kept) {
    push({key_of(*rows.rows.front()), input, kWhole, 1, nullptr});
    return;
  }
  if (!options_.stream) {
    push({key_of(rows.bounds), input, kWhole, 1, nullptr});
    return;
  }
  const auto found =
      std::ranges::lower_bound(rows.streams, *options_.stream, {}, &StreamRows::stream);
  if (found == rows.streams.end() || found->stream != *options_.stream) return;
  if (!may_hold(facts_of(*found))) return;
  push({key_of(found->bounds), input, static_cast<size_t>(found - rows.streams.begin()), 1,
        nullptr});
}

Status Merge::add(const Part& part) {
  if (!may_hold(part.summary().bounds)) return {};
  inputs_.push_back({nullptr, &part, &effort_.part_rows, 0});
  const size_t input = inputs_.size() - 1;
  if (options_.stream) {
    TRY(const auto pages, part.pages_of(*options_.stream));
    return add_pages(input, pages.first, pages.second);
  }
  if (order_ == ScanOrder::kept) {
    return push_pages({{}, input, 0, part.summary().pages, nullptr}, {});
  }
  push({key_of(part.summary().bounds), input, kWhole, 1, nullptr});
  return {};
}

// Pages of one stream come by time one behind the other; else they overlap, and each stands by
// itself.
Status Merge::add_pages(size_t input, size_t first, size_t behind) {
  const Part& part = *inputs_[input].part;
  if (options_.stream && order_ == ScanOrder::time) {
    TRY_DO(narrow(part, first, behind));
    if (first == behind) return {};
    const size_t at = options_.descending ? behind - 1 : first;
    return push_pages({{}, input, at, behind - first, nullptr},
                      {kFirst, 0, 0});
  }
  for (size_t page = first; page < behind; ++page) {
    TRY(const PageEntry entry, part.entry(page));
    if (may_hold(facts_of(entry))) push({key_of(entry), input, page, 1, nullptr});
  }
  return {};
}

// Leaves out pages of one stream before `from` and behind `to`. All but the outer two hold nothing
// else, so that their bounds follow each other.
Status Merge::narrow(const Part& part, size_t& first, size_t& behind) const {
  const auto first_inner = [&](const auto& is_behind, size_t low) -> Result<size_t> {
    size_t high = behind - 1;
    while (low < high) {
      const size_t middle = low + (high - low) / 2;
      TRY(const PageEntry entry, part.entry(middle));
      if (is_behind(entry.bounds)) {
        high = middle;
      } else {
        low = middle + 1;
      }
    }
    return low;
  };
  if (options_.from && behind - first > 2) {
    TRY(const size_t inner,
        first_inner([&](const Bounds& bounds) { return bounds.last >= *options_.from; },
                    first + 1));
    if (inner > first + 1) first = inner;
  }
  if (options_.to && behind - first > 2) {
    TRY(const size_t inner,
        first_inner([&](const Bounds& bounds) { return bounds.first > *options_.to; }, first + 1));
    if (inner < behind - 1) behind = inner;
  }
  return {};
}

// The first page of those that follow each other that may hold anything; what is in it does not
// come before `least`, since it comes behind the page before.
Status Merge::push_pages(Source source, Key least) {
  const Part& part = *inputs_[source.input].part;
  for (; source.pages > 0; --source.pages) {
    TRY(const PageEntry entry, part.entry(source.at));
    if (may_hold(facts_of(entry))) {
      source.key = std::max(least, key_of(entry));
      push(std::move(source));
      return {};
    }
    source.at += options_.descending ? ~size_t{0} : 1;
  }
  return {};
}

Result<const Reading*> Merge::next() {
  for (;;) {
    if (current_.run) {
      Run& run = *current_.run;
      if (run.next < run.readings.size()) {
        const Reading* reading = run.readings[run.next];
        const Key key = key_of(*reading);
        if (heap_.empty() || key <= heap_.front().key) {
          ++run.next;
          ++*inputs_[current_.input].served;
          return reading;
        }
        current_.key = key;
        push(std::move(current_));
      }
      current_.run = nullptr;
    }
    if (heap_.empty()) return nullptr;
    Source source = pop();
    if (source.run) {
      current_ = std::move(source);
    } else {
      TRY_DO(look_into(std::move(source)));
    }
  }
}

// Puts what the source holds into the heap in its place.
Status Merge::look_into(Source source) {
  const Input& input = inputs_[source.input];
  if (input.rows != nullptr) {
    look_into_rows(source);
    return {};
  }
  if (source.at != kWhole) return look_into_page(std::move(source));
  return add_pages(source.input, 0, input.part->summary().pages);
}

void Merge::look_into_rows(const Source& source) {
  const Input& input = inputs_[source.input];
  const SortedRows& rows = *input.rows;
  if (source.at == kWhole && order_ != ScanOrder::kept) {
    for (size_t at = 0; at < rows.streams.size(); ++at) {
      const StreamRows& stream = rows.streams[at];
      if (may_hold(facts_of(stream))) push({key_of(stream.bounds), source.input, at, 1, nullptr});
    }
    return;
  }
  if (source.at == kWhole) return push_run(rows.rows, rows.bounds, nullptr, source.input);
  const StreamRows& stream = rows.streams[source.at];
  push_run(rows.of(stream), stream.bounds, nullptr, source.input);
}

Status Merge::look_into_page(Source source) {
  if (newest_first() && source.without_last == 0 && take_known_last(source)) return {};
  const Part& part = *inputs_[source.input].part;
  if (order_ == ScanOrder::result) {
    TRY(const PageEntry entry, part.entry(source.at));
    if (!may_hold(facts_of(entry))) return {};
  }
  TRY_DO(effort_.next_page());
  Part::Readings page;
  if (order_ == ScanOrder::kept) {
    TRY(auto once, part.read_page_once(source.at));
    page = std::make_shared<const std::vector<Reading>>(std::move(once));
  } else {
    TRY(page, part.read_page(source.at));
  }
  std::vector<const Reading*> readings;
  Bounds bounds;
  for (const Reading& reading : *page) {
    if (options_.stream && reading.stream != *options_.stream) continue;
    readings.push_back(&reading);
    bounds.add(reading);
  }
  Key least = source.key;
  if (!readings.empty() && order_ != ScanOrder::id) {
    least = std::max(least, key_of(options_.descending ? *readings.front() : *readings.back()));
  }
  if (!readings.empty() && newest_first()) {
    if (source.without_last == 0) part.keep_last(source.at, readings);
    readings.resize(readings.size() - source.without_last);
  }
  push_run(readings, bounds, std::move(page), source.input);
  if (source.pages == 1) return {};
  source.at += options_.descending ? ~size_t{0} : 1;
  --source.pages;
  source.without_last = 0;
  return push_pages(std::move(source), least);
}

// The newest readings of the page come first; where they are known already, the page itself is
// looked into only when they have been handed out and more is wanted.
bool Merge::take_known_last(const Source& source) {
  const auto last = inputs_[source.input].part->known_last(source.at, *options_.stream);
  if (!last) return false;
  std::vector<const Reading*> readings;
  Bounds bounds;
  for (const Reading& reading : *last) {
    readings.push_back(&reading);
    bounds.add(reading);
  }
  push_run(readings, bounds, last, source.input);
  Source rest{std::max(source.key, key_of(last->front())), source.input, source.at, source.pages,
              nullptr};
  ++rest.key.third;  // behind them
  rest.without_last = last->size();
  push(std::move(rest));
  return true;
}

// Of readings by KeptOrder those that are wanted and stand, in the order asked for; `held` is what
// they stand in, where it would go otherwise.
void Merge::push_run(std::span<const Reading* const> readings, const Bounds& bounds,
                     std::shared_ptr<const void> held, size_t input) {
  auto run = std::make_unique<Run>();
  run->held = std::move(held);
  run->readings = standing(readings, bounds, inputs_[input]);
  if (run->readings.empty()) return;
  if (options_.stream && order_ == ScanOrder::time) {
    if (options_.descending) std::ranges::reverse(run->readings);
  } else if (order_ == ScanOrder::time || order_ == ScanOrder::id) {
    std::ranges::sort(run->readings, {}, [&](const Reading* reading) { return key_of(*reading); });
  }
  const Key key = key_of(*run->readings.front());
  push({key, input, kWhole, 1, std::move(run)});
}

std::vector<const Reading*> Merge::standing(std::span<const Reading* const> readings,
                                            const Bounds& bounds, const Input& input) {
  RowFilter filter(changes_, input.newer_layer, bounds);
  std::vector<const Reading*> standing;
  standing.reserve(readings.size());
  for (const Reading* reading : readings) {
    if (!wants(*reading)) continue;
    switch (filter.judge(*reading)) {
      case RowFilter::Verdict::stands:
        standing.push_back(reading);
        break;
      case RowFilter::Verdict::changed:
        break;
      case RowFilter::Verdict::cut:
        if (input.newer_layer == 0) ++cut_[reading->stream];
        break;
    }
  }
  return standing;
}

void Merge::push(Source source) {
  heap_.push_back(std::move(source));
  std::ranges::push_heap(heap_, std::ranges::greater{}, &Source::key);
}

Merge::Source Merge::pop() {
  std::ranges::pop_heap(heap_, std::ranges::greater{}, &Source::key);
  Source source = std::move(heap_.back());
  heap_.pop_back();
  return source;
}

}  // namespace duliang
