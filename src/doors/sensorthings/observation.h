// The body of a POSTed Observation to a Reading (18-088 clause 8.2.8). This is the ingest path: one
// pass over the text, nothing copied but the result.
#pragma once

#include <string_view>

#include "base/json_scan.h"
#include "model/reading.h"

namespace duliang {

// `from_path` is the stream that the URL names, or 0: then the body must name one; where both do
// they must agree. A missing phenomenonTime is left kUnsetTime.
Result<Reading> parse_observation(JsonScanner& scanner, std::string_view body, StreamId from_path);

}  // namespace duliang
