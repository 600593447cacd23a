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

void PageCache::forget_part(uint64_t part) {
  HeldList gone;  // goes outside of the lock
  const std::lock_guard lock(mutex_);
  for (auto held = newest_first_.begin(); held != newest_first_.end();) {
    const auto next = std::next(held);
    if (held->key.part == part) {
      counts_.bytes -= held->bytes;
      places_.erase(held->key);
      gone.splice(gone.end(), newest_first_, held);
    }
    held = next;
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
  newest_first_.splice(newest_first_.begin(), newest_first_, place->second);
  return place->second->value;
}

void PageCache::keep(const Key& key, std::shared_ptr<const void> value, size_t bytes) {
  if (bytes > limit_) return;
  HeldList gone;  // goes outside of the lock
  const std::lock_guard lock(mutex_);
  if (places_.contains(key)) return;  // two readers decoded it at once
  newest_first_.push_front({key, std::move(value), bytes});
  places_.emplace(key, newest_first_.begin());
  counts_.bytes += bytes;
  while (counts_.bytes > limit_) {
    const auto oldest = std::prev(newest_first_.end());
    counts_.bytes -= oldest->bytes;
    places_.erase(oldest->key);
    gone.splice(gone.end(), newest_first_, oldest);
  }
}

PageCache::Counts PageCache::counts() const {
  const std::lock_guard lock(mutex_);
  return counts_;
}

size_t PageCache::HashOfKey::operator()(const Key& key) const {
  return std::hash<uint64_t>()((key.part * 0x9E3779B97F4A7C15U) ^
                               (key.at << 1 | (key.leaf ? 1 : 0)));
}

}  // namespace duliang
