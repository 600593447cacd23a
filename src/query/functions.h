// The functions of the expression language in one table: what each is called, takes and gives
// (18-088 clause 9.3.3.5.2, with the meaning of OData 4.01, part 2, clause 5.1.1.5 to 5.1.1.9).
// LANGUAGE.md says it in words. The parser finds functions here and, by kinds.h, refuses operands
// of a kind that can't be meant; the evaluator calls them with values of a kind they take. Pure,
// any thread; nothing fails: what has no result is null.
#pragma once

#include <array>
#include <span>

#include "query/kinds.h"

namespace duliang {

inline constexpr size_t kMostOperands = 3;

struct Call {
  std::span<const Value> operands;
  Time now;
};

struct Function {
  std::string_view name;
  std::array<Kinds, kMostOperands> takes;
  size_t least;  // operands
  size_t most;
  Kinds gives;  // where it is not null
  Value (*result)(const Call& call);
};

std::span<const Function> all_functions();
bool depends_on_now(const Function& function);

// Whether a function may be called with this as its operand of that number. An instant is an
// interval whose ends are one, so it is taken where an interval is.
bool takes(const Function& function, size_t operand, const Value& value);

}  // namespace duliang
