#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "packs/yaml.h"
#include "query/evaluate.h"

namespace duliang {
namespace source {
namespace {

// What a case may have of a person: the to-one relations of a case to one.
std::vector<std::string> roles_of_case() {
  std::vector<std::string> roles;
  for (const Relation& relation : type_of(TypeId::case_file).relations)
    if (!relation.many && relation.target == TypeId::person) roles.emplace_back(relation.name);
  return roles;
}

// A guard speaks of `actor/…` and `case/…`; what follows must be a name of a person or of a case.
void check_guard(const Field& field) {
  const std::optional<Expression> expression = field.expression();
  if (!expression) return;
  const Status named = visit_paths(*expression, [](const Expression& path) -> Status {
    const std::string& first = path.path.front();
    if (path.path.size() < 2 || (first != "actor" && first != "case"))
      return Error{
          Code::bad_input,
          fmt::format("{} is not known here; expected actor/… or case/…, such as actor/id.",
                      quoted(fmt::format("{}", fmt::join(path.path, "/")))),
          {}};
    Expression rest = path;
    rest.path.erase(rest.path.begin());
    return check_names(rest, first == "actor" ? TypeId::person : TypeId::case_file);
  });
  if (!named.ok()) field.fail(named.error().message);
}

StepDeclaration read_step(const Field& field) {
  field.expect_keys({"key", "title", "limit", "unit_kind", "final"});
  StepDeclaration step;
  step.key = field.at("key").key();
  step.title = field.at("title").words();
  step.limit = field.at("limit").duration();
  if (field.at("unit_kind").present()) step.unit_kind = field.at("unit_kind").key();
  step.final = field.at("final").flag();
  if (step.final && step.limit != Duration(0))
    field.at("limit").fail("a final step ends the case; expected no limit.");
  return step;
}

std::string read_role(const Field& field) {
  if (!field.present()) return {};
  return field.one_of(roles_of_case(), "something of a case that can be a person");
}

// Nobody does an automatic act, so nobody can be asked, noted or set.
void check_automatic(const Field& field) {
  for (const std::string_view name :
       {"guard", "reason", "guards", "needs_note", "sets", "clears", "primary"})
    if (field.at(name).present())
      field.at(name).fail("an automatic act is done by nobody; expected none here.");
}

// One guard with its reason stands in the act itself; several stand in a list.
std::vector<GuardDeclaration> read_guards(const Field& act) {
  std::vector<GuardDeclaration> guards;
  const auto read = [&guards](const Field& guard, const Field& reason) {
    check_guard(guard);
    guards.push_back({guard.text(), reason.words()});
  };
  const bool one = act.at("guard").present();
  if (one != act.at("reason").present())
    act.at("reason").fail("expected a reason where there is a guard, and only there.");
  if (one) read(act.at("guard"), act.at("reason"));
  if (one && act.at("guards").present())
    act.at("guards").fail("expected guard and reason, or a list of guards, not both.");
  for (const Field& item : act.at("guards").items()) {
    item.expect_keys({"if", "reason"});
    read(item.at("if"), item.at("reason"));
  }
  return guards;
}

ActDeclaration read_act(const Field& field, const std::vector<std::string>& steps) {
  field.expect_keys({"key", "title", "from", "to", "automatic", "guard", "reason", "guards",
                     "needs_note", "sets", "clears", "primary"});
  ActDeclaration act;
  act.key = field.at("key").key();
  act.title = field.at("title").words();
  for (const Field& from : field.at("from").items())
    act.from.push_back(from.one_of(steps, "a step"));
  if (act.from.empty()) field.at("from").fail("expected at least one step, such as [handle].");
  act.to = field.at("to").one_of(steps, "a step");
  act.automatic = field.at("automatic").flag();
  if (act.automatic) check_automatic(field);
  act.guards = read_guards(field);
  act.needs_note = field.at("needs_note").flag();
  act.sets = read_role(field.at("sets"));
  act.clears = read_role(field.at("clears"));
  act.primary = field.at("primary").flag();
  return act;
}

// The acts of one step: a way out, one filled button, one automatic act, none where the case ended.
void check_acts_of_step(const Field& field, const WorkflowDeclaration& workflow, size_t at) {
  const StepDeclaration& step = workflow.steps[at];
  const auto count = [&](auto&& chosen) {
    return std::count_if(workflow.acts.begin(), workflow.acts.end(), chosen);
  };
  const auto out = count([&](const auto& act) { return leads_from(act, step.key); });
  const auto in = count([&](const auto& act) { return act.to == step.key; });
  if (step.final && out > 0) field.fail("an act leads out of this final step; expected none.");
  if (!step.final && out == 0) field.fail("no act leads out of this step; expected one, or final.");
  if (at > 0 && in == 0) field.fail("no act leads to this step.");
  if (count([&](const auto& act) { return act.primary && leads_from(act, step.key); }) > 1)
    field.fail("more than one act of this step is primary.");
  if (count([&](const auto& act) { return act.automatic && leads_from(act, step.key); }) > 1)
    field.fail("more than one automatic act leads out of this step.");
}

// Automatic acts that lead in a ring would never end.
void check_automatic_ends(const Field& field, const WorkflowDeclaration& workflow, size_t at) {
  std::string step = workflow.steps[at].key;
  for (size_t i = 0; i <= workflow.steps.size(); ++i) {
    const auto act = std::find_if(
        workflow.acts.begin(), workflow.acts.end(),
        [&](const ActDeclaration& one) { return one.automatic && leads_from(one, step); });
    if (act == workflow.acts.end()) return;
    step = act->to;
  }
  field.fail("automatic acts lead from this step in a ring.");
}

WorkflowDeclaration read_workflow(const Field& field) {
  field.expect_keys({"key", "title", "steps", "acts"});
  WorkflowDeclaration workflow;
  workflow.key = field.at("key").key();
  workflow.title = field.at("title").words();
  const std::vector<Field> steps = field.at("steps").items();
  std::vector<std::string> step_keys;
  Unique unique_steps, unique_acts;
  for (const Field& item : steps) {
    workflow.steps.push_back(read_step(item));
    step_keys.push_back(workflow.steps.back().key);
    unique_steps.add(item.at("key"), step_keys.back());
  }
  for (const Field& item : field.at("acts").items()) {
    workflow.acts.push_back(read_act(item, step_keys));
    unique_acts.add(item.at("key"), workflow.acts.back().key);
  }
  const bool ends = std::any_of(workflow.steps.begin(), workflow.steps.end(),
                                [](const StepDeclaration& step) { return step.final; });
  if (!ends) field.at("steps").fail("expected a final step, by which a case is closed.");
  for (size_t i = 0; i < steps.size(); ++i) {
    check_acts_of_step(steps[i], workflow, i);
    check_automatic_ends(steps[i], workflow, i);
  }
  return workflow;
}

Json step_json(const StepDeclaration& step) {
  Json json = Json::object();
  put(json, "key", step.key);
  put(json, "title", step.title);
  put(json, "limit", step.limit);
  put(json, "unit_kind", step.unit_kind);
  put(json, "final", step.final);
  return json;
}

void put_guards(Json& json, const std::vector<GuardDeclaration>& guards) {
  if (guards.size() == 1) {
    put(json, "guard", guards.front().condition);
    put(json, "reason", guards.front().reason);
    return;
  }
  for (const GuardDeclaration& guard : guards) {
    Json one = Json::object();
    put(one, "if", guard.condition);
    put(one, "reason", guard.reason);
    json["guards"].push(std::move(one));
  }
}

Json act_json(const ActDeclaration& act) {
  Json json = Json::object();
  put(json, "key", act.key);
  put(json, "title", act.title);
  Json from = Json::array();
  for (const std::string& step : act.from) from.push(Json(step));
  json["from"] = std::move(from);
  put(json, "to", act.to);
  put(json, "automatic", act.automatic);
  put_guards(json, act.guards);
  put(json, "needs_note", act.needs_note);
  put(json, "sets", act.sets);
  put(json, "clears", act.clears);
  put(json, "primary", act.primary);
  return json;
}

}  // namespace

void read_workflows(const Field& root, Pack& pack) {
  root.expect_keys({"workflows"});
  Unique keys;
  for (const Field& item : root.at("workflows").items()) {
    pack.workflows.push_back(read_workflow(item));
    keys.add(item.at("key"), pack.workflows.back().key);
  }
}

}  // namespace source

bool leads_from(const ActDeclaration& act, const std::string& step) {
  return std::find(act.from.begin(), act.from.end(), step) != act.from.end();
}

Json to_json(const WorkflowDeclaration& workflow) {
  Json json = Json::object();
  source::put(json, "key", workflow.key);
  source::put(json, "title", workflow.title);
  Json steps = Json::array();
  for (const StepDeclaration& step : workflow.steps) steps.push(source::step_json(step));
  json["steps"] = std::move(steps);
  Json acts = Json::array();
  for (const ActDeclaration& act : workflow.acts) acts.push(source::act_json(act));
  json["acts"] = std::move(acts);
  return json;
}

Result<WorkflowDeclaration> workflow_from_json(const Json& json) {
  source::Mistake mistake;
  const source::Node root = source::node_of(json);
  WorkflowDeclaration workflow = source::read_workflow(source::Field(root, mistake));
  TRY_DO(mistake.status());
  return workflow;
}

}  // namespace duliang
