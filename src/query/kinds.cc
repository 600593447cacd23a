#include "query/kinds.h"

#include "query/functions.h"

namespace duliang {
namespace {

struct Calculation {
  Operation operation;
  Kinds left;
  Kinds right;
  Kinds gives;
};
constexpr Calculation kCalculations[] = {
    {Operation::add, kNumber, kNumber, kNumber},
    {Operation::add, kInstant, kDuration, kInstant},
    {Operation::add, kInterval, kDuration, kInterval},
    {Operation::add, kDuration, kInstant, kInstant},
    {Operation::add, kDuration, kInterval, kInterval},
    {Operation::add, kDuration, kDuration, kDuration},
    {Operation::sub, kNumber, kNumber, kNumber},
    {Operation::sub, kInstant, kDuration, kInstant},
    {Operation::sub, kInterval, kDuration, kInterval},
    {Operation::sub, kDuration, kDuration, kDuration},
    {Operation::sub, kTime, kTime, kDuration},
    {Operation::mul, kNumber, kNumber, kNumber},
    {Operation::div, kNumber, kNumber, kNumber},
    {Operation::mod, kNumber, kNumber, kNumber},
};

// Those with a common meaning; null and JSON may be compared with anything that may be null.
constexpr Kinds kCompared[] = {kBoolean, kNumber, kText, kTime, kDuration, kOther};

// 0: there is no such calculation.
Kinds calculated(Operation operation, Kinds left, Kinds right) {
  Kinds kinds = 0;
  for (const Calculation& each : kCalculations) {
    const bool meant = each.operation == operation && (each.left & left) != 0 &&
                       (each.right & right) != 0;
    if (meant) kinds = static_cast<Kinds>(kinds | each.gives);
  }
  return kinds;
}

std::string_view described(Kinds kinds) {
  switch (kinds) {
    case kBoolean: return "a boolean";
    case kNatural: return "a whole number of 0 or more";
    case kNegative: return "a negative number";
    case kDecimal: return "a decimal";
    case kInteger: return "a whole number";
    case kNumber: return "a number";
    case kText: return "a text";
    case kInstant: return "an instant";
    case kInterval: return "an interval";
    case kTime: return "a time";
    case kDuration: return "a duration";
    case kClock: return "a time or a duration";
    case kNumber | kDuration: return "a number or a duration";
    default: return "a value";
  }
}

Error at(size_t position, const std::string& message) {
  return {Code::bad_input, fmt::format("At position {}: {}", position, message), ""};
}

Status check_each(const Expression& expression, size_t first, Kinds wanted) {
  for (size_t i = first; i < expression.operands.size(); ++i) {
    const Expression& operand = expression.operands[i];
    const Kinds found = possible_kinds(operand);
    if ((wanted & found) == 0)
      return at(operand.position, fmt::format("{} was expected, not {}.", described(wanted),
                                              described(found)));
  }
  return {};
}

Status check_call(const Expression& call) {
  for (size_t i = 0; i < call.operands.size(); ++i) {
    const Expression& operand = call.operands[i];
    const Kinds wanted = call.function->takes[i];
    const Kinds found = possible_kinds(operand);
    if ((wanted & found) == 0)
      return at(operand.position, fmt::format("{} takes {} there, not {}.", call.function->name,
                                              described(wanted), described(found)));
  }
  return {};
}

Status check_calculation(const Expression& sum) {
  const Kinds left = possible_kinds(sum.operands[0]);
  const Kinds right = possible_kinds(sum.operands[1]);
  if (calculated(sum.operation, left, right) != 0) return {};
  return at(sum.position, fmt::format("there is no such calculation of {} and {}.",
                                      described(left), described(right)));
}

bool is_text_literal(const Expression& expression) {
  return expression.operation == Operation::literal &&
         std::holds_alternative<std::string>(expression.literal);
}

// A number and a text literal are compared as texts.
Status check_comparison(const Expression& comparison) {
  const Expression& left = comparison.operands[0];
  const Expression& right = comparison.operands[1];
  const Kinds lefts = possible_kinds(left);
  const Kinds rights = possible_kinds(right);
  for (const Kinds kinds : kCompared)
    if ((lefts & kinds) != 0 && (rights & kinds) != 0) return {};
  const bool as_texts = (is_text_literal(right) && (lefts & kNumber) != 0) ||
                        (is_text_literal(left) && (rights & kNumber) != 0);
  if (as_texts) return {};
  return at(comparison.position, fmt::format("{} can't be compared with {}.", described(lefts),
                                             described(rights)));
}

}  // namespace

Kinds kind_of(const Value& value) {
  struct Kind {
    Kinds operator()(bool) const { return kBoolean; }
    Kinds operator()(int64_t value) const { return value < 0 ? kNegative : kNatural; }
    Kinds operator()(const Decimal&) const { return kDecimal; }
    Kinds operator()(const std::string&) const { return kText; }
    Kinds operator()(Time) const { return kInstant; }
    Kinds operator()(const Interval&) const { return kInterval; }
    Kinds operator()(Duration) const { return kDuration; }
    Kinds operator()(std::monostate) const { return kOther; }
    Kinds operator()(const Json&) const { return kOther; }
    Kinds operator()(const Sealed&) const { return kOther; }
    Kinds operator()(const Blob&) const { return kOther; }
  };
  return std::visit(Kind{}, value);
}

Kinds possible_kinds(const Expression& expression) {
  switch (expression.operation) {
    case Operation::literal:
    case Operation::known:
      return is_null(expression.literal) ? kAnyKind : kind_of(expression.literal);
    case Operation::path: return kAnyKind;
    case Operation::call: return expression.function->gives;
    case Operation::add:
    case Operation::sub:
    case Operation::mul:
    case Operation::div:
    case Operation::mod:
      return calculated(expression.operation, possible_kinds(expression.operands[0]),
                        possible_kinds(expression.operands[1]));
    case Operation::negate: {
      const Kinds kinds = possible_kinds(expression.operands[0]);
      const Kinds numbers = (kinds & kNumber) != 0 ? kNumber : Kinds{0};
      return static_cast<Kinds>(numbers | (kinds & kDuration));
    }
    default: return kBoolean;
  }
}

Status check_operands(const Expression& expression, size_t first) {
  switch (expression.operation) {
    case Operation::literal:
    case Operation::known:
    case Operation::path: return {};
    case Operation::call: return check_call(expression);
    case Operation::add:
    case Operation::sub:
    case Operation::mul:
    case Operation::div:
    case Operation::mod: return check_calculation(expression);
    case Operation::negate: return check_each(expression, first, kNumber | kDuration);
    case Operation::eq:
    case Operation::ne:
    case Operation::gt:
    case Operation::ge:
    case Operation::lt:
    case Operation::le: return check_comparison(expression);
    case Operation::and_:
    case Operation::or_:
    case Operation::not_:
    case Operation::fails:
    case Operation::any: return check_each(expression, first, kBoolean);
  }
  CHECK(false, "an expression has one of the operations above");
}

}  // namespace duliang
