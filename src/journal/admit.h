// Which records of a log count. admit() is a pure function of the log's order: the writer, a
// follower, verification and replay all ask it, so they agree wherever they run. (The rule: a claim
// of a higher epoch takes over; a frame counts if it carries the epoch and claim of the latest one
// and continues the chain; anything else is void.)
#pragma once

#include "journal/frame.h"
#include "journal/log.h"

namespace duliang {

struct Tail {
  uint64_t epoch = 0;
  uint64_t claim_id = 0;
  uint64_t sequence = 0;  // of the last frame that counts
  Hash hash{};            // of it
  Place place = 0;        // behind the last record looked at
};

enum class Verdict : uint8_t {
  valid,      // a frame that counts; the tail has moved
  claimed,    // a claim that counts; the tail has its epoch
  mark,       // outside the chain, says how far the log was synced
  fenced,     // by a writer who had been replaced: void
  duplicate,  // a sequence that was there before: void
  orphan,     // of the present epoch but not continuing the chain: void, its writer failed
  corrupt,    // the bytes do not check: stop
};

// Judges the record at `place` and moves `tail` over it (never over a corrupt one).
Verdict admit(Tail& tail, Place place, std::string_view record_bytes);
// The same of a record that was decoded, and so checked, before.
Verdict admit(Tail& tail, Place place, const Record& record);

}  // namespace duliang
