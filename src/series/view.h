// What a SeriesView holds: shares of everything that it shows. Immutable, but for the table of
// lanes, which only grows behind the view's end.
#pragma once

#include <memory>
#include <vector>

#include "series/lanes.h"
#include "series/part.h"
#include "series/series.h"
#include "series/tail.h"

namespace duliang {

using Parts = std::vector<std::shared_ptr<const Part>>;  // from oldest to newest

struct SeriesView::State {
  TailSnapshot tail;
  std::shared_ptr<const Parts> parts = std::make_shared<const Parts>();
  uint64_t part_readings = 0;
  LaneView lanes;
  uint64_t sequence = 0;
};

}  // namespace duliang
