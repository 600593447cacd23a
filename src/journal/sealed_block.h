// A stretch of whole records of a journal, coded anew: what can be recomputed (hashes of the frame
// before, CRCs, lengths) is left out, and what their frames say alike lies together in columns.
// Opening one gives the same bytes again, so the chain holds. The bytes are in FORMAT.md. Pure
// functions, any thread.
#pragma once

#include <string>

#include "base/result.h"

namespace duliang {

// What a block holds of records: it is full at so many bytes, and holds whole records only. More
// would code a little shorter and make reading from the middle dearer.
inline constexpr size_t kBlockBytes = 1024 * 1024;

// `records` are whole sound records that stand at `place` of the log (CHECK).
std::string seal_block(std::string_view records, uint64_t place);
// The records again, which have `size` bytes. corrupt where it does not decode to so many.
Result<std::string> open_block(std::string_view block, uint64_t place, size_t size);

}  // namespace duliang
