// What loading a pack changes in the ledger: a row for each declaration. A rule or workflow whose
// declaration has changed gets a new row, with the pack's version, and the old one is no longer
// active; what has not changed keeps its row, so that an alarm's rule is the one that raised it.
#pragma once

#include "engine/house.h"

namespace duliang {

// Empty where this very pack is loaded already. conflict: the content has changed but not the
// version. bad_input: it names a workflow or unit that neither it nor a loaded pack has. New rows
// take ids.
Result<std::vector<RowChange>> changes_of_pack(House& house, const Pack& pack);
// Whether this very pack is loaded already, to the byte.
Result<bool> is_loaded(const House& house, const Pack& pack);

}  // namespace duliang
