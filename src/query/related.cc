#include "query/related.h"

#include <span>

namespace duliang {
namespace {

using Path = std::span<const std::string>;

// In a path in place of the relation: what stands behind it.
constexpr const char* kEach = "$each";

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
    const auto refused = [&](Code code, const char* why) {
      return Error{code, fmt::format("At position {}: {}", path.position, why), ""};
    };
    if (path.path.size() == names)
      return refused(Code::bad_input,
                     "the relation leads to many entities; a property of them must follow.");
    if (!relation.empty() && relation != its)
      return refused(Code::unsupported, "a comparison can't go through two relations to many.");
    relation = std::move(its);
    return {};
  }));
  return relation;
}

// With each of its paths as `change` makes it.
Result<Expression> with_paths(const Expression& expression,
                              const std::function<Result<Expression>(const Expression&)>& change) {
  if (expression.operation == Operation::path) return change(expression);
  Expression changed = expression;
  for (Expression& operand : changed.operands) {
    TRY(operand, with_paths(operand, change));
  }
  return changed;
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

Result<Expression> any_of(const Expression& comparison, std::vector<std::string> relation,
                          TypeId type) {
  Expression any;
  any.operation = Operation::any;
  any.position = comparison.position;
  TRY(Expression behind,
      with_paths(comparison, [&](const Expression& path) -> Result<Expression> {
        if (!starts_with(path.path, relation)) {
          TRY_DO(check_names(path, type));
          return path;
        }
        Expression seen = path;
        seen.path.erase(seen.path.begin(),
                        seen.path.begin() + static_cast<ptrdiff_t>(relation.size()));
        seen.path.insert(seen.path.begin(), kEach);
        return seen;
      }));
  any.operands.push_back(std::move(behind));
  any.path = std::move(relation);
  // Its names are those of the entities behind; what stands in front is known then.
  Scope nobody;
  nobody.resolve = [](Path) -> Result<Value> { return Value{}; };
  TRY(const Expression filter, filter_behind(any, nobody));
  TRY([[maybe_unused]] const Expression checked,
      through_relations(filter, type_behind(any.path, type)));
  return any;
}

}  // namespace

Result<Expression> through_relations(const Expression& filter, TypeId type) {
  const Operation operation = filter.operation;
  if (operation == Operation::any) return filter;  // it has been made already
  if (operation == Operation::and_ || operation == Operation::or_ || operation == Operation::not_) {
    Expression joined = filter;
    for (Expression& operand : joined.operands) {
      TRY(operand, through_relations(operand, type));
    }
    return joined;
  }
  TRY(auto relation, relation_of(filter, type));
  if (!relation.empty()) return any_of(filter, std::move(relation), type);
  TRY_DO(check_names(filter, type));
  return filter;
}

Result<Expression> filter_behind(const Expression& any, const Scope& front) {
  return with_paths(any.operands[0], [&](const Expression& path) -> Result<Expression> {
    if (path.path.front() != kEach) {
      TRY(Value value, front.resolve(path.path));
      return known(std::move(value), path.position);
    }
    Expression behind = path;
    behind.path.erase(behind.path.begin());
    return behind;
  });
}

}  // namespace duliang
