#include "series/overlay.h"

namespace duliang {
namespace {

using Key = std::pair<StreamId, ReadingId>;

Key key_of(const EntryPtr& entry) { return {entry->reading.stream, entry->reading.id}; }

std::shared_ptr<const OverlayLayer> make_layer(std::vector<EntryPtr> entries) {
  auto layer = std::make_shared<OverlayLayer>();
  std::vector<const Reading*> replaced;
  for (const EntryPtr& entry : entries) {
    if (!entry->removed) replaced.push_back(&entry->reading);
  }
  layer->replaced = sort_rows(std::move(replaced));
  layer->entries = std::move(entries);
  return layer;
}

// Of both; where both have an entry, that of `newer`.
std::vector<EntryPtr> merged(std::span<const EntryPtr> older, std::span<const EntryPtr> newer) {
  std::vector<EntryPtr> entries;
  entries.reserve(older.size() + newer.size());
  auto old = older.begin();
  for (const EntryPtr& entry : newer) {
    for (; old != older.end() && key_of(*old) < key_of(entry); ++old) entries.push_back(*old);
    if (old != older.end() && key_of(*old) == key_of(entry)) ++old;
    entries.push_back(entry);
  }
  entries.insert(entries.end(), old, older.end());
  return entries;
}

const EntryPtr* find_in(std::span<const EntryPtr> of_stream, ReadingId id) {
  const auto by_id = [](const EntryPtr& entry) { return entry->reading.id; };
  const auto found = std::ranges::lower_bound(of_stream, id, {}, by_id);
  return found != of_stream.end() && by_id(*found) == id ? &*found : nullptr;
}

}  // namespace

std::span<const EntryPtr> OverlayLayer::of(StreamId stream) const {
  const auto range = std::ranges::equal_range(
      entries, stream, {}, [](const EntryPtr& entry) { return entry->reading.stream; });
  return {range.begin(), range.end()};
}

size_t OverlaySnapshot::entries() const {
  size_t sum = 0;
  for (const auto& layer : *layers) sum += layer->entries.size();
  return sum;
}

const OverlayEntry* OverlaySnapshot::find(StreamId stream, ReadingId id) const {
  for (auto layer = layers->rbegin(); layer != layers->rend(); ++layer) {
    if (const EntryPtr* entry = find_in((*layer)->of(stream), id)) return entry->get();
  }
  return nullptr;
}

std::vector<EntryPtr> OverlaySnapshot::all() const {
  std::vector<EntryPtr> entries;
  for (auto layer = layers->rbegin(); layer != layers->rend(); ++layer) {
    entries = merged((*layer)->entries, entries);
  }
  return entries;
}

std::vector<EntryPtr> OverlaySnapshot::of(StreamId stream) const {
  std::vector<EntryPtr> entries;
  for (auto layer = layers->rbegin(); layer != layers->rend(); ++layer) {
    entries = merged((*layer)->of(stream), entries);
  }
  return entries;
}

OverlaySnapshot OverlaySnapshot::under(std::vector<EntryPtr> newer) const {
  std::ranges::sort(newer, {}, key_of);
  OverlayLayers with = *layers;
  with.push_back(make_layer(std::move(newer)));
  return {std::make_shared<const OverlayLayers>(std::move(with))};
}

Time CutSnapshot::before(StreamId stream) const {
  const auto found = std::ranges::lower_bound(*cuts, stream, {}, &Cut::stream);
  return found != cuts->end() && found->stream == stream ? found->before : Time::min();
}

namespace {

bool names_one_of(const OverlayLayer& layer, const SetFacts& facts) {
  const Bounds& bounds = facts.bounds;
  auto at = std::ranges::lower_bound(layer.entries, Key{facts.first_stream, bounds.lowest}, {},
                                     key_of);
  for (; at != layer.entries.end() && (*at)->reading.stream <= facts.last_stream; ++at) {
    const OverlayEntry& entry = **at;
    const ReadingId id = entry.reading.id;
    if (facts.first_stream == facts.last_stream && id > bounds.highest) return false;
    if (id >= bounds.lowest && id <= bounds.highest && entry.kept &&
        *entry.kept >= bounds.first && *entry.kept <= bounds.last) {
      return true;
    }
  }
  return false;
}

}  // namespace

bool Changes::may_touch(const SetFacts& facts) const {
  if (of_the_past() && facts.last_arrived_s > arrived_until_s) return true;
  auto cut = std::ranges::lower_bound(*cuts.cuts, facts.first_stream, {}, &Cut::stream);
  for (; cut != cuts.cuts->end() && cut->stream <= facts.last_stream; ++cut) {
    if (cut->before > facts.bounds.first) return true;
  }
  return std::ranges::any_of(*overlay.layers, [&facts](const auto& layer) {
    return names_one_of(*layer, facts);
  });
}

int weight(const OverlayEntry& entry, Time cut_before) {
  int sum = 0;
  if (!entry.removed && entry.reading.phenomenon_time.begin >= cut_before) ++sum;
  if (entry.kept && *entry.kept >= cut_before) --sum;
  return sum;
}

RowFilter::RowFilter(const Changes& changes, size_t first_layer, const Bounds& bounds)
    : changes_(changes),
      first_layer_(first_layer),
      lowest_(bounds.lowest),
      highest_(bounds.highest) {}

RowFilter::Verdict RowFilter::judge(const KeptOrder& reading) {
  if (reading.stream != stream_) turn_to(reading.stream);
  if (reading.begin < cut_before_) return Verdict::cut;
  for (const auto& entries : named_) {
    if (find_in(entries, reading.id) != nullptr) return Verdict::changed;
  }
  return Verdict::stands;
}

void RowFilter::turn_to(StreamId stream) {
  stream_ = stream;
  cut_before_ = changes_.cuts.before(stream);
  named_.clear();
  const auto& layers = *changes_.overlay.layers;
  for (size_t at = first_layer_; at < layers.size(); ++at) {
    auto entries = layers[at]->of(stream);
    const auto by_id = [](const EntryPtr& entry) { return entry->reading.id; };
    const auto first = std::ranges::lower_bound(entries, lowest_, {}, by_id);
    const auto last = std::ranges::upper_bound(entries, highest_, {}, by_id);
    if (first < last) named_.emplace_back(first, last);
  }
}

void Overlay::load(std::vector<EntryPtr> entries) {
  for (EntryPtr& entry : entries) {
    const Key key = key_of(entry);
    pending_[key] = std::move(entry);
  }
  publish();
}

const OverlayEntry* Overlay::find(StreamId stream, ReadingId id) const {
  const auto found = pending_.find({stream, id});
  return found != pending_.end() ? found->second.get() : published_.find(stream, id);
}

std::vector<EntryPtr> Overlay::of(StreamId stream) const {
  std::vector<EntryPtr> newer;
  const auto end = pending_.upper_bound({stream, ReadingId{std::numeric_limits<int64_t>::max()}});
  for (auto at = pending_.lower_bound({stream, ReadingId{0}}); at != end; ++at) {
    newer.push_back(at->second);
  }
  return merged(published_.of(stream), newer);
}

void Overlay::set(OverlayEntry entry) {
  const Key key{entry.reading.stream, entry.reading.id};
  pending_[key] = std::make_shared<const OverlayEntry>(std::move(entry));
}

const OverlaySnapshot& Overlay::publish() {
  if (pending_.empty()) return published_;
  std::vector<EntryPtr> entries;
  entries.reserve(pending_.size());
  for (auto& [key, entry] : pending_) entries.push_back(std::move(entry));
  pending_.clear();
  OverlayLayers layers = *published_.layers;
  while (!layers.empty() && layers.back()->entries.size() < 2 * entries.size()) {
    entries = merged(layers.back()->entries, entries);
    layers.pop_back();
  }
  layers.push_back(make_layer(std::move(entries)));
  published_.layers = std::make_shared<const OverlayLayers>(std::move(layers));
  return published_;
}

void Overlay::fold(std::span<const Folded> folded) {
  CHECK(pending_.empty(), "between a job's commit and its end nothing changes");
  if (folded.empty()) return;
  std::map<Key, EntryPtr> left;
  for (const Folded& each : folded) left[{each.stream, each.id}] = each.left;
  std::vector<EntryPtr> entries;
  for (EntryPtr& entry : published_.all()) {
    const auto found = left.find(key_of(entry));
    if (found != left.end()) entry = found->second;
    if (entry) entries.push_back(std::move(entry));
  }
  OverlayLayers layers;
  if (!entries.empty()) layers.push_back(make_layer(std::move(entries)));
  published_.layers = std::make_shared<const OverlayLayers>(std::move(layers));
}

}  // namespace duliang
