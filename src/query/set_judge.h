// Whether readings pass a filter, told from what is known of a whole set of them: page by page by
// asking.h, which so passes over pages and counts others unread; and of a single reading, whose
// facts mostly decide without the evaluator. It knows comparisons of phenomenonTime, result, id and
// Datastream with constants, joined by `and` and `or`; of all else it says `some`, and then the
// evaluator judges. What it does say is what the evaluator would say of each. Pure; any thread.
#pragma once

#include "query/expression.h"
#include "series/facts.h"

namespace duliang {

// Of the one; its result is known where it was asked for.
SetFacts facts_of(const Reading& reading, bool with_result);

class FilterOfSets {
 public:
  FilterOfSets(const Expression& filter, Time now);

  bool knows_nothing() const { return root_.kind == Node::Kind::unknown; }
  bool needs_result() const { return needs_result_; }
  Passing judge(const SetFacts& facts) const { return judge(root_, facts); }
  Passing judge(const Reading& reading) const;

 private:
  enum class Subject : uint8_t { time, result, id, stream };
  struct Node {
    enum class Kind : uint8_t { unknown, all_of, any_of, comparison };
    Kind kind = Kind::unknown;
    std::vector<Node> nodes;  // of all_of and any_of
    Subject subject{};
    Operation operation{};  // seen from the subject
    Interval time;          // it is compared with, or
    long double number = 0;
  };

  Node node_of(const Expression& filter, Time now);
  Node comparison_of(const Expression& filter, Time now);
  static Passing judge(const Node& node, const SetFacts& facts);
  static Passing judge_comparison(const Node& node, const SetFacts& facts);

  bool needs_result_ = false;
  Node root_;
};

}  // namespace duliang
