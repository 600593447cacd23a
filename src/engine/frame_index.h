// Where frames stand in the journal: one in kStride, so that a frame is found by its number or its
// time without reading the journal from its beginning. Derived: what was added is saved at
// checkpoints and read at opening. add() and save() are the writer's, before() is anybody's.
#pragma once

#include <mutex>
#include <utility>
#include <vector>

#include "journal/admit.h"
#include "sqlite/sqlite.h"

namespace duliang {

// A place between two frames: the journal's tail there, and the latest time of any frame before it.
struct Checkpoint {
  Tail tail;
  Time time{};
};
std::string encode_checkpoint(const Checkpoint& checkpoint);
Result<Checkpoint> decode_checkpoint(std::string_view text);  // {} of an empty text

class FrameIndex {
 public:
  // Reading so many frames takes about a millisecond; an entry a thousand frames is 0.1 byte a
  // frame.
  static constexpr uint64_t kStride = 1024;

  static Status create_tables(Connection& connection);
  Status load(Connection& connection);
  // In the caller's transaction.
  Status save(Connection& connection);

  void add(uint64_t sequence, const Checkpoint& before);  // the place in front of the frame
  // Frames up to this tail are retired.
  void begin_at(const Tail& horizon);
  // Where to begin to read for the frame: in front of it or of an earlier one; at the begin of what
  // is there where none is known.
  Tail before(uint64_t sequence) const;
  // Where to begin to read for the last frame up to which no frame is later than `time`; with the
  // time {} at the begin of what is there, if that is the last place in front of it.
  Checkpoint before(Time time) const;

 private:
  mutable std::mutex mutex_;
  std::vector<std::pair<uint64_t, Checkpoint>> entries_;  // ascending, and their times too
  size_t saved_ = 0;                                      // of them
  Tail begin_;
  bool forgotten_ = false;  // some that were saved are no longer there
};

}  // namespace duliang
