#include "watch/watch.h"

#include <algorithm>
#include <array>

#include "base/limits.h"
#include "watch/state.h"

namespace duliang {
namespace {

constexpr size_t kLevels = 4;  // 1 to 4, each once, as a pack's rules are checked

// The most severe active level; 0: none.
int level_of(const CompiledRule& rule, const Binding& binding) {
  for (size_t i = 0; i < rule.levels.size(); ++i)
    if (binding.levels[i].active) return rule.levels[i].level;
  return 0;
}

std::optional<size_t> place_of_level(const CompiledRule& rule, int level) {
  for (size_t i = 0; i < rule.levels.size(); ++i)
    if (rule.levels[i].level == level) return i;
  return std::nullopt;
}

// Judges every level, then says what became of the whole. It is proved by the readings of the level
// that was entered, or, on the way down, left.
std::optional<Transition> judge_all(const CompiledRule& rule, Binding& binding,
                                    const Judged& reading) {
  std::array<std::optional<std::vector<ReadingId>>, kLevels> proofs;
  for (size_t i = 0; i < rule.levels.size(); ++i)
    proofs[i] = judge(rule.levels[i], binding.levels[i], reading);
  Transition transition;
  transition.from_level = binding.told_level;
  transition.to_level = level_of(rule, binding);
  if (transition.from_level == transition.to_level) return std::nullopt;
  binding.told_level = transition.to_level;
  const std::optional<size_t> place =
      place_of_level(rule, transition.rises() ? transition.to_level : transition.from_level);
  transition.rule = rule.id;
  transition.at = reading.at;
  transition.value = *reading.value;
  if (place) transition.threshold = binding.levels[*place].threshold;
  // A level that a change of rule or stream took away is left by the next reading, whatever it
  // says.
  if (place && proofs[*place])
    transition.readings = std::move(*proofs[*place]);
  else
    transition.readings = {reading.id};
  return transition;
}

// What a new binding takes over from the one before: the levels that are active and what was told.
// What was pending goes on only where the rule is the very same.
void take_over(const CompiledRule& rule, Binding& binding, const CompiledRule& old_rule,
               const Binding& old) {
  binding.told_level = old.told_level;
  for (size_t i = 0; i < rule.levels.size(); ++i) {
    const std::optional<size_t> place = place_of_level(old_rule, rule.levels[i].level);
    if (!place || !binding.levels[i].threshold) continue;
    binding.levels[i].active = old.levels[*place].active;
    if (rule.id == old_rule.id) binding.levels[i].pending = old.levels[*place].pending;
  }
}

Binding make_binding(size_t rule, size_t levels, std::optional<Thresholds> thresholds) {
  Binding binding;
  binding.rule = rule;
  binding.levels.resize(levels);
  if (thresholds)
    for (size_t i = 0; i < levels; ++i) binding.levels[i].threshold = std::move((*thresholds)[i]);
  return binding;
}

// A reading so far ahead was judged by a clock of the house that was wrong and has been put right
// since. It must not make what is measured now look late, nor count for how long a change has held.
void forget_wrong_clock(StreamState& state, Time received) {
  if (!state.newest || *state.newest <= received + limits::kFutureTolerance) return;
  state.newest.reset();
  for (Binding& binding : state.bindings)
    for (LevelState& level : binding.levels) level.pending.reset();
}

// The binding that a rule takes over: of its own row, else of another row with its key.
const Binding* before_of(const CompiledRule& rule, const std::vector<CompiledRule>& old_rules,
                         const StreamState* before) {
  const Binding* same_key = nullptr;
  if (before == nullptr) return same_key;
  for (const Binding& binding : before->bindings) {
    if (old_rules[binding.rule].id == rule.id) return &binding;
    if (old_rules[binding.rule].key == rule.key) same_key = &binding;
  }
  return same_key;
}

// A stream's state under `rules`, going on from its state under `old_rules`.
Result<StreamState> rebound(const std::vector<CompiledRule>& rules,
                            const std::vector<CompiledRule>& old_rules, const StreamState* before,
                            const Ledger& ledger, const Row& stream) {
  StreamState state;
  if (before != nullptr) state.newest = before->newest;
  for (size_t i = 0; i < rules.size(); ++i) {
    TRY(std::optional<Thresholds> thresholds, thresholds_of(rules[i], ledger, stream));
    Binding binding = make_binding(i, rules[i].levels.size(), std::move(thresholds));
    const Binding* old = before_of(rules[i], old_rules, before);
    if (old != nullptr) take_over(rules[i], binding, old_rules[old->rule], *old);
    // A stream that a rule no longer concerns stays bound until its alarm has been cleared.
    if (binding.applies() || binding.told_level != 0) state.bindings.push_back(std::move(binding));
  }
  return state;
}

}  // namespace

StreamState* Watch::State::find(StreamId stream) {
  const auto index = static_cast<size_t>(stream);
  if (index >= slots.size() || slots[index] == 0) return nullptr;
  return &streams[slots[index] - 1];
}

StreamState& Watch::State::take(StreamId stream) {
  CHECK(static_cast<int64_t>(stream) > 0, "a stream has its id before a rule sees it");
  const auto index = static_cast<size_t>(stream);
  if (index >= slots.size()) slots.resize(std::max(index + 1, slots.size() * 2));
  if (slots[index] != 0) return streams[slots[index] - 1];
  if (free_slots.empty()) {
    streams.emplace_back();
    slots[index] = static_cast<uint32_t>(streams.size());
  } else {
    slots[index] = free_slots.back();
    free_slots.pop_back();
  }
  return streams[slots[index] - 1];
}

void Watch::State::drop(StreamId stream) {
  StreamState* state = find(stream);
  if (state == nullptr) return;
  *state = StreamState();
  uint32_t& slot = slots[static_cast<size_t>(stream)];
  free_slots.push_back(slot);
  slot = 0;
}

Watch::Watch() : state_(std::make_unique<State>()) {}
Watch::~Watch() = default;

Status Watch::load(std::vector<Rule> rules, const Ledger& ledger) {
  std::vector<CompiledRule> compiled;
  for (const Rule& rule : rules) {
    TRY(CompiledRule one, compile_rule(rule));
    compiled.push_back(std::move(one));
  }
  std::vector<std::pair<StreamId, StreamState>> states;
  Status bound;
  Selection all;
  all.type = TypeId::datastream;
  TRY_DO(ledger.each(all, [&](const Row& row) {
    const StreamId stream{static_cast<int64_t>(row.id)};
    Result<StreamState> state = rebound(compiled, state_->rules, state_->find(stream), ledger, row);
    if (state.ok())
      states.emplace_back(stream, std::move(*state));
    else
      bound = state.error();
    return bound.ok();
  }));
  TRY_DO(bound);
  state_->rules = std::move(compiled);
  state_->slots.clear();
  state_->free_slots.clear();
  state_->streams.clear();
  for (auto& [stream, state] : states)
    if (state.newest || !state.bindings.empty()) state_->take(stream) = std::move(state);
  return {};
}

Status Watch::bind(const Ledger& ledger, StreamId stream) {
  TRY(const std::optional<Row> row,
      ledger.find(TypeId::datastream, RowId{static_cast<int64_t>(stream)}));
  if (!row) return {};
  TRY(StreamState state, rebound(state_->rules, state_->rules, state_->find(stream), ledger, *row));
  if (state.newest || !state.bindings.empty() || state_->find(stream) != nullptr)
    state_->take(stream) = std::move(state);
  return {};
}

void Watch::forget(StreamId stream) { state_->drop(stream); }

bool Watch::names(TypeId type, std::string_view name) const {
  return std::ranges::any_of(state_->rules, [&](const CompiledRule& rule) {
    return rule.names.contains(std::pair{type, std::string(name)});
  });
}

size_t Watch::rules_of(StreamId stream) const {
  const StreamState* state = state_->find(stream);
  return state == nullptr ? 0 : state->bindings.size();
}

std::vector<Transition> Watch::observe(const Reading& reading, Time received) {
  std::vector<Transition> transitions;
  StreamState* const state = state_->find(reading.stream);
  if (state == nullptr || state->bindings.empty()) return transitions;
  if (!number_of(reading)) return ++state_->counts.not_a_number, transitions;
  const Time at = reading.phenomenon_time.begin;
  if (at > received + limits::kFutureTolerance) return ++state_->counts.future, transitions;
  forget_wrong_clock(*state, received);
  if (state->newest && at <= *state->newest) return ++state_->counts.late, transitions;
  ++state_->counts.judged;
  state->newest = at;
  const Value value = result_value(reading);
  for (Binding& binding : state->bindings) {
    std::optional<Transition> transition =
        judge_all(state_->rules[binding.rule], binding, {&value, at, reading.id});
    if (!transition) continue;
    transition->stream = reading.stream;
    transitions.push_back(std::move(*transition));
  }
  state->drop_ended();
  return transitions;
}

const WatchCounts& Watch::counts() const { return state_->counts; }

}  // namespace duliang
