#include "query/evaluate.h"

#include <array>
#include <compare>

#include "query/functions.h"
#include "query/values.h"

namespace duliang {
namespace {

bool is_literal(const Expression& expression) {
  return expression.operation == Operation::literal;
}
bool is_null_literal(const Expression& expression) {
  return is_literal(expression) && is_null(expression.literal);
}

// Yes or no, or not known (null, or no boolean at all).
std::optional<bool> truth(const Value& value) {
  if (const bool* held = std::get_if<bool>(&value)) return *held;
  return std::nullopt;
}

// `and` is false where one is false, whatever the others; `or` likewise with true.
Result<Value> logic(const Expression& expression, const Scope& scope) {
  const bool decisive = expression.operation == Operation::or_;
  bool known = true;
  for (const Expression& operand : expression.operands) {
    TRY(const Value value, evaluate(operand, scope));
    const auto is = truth(value);
    if (is == decisive) return Value{decisive};
    known = known && is.has_value();
  }
  return known ? Value{!decisive} : Value{};
}

Result<Value> negation(const Expression& expression, const Scope& scope) {
  TRY(const Value value, evaluate(expression.operands[0], scope));
  const auto is = truth(value);
  return is ? Value{!*is} : Value{};
}

Value of_order(Operation operation, std::partial_ordering order) {
  switch (operation) {
    case Operation::eq: return order == 0;
    case Operation::ne: return order != 0;
    case Operation::gt: return order > 0;
    case Operation::ge: return order >= 0;
    case Operation::lt: return order < 0;
    case Operation::le: return order <= 0;
    default: CHECK(false, "only comparisons come here");
  }
}

// One rule for instants and intervals, as an instant is an interval whose ends are one. `ne` is not
// the contrary of `eq`, nor `lt` of `ge`.
Value compare_intervals(Operation operation, const Interval& a, const Interval& b) {
  switch (operation) {
    case Operation::eq: return a.begin == b.begin && a.end == b.end;
    case Operation::ne: return a.begin != b.begin && a.end != b.end;
    case Operation::gt: return a.begin >= b.end && a.begin > b.begin;
    case Operation::ge: return a.begin >= b.begin && a.end >= b.end;
    case Operation::lt: return a.end <= b.begin && a.begin < b.begin;
    case Operation::le: return a.begin <= b.begin && a.end <= b.end;
    default: CHECK(false, "only comparisons come here");
  }
}

struct Sides {
  const Value& left;
  const Value& right;
};

template <typename T>
std::optional<std::strong_ordering> order_of(const Sides& sides) {
  const T* left = std::get_if<T>(&sides.left);
  const T* right = std::get_if<T>(&sides.right);
  if (left == nullptr || right == nullptr) return std::nullopt;
  return *left <=> *right;
}

Value compare(Operation operation, const Sides& sides) {
  if (is_number(sides.left) && is_number(sides.right))
    return of_order(operation, compare_numbers(sides.left, sides.right));
  const auto left = interval_of(sides.left);
  const auto right = interval_of(sides.right);
  if (left && right) return compare_intervals(operation, *left, *right);
  if (const auto order = order_of<std::string>(sides)) return of_order(operation, *order);
  if (const auto order = order_of<bool>(sides)) return of_order(operation, *order);
  if (const auto order = order_of<Duration>(sides)) return of_order(operation, *order);
  const Json* left_json = std::get_if<Json>(&sides.left);
  const Json* right_json = std::get_if<Json>(&sides.right);
  if (left_json == nullptr || right_json == nullptr) return {};
  if (operation == Operation::eq) return *left_json == *right_json;
  if (operation == Operation::ne) return *left_json != *right_json;
  return {};
}

// `result gt '3'` where the result is a number: as texts.
bool as_texts(const Expression& literal, const Value& text, const Value& number) {
  return is_literal(literal) && std::holds_alternative<std::string>(text) && is_number(number);
}

Result<Value> comparison(const Expression& expression, const Scope& scope) {
  const Operation operation = expression.operation;
  const Expression& left_side = expression.operands[0];
  const Expression& right_side = expression.operands[1];
  TRY(const Value left, evaluate(left_side, scope));
  TRY(const Value right, evaluate(right_side, scope));
  const bool asks_for_null = is_null_literal(left_side) || is_null_literal(right_side);
  if (asks_for_null && (operation == Operation::eq || operation == Operation::ne))
    return Value{(is_null(left) && is_null(right)) == (operation == Operation::eq)};
  if (is_null(left) || is_null(right)) return Value{};
  if (as_texts(right_side, right, left)) {
    const Value text{number_text(left)};
    return compare(operation, {text, right});
  }
  if (as_texts(left_side, left, right)) {
    const Value text{number_text(right)};
    return compare(operation, {left, text});
  }
  return compare(operation, {left, right});
}

// Null where an operand is of no kind that the function takes, as null itself is.
Result<Value> call(const Expression& expression, const Scope& scope) {
  const Function& function = *expression.function;
  const size_t count = expression.operands.size();
  std::array<Value, kMostOperands> operands;
  bool taken = true;
  for (size_t i = 0; i < count; ++i) {
    TRY(operands[i], evaluate(expression.operands[i], scope));
    taken = taken && takes(function, i, operands[i]);
  }
  if (!taken) return Value{};
  return function.result({std::span(operands).first(count), scope.now});
}

Result<Value> sum(const Expression& expression, const Scope& scope) {
  TRY(const Value left, evaluate(expression.operands[0], scope));
  TRY(const Value right, evaluate(expression.operands[1], scope));
  return calculate(expression.operation, left, right);
}

}  // namespace

Result<Value> evaluate(const Expression& expression, const Scope& scope) {
  switch (expression.operation) {
    case Operation::literal:
    case Operation::known: return expression.literal;
    case Operation::path: return scope.resolve(expression.path);
    case Operation::any: {
      CHECK(scope.any, "who asks through relations finds what is behind them");
      TRY(const bool holds, scope.any(expression));
      return Value{holds};
    }
    case Operation::eq:
    case Operation::ne:
    case Operation::gt:
    case Operation::ge:
    case Operation::lt:
    case Operation::le: return comparison(expression, scope);
    case Operation::and_:
    case Operation::or_: return logic(expression, scope);
    case Operation::not_: return negation(expression, scope);
    case Operation::fails: {
      TRY(const bool is_true, holds(expression.operands[0], scope));
      return Value{!is_true};
    }
    case Operation::add:
    case Operation::sub:
    case Operation::mul:
    case Operation::div:
    case Operation::mod: return sum(expression, scope);
    case Operation::negate: {
      TRY(const Value value, evaluate(expression.operands[0], scope));
      return negate(value);
    }
    case Operation::call: return call(expression, scope);
  }
  CHECK(false, "an expression has one of the operations above");
}

Result<bool> holds(const Expression& expression, const Scope& scope) {
  TRY(const Value value, evaluate(expression, scope));
  return truth(value) == true;
}

int compare_for_order(const Value& a, const Value& b) { return order_values(a, b); }

}  // namespace duliang
