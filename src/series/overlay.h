// What was changed of readings that stand: a layer over the tail and the parts, which themselves
// are never written again. An entry says of one reading that it reads otherwise now, or that it is
// gone; a cut says of one stream that its readings that begin before a time are gone. Where a
// reading has an entry, what the tail or a part holds of it is passed over, and the entry's
// reading, if there is one, comes in its place. Checkpoints and merges write readings as they are
// now, and their entries go.
//
// Entries stand in sorted layers, each at least twice as long as the next newer one; a newer layer
// overrules older ones. An entry costs some 170 bytes and its texts. Overlay is the writer's; the
// snapshots are immutable and may be read by any thread.
#pragma once

#include <limits>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "model/reading_change.h"
#include "series/sorted_rows.h"

namespace duliang {

struct OverlayEntry {
  // replace: as it is now; remove: its id and stream alone.
  Reading reading;
  bool removed = false;
  uint64_t sequence = 0;  // of the frame that said so last
  OptionalTime kept;      // when what it hides in the tail or a part begins; none: nothing is there
};
using EntryPtr = std::shared_ptr<const OverlayEntry>;

struct OverlayLayer {
  std::vector<EntryPtr> entries;  // by stream, then id
  SortedRows replaced;
  std::span<const EntryPtr> of(StreamId stream) const;
};
using OverlayLayers = std::vector<std::shared_ptr<const OverlayLayer>>;

struct OverlaySnapshot {
  // From the oldest, longest one to the newest.
  std::shared_ptr<const OverlayLayers> layers = std::make_shared<const OverlayLayers>();

  bool empty() const { return layers->empty(); }
  size_t entries() const;  // at most: what is overruled counts
  const OverlayEntry* find(StreamId stream, ReadingId id) const;  // null: it has none
  std::vector<EntryPtr> all() const;                              // by stream, then id
  std::vector<EntryPtr> of(StreamId stream) const;                // by id
  // With these, which overrule what is here; each reading once, in any order.
  OverlaySnapshot under(std::vector<EntryPtr> newer) const;
};

struct Cut {
  StreamId stream{0};
  Time before{};
  friend bool operator==(const Cut&, const Cut&) = default;
};

struct CutSnapshot {
  std::shared_ptr<const std::vector<Cut>> cuts = std::make_shared<const std::vector<Cut>>();
  Time before(StreamId stream) const;  // Time::min(): it has none
};

struct Changes {
  OverlaySnapshot overlay;
  CutSnapshot cuts;
  // Readings that arrived in a later second are not there: of a view of the past, whose overlay has
  // what was changed since as it was then.
  uint32_t arrived_until_s = std::numeric_limits<uint32_t>::max();
  bool of_the_past() const { return arrived_until_s != std::numeric_limits<uint32_t>::max(); }

  // Whether they may hide a reading of the set. No is sure.
  bool may_touch(const SetFacts& facts) const;
};

// By how much an entry changes how many readings of its stream there are, beside those that the
// tail and the parts hold and no cut hides.
int weight(const OverlayEntry& entry, Time cut_before);

// Says of readings of one source, ordered by stream, which are there.
class RowFilter {
 public:
  // Entries of layers from `first_layer` on count; ids outside `bounds` will not be asked for.
  RowFilter(const Changes& changes, size_t first_layer, const Bounds& bounds);
  enum class Verdict : uint8_t { stands, changed, cut };  // cut: or not there yet
  Verdict judge(const Reading& reading) {
    if (reading.arrived_s > changes_.arrived_until_s) return Verdict::cut;
    return judge(kept_order(reading));
  }
  // Not of a view of the past, for which a place is not enough.
  Verdict judge(const KeptOrder& reading);

 private:
  void turn_to(StreamId stream);
  const Changes& changes_;
  size_t first_layer_;
  ReadingId lowest_;
  ReadingId highest_;
  StreamId stream_{0};
  Time cut_before_ = Time::min();
  std::vector<std::span<const EntryPtr>> named_;  // of the stream, by id; none is empty
};

class Overlay {
 public:
  void load(std::vector<EntryPtr> entries);  // in any order, each id once
  const OverlayEntry* find(StreamId stream, ReadingId id) const;
  std::vector<EntryPtr> of(StreamId stream) const;
  void set(OverlayEntry entry);
  const OverlaySnapshot& publish();  // what was set since becomes a layer
  const OverlaySnapshot& published() const { return published_; }

  // Entries that a job has folded into parts go, if nothing changed since; else they hide from now
  // on what the part holds. A null entry: goes.
  struct Folded {
    StreamId stream{0};
    ReadingId id{0};
    EntryPtr left;
  };
  void fold(std::span<const Folded> folded);  // nothing may be unpublished (CHECK)
  bool all_published() const { return pending_.empty(); }

 private:
  using Key = std::pair<StreamId, ReadingId>;
  OverlaySnapshot published_;
  std::map<Key, EntryPtr> pending_;
};

}  // namespace duliang
