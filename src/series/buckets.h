// What the readings of one stream come to in each of many spans of time of one length, for charts
// and reports: pages are read by their columns, no reading is made. Any thread; reading pages can
// fail.
#pragma once

#include "series/kept_rows.h"
#include "series/series.h"

namespace duliang {

Result<std::vector<Bucket>> buckets_of(const KeptRows& rows, const Changes& changes,
                                       const BucketsAsked& asked, ReadEffort& effort);

}  // namespace duliang
