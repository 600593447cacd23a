// Which parts of a month are worth making into one. Pure functions over what the parts say of
// themselves.
//
// A part belongs to the tier of its size, each tier kTierFactor times as large as the one below.
// When a tier has kTierFactor parts of a month, they become one of the tier above. So a month has
// few parts in each tier, and a reading is written once for each tier: of ten million readings that
// came in parts of two hundred thousand some three times. When a month is over and was quiet for a
// time, it becomes one part.
#pragma once

#include <cstdint>
#include <vector>

#include "series/kept_rows.h"

namespace duliang {

inline constexpr uint64_t kTierFactor = 6;
// A job reads so many parts at once at most: each costs a page in memory.
inline constexpr size_t kMergedParts = 32;
// Readings come late. A month is over so long after its end,
inline constexpr uint32_t kMonthOverSeconds = 3 * 24 * 3600;
// and quiet when nothing was written for it since.
inline constexpr uint32_t kMonthQuietSeconds = 24 * 3600;

// Of `parts`, ordered by month, those of one month that one job should merge; empty: none. `now_s`
// is when the last reading arrived.
Parts parts_to_merge(const Parts& parts, uint32_t now_s);
Parts parts_of(const Parts& parts, int32_t month);

}  // namespace duliang
