// The bodies of a PATCH and a PUT of an entity that is no Observation, to what is to be different
// in it (18-088 clause 10.3). What becomes of it is decided in the engine's turn.
#pragma once

#include "doors/odata/resource.h"
#include "engine/command.h"

namespace duliang {

// What is named changes. Relations are changed by references alone: a new entity in it is
// bad_input, with its path. What the house computes, ids and links as an answer shows them are
// ignored, so that what was read may be sent back.
Result<ChangeRow> parse_entity_patch(TypeId type, RowId id, const Json& body);
// The same, and properties that are not named become null; of those that an entity must have each
// must be named. Relations that are not named stay.
Result<ChangeRow> parse_entity_put(TypeId type, RowId id, const Json& body);

}  // namespace duliang
