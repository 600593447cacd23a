// Filters through relations to many: Operation::any asks for one entity behind the relation that
// passes. It is written out, with a variable (`Datastreams/any(d: d/name eq 'a')`; all is none of
// which it is not true), or comes of a comparison: `Observations/result gt 55` of a Datastream
// holds where it holds for one of its Observations. Such a comparison asks for itself: in
// `Observations/result gt 55 and Observations/id lt 9` two Observations may answer. Pure.
#pragma once

#include "query/evaluate.h"

namespace duliang {

// The filter of a question for this type, its names checked. bad_input: a name that there is not,
// or any of what is no relation to many; unsupported: a comparison of what stands behind two such
// relations, and any within any that asks of another entity than the inner one.
Result<Expression> through_relations(const Expression& filter, TypeId type);

// What must hold for an entity behind the relation of `any`, as a filter of its type. Names of the
// entity in front of it, which `resolve` finds, stand for their values.
Result<Expression> filter_behind(const Expression& any, const Scope& front);

}  // namespace duliang
