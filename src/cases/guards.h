// Who may do an act, and when. A guard is an expression over two things: `actor/…`, a Person, and
// `case/…`, a Case, with their properties and the paths through their to-one relations
// (`case/Handler/id`, `case/Alarm/state`). What is not known is no yes: a case without handler is
// nobody's. Private to cases/.
#pragma once

#include "cases/cases.h"

namespace duliang {

struct Asking {
  const Ledger* ledger = nullptr;
  const Row* case_row = nullptr;
  const Row* actor = nullptr;  // nullptr: nobody is named
  Time now{};
};

// The first guard that does not hold; nullptr: the act may be done.
Result<const GuardDeclaration*> guard_against(const Asking& asking, const ActDeclaration& act);

}  // namespace duliang
