// A set of Observations as $resultFormat=dataArray (18-088 clause 12): for each Datastream the
// names of the components and a row of values for each Observation. This is the way out for who
// wants thousands; rows are written straight from readings. Used by render.cc; fails as ask() does.
#pragma once

#include "doors/odata/render.h"

namespace duliang {

struct ArrayQuestion {
  std::string_view path;  // as it came, of a set of Observations
  std::string_view query;
  const Options& options;
};
Result<Response> answer_array(const View& view, const Rendering& rendering,
                              const ArrayQuestion& asked);

}  // namespace duliang
