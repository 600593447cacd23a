// How many readings a stream has and when they begin and end, without reading all of them: from the
// bounds of chunks and pages where nothing in them was changed, from what they hold where it
// matters. Any thread; reading pages can fail.
#pragma once

#include "series/kept_rows.h"
#include "series/series.h"

namespace duliang {

Result<StreamExtent> extent_of(const KeptRows& rows, const Changes& changes, StreamId stream,
                               ReadEffort& effort);

}  // namespace duliang
