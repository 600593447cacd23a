#include "watch/judge.h"

namespace duliang {

#ifdef DULIANG_MUTATIONS
bool Watch::mutation_no_hysteresis = false;
#endif

namespace {

// Whether an expression over `value` and `threshold` is true. What cannot be worked out is not
// true.
bool is_true(const Expression& expression, const Value& value, const Value& threshold) {
  struct Names {
    const Value& value;
    const Value& threshold;
  } names{value, threshold};
  Scope scope;
  scope.resolve = [&names](std::span<const std::string> path) -> Result<Value> {
    return path.front() == "value" ? names.value : names.threshold;
  };
  const Result<bool> result = holds(expression, scope);
  return result.ok() && *result;
}

// Keeps the beginning of the proof and its newest reading.
void add_proof(std::vector<ReadingId>& readings, ReadingId id) {
  if (readings.size() < kProofReadings)
    readings.push_back(id);
  else
    readings.back() = id;
}

bool wants_to_change(const CompiledLevel& level, const LevelState& state, const Value& value) {
#ifdef DULIANG_MUTATIONS
  if (Watch::mutation_no_hysteresis && state.active)
    return !is_true(level.raise, value, *state.threshold);
#endif
  return is_true(state.active ? level.clear : level.raise, value, *state.threshold);
}

}  // namespace

std::optional<std::vector<ReadingId>> judge(const CompiledLevel& level, LevelState& state,
                                            const Judged& reading) {
  if (!state.threshold) return std::nullopt;
  if (!wants_to_change(level, state, *reading.value)) {
    state.pending.reset();
    return std::nullopt;
  }
  if (!state.pending) state.pending = Pending{reading.at, {}};
  add_proof(state.pending->readings, reading.id);
  const Duration held = reading.at - state.pending->since;
  if (held < (state.active ? level.clear_after : level.raise_after)) return std::nullopt;
  std::vector<ReadingId> proof = std::move(state.pending->readings);
  state.pending.reset();
  state.active = !state.active;
  return proof;
}

}  // namespace duliang
