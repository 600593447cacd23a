// The body of a POSTed entity, with other new entities in it, to the rows of one command (18-088
// clause 10.2): all of them are created, or none.
#pragma once

#include "doors/odata/resource.h"
#include "engine/command.h"

namespace duliang {

// `parent` is what a POST to a relation names: `Things(1)/Datastreams` gives the Datastream its
// Thing. The row asked for has id -1. bad_input names the field by its path:
// "Datastreams[0].Sensor.name". Only types of SensorThings are created; a relation to another type
// is no member here. What the house computes itself (the times and the area of a Datastream) is
// ignored. Observations are created with it, of it or of what is created with it; an Observation
// itself may bring its Datastream or FeatureOfInterest along, and is the only reading then.
Result<PutRows> parse_deep_insert(TypeId type, const Json& body, const std::optional<Step>& by,
                                  RowId parent);
inline constexpr RowId kAskedRow{-1};

}  // namespace duliang
