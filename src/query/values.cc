#include "query/values.h"

#include <array>
#include <charconv>
#include <cmath>

namespace duliang {
namespace {

double as_double(const Value& number) {
  if (const int64_t* integer = std::get_if<int64_t>(&number)) return static_cast<double>(*integer);
  return std::get<Decimal>(number).value;
}

std::partial_ordering compare_exactly(int64_t integer, double decimal) {
  if (std::isnan(decimal)) return std::partial_ordering::unordered;
  if (decimal >= kIntegerEnd) return std::partial_ordering::less;
  if (decimal < -kIntegerEnd) return std::partial_ordering::greater;
  const double whole = std::trunc(decimal);
  const auto cut = static_cast<int64_t>(whole);
  if (integer != cut) return integer <=> cut;
  return 0.0 <=> decimal - whole;
}

Value decimal_or_null(double value) {
  return std::isfinite(value) ? Value{Decimal{value, ""}} : Value{};
}

// Exact where the result is an integer of 64 bits; none where it is not.
std::optional<int64_t> calculate_exactly(Operation operation, int64_t a, int64_t b) {
  int64_t result = 0;
  switch (operation) {
    case Operation::add:
      return __builtin_add_overflow(a, b, &result) ? std::nullopt : std::optional(result);
    case Operation::sub:
      return __builtin_sub_overflow(a, b, &result) ? std::nullopt : std::optional(result);
    case Operation::mul:
      return __builtin_mul_overflow(a, b, &result) ? std::nullopt : std::optional(result);
    case Operation::div:
      if (b == -1) return calculate_exactly(Operation::sub, 0, a);  // the least one has no contrary
      return a % b == 0 ? std::optional(a / b) : std::nullopt;
    case Operation::mod: return b == -1 ? 0 : a % b;
    default: CHECK(false, "only arithmetic comes here");
  }
}

// People write decimals and expect 445.2 sub 0.1 to be 445.1; a double holds 15 digits for certain.
double to_15_digits(double value) {
  std::array<char, 32> text{};
  char* const end = text.data() + text.size();
  const auto written = std::to_chars(text.data(), end, value, std::chars_format::scientific, 14);
  std::from_chars(text.data(), written.ptr, value);
  return value;
}

Value calculate_decimals(Operation operation, double a, double b) {
  switch (operation) {
    case Operation::add: return decimal_or_null(to_15_digits(a + b));
    case Operation::sub: return decimal_or_null(to_15_digits(a - b));
    case Operation::mul: return decimal_or_null(to_15_digits(a * b));
    case Operation::div: return decimal_or_null(a / b);
    case Operation::mod: return decimal_or_null(std::fmod(a, b));
    default: CHECK(false, "only arithmetic comes here");
  }
}

Value calculate_numbers(Operation operation, const Value& a, const Value& b) {
  const bool divides = operation == Operation::div || operation == Operation::mod;
  if (divides && compare_numbers(b, Value{int64_t{0}}) == 0) return {};
  const int64_t* left = std::get_if<int64_t>(&a);
  const int64_t* right = std::get_if<int64_t>(&b);
  if (left != nullptr && right != nullptr)
    if (const auto exact = calculate_exactly(operation, *left, *right)) return *exact;
  return calculate_decimals(operation, as_double(a), as_double(b));
}

std::optional<Duration> negated(Duration duration) {
  int64_t result = 0;
  if (__builtin_sub_overflow(int64_t{0}, duration.count(), &result)) return std::nullopt;
  return Duration{result};
}

std::optional<Time> shifted(Time time, Duration by) {
  int64_t result = 0;
  if (__builtin_add_overflow(time.time_since_epoch().count(), by.count(), &result))
    return std::nullopt;
  const Time moved{Duration{result}};
  if (moved < kFirstTime || moved >= kTimeEnd) return std::nullopt;
  return moved;
}

// A time or an interval moved by a duration.
Value shift(const Value& when, Duration by) {
  const auto interval = interval_of(when);
  if (!interval) return {};
  const auto begin = shifted(interval->begin, by);
  const auto end = shifted(interval->end, by);
  if (!begin || !end) return {};
  if (std::holds_alternative<Time>(when)) return *begin;
  return Interval{*begin, *end};
}

Value add_durations(Duration a, Duration b) {
  int64_t result = 0;
  if (__builtin_add_overflow(a.count(), b.count(), &result)) return {};
  return Duration{result};
}

Value calculate_times(Operation operation, const Value& a, const Value& b) {
  const Duration* left = std::get_if<Duration>(&a);
  const Duration* right = std::get_if<Duration>(&b);
  if (operation == Operation::add) {
    if (left != nullptr && right != nullptr) return add_durations(*left, *right);
    if (right != nullptr) return shift(a, *right);
    return left != nullptr ? shift(b, *left) : Value{};
  }
  if (operation != Operation::sub) return {};
  if (right != nullptr) {
    const auto back = negated(*right);
    if (!back) return {};
    return left != nullptr ? add_durations(*left, *back) : shift(a, *back);
  }
  const auto from = interval_of(b);
  const auto to = interval_of(a);
  int64_t between = 0;
  if (!from || !to ||
      __builtin_sub_overflow(to->begin.time_since_epoch().count(),
                             from->begin.time_since_epoch().count(), &between))
    return {};
  return Duration{between};
}

// The place of a kind in the order of $orderby.
int rank(const Value& value) {
  struct Rank {
    int operator()(std::monostate) const { return 0; }
    int operator()(bool) const { return 1; }
    int operator()(int64_t) const { return 2; }
    int operator()(const Decimal&) const { return 2; }
    int operator()(const std::string&) const { return 3; }
    int operator()(Time) const { return 4; }
    int operator()(const Interval&) const { return 4; }
    int operator()(Duration) const { return 5; }
    int operator()(const Json&) const { return 6; }
    int operator()(const Sealed&) const { return 7; }
    int operator()(const Blob&) const { return 8; }
  };
  return std::visit(Rank{}, value);
}

int sign(std::partial_ordering order) { return order < 0 ? -1 : order > 0 ? 1 : 0; }

}  // namespace

bool is_number(const Value& value) {
  return std::holds_alternative<int64_t>(value) || std::holds_alternative<Decimal>(value);
}

std::string number_text(const Value& number) {
  if (const int64_t* integer = std::get_if<int64_t>(&number)) return std::to_string(*integer);
  const Decimal& decimal = std::get<Decimal>(number);
  return decimal.text.empty() ? to_text(decimal.value) : decimal.text;
}

std::partial_ordering compare_numbers(const Value& a, const Value& b) {
  const int64_t* left = std::get_if<int64_t>(&a);
  const int64_t* right = std::get_if<int64_t>(&b);
  if (left != nullptr && right != nullptr) return *left <=> *right;
  if (left != nullptr) return compare_exactly(*left, as_double(b));
  if (right != nullptr) return 0 <=> compare_exactly(*right, as_double(a));
  return as_double(a) <=> as_double(b);
}

std::optional<Interval> interval_of(const Value& value) {
  if (const Time* time = std::get_if<Time>(&value)) return Interval{*time, *time};
  if (const Interval* interval = std::get_if<Interval>(&value)) return *interval;
  return std::nullopt;
}

Value calculate(Operation operation, const Value& a, const Value& b) {
  if (is_number(a) && is_number(b)) return calculate_numbers(operation, a, b);
  return calculate_times(operation, a, b);
}

Value negate(const Value& value) {
  if (const int64_t* integer = std::get_if<int64_t>(&value))
    return calculate(Operation::sub, Value{int64_t{0}}, *integer);
  if (const Decimal* decimal = std::get_if<Decimal>(&value)) return Decimal{-decimal->value, ""};
  const Duration* duration = std::get_if<Duration>(&value);
  const auto contrary = duration != nullptr ? negated(*duration) : std::nullopt;
  return contrary ? Value{*contrary} : Value{};
}

int order_values(const Value& a, const Value& b) {
  if (const int ranks = rank(a) - rank(b); ranks != 0) return ranks;
  if (is_number(a)) return sign(compare_numbers(a, b));
  if (const auto left = interval_of(a))
    return sign(left->begin <=> interval_of(b)->begin);
  if (const bool* left = std::get_if<bool>(&a)) return sign(*left <=> std::get<bool>(b));
  if (const std::string* left = std::get_if<std::string>(&a))
    return sign(*left <=> std::get<std::string>(b));
  if (const Duration* left = std::get_if<Duration>(&a))
    return sign(*left <=> std::get<Duration>(b));
  if (const Json* left = std::get_if<Json>(&a))
    return sign(left->dump() <=> std::get<Json>(b).dump());
  return 0;
}

}  // namespace duliang
