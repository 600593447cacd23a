#include "query/set_judge.h"

#include <limits>

#include "query/narrow.h"
#include "query/values.h"

namespace duliang {
namespace {

// It holds every int64_t and every double, so that any two of them compare exactly.
using Number = long double;
static_assert(std::numeric_limits<Number>::digits >= 64);

struct Range {
  Number least;
  Number most;
};

Passing passing(bool all, bool none) {
  if (all) return Passing::all;
  return none ? Passing::none : Passing::some;
}

// Of values within the range, the ends of which are among them.
Passing compare_range(Operation operation, const Range& range, Number other) {
  const bool reached = range.least <= other && other <= range.most;
  const bool one = range.least == range.most;
  switch (operation) {
    case Operation::eq: return passing(one && reached, !reached);
    case Operation::ne: return passing(!reached, one && reached);
    case Operation::gt: return passing(range.least > other, range.most <= other);
    case Operation::ge: return passing(range.least >= other, range.most < other);
    case Operation::lt: return passing(range.most < other, range.least >= other);
    case Operation::le: return passing(range.most <= other, range.least > other);
    default: return Passing::some;
  }
}

// The table of intervals in LANGUAGE.md; no reading ends before it begins.
Passing compare_times(Operation operation, const Bounds& times, const Interval& other) {
  const auto [first, last, end] = std::tuple(times.first, times.last, times.end);
  switch (operation) {
    case Operation::eq:
      return passing(first == other.begin && last == other.begin && end == other.begin &&
                         other.end == other.begin,
                     last < other.begin || first > other.begin || end < other.end);
    case Operation::gt:
      return passing(first >= other.end && first > other.begin,
                     last < other.end || last <= other.begin);
    case Operation::ge:
      return passing(first >= other.begin && first >= other.end,
                     last < other.begin || end < other.end);
    case Operation::lt:
      return passing(end <= other.begin && last < other.begin, first >= other.begin);
    case Operation::le:
      return passing(last <= other.begin && end <= other.end,
                     first > other.begin || first > other.end);
    default: return Passing::some;
  }
}

// What is no number compares with none.
Passing compare_results(Operation operation, const SetFacts& facts, Number other) {
  if (!facts.results_known) return Passing::some;
  if (facts.numbers == 0) return Passing::none;
  const auto [least, most] = numbers_between(facts);
  const Passing numbers = compare_range(operation, {Number{least}, Number{most}}, other);
  const bool only_numbers = facts.numbers == facts.bounds.readings;
  return numbers == Passing::all && !only_numbers ? Passing::some : numbers;
}

Range range_of(auto least, auto most) {
  return {static_cast<Number>(number(least)), static_cast<Number>(number(most))};
}

// `3 lt id` is `id gt 3`, with times too.
Operation turned(Operation operation) {
  switch (operation) {
    case Operation::gt: return Operation::lt;
    case Operation::ge: return Operation::le;
    case Operation::lt: return Operation::gt;
    case Operation::le: return Operation::ge;
    default: return operation;
  }
}

bool compares(Operation operation) {
  return operation >= Operation::eq && operation <= Operation::le;
}

std::optional<Number> number_in(const Value& value) {
  if (const auto* integer = std::get_if<int64_t>(&value)) return static_cast<Number>(*integer);
  if (const auto* decimal = std::get_if<Decimal>(&value)) return Number{decimal->value};
  return std::nullopt;
}

}  // namespace

FilterOfSets::FilterOfSets(const Expression& filter, Time now) : root_(node_of(filter, now)) {}

FilterOfSets::Node FilterOfSets::node_of(const Expression& filter, Time now) {
  if (compares(filter.operation)) return comparison_of(filter, now);
  const bool all = filter.operation == Operation::and_;
  if (!all && filter.operation != Operation::or_) return {};
  Node node;
  node.kind = all ? Node::Kind::all_of : Node::Kind::any_of;
  bool knows = false;
  for (const Expression& operand : filter.operands) {
    node.nodes.push_back(node_of(operand, now));
    knows = knows || node.nodes.back().kind != Node::Kind::unknown;
  }
  return knows ? node : Node{};
}

FilterOfSets::Node FilterOfSets::comparison_of(const Expression& filter, Time now) {
  static constexpr std::pair<std::string_view, Subject> kSubjects[] = {
      {"phenomenonTime", Subject::time},
      {"result", Subject::result},
      {"id", Subject::id},
      {"Datastream/id", Subject::stream},
      {"Datastream", Subject::stream}};
  for (const bool left : {true, false}) {
    const Expression& path = filter.operands[left ? 0 : 1];
    const auto* subject = std::ranges::find_if(
        kSubjects, [&](const auto& each) { return is_path(path, each.first); });
    if (subject == std::end(kSubjects)) continue;
    const Value other = constant_of(filter.operands[left ? 1 : 0], now);
    Node node;
    node.subject = subject->second;
    node.operation = left ? filter.operation : turned(filter.operation);
    const auto time = interval_of(other);
    const auto other_number = number_in(other);
    const bool of_times = node.subject == Subject::time;
    if (of_times ? !time.has_value() : !other_number.has_value()) return {};
    if (of_times) {
      node.time = *time;
    } else {
      node.number = *other_number;
    }
    node.kind = Node::Kind::comparison;
    needs_result_ = needs_result_ || node.subject == Subject::result;
    return node;
  }
  return {};
}

Passing FilterOfSets::judge(const Node& node, const SetFacts& facts) {
  switch (node.kind) {
    case Node::Kind::unknown: return Passing::some;
    case Node::Kind::comparison: return judge_comparison(node, facts);
    case Node::Kind::all_of: {
      Passing passing = Passing::all;
      for (const Node& each : node.nodes) passing = both(passing, judge(each, facts));
      return passing;
    }
    case Node::Kind::any_of: {
      Passing passing = Passing::none;
      for (const Node& each : node.nodes) passing = either(passing, judge(each, facts));
      return passing;
    }
  }
  CHECK(false, "a node is one of these");
}

Passing FilterOfSets::judge_comparison(const Node& node, const SetFacts& facts) {
  const Bounds& bounds = facts.bounds;
  switch (node.subject) {
    case Subject::time: return compare_times(node.operation, bounds, node.time);
    case Subject::result: return compare_results(node.operation, facts, node.number);
    case Subject::id:
      return compare_range(node.operation, range_of(bounds.lowest, bounds.highest), node.number);
    case Subject::stream:
      return compare_range(node.operation, range_of(facts.first_stream, facts.last_stream),
                           node.number);
  }
  CHECK(false, "a subject is one of these");
}

Passing FilterOfSets::judge(const Reading& reading) const {
  return judge(root_, facts_of(reading, needs_result_));
}

SetFacts facts_of(const Reading& reading, bool with_result) {
  SetFacts facts;
  facts.first_stream = facts.last_stream = reading.stream;
  facts.bounds.add(reading);
  facts.results_known = with_result;
  if (!with_result) return facts;
  if (const auto result = number_of(reading)) {
    facts.numbers = 1;
    facts.least = facts.most = *result;
  }
  return facts;
}

}  // namespace duliang
