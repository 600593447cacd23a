// What the reviews need of a data folder before they read it. Private to review/.
#pragma once

#include "engine/engine.h"
#include "review/review.h"

namespace duliang {

// conflict: a server has the folder; not_found: it is no data folder.
Result<File> lock_folder(const ReviewInput& input);

// Where the ledger stands; none where there is no ledger yet.
struct Reached {
  uint64_t rows = 0;   // row changes up to this frame are in the ledger
  uint64_t parts = 0;  // readings up to this frame are in parts
  Tail tail;           // behind that frame
};
Result<std::optional<Reached>> reached(const ReviewInput& input);
// What is wrong with that when the journal has the frames behind `begin` up to `end`; or empty.
std::string disagreement(const Reached& reached, uint64_t begin, uint64_t end);

// not_found where frames are retired, since then the past can't be built from its first frame on.
// `instead` is a sentence: what can be done.
Status refuse_retired(const FileLog& log, const char* instead);

void print_lost_tail(const FileLog& log, const Print& print);

}  // namespace duliang
