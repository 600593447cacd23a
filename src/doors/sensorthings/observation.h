// The body of a POSTed Observation to a Reading (18-088 clause 8.2.8), and of a PATCHed one to what
// is to be different in it. POST is the ingest path: one pass over the text, nothing copied but the
// result.
#pragma once

#include <string_view>

#include "base/json_scan.h"
#include "engine/command.h"
#include "model/reading.h"

namespace duliang {

// bad_input: the member is not what it should be.
Error expected(std::string_view field, std::string_view what);

// {"@iot.id": 5}, as the body of an Observation names its Datastream.
Result<StreamId> parse_stream_reference(const ScannedValue& value);

// Collects the members of one Observation, from wherever they stand, in a Reading that is new:
// thousands are read where they will stay. bad_input names the member.
class ObservationReader {
 public:
  explicit ObservationReader(Reading& into) : reading_(into) {
    reading_.phenomenon_time = {kUnsetTime, kUnsetTime};
  }
  Status member(std::string_view name, const ScannedValue& value);
  // `from_path`: see parse_observation.
  Status finish(StreamId from_path);
  // What the members change in a reading that stands.
  ReadingPatch patch();
  // The same, of a reading that is named whole: what it may be without is taken away.
  Result<ReadingPatch> whole();

 private:
  Status phenomenon_time(const ScannedValue& value);
  Status result_time(const ScannedValue& value);
  Status extra(std::string_view name, const ScannedValue& value);

  Reading& reading_;
  Json extras_;
  bool has_result_ = false;
  bool has_result_time_ = false;
  bool has_feature_ = false;
};

// `from_path` is the stream that the URL names, or 0: then the body must name one; where both do
// they must agree. A missing phenomenonTime is left kUnsetTime.
Result<Reading> parse_observation(JsonScanner& scanner, std::string_view body, StreamId from_path);

// What is named changes; null takes resultTime, validTime, parameters or resultQuality away.
Result<ReadingPatch> parse_observation_patch(JsonScanner& scanner, std::string_view body);
// result and phenomenonTime must be named; of the others those that are not named go, but for the
// FeatureOfInterest, which stays.
Result<ReadingPatch> parse_observation_put(JsonScanner& scanner, std::string_view body);

}  // namespace duliang
