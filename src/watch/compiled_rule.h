// A rule as it is judged: its expressions parsed once, when it is loaded. Private to watch/.
// Constant after compile_rule; any thread.
#pragma once

#include <optional>
#include <set>
#include <vector>

#include "query/evaluate.h"
#include "watch/watch.h"

namespace duliang {

struct CompiledLevel {
  int level = 0;
  Words name;
  Expression threshold;
  Expression raise;
  Expression clear;
  Duration raise_after{0};
  Duration clear_after{0};
};

struct CompiledRule {
  RowId id = kNoRow;
  std::string key;
  Expression streams;
  std::vector<CompiledLevel> levels;  // most severe first
  // What it looks at of a stream and of the entities that it leads to.
  std::set<std::pair<TypeId, std::string>> names;
};

Result<CompiledRule> compile_rule(const Rule& rule);

// The thresholds of a stream, one a level, all of them numbers. None where the rule has no such
// level for this stream, since its threshold has no value there or is no number. No list at all:
// the rule does not concern the stream.
using Thresholds = std::vector<std::optional<Value>>;
Result<std::optional<Thresholds>> thresholds_of(const CompiledRule& rule, const Ledger& ledger,
                                                const Row& stream);

}  // namespace duliang
