// Many sets of readings as one in order. Chunks, parts and blocks stand in a heap by the bound of
// what they can hold, and are looked into only when everything before that bound has been handed
// out: so the newest hundred of a stream cost a block or two, not the whole stream.
//
// One Merge answers one question, on one thread; what was added must outlive it. Reading blocks can
// fail.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "series/part.h"
#include "series/series.h"
#include "series/tail.h"

namespace duliang {

class Merge {
 public:
  explicit Merge(const ScanOptions& options) : options_(options) {}

  void add(const TailSnapshot& tail);
  void add(const Part& part);
  Status run(const std::function<bool(const Reading&)>& each);

 private:
  // Smaller comes first in whatever order is asked for.
  struct Key {
    int64_t major = 0;
    int64_t minor = 0;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  // Readings in the order asked for, of which `next` comes next.
  struct Run {
    std::vector<Reading> decoded;  // of a block; else the readings stand in the tail
    std::vector<const Reading*> readings;
    size_t next = 0;
  };
  // Exactly one of the three is set.
  struct Source {
    Key key;  // no reading of the source comes before this
    const SealedChunk* chunk = nullptr;
    const Part* part = nullptr;
    std::unique_ptr<Run> run;
    size_t at = kWhole;  // a stream of the chunk, a block of the part
  };
  static constexpr size_t kWhole = ~size_t{0};

  Key key_of(Time begin, ReadingId id) const;
  Key key_of(const Reading& reading) const;
  Key key_of(const Bounds& bounds) const;
  bool may_hold(const Bounds& bounds) const;
  bool wanted(const Reading& reading) const;

  Status look_into(const Source& source);
  void look_into_stream(const SealedChunk& chunk, const ChunkStream& stream);
  Status look_into_block(const Part& part, size_t block);
  void order(Run& run) const;
  void push_run(std::unique_ptr<Run> run);
  void push(Source source);
  Source pop();

  ScanOptions options_;
  std::vector<Source> heap_;
};

}  // namespace duliang
