// What a SeriesView holds: shares of everything that it shows. Immutable, but for the table of
// lanes, which only grows behind the view's end, and the counts of what was looked at.
#pragma once

#include <memory>

#include "series/kept_rows.h"
#include "series/lanes.h"
#include "series/series.h"

namespace duliang {

struct SeriesView::State {
  KeptRows rows;
  Changes changes;
  LaneView lanes;
  uint64_t sequence = 0;
  uint64_t readings = 0;  // that there are
  std::shared_ptr<SeriesCounts> counts = std::make_shared<SeriesCounts>();
};

}  // namespace duliang
