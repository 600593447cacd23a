// Pages and leaves of directories that were decoded lately, and what pages held of each stream
// and the newest readings that stood in them, for all parts of the process together: the newest
// used stay, up to a number of bytes. Of these pages have three quarters, so that who walks over
// many of them drives out no leaves. Any thread; the lock is held for a look-up, never while
// something is read or decoded. What was handed out lives as long as somebody holds it.
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "base/limits.h"
#include "model/model.h"

namespace duliang {

class PageCache {
 public:
  struct Key {
    uint64_t part = 0;  // see new_part()
    uint64_t at = 0;    // which page, or which leaf
    enum class Kind : uint8_t { page, leaf, streams, last_reading } kind = Kind::page;
    StreamId stream{0};  // whose last reading it is
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct Counts {
    uint64_t hits = 0;           // of anything, in the cache
    uint64_t misses = 0;         // likewise
    uint64_t page_hits = 0;      // of pages alone
    uint64_t pages_decoded = 0;  // whole or some columns, whether they were looked for here or not
    size_t bytes = 0;            // held now
  };

  explicit PageCache(size_t limit = limits::kPageCacheBytes)
      : pages_{.limit = limit / 4 * 3}, others_{.limit = limit - limit / 4 * 3} {}
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
  // `bytes` is what it takes in memory; what alone is beyond its share is not kept.
  void keep(const Key& key, std::shared_ptr<const void> value, size_t bytes);
  void count_decoded();
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
  struct Shelf {
    size_t limit = 0;
    size_t bytes = 0;
    HeldList newest_first{};
  };
  std::shared_ptr<const void> look_up(const Key& key);
  Shelf& shelf_of(const Key& key) { return key.kind == Key::Kind::page ? pages_ : others_; }
  static void move(Shelf& from, HeldList::iterator held, HeldList& to);

  mutable std::mutex mutex_;  // guards what follows
  Shelf pages_;
  Shelf others_;
  std::unordered_map<Key, HeldList::iterator, HashOfKey> places_;
  Counts counts_;
  uint64_t parts_ = 0;
};

}  // namespace duliang
