#include "cases/guards.h"

#include "query/evaluate.h"

namespace duliang {

#ifdef DULIANG_MUTATIONS
bool mutation_guard_always_true = false;
#endif

Result<bool> guard_holds(const Asking& asking, const ActDeclaration& act) {
#ifdef DULIANG_MUTATIONS
  if (mutation_guard_always_true) return true;
#endif
  if (act.guard.empty()) return true;
  TRY(const Expression guard, parse_expression(act.guard));
  const Scope of_case = scope_of(*asking.ledger, *asking.case_row, asking.now);
  Scope of_actor;
  if (asking.actor != nullptr) of_actor = scope_of(*asking.ledger, *asking.actor, asking.now);
  Scope scope;
  scope.now = asking.now;
  scope.resolve = [&](std::span<const std::string> path) -> Result<Value> {
    if (path.front() == "case") return of_case.resolve(path.subspan(1));
    if (!of_actor.resolve) return Value();
    return of_actor.resolve(path.subspan(1));
  };
  return holds(guard, scope);
}

}  // namespace duliang
