// Many sets of readings as one in order, as they are now: what was changed comes as it reads
// now, what is gone does not come. Chunks, parts and pages stand in a heap by the bound of what
// they can hold, and are looked into only when everything before that bound has been handed out:
// so the newest hundred of a stream cost a page or two of each part, not the whole stream. Pages
// of a part that hold one stream, and all its pages where they are asked for in the order in
// which they are kept, are looked into one behind the other. By result each page comes as a
// whole, since all may overlap: then the order is that of what they may hold. What the question
// knows of whole sets (SetJudge) lets it pass over those that hold nothing for it.
//
// One Merge answers one question, on one thread; what was added must outlive it. Reading pages can
// fail.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "series/kept_rows.h"
#include "series/series.h"

namespace duliang {

class Merge {
 public:
  // For a question, until a deadline.
  Merge(const ScanOptions& options, const Changes& changes, Deadline deadline = {});
  // Everything by KeptOrder, each page read once: for what is written anew.
  explicit Merge(const Changes& changes);
  Merge(const Merge&) = delete;  // its inputs point at its effort
  Merge& operator=(const Merge&) = delete;

  void add(const TailSnapshot& tail);
  void add(const SealedChunk& chunk);
  Status add(const Part& part);
  void add_changed();  // the changed readings, as they are now

  // The next reading, good until the following call; null at the end.
  Result<const Reading*> next();

  const ReadEffort& effort() const { return effort_; }
  // Of what was looked into: readings of each stream that a cut hides, changed or not.
  const std::map<StreamId, uint64_t>& cut() const { return cut_; }

 private:
  // Smaller comes first in whatever order is asked for.
  struct Key {
    int64_t first = 0;
    int64_t second = 0;
    int64_t third = 0;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  // Where readings come from. Layers of the overlay hide those of older layers, tail and parts.
  struct Input {
    const SortedRows* rows = nullptr;  // else a part, or readings that stand in a run already
    const Part* part = nullptr;
    uint64_t* served = nullptr;  // of the effort
    size_t newer_layer = 0;      // the first layer that may hide its readings
  };
  // Readings in the order asked for, of which `next` comes next.
  struct Run {
    std::shared_ptr<const void> held;  // what the readings stand in; null where they stay anyway
    std::vector<const Reading*> readings;
    size_t next = 0;
  };
  struct Source {
    Key key;  // no reading of the source comes before this
    size_t input = 0;
    size_t at = kWhole;        // a stream of the rows, or a page of the part
    size_t pages = 1;          // of the part, this and those that follow it in order
    std::unique_ptr<Run> run;  // else it has to be looked into
    size_t without_last = 0;  // readings of the stream on this page: they have come already
  };
  static constexpr size_t kWhole = ~size_t{0};

  Key key_of(StreamId stream, Time begin, ReadingId id) const;
  Key key_of(const Reading& reading) const;
  Key key_of(const Bounds& bounds) const;
  Key key_of(const PageEntry& page) const;
  bool may_hold(const Bounds& bounds) const;
  bool may_hold(const SetFacts& facts) const;
  void begin_behind(const ScanPlace& place);
  bool wants(const Reading& reading) const;

  void add(const SortedRows& rows, uint64_t& served, size_t newer_layer);
  Status add_pages(size_t input, size_t first, size_t behind);
  Status narrow(const Part& part, size_t& first, size_t& behind) const;
  Status push_pages(Source source, Key least);
  Status look_into(Source source);
  void look_into_rows(const Source& source);
  Status look_into_page(Source source);
  bool take_known_last(const Source& source);
  bool newest_first() const {
    return options_.stream && options_.descending && order_ == ScanOrder::time;
  }
  void push_run(std::span<const Reading* const> readings, const Bounds& bounds,
                std::shared_ptr<const void> held, size_t input);
  std::vector<const Reading*> standing(std::span<const Reading* const> readings,
                                       const Bounds& bounds, const Input& input);
  void push(Source source);
  Source pop();

  ScanOptions options_;
  const Changes& changes_;
  ScanOrder order_;
  std::optional<Key> after_;  // only what comes behind it
  std::vector<Input> inputs_;
  std::vector<Source> heap_;
  Source current_;  // whose run is being handed out, where it has one
  ReadEffort effort_;
  std::map<StreamId, uint64_t> cut_;
};

}  // namespace duliang
