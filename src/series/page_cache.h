// Pages and leaves of directories that were decoded lately, for all parts of the process together:
// the newest used stay, up to a number of bytes. Any thread; the lock is held for a look-up, never
// while something is read or decoded. What was handed out lives as long as somebody holds it.
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "base/limits.h"

namespace duliang {

class PageCache {
 public:
  struct Key {
    uint64_t part = 0;  // see new_part()
    uint64_t at = 0;    // which page, or which leaf
    bool leaf = false;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct Counts {
    uint64_t hits = 0;
    uint64_t misses = 0;
    size_t bytes = 0;  // held now
  };

  explicit PageCache(size_t limit = limits::kPageCacheBytes) : limit_(limit) {}
  PageCache(const PageCache&) = delete;
  PageCache& operator=(const PageCache&) = delete;
  static PageCache& of_process();

  uint64_t new_part();
  void forget_part(uint64_t part);
  // Null where it is not held. The type is the one that was kept under the key.
  template <typename T>
  std::shared_ptr<const T> find(const Key& key) {
    return std::static_pointer_cast<const T>(look_up(key));
  }
  // `bytes` is what it takes in memory; what alone is beyond the limit is not kept.
  void keep(const Key& key, std::shared_ptr<const void> value, size_t bytes);
  Counts counts() const;

 private:
  struct Held {
    Key key;
    std::shared_ptr<const void> value;
    size_t bytes = 0;
  };
  struct HashOfKey {
    size_t operator()(const Key& key) const;
  };
  using HeldList = std::list<Held>;
  std::shared_ptr<const void> look_up(const Key& key);

  const size_t limit_;
  mutable std::mutex mutex_;  // guards what follows
  HeldList newest_first_;
  std::unordered_map<Key, HeldList::iterator, HashOfKey> places_;
  Counts counts_;
  uint64_t parts_ = 0;
};

}  // namespace duliang
