// What an expression means. One evaluator for filters, rules and guards: three-valued logic, where
// null is "not known"; comparisons across kinds that have no common meaning are null; integers stay
// exact.
#pragma once

#include <functional>
#include <span>

#include "ledger/ledger.h"
#include "query/expression.h"

namespace duliang {

// Where an expression finds its names. `resolve` gives null for what exists but has no value; what
// does not exist is found by checking before, not here.
struct Scope {
  std::function<Result<Value>(std::span<const std::string> path)> resolve;
  Time now{};
  // Whether Operation::any holds; only expressions of through_relations() have it.
  std::function<Result<bool>(const Expression& any)> any = {};
};

Result<Value> evaluate(const Expression& expression, const Scope& scope);
// True only where the expression is true: false and null are both no.
Result<bool> holds(const Expression& expression, const Scope& scope);
// Orders values for $orderby: null first, then by kind, numbers by value, texts by bytes.
int compare_for_order(const Value& a, const Value& b);

// The names of an entity: `id` and `@iot.id`, its properties and paths into their JSON, and paths
// through to-one relations (`Datastream/Thing/name`), which are read from the ledger.
Scope scope_of(const Ledger& ledger, const Row& row, Time now);
// bad_input where a path names nothing of the type, with the position.
Status check_names(const Expression& expression, TypeId type);

}  // namespace duliang
