// From a filter to what the ledger or the series need not look at. Sound only: what is left out
// could not have passed, and what comes out is judged all the same. Used by asking.h and
// set_judge.cc; pure.
#pragma once

#include "query/question.h"

namespace duliang {

// The bounds that a filter puts on a path for certain: what lies outside cannot pass. Used to
// narrow. Of a time, and of an interval, it is the begin that is bounded. A bound that is a text
// says nothing of numbers (`id gt '3'` compares them as texts). Without `now` what depends on now()
// bounds nothing.
struct ValueBounds {
  std::optional<Value> least;     // inclusive
  std::optional<Value> most;      // inclusive
};
ValueBounds bounds_of(const Expression& filter, std::string_view path,  // "id", "Datastream/id"
                 std::optional<Time> now = std::nullopt);

// The whole numbers that a path may have; empty where least > most.
struct IntegerRange {
  int64_t least = std::numeric_limits<int64_t>::min();
  int64_t most = std::numeric_limits<int64_t>::max();
  bool one() const { return least == most; }
  bool none() const { return least > most; }
};
IntegerRange integers_of(const Expression& filter, std::string_view path, Time now);

// Whether the expression is this path; `id` and `@iot.id` are one name.
bool is_path(const Expression& expression, std::string_view path);
// The value of an expression that depends on no row; null where it does, or where it is null.
Value constant_of(const Expression& expression, std::optional<Time> now);

void narrow(Selection& selection, const Expression& filter, Time now);
void narrow(ScanOptions& options, const Expression& filter, Time now);

}  // namespace duliang
