// PATCH by operations (RFC 6902) on the members of an entity: one after the other, all or none.
// What they come to is told on like a merging PATCH, so that entities change in one way.
#pragma once

#include "base/json.h"
#include "model/row.h"

namespace duliang {

// The members that differ behind the operations, null where one is gone: what a merging PATCH would
// say of the row. A relation to one is no member of the row, and may be added as a reference.
// bad_input names the operation by its place ("[0].path"); conflict where a test does not hold;
// too_large where more is put in than a body may have.
Result<Json> merge_of(const Json& operations, const Row& row);

}  // namespace duliang
