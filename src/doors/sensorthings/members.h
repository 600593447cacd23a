// What a member of an entity's body may say, for who creates an entity and who changes one. Paths
// name a member for the client: "Datastreams[0].Sensor.name". Any thread.
#pragma once

#include <optional>
#include <string>

#include "base/json.h"
#include "model/row.h"

namespace duliang {

Error member_error(const std::string& path, const std::string& what);  // bad_input
std::string member_path(const std::string& path, std::string_view name);

// From the readings; whoever sends it has only read it here before.
bool is_computed(TypeId type, std::string_view name);
// What 18-088 says of a property beyond its kind, and the limits of names.
Status check_member(std::string_view name, const Json& value, const std::string& path);
// {"@iot.id": 5} names an entity that exists, whatever else it says of that: clients send back what
// they have read. None where it names none.
std::optional<RowId> reference(const Json& json);
// The same, and nothing else is said: what says more in the place of a new entity is one.
std::optional<RowId> bare_reference(const Json& json);

}  // namespace duliang
