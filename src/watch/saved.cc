// The state of Watch as text: JSON with streams in order of id, times in microseconds, and only
// what is not as it would be after load(). Equal states give equal text.
#include "base/saved_json.h"
#include "watch/state.h"

namespace duliang {
namespace {

Json pending_json(int level, const Pending& pending) {
  Json json = Json::object();
  json["level"] = Json(level);
  json["since"] = Json(number(pending.since));
  Json readings = Json::array();
  for (const ReadingId id : pending.readings) readings.push(Json(static_cast<int64_t>(id)));
  json["readings"] = std::move(readings);
  return json;
}

Json binding_json(const CompiledRule& rule, const Binding& binding) {
  Json json = Json::object();
  json["rule"] = Json(static_cast<int64_t>(rule.id));
  json["key"] = Json(rule.key);
  json["told"] = Json(binding.told_level);
  Json active = Json::array(), pending = Json::array();
  for (size_t i = 0; i < rule.levels.size(); ++i) {
    const LevelState& level = binding.levels[i];
    if (level.active) active.push(Json(rule.levels[i].level));
    if (level.pending) pending.push(pending_json(rule.levels[i].level, *level.pending));
  }
  const bool idle = binding.told_level == 0 && active.items().empty() && pending.items().empty();
  if (idle) return {};
  json["active"] = std::move(active);
  json["pending"] = std::move(pending);
  return json;
}

// The rule that a saved binding was of, or the version of it that is loaded now.
std::optional<size_t> rule_of(SavedJson& in, const Json& saved,
                              const std::vector<CompiledRule>& rules) {
  const RowId id{in.integer(saved.find("rule"))};
  const std::string key = in.text(saved.find("key"));
  if (!in.ok) return std::nullopt;
  std::optional<size_t> same_key;
  for (size_t i = 0; i < rules.size(); ++i) {
    if (rules[i].id == id) return i;
    if (rules[i].key == key) same_key = i;
  }
  return same_key;
}

LevelState* level_state(const CompiledRule& rule, Binding& binding, int64_t level) {
  for (size_t i = 0; i < rule.levels.size(); ++i)
    if (rule.levels[i].level == level && binding.levels[i].threshold) return &binding.levels[i];
  return nullptr;
}

void restore_binding(SavedJson& in, const Json& saved, const CompiledRule& rule,
                     Binding& binding) {
  binding.told_level = static_cast<int>(in.integer(saved.find("told")));
  for (const Json& active : in.items(saved.find("active")))
    if (LevelState* level = level_state(rule, binding, in.integer(&active))) level->active = true;
  const bool same_version = in.integer(saved.find("rule")) == static_cast<int64_t>(rule.id);
  for (const Json& one : in.items(saved.find("pending"))) {
    Pending pending{in.time(one.find("since")), in.ids<ReadingId>(one.find("readings"))};
    LevelState* const level = level_state(rule, binding, in.integer(one.find("level")));
    if (level != nullptr && same_version) level->pending = std::move(pending);
  }
}

// The binding of a rule; added where the rule no longer concerns the stream but its alarm is still
// to be cleared.
Binding& binding_of(StreamState& state, size_t rule, size_t levels) {
  const auto at = std::find_if(state.bindings.begin(), state.bindings.end(),
                               [&](const Binding& binding) { return binding.rule >= rule; });
  if (at != state.bindings.end() && at->rule == rule) return *at;
  Binding binding;
  binding.rule = rule;
  binding.levels.resize(levels);
  return *state.bindings.insert(at, std::move(binding));
}

void begin_anew(StreamState& state) {
  state.newest.reset();
  for (Binding& binding : state.bindings) {
    binding.told_level = 0;
    for (LevelState& level : binding.levels) level.active = false, level.pending.reset();
  }
}

}  // namespace

std::string Watch::save() const {
  Json streams = Json::array();
  for (size_t id = 0; id < state_->slots.size(); ++id) {
    if (state_->slots[id] == 0) continue;
    const StreamState& state = state_->streams[state_->slots[id] - 1];
    if (!state.newest) continue;  // nothing was judged, so nothing differs from a fresh one
    Json json = Json::object();
    json["stream"] = Json(static_cast<int64_t>(id));
    json["newest"] = Json(number(*state.newest));
    Json rules = Json::array();
    for (const Binding& binding : state.bindings) {
      Json one = binding_json(state_->rules[binding.rule], binding);
      if (!one.is_null()) rules.push(std::move(one));
    }
    json["rules"] = std::move(rules);
    streams.push(std::move(json));
  }
  Json saved = Json::object();
  saved["streams"] = std::move(streams);
  return saved.dump();
}

Status Watch::restore(std::string_view saved) {
  const Error corrupt{Code::corrupt, "The saved state of the rules cannot be read.", "watch"};
  const Result<Json> json = parse_json(saved);
  if (!json.ok()) return corrupt;
  for (StreamState& state : state_->streams) begin_anew(state);
  SavedJson in;
  for (const Json& one : in.items(json->find("streams"))) {
    const int64_t id = in.integer(one.find("stream"));
    const Time newest = in.time(one.find("newest"));
    if (!in.ok || id <= 0) return corrupt;
    StreamState& state = state_->take(StreamId{id});
    state.newest = newest;
    for (const Json& binding : in.items(one.find("rules"))) {
      const std::optional<size_t> rule = rule_of(in, binding, state_->rules);
      if (!rule) continue;
      const CompiledRule& compiled = state_->rules[*rule];
      restore_binding(in, binding, compiled, binding_of(state, *rule, compiled.levels.size()));
    }
    state.drop_ended();
  }
  return in.ok ? Status() : Status(corrupt);
}

}  // namespace duliang
