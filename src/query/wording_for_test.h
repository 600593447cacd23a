// Random expressions of the language, from a seed: comparisons that narrow what is looked at, every
// operation and every function of the table, and any and all, joined by and, or and not.
#pragma once

#include "base/random.h"
#include "query/kinds.h"

namespace duliang {

const std::string& pick(Random& random, const std::vector<std::string>& from);
std::vector<std::string> joined(std::vector<std::string> a, const std::vector<std::string>& b);

// What expressions of one type are made of. A name is mostly used as what it is, sometimes as what
// it is not: then there is null.
struct Wording {
  struct Words {
    std::vector<std::string> numbers, texts, times;
  };
  Words names;
  Words constants;
  std::vector<std::pair<std::string, const Wording*>> relations;  // to many
};

class RandomExpression {
 public:
  RandomExpression(Random& random, const Wording& wording) : random_(random), wording_(&wording) {}

  std::string condition(int depth);

 private:
  std::string comparison();
  std::string plain_comparison();  // of a name with a constant, most of them: these narrow
  std::string lambda(int depth);
  // Of one of these kinds; calls nested up to `depth`.
  std::string value(Kinds kinds, int depth);
  std::string leaf(Kinds kinds);
  std::string calculated(Kinds kinds, int depth);
  std::string call(Kinds gives, int depth);
  std::string name(Kinds kinds);

  Random& random_;
  const Wording* wording_;
  std::string prefix_;  // of names: the variable of the any around it
};

}  // namespace duliang
