#include "series/page_cache.h"

namespace duliang {

PageCache& PageCache::of_process() {
  static PageCache cache;
  return cache;
}

uint64_t PageCache::new_part() {
  const std::lock_guard lock(mutex_);
  return ++parts_;
}

void PageCache::move(Shelf& from, HeldList::iterator held, HeldList& to) {
  from.bytes -= held->bytes;
  to.splice(to.end(), from.newest_first, held);
}

void PageCache::forget_part(uint64_t part) {
  HeldList gone;  // goes outside of the lock
  const std::lock_guard lock(mutex_);
  for (Shelf* shelf : {&pages_, &others_}) {
    for (auto held = shelf->newest_first.begin(); held != shelf->newest_first.end();) {
      const auto next = std::next(held);
      if (held->key.part == part) {
        places_.erase(held->key);
        move(*shelf, held, gone);
      }
      held = next;
    }
  }
}

std::shared_ptr<const void> PageCache::look_up(const Key& key) {
  const std::lock_guard lock(mutex_);
  const auto place = places_.find(key);
  if (place == places_.end()) {
    ++counts_.misses;
    return nullptr;
  }
  ++counts_.hits;
  if (key.kind == Key::Kind::page) ++counts_.page_hits;
  HeldList& list = shelf_of(key).newest_first;
  list.splice(list.begin(), list, place->second);
  return place->second->value;
}

void PageCache::keep(const Key& key, std::shared_ptr<const void> value, size_t bytes) {
  HeldList gone;  // goes outside of the lock
  const std::lock_guard lock(mutex_);
  Shelf& shelf = shelf_of(key);
  if (bytes > shelf.limit) return;
  if (places_.contains(key)) return;  // two readers decoded it at once
  shelf.newest_first.push_front({key, std::move(value), bytes});
  places_.emplace(key, shelf.newest_first.begin());
  shelf.bytes += bytes;
  while (shelf.bytes > shelf.limit) {
    const auto oldest = std::prev(shelf.newest_first.end());
    places_.erase(oldest->key);
    move(shelf, oldest, gone);
  }
}

void PageCache::count_decoded() {
  const std::lock_guard lock(mutex_);
  ++counts_.pages_decoded;
}

PageCache::Counts PageCache::counts() const {
  const std::lock_guard lock(mutex_);
  Counts counts = counts_;
  counts.bytes = pages_.bytes + others_.bytes;
  return counts;
}

size_t PageCache::HashOfKey::operator()(const Key& key) const {
  constexpr uint64_t kSpread = 0x9E3779B97F4A7C15U;
  const uint64_t place = key.part * kSpread ^ (key.at << 2 | static_cast<uint64_t>(key.kind));
  return std::hash<uint64_t>()(place ^ static_cast<uint64_t>(number(key.stream)) * kSpread);
}

}  // namespace duliang
