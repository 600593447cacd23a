#include <fmt/format.h>

#include "base/text.h"
#include "packs/yaml.h"
#include "query/evaluate.h"

namespace duliang {
namespace source {
namespace {

// raise and clear see the reading's number and the threshold, and nothing else: what they say then
// depends on nothing that a later change of the ledger could alter.
void check_value_names(const Field& field) {
  const std::optional<Expression> expression = field.expression();
  if (!expression) return;
  const Status named = visit_paths(*expression, [](const Expression& path) -> Status {
    if (path.path.size() == 1 && (path.path[0] == "value" || path.path[0] == "threshold"))
      return {};
    return Error{Code::bad_input,
                 fmt::format("{} is not known here; expected value or threshold.",
                             quoted(fmt::format("{}", fmt::join(path.path, "/")))),
                 {}};
  });
  if (!named.ok()) field.fail(named.error().message);
}

LevelDeclaration read_level(const Field& field) {
  field.expect_keys({"level", "name", "threshold", "raise", "raise_after", "clear", "clear_after"});
  LevelDeclaration level;
  level.level = static_cast<int>(field.at("level").integer(1, 4));
  level.name = field.at("name").words();
  level.threshold = field.at("threshold").text();
  check_stream_names(field.at("threshold"));
  level.raise = field.at("raise").text();
  check_value_names(field.at("raise"));
  level.clear = field.at("clear").text();
  check_value_names(field.at("clear"));
  level.raise_after = field.at("raise_after").duration();
  level.clear_after = field.at("clear_after").duration();
  return level;
}

RuleDeclaration read_rule(const Field& field) {
  field.expect_keys({"key", "title", "streams", "levels", "opens"});
  RuleDeclaration rule;
  rule.key = field.at("key").key();
  rule.title = field.at("title").words();
  rule.streams = field.at("streams").text();
  check_stream_names(field.at("streams"));
  for (const Field& item : field.at("levels").items()) {
    LevelDeclaration level = read_level(item);
    if (!rule.levels.empty() && level.level <= rule.levels.back().level)
      item.at("level").fail("expected the most severe level first, each level once: 1, 2, 3, 4.");
    rule.levels.push_back(std::move(level));
  }
  if (rule.levels.empty()) field.at("levels").fail("expected at least one level.");
  if (field.at("opens").present()) rule.opens = field.at("opens").key();
  return rule;
}

Json level_json(const LevelDeclaration& level) {
  Json json = Json::object();
  json["level"] = Json(level.level);
  put(json, "name", level.name);
  put(json, "threshold", level.threshold);
  put(json, "raise", level.raise);
  put(json, "raise_after", level.raise_after);
  put(json, "clear", level.clear);
  put(json, "clear_after", level.clear_after);
  return json;
}

}  // namespace

void check_stream_names(const Field& field) {
  const std::optional<Expression> expression = field.expression();
  if (!expression) return;
  const Status named = check_names(*expression, TypeId::datastream);
  if (!named.ok()) field.fail(named.error().message);
}

void read_rules(const Field& root, Pack& pack) {
  root.expect_keys({"rules"});
  Unique keys;
  for (const Field& item : root.at("rules").items()) {
    pack.rules.push_back(read_rule(item));
    keys.add(item.at("key"), pack.rules.back().key);
  }
}

}  // namespace source

Json to_json(const RuleDeclaration& rule) {
  Json json = Json::object();
  source::put(json, "key", rule.key);
  source::put(json, "title", rule.title);
  source::put(json, "streams", rule.streams);
  Json levels = Json::array();
  for (const LevelDeclaration& level : rule.levels) levels.push(source::level_json(level));
  json["levels"] = std::move(levels);
  source::put(json, "opens", rule.opens);
  return json;
}

Result<RuleDeclaration> rule_from_json(const Json& json) {
  source::Mistake mistake;
  const source::Node root = source::node_of(json);
  RuleDeclaration rule = source::read_rule(source::Field(root, mistake));
  TRY_DO(mistake.status());
  return rule;
}

}  // namespace duliang
