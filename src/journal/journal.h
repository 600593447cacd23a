// The journal: the truth. A Journal writes and reads frames over a Log and keeps the chain. One
// writer at a time: whoever claimed last. Not for several threads, but read_frames() may be called
// on a Log of its own from another thread.
#pragma once

#include <functional>

#include "base/clock.h"
#include "base/random.h"
#include "journal/admit.h"

namespace duliang {

// A frame that counts, as it is read back.
struct Frame {
  Place place = 0;
  FrameHeader header;
  FrameBody body;
  Hash hash{};
};

class Journal {
 public:
  // Nothing is read or written yet. `tail` is where the reader stands (from a checkpoint), or {}.
  Journal(Log& log, Tail tail) : log_(log), tail_(tail) {}

  // All frames behind the tail, in order; the tail moves. `corrupt` names the place. Without their
  // readings where `rows_only`. An error of the sink ends the reading and is returned.
  Status follow(const std::function<Status(Frame&)>& sink, bool rows_only = false);

  // Reads to the end (the sink of follow() must have been given all there is before), appends a
  // claim of the next epoch and reads up to it. conflict where somebody else claimed meanwhile.
  Status claim(uint64_t claim_id, const std::string& address, Time now);

  // Stamps sequence, epoch and hash on the frame and appends it; when this returns, it may be
  // answered. Errors: too_large (nothing was written; the journal goes on); conflict (fenced by a
  // newer claim); io and unavailable: the process must end, since what the log now holds is not
  // known.
  Result<uint64_t> append(const FrameBody& body, Durability durability);

  // To be called often: syncs what was only written, and writes a mark, when limits::kMarkAfter is
  // over.
  Status tend(Time now, Duration since_boot);

  const Tail& tail() const { return tail_; }
  Place synced() const { return synced_; }
  uint64_t sync_count() const { return sync_count_; }
  // Records that were read and do not count (fenced, duplicate, orphan). Of a log that only this
  // machine writes, each of them is suspicious: the tail may be of another journal.
  uint64_t void_count() const { return void_count_; }

 private:
  using FrameSink = std::function<Status(Place, const Record&, const Tail&)>;
  Status read_to(Place limit, const FrameSink& sink);
  Status append_record(const std::string& record, Durability durability, const FrameSink& between);
  void note(const FrameHeader& header, Verdict verdict, Place behind);

  Log& log_;
  Tail tail_;
  bool owner_ = false;
  Place synced_ = 0;          // known to be durable
  Place marked_ = 0;          // the log itself says so up to here
  Place worth_marking_ = 0;   // behind the last claim or frame: a mark need not be marked
  Duration unsynced_since_{-1};
  Duration unmarked_since_{-1};
  uint64_t sync_count_ = 0;
  uint64_t void_count_ = 0;
};

// What a Log holds, for verify and for resuming a feed: every frame from `from` on, with the tail
// after it. Stops where the sink says false.
Result<Tail> read_frames(Log& log, Tail from,
                         const std::function<bool(const Frame&, const Tail&)>& sink);

}  // namespace duliang
