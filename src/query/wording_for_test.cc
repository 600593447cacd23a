#include "query/wording_for_test.h"

#include "query/functions.h"

namespace duliang {
namespace {

const std::vector<std::string> kComparisons{"eq", "eq", "eq", "ne", "gt", "ge", "lt", "le"};
const std::vector<std::string> kDurations{"duration'PT1H'", "duration'PT90M'", "duration'P2D'"};
const std::vector<std::string> kOthers{"null", "true", "false"};

const std::vector<std::string>& of_kinds(const Wording::Words& words, Kinds kinds) {
  if ((kinds & kText) != 0) return words.texts;
  return (kinds & kTime) != 0 ? words.times : words.numbers;
}

}  // namespace

const std::string& pick(Random& random, const std::vector<std::string>& from) {
  return from[random.below(from.size())];
}

std::vector<std::string> joined(std::vector<std::string> a, const std::vector<std::string>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

std::string RandomExpression::name(Kinds kinds) {
  static constexpr Kinds kKinds[] = {kNumber, kText, kTime};
  if (random_.chance(0.1)) kinds = kKinds[random_.below(std::size(kKinds))];
  const auto& names = of_kinds(wording_->names, kinds);
  return prefix_ + (names.empty() ? wording_->names.numbers[0] : pick(random_, names));
}

std::string RandomExpression::leaf(Kinds kinds) {
  if (random_.chance(0.02)) return "null";
  if (kinds == kDuration) return pick(random_, kDurations);
  if ((kinds & kAnyKind) == kBoolean) return pick(random_, kOthers);
  if (random_.chance(0.6)) return name(kinds);
  const std::string& constant = pick(random_, of_kinds(wording_->constants, kinds));
  return constant;
}

std::string RandomExpression::calculated(Kinds kinds, int depth) {
  static const std::vector<std::string> operations{"add", "sub", "mul", "div", "mod"};
  static const std::vector<std::string> sums{"add", "sub"};
  if ((kinds & kNumber) != 0) {
    if (random_.chance(0.2)) return fmt::format("(- {})", value(kNumber, depth - 1));
    return fmt::format("({} {} {})", value(kNumber, depth - 1), pick(random_, operations),
                       value(kNumber, depth - 1));
  }
  if ((kinds & kTime) != 0)
    return fmt::format("({} {} {})", value(kTime, depth - 1), pick(random_, sums),
                       value(kDuration, depth - 1));
  if ((kinds & kDuration) != 0)
    return fmt::format("({} sub {})", value(kTime, depth - 1), value(kTime, depth - 1));
  return leaf(kinds);
}

std::string RandomExpression::call(Kinds gives, int depth) {
  std::vector<const Function*> fitting;
  for (const Function& function : all_functions())
    if ((function.gives & gives) != 0) fitting.push_back(&function);
  if (fitting.empty()) return leaf(gives);
  const Function& function = *fitting[random_.below(fitting.size())];
  std::string text = std::string(function.name) + "(";
  const size_t count = function.least + random_.below(function.most - function.least + 1);
  for (size_t i = 0; i < count; ++i)
    text += (i > 0 ? "," : "") + value(function.takes[i], depth - 1);
  return text + ")";
}

std::string RandomExpression::value(Kinds kinds, int depth) {
  const bool time_or_duration = (kinds & kTime) != 0 && (kinds & kDuration) != 0;
  if (time_or_duration) kinds = random_.chance(0.7) ? kTime : kDuration;
  if (depth <= 0 || random_.chance(0.5)) return leaf(kinds);
  return random_.chance(0.4) ? calculated(kinds, depth) : call(kinds, depth);
}

std::string RandomExpression::plain_comparison() {
  const auto all = [](const Wording::Words& words) {
    return joined(joined(words.numbers, words.texts), words.times);
  };
  std::string left = prefix_ + pick(random_, all(wording_->names));
  std::string right = random_.chance(0.1) ? prefix_ + pick(random_, all(wording_->names))
                      : random_.chance(0.1) ? pick(random_, kOthers)
                                            : pick(random_, all(wording_->constants));
  if (random_.chance(0.1)) left += " add 1";
  if (random_.chance(0.1)) right += " sub 0";
  if (random_.chance(0.3)) std::swap(left, right);
  return fmt::format("{} {} {}", left, pick(random_, kComparisons), right);
}

std::string RandomExpression::comparison() {
  if (random_.chance(0.6)) return plain_comparison();
  static constexpr Kinds kKinds[] = {kNumber, kText, kTime, kDuration};
  const Kinds kinds = kKinds[random_.below(std::size(kKinds))];
  return fmt::format("{} {} {}", value(kinds, 2), pick(random_, kComparisons), value(kinds, 1));
}

std::string RandomExpression::lambda(int depth) {
  const auto& [relation, behind] = wording_->relations[random_.below(wording_->relations.size())];
  const std::string path = prefix_ + relation;
  if (random_.chance(0.1)) return path + "/any()";
  const Wording* const front = std::exchange(wording_, behind);
  const std::string variable = prefix_.empty() ? "x" : prefix_.substr(0, prefix_.size() - 1) + "y";
  const std::string outer = std::exchange(prefix_, variable + "/");
  const std::string body = condition(depth - 1);
  prefix_ = outer;
  wording_ = front;
  return fmt::format("{}/{}({}: {})", path, random_.chance(0.6) ? "any" : "all", variable, body);
}

std::string RandomExpression::condition(int depth) {
  if (depth > 0 && !wording_->relations.empty() && random_.chance(0.1)) return lambda(depth);
  if (random_.chance(0.1)) return call(kBoolean, 2);
  if (depth <= 0 || random_.chance(0.2)) return comparison();
  const std::string left = condition(depth - 1);
  if (random_.chance(0.12)) return fmt::format("not ({})", left);
  const std::string right = condition(depth - 1);
  return fmt::format("({}) {} ({})", left, random_.chance(0.7) ? "and" : "or", right);
}

}  // namespace duliang
