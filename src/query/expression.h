// The one expression language: of $filter and $orderby, of rules, and of the guards of acts. It is
// the language of OGC SensorThings 1.1 (18-088 clause 9.3.3.5), which is OData's; LANGUAGE.md has
// its meaning as one table.
//
//   result gt 3.5 and Datastream/id eq 4
//   value ge threshold sub 0.1
//   not (actor/id eq case/Handler)
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/value.h"

namespace duliang {

enum class Operation : uint8_t {
  literal, path,
  known,  // the value in `literal`, which stands not in the text
  any,    // for one entity behind the relation `path` the operand holds; see related.h
  eq, ne, gt, ge, lt, le, and_, or_, not_,
  fails,  // the operand is not true; stands not in the text
  add, sub, mul, div, mod, negate, call,
};

struct Function;  // query/functions.h

struct Expression {
  Operation operation{};
  Value literal;                    // of a literal, or known
  std::vector<std::string> path;    // of a path: {"Datastream", "id"}; of any
  std::string variable;  // of any: the first name of paths that are seen from the entity behind
  std::vector<Expression> operands;
  const Function* function = nullptr;  // of a call
  size_t position = 0;              // in the text, for messages
};

// bad_input names the position (from 1) and what was expected there. Refused: texts above
// limits::kFilterBytes, nesting above limits::kFilterDepth, functions that the language does not
// have, operands of a kind that their function can't take.
Result<Expression> parse_expression(std::string_view text);

struct OrderTerm {
  Expression by;
  bool descending = false;
};
Result<std::vector<OrderTerm>> parse_order(std::string_view text);

// Calls `visit` with every path of the expression, and every any, whose `path` is a relation; stops
// at and returns its first error.
Status visit_paths(const Expression& expression,
                   const std::function<Status(const Expression& path)>& visit);

}  // namespace duliang
