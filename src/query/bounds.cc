#include "query/evaluate.h"
#include "query/functions.h"
#include "query/narrow.h"
#include "query/values.h"

namespace duliang {
namespace {

bool uses_now(const Expression& expression) {
  const bool is_one = expression.operation == Operation::call &&
                      depends_on_now(*expression.function);
  return is_one ||
         std::any_of(expression.operands.begin(), expression.operands.end(), uses_now);
}

// Where two bounds are of kinds that have no common order, each holds alone; a text bound says
// nothing of the size of a number (`id gt '3'`), so the other one is kept.
bool comparable(const Value& a, const Value& b) {
  if (is_number(a) && is_number(b)) return true;
  return a.index() == b.index();
}
bool is_text(const Value& value) { return std::holds_alternative<std::string>(value); }

using Side = std::optional<Value>;

// Both hold: the higher of two least bounds (direction 1), the lower of two most bounds (-1).
Side tighter(const Side& a, const Side& b, int direction) {
  if (!a || !b) return a ? a : b;
  if (!comparable(*a, *b)) return is_text(*a) ? b : a;
  return order_values(*a, *b) * direction >= 0 ? a : b;
}

// One of them holds.
Side looser(const Side& a, const Side& b, int direction) {
  if (!a || !b || !comparable(*a, *b)) return std::nullopt;
  return order_values(*a, *b) * direction <= 0 ? a : b;
}

// The comparison seen from the path: `3 lt id` is `id gt 3`. For times it is worked out from the
// table of intervals in LANGUAGE.md; each line gives what it says of the begin of the path's side.
ValueBounds of_comparison(Operation operation, bool path_is_left, const Value& other) {
  Value low = other;
  Value high = other;
  if (const auto interval = interval_of(other)) {
    // lt: end <= other.begin; gt: begin >= other.end. Elsewhere the begins are compared.
    low = operation == Operation::gt && path_is_left ? interval->end : interval->begin;
    high = interval->begin;
    if (operation == Operation::lt && !path_is_left) low = interval->end;
  }
  switch (operation) {
    case Operation::eq: return {low, high};
    case Operation::lt:
    case Operation::le: return path_is_left ? ValueBounds{{}, high} : ValueBounds{low, {}};
    case Operation::gt:
    case Operation::ge: return path_is_left ? ValueBounds{low, {}} : ValueBounds{{}, high};
    default: return {};
  }
}

bool can_bound(const Value& value) {
  return is_number(value) || is_text(value) || interval_of(value).has_value();
}

}  // namespace

bool is_path(const Expression& expression, std::string_view path) {
  if (expression.operation != Operation::path) return false;
  for (size_t i = 0; i < expression.path.size(); ++i) {
    std::string_view name = expression.path[i];
    if (name == "@iot.id") name = "id";
    if (!path.starts_with(name)) return false;
    path.remove_prefix(name.size());
    const bool last = i + 1 == expression.path.size();
    if (last) return path.empty();
    if (!path.starts_with('/')) return false;
    path.remove_prefix(1);
  }
  return false;
}

Value constant_of(const Expression& expression, std::optional<Time> now) {
  if (expression.operation == Operation::path) return {};
  bool fixed = now.has_value() || !uses_now(expression);
  const Status free = visit_paths(expression, [](const Expression&) -> Status {
    return Error{};
  });
  if (!fixed || !free.ok()) return {};
  const Scope scope{.resolve = [](std::span<const std::string>) { return Value{}; },
                    .now = now.value_or(Time{})};
  auto value = evaluate(expression, scope);
  return value.ok() ? *std::move(value) : Value{};
}

ValueBounds bounds_of(const Expression& filter, std::string_view path,
                      std::optional<Time> now) {
  if (filter.operation == Operation::and_ || filter.operation == Operation::or_) {
    ValueBounds all = bounds_of(filter.operands[0], path, now);
    const auto join = filter.operation == Operation::and_ ? tighter : looser;
    for (size_t i = 1; i < filter.operands.size(); ++i) {
      const ValueBounds next = bounds_of(filter.operands[i], path, now);
      all = {join(all.least, next.least, 1), join(all.most, next.most, -1)};
    }
    return all;
  }
  if (filter.operands.size() != 2) return {};
  for (const bool left : {true, false}) {
    if (!is_path(filter.operands[left ? 0 : 1], path)) continue;
    const Value other = constant_of(filter.operands[left ? 1 : 0], now);
    if (can_bound(other)) return of_comparison(filter.operation, left, other);
  }
  return {};
}

}  // namespace duliang
