// Links between entities that exist, by their addresses (OData 4.0, 11.4.6): POST of a reference to
// a relation to many, PUT and PATCH of `…/Relation/$ref` to one, DELETE of `…/$ref`.
#pragma once

#include "doors/odata/resource.h"
#include "engine/command.h"

namespace duliang {

inline constexpr std::string_view kRef = "/$ref";

// What stands behind a door's root, without a slash at either end.
std::string_view below_root(std::string_view path, std::string_view root);

// {"@iot.id": 5}; bad_input where the body is anything else.
Result<RowId> parse_link(std::string_view body);
// Beside what the set has: one more.
ChangeRow link_to(const Resource& set, RowId to);

// `Datastreams(1)/Thing/$ref`, of an entity that the body names; an Observation's FeatureOfInterest
// is of the Reading.
using LinkBody = std::variant<ChangeRow, PatchReading>;
Result<LinkBody> parse_link_to_one(std::string_view path, std::string_view body);
// `Things(1)/Locations(2)/$ref`, or `Things(1)/Locations/$ref?$id=Locations(2)`.
Result<LinkBody> parse_unlink(std::string_view path, std::string_view query);

}  // namespace duliang
