// The segments of a FileLog that are no longer there: the file `retired` beside them keeps of each
// the numbers and the hash of its last frame, so that the chain goes on from there and what was
// copied elsewhere can still be checked against it. Fails with io and corrupt.
#pragma once

#include <string>
#include <vector>

#include "journal/sealed_segment.h"

namespace duliang {

using Retired = std::vector<SegmentSummary>;  // in their order; each begins where one ends

Result<Retired> read_retired(Files& files, const std::string& folder);  // empty: none ever was
// All of them, durable when it returns.
Status write_retired(Files& files, const std::string& folder, const Retired& retired);

}  // namespace duliang
