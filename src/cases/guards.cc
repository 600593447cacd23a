#include "cases/guards.h"

#include "query/evaluate.h"

namespace duliang {

#ifdef DULIANG_MUTATIONS
bool mutation_guard_always_true = false;
#endif

namespace {

Result<bool> guard_holds(const Asking& asking, const std::string& condition) {
  TRY(const Expression guard, parse_expression(condition));
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

}  // namespace

Result<const GuardDeclaration*> guard_against(const Asking& asking, const ActDeclaration& act) {
  const GuardDeclaration* none = nullptr;
#ifdef DULIANG_MUTATIONS
  if (mutation_guard_always_true) return none;
#endif
  for (const GuardDeclaration& guard : act.guards) {
    TRY(const bool held, guard_holds(asking, guard.condition));
    if (!held) return &guard;
  }
  return none;
}

}  // namespace duliang
