// What a ChangeRow makes of the rows as they stand. Private to engine/ and review/; the writer's
// thread. What is asked for is recorded as the arguments of its command, so that the merge is
// decided anew where the past is judged again.
#pragma once

#include <vector>

#include "engine/house.h"

namespace duliang {

// Empty where nothing would differ. not_found: there is no such entity, or what was to be taken off
// was not linked; bad_input names the property or relation.
Result<std::vector<RowChange>> changes_of_row(const Ledger& ledger, const ChangeRow& asked);
// Whether rules would judge readings otherwise afterwards; no where it would be refused.
Result<bool> is_judged_otherwise(House& house, const ChangeRow& asked);

std::string arguments_of(const ChangeRow& asked);
Result<ChangeRow> change_of_arguments(std::string_view arguments);  // corrupt: not what that gave

}  // namespace duliang
