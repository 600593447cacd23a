// How many readings pass a condition, with as few of them looked at as may be: pages of which all
// or none pass are counted by what the directory says of them, and decoded only where a correction
// or a cut may hide some of their readings. Any thread; reading pages can fail.
#pragma once

#include "series/kept_rows.h"
#include "series/series.h"

namespace duliang {

struct Counting {
  const ScanOptions& within;
  const ReadingJudge& passes;
};
Result<uint64_t> count_of(const KeptRows& rows, const Changes& changes, const Counting& counting,
                          ReadEffort& effort);

}  // namespace duliang
