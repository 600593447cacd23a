// Rules as the ledger has them, and the lines that they draw on a chart.
#include "query/names.h"
#include "query/values.h"
#include "watch/compiled_rule.h"

namespace duliang {

namespace {

// Behind a property stands only what is within it.
Status add_names(CompiledRule& rule, const Expression& expression) {
  return visit_paths(expression, [&rule](const Expression& path) -> Status {
    TypeId at = TypeId::datastream;
    for (const std::string& name : path.path) {
      const EntityType& type = type_of(at);
      const int relation = type.relation_index(name);
      if (is_id_name(name)) break;
      rule.names.emplace(at, name);
      if (relation < 0) break;
      at = type.relations[static_cast<size_t>(relation)].target;
    }
    return {};
  });
}

}  // namespace

Result<CompiledRule> compile_rule(const Rule& rule) {
  CompiledRule compiled;
  compiled.id = rule.id;
  compiled.key = rule.declaration.key;
  TRY(compiled.streams, parse_expression(rule.declaration.streams));
  TRY_DO(add_names(compiled, compiled.streams));
  for (const LevelDeclaration& declared : rule.declaration.levels) {
    CompiledLevel level;
    level.level = declared.level;
    level.name = declared.name;
    TRY(level.threshold, parse_expression(declared.threshold));
    TRY_DO(add_names(compiled, level.threshold));
    TRY(level.raise, parse_expression(declared.raise));
    TRY(level.clear, parse_expression(declared.clear));
    level.raise_after = declared.raise_after;
    level.clear_after = declared.clear_after;
    CHECK(compiled.levels.empty() || compiled.levels.back().level < level.level,
          "a rule has its levels once each, the most severe first");
    compiled.levels.push_back(std::move(level));
  }
  return compiled;
}

Result<std::optional<Thresholds>> thresholds_of(const CompiledRule& rule, const Ledger& ledger,
                                                const Row& stream) {
  // A threshold stands still between two changes of the stream, so it must not know the time.
  const Scope scope = scope_of(ledger, stream, Time{});
  TRY(const bool concerned, holds(rule.streams, scope));
  if (!concerned) return std::optional<Thresholds>();
  Thresholds thresholds;
  for (const CompiledLevel& level : rule.levels) {
    TRY(Value threshold, evaluate(level.threshold, scope));
    thresholds.push_back(is_number(threshold) ? std::optional(std::move(threshold)) : std::nullopt);
  }
  return std::optional<Thresholds>(std::move(thresholds));
}

Result<std::vector<Rule>> active_rules(const Ledger& ledger) {
  std::vector<Rule> rules;
  Status parsed;
  Selection all;
  all.type = TypeId::rule;
  TRY_DO(ledger.each(all, [&](const Row& row) {
    const bool* active = std::get_if<bool>(&row["active"]);
    const Json* declaration = std::get_if<Json>(&row["declaration"]);
    if (active == nullptr || !*active || declaration == nullptr) return true;
    Result<RuleDeclaration> rule = rule_from_json(*declaration);
    if (rule.ok())
      rules.push_back({row.id, std::move(*rule)});
    else
      parsed = rule.error();
    return parsed.ok();
  }));
  TRY_DO(parsed);
  return rules;
}

Result<std::vector<Watch::Line>> Watch::lines(const Ledger& ledger, StreamId stream) {
  std::vector<Line> lines;
  TRY(const std::optional<Row> row,
      ledger.find(TypeId::datastream, RowId{static_cast<int64_t>(stream)}));
  if (!row) return lines;
  TRY(const std::vector<Rule> rules, active_rules(ledger));
  for (const Rule& rule : rules) {
    TRY(const CompiledRule compiled, compile_rule(rule));
    TRY(const std::optional<Thresholds> thresholds, thresholds_of(compiled, ledger, *row));
    if (!thresholds) continue;
    for (size_t i = 0; i < compiled.levels.size(); ++i)
      if ((*thresholds)[i])
        lines.push_back(
            {rule.id, compiled.levels[i].level, compiled.levels[i].name, *(*thresholds)[i]});
  }
  return lines;
}

}  // namespace duliang
