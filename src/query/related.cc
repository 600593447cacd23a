#include "query/related.h"

#include <fmt/ranges.h>

#include <span>

#include "base/text.h"

namespace duliang {
namespace {

using Path = std::span<const std::string>;

// The variable of an any that nobody has written: no name is empty.
constexpr const char* kEach = "";

using Variables = std::vector<std::string_view>;

bool is_any(const Expression& expression) { return expression.operation == Operation::any; }
bool is_path(const Expression& expression) { return expression.operation == Operation::path; }

bool has_any(const Expression& expression) {
  return is_any(expression) || std::ranges::any_of(expression.operands, has_any);
}

bool holds_name(const Variables& variables, std::string_view name) {
  return std::ranges::find(variables, name) != variables.end();
}

Error refused(Code code, size_t position, std::string_view why) {
  return {code, fmt::format("At position {}: {}", position, why), ""};
}

// How many of its names lead to the first relation to many, itself included; 0: it has none.
size_t names_to_many(Path path, TypeId type) {
  for (size_t at = 0; at < path.size(); ++at) {
    const Step* const step = find_step(type, path[at]);
    if (step == nullptr) return 0;
    if (step->many()) return at + 1;
    type = step->target;
  }
  return 0;
}

TypeId type_behind(Path path, TypeId type) {
  for (const std::string& name : path) type = find_step(type, name)->target;
  return type;
}

// The relation to many through which a comparison goes; empty: none.
Result<std::vector<std::string>> relation_of(const Expression& comparison, TypeId type) {
  std::vector<std::string> relation;
  TRY_DO(visit_paths(comparison, [&](const Expression& path) -> Status {
    const size_t names = names_to_many(path.path, type);
    if (names == 0) return {};
    std::vector<std::string> its(path.path.begin(),
                                 path.path.begin() + static_cast<ptrdiff_t>(names));
    if (path.path.size() == names)
      return refused(Code::bad_input, path.position,
                     "the relation leads to many entities; a property of them must follow.");
    if (!relation.empty() && relation != its)
      return refused(Code::unsupported, path.position,
                     "a comparison can't go through two relations to many.");
    relation = std::move(its);
    return {};
  }));
  return relation;
}

bool starts_with(Path path, Path with) {
  return path.size() >= with.size() && std::ranges::equal(path.first(with.size()), with);
}

Expression known(Value value, size_t position) {
  Expression expression;
  expression.operation = Operation::known;
  expression.literal = std::move(value);
  expression.position = position;
  return expression;
}

// As seen from an entity behind `any`: what begins with its variable is its own. What begins with a
// variable of an any `within` stays as it is.
Result<Expression> seen_from_behind(const Expression& expression, const std::string& variable,
                                    Variables& within, const Scope& front) {
  Expression seen = expression;
  if (is_path(expression) || is_any(expression)) {
    const std::string& first = expression.path.front();
    if (first == variable) {
      seen.path.erase(seen.path.begin());
    } else if (is_path(expression) && !holds_name(within, first)) {
      TRY(Value value, front.resolve(expression.path));
      return known(std::move(value), expression.position);
    }
  }
  if (is_any(expression)) within.push_back(expression.variable);
  for (Expression& operand : seen.operands) {
    TRY(operand, seen_from_behind(operand, variable, within, front));
  }
  if (is_any(expression)) within.pop_back();
  return seen;
}

// The names in it that are those of the entity in front, which is of `type`.
Status check_front(const Expression& expression, TypeId type, Variables& variables) {
  if (is_path(expression)) {
    if (holds_name(variables, expression.path.front())) return {};
    return check_names(expression, type);
  }
  if (is_any(expression)) {
    if (expression.path.front() != variables.back())
      return refused(Code::unsupported, expression.position,
                     fmt::format("any or all within another must begin with its variable, {}.",
                                 variables.back()));
    variables.push_back(expression.variable);
  }
  for (const Expression& operand : expression.operands)
    TRY_DO(check_front(operand, type, variables));
  if (is_any(expression)) variables.pop_back();
  return {};
}

// `Datastreams/Observations/any(o: …)` is one Datastream that has one such Observation.
Expression nested_any(const Expression& any, size_t names_to_first) {
  const auto behind = any.path.begin() + static_cast<ptrdiff_t>(names_to_first);
  Expression inner = any;
  inner.path.assign(behind, any.path.end());
  inner.path.insert(inner.path.begin(), kEach);
  Expression outer;
  outer.operation = Operation::any;
  outer.position = any.position;
  outer.variable = kEach;
  outer.path.assign(any.path.begin(), behind);
  outer.operands.push_back(std::move(inner));
  return outer;
}

Result<Expression> checked_any(const Expression& any, TypeId type) {
  const size_t names = names_to_many(any.path, type);
  if (names == 0) {
    Expression path = any;
    path.operation = Operation::path;
    path.operands.clear();
    TRY_DO(check_names(path, type));
    return refused(Code::bad_input, any.position,
                   fmt::format("any and all ask of a relation to many, and {} is none.",
                               quoted(fmt::format("{}", fmt::join(any.path, "/")))));
  }
  if (names < any.path.size()) return checked_any(nested_any(any, names), type);
  Variables variables{any.variable};
  TRY_DO(check_front(any.operands[0], type, variables));
  // Its names are those of the entities behind; what stands in front is known then.
  Scope nobody;
  nobody.resolve = [](Path) -> Result<Value> { return Value{}; };
  TRY(const Expression filter, filter_behind(any, nobody));
  TRY([[maybe_unused]] const Expression checked,
      through_relations(filter, type_behind(any.path, type)));
  return any;
}

void prefix_paths(Expression& expression, Path relation) {
  if (is_path(expression) && starts_with(expression.path, relation)) {
    const auto begin = expression.path.begin();
    expression.path.erase(begin, begin + static_cast<ptrdiff_t>(relation.size()));
    expression.path.insert(expression.path.begin(), kEach);
  }
  for (Expression& operand : expression.operands) prefix_paths(operand, relation);
}

// Of a comparison of what stands behind a relation.
Expression any_of(const Expression& comparison, std::vector<std::string> relation) {
  Expression any;
  any.operation = Operation::any;
  any.position = comparison.position;
  any.variable = kEach;
  any.operands.push_back(comparison);
  prefix_paths(any.operands[0], relation);
  any.path = std::move(relation);
  return any;
}

Result<Expression> of_each_operand(const Expression& filter, TypeId type) {
  Expression changed = filter;
  for (Expression& operand : changed.operands) {
    TRY(operand, through_relations(operand, type));
  }
  return changed;
}

// `Datastreams/any() eq properties/used`: its other operands go through no relation to many.
Result<Expression> beside_any(const Expression& filter, TypeId type) {
  for (const Expression& operand : filter.operands) {
    if (has_any(operand)) continue;
    TRY(const auto relation, relation_of(operand, type));
    if (!relation.empty())
      return refused(Code::unsupported, operand.position,
                     "a comparison can't go through two relations to many.");
  }
  return of_each_operand(filter, type);
}

}  // namespace

Result<Expression> through_relations(const Expression& filter, TypeId type) {
  switch (filter.operation) {
    case Operation::any: return checked_any(filter, type);
    case Operation::and_:
    case Operation::or_:
    case Operation::not_:
    case Operation::fails: return of_each_operand(filter, type);
    default: break;
  }
  if (has_any(filter)) return beside_any(filter, type);
  TRY(auto relation, relation_of(filter, type));
  if (!relation.empty()) return checked_any(any_of(filter, std::move(relation)), type);
  TRY_DO(check_names(filter, type));
  return filter;
}

Result<Expression> filter_behind(const Expression& any, const Scope& front) {
  Variables within;
  return seen_from_behind(any.operands[0], any.variable, within, front);
}

}  // namespace duliang
