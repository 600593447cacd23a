#include "base/limits.h"
#include "cases/cases.h"
#include "doors/city/city.h"
#include "doors/command_of.h"

namespace duliang {
namespace {

Result<Row> find_case(const View& view, RowId id) {
  TRY(auto row, view.ledger.find(TypeId::case_file, id));
  if (row) return std::move(*row);
  return Error{Code::not_found,
               fmt::format("There is no Case with id {}.", static_cast<int64_t>(id)), ""};
}

// The version of the workflow that the case goes by.
Result<WorkflowDeclaration> workflow_of(const View& view, const Row& case_row) {
  Selection selection;
  selection.type = TypeId::workflow;
  selection.where.push_back({"key", Narrow::Op::eq, case_row.text("workflow")});
  selection.where.push_back({"version", Narrow::Op::eq, case_row.text("workflowVersion")});
  TRY(const auto rows, view.ledger.rows(selection, 1));
  CHECK(!rows.empty(), "a case keeps the version of its workflow");
  return declaration_of(rows.front());
}

Result<std::string> acts(const View& view, const Request& request, RowId case_id) {
  TRY(const Row row, find_case(view, case_id));
  TRY(const WorkflowDeclaration workflow, workflow_of(view, row));
  TRY(const auto person, view.ledger.find_by(TypeId::person, "key", request.actor));
  CaseDesk desk;
  desk.ledger = &view.ledger;
  desk.workflow = &workflow;
  desk.now = view.now;
  TRY(const auto possible, possible_acts(desk, row, person ? person->id : kNoRow));
  Json value = Json::array();
  for (const PossibleAct& one : possible) {
    Json json = Json::object();
    json["act"] = Json(one.act->key);
    json["title"] = Json(one.act->title.zh);
    json["titleEn"] = Json(one.act->title.en);
    json["allowed"] = Json(one.allowed);
    json["reason"] = Json(one.reason.zh);
    json["reasonEn"] = Json(one.reason.en);
    json["needsNote"] = Json(one.act->needs_note);
    json["primary"] = Json(one.act->primary);
    value.push(std::move(json));
  }
  Json out = Json::object();
  out["value"] = std::move(value);
  return out.dump();
}

Result<ActOnCase> parse_act(RowId case_id, const std::string& body) {
  TRY(const Json json, parse_json(body));
  const Json* act = json.find("act");
  if (act == nullptr || !act->is_string()) {
    return Error{Code::bad_input, "act expects the key of an act as text.", "act"};
  }
  const Json* note = json.find("note");
  if (note != nullptr && !note->is_string() && !note->is_null()) {
    return Error{Code::bad_input, "note expects text.", "note"};
  }
  for (const auto& [name, value] : json.members()) {
    if (name == "act" || name == "note") continue;
    return Error{Code::bad_input, fmt::format("An act has no '{}'.", name.substr(0, 80)), name};
  }
  const std::string text = note != nullptr && note->is_string() ? note->as_string() : "";
  return ActOnCase{case_id, act->as_string(), text};
}

std::optional<RowId> case_of(std::string_view path) {
  path.remove_prefix(std::min(path.size(), kCityRoot.size() + 1));
  const size_t slash = path.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  auto segment = parse_segment(path.substr(0, slash));
  auto below = parse_segment(path.substr(slash + 1));
  if (!segment.ok() || segment->name != "Cases" || !segment->id) return std::nullopt;
  if (!below.ok() || below->name != "Acts" || below->id) return std::nullopt;
  return segment->id;
}

}  // namespace

Result<WorkflowDeclaration> declaration_of(const Row& workflow) {
  const auto* json = std::get_if<Json>(&workflow["declaration"]);
  if (json != nullptr) return workflow_from_json(*json);
  return Error{Code::corrupt, fmt::format("Workflow {} has no declaration.", workflow.text("key")),
               ""};
}

void GetActs::operator()(const Request& request, Reply reply, RowId case_id) const {
  auto view = engine->view();
  if (!view.ok()) return reply.send(error_response(view.error()));
  auto json = acts(*view, request, case_id);
  if (!json.ok()) return reply.send(error_response(json.error()));
  reply.send(json_response(200, std::move(json).value()));
}

void PostAct::operator()(const Request& request, Reply reply) const {
  const auto case_id = case_of(request.path);
  if (!case_id) {
    return reply.send(
        error_response({Code::not_found, "POST is offered for Cases(id)/Acts only.", ""}));
  }
  auto act = parse_act(*case_id, request.body);
  if (!act.ok()) return reply.send(error_response(act.error()));
  Command command = command_of(request, "city", std::move(act).value());
  engine->submit(std::move(command), [reply = std::move(reply), engine = engine, case_id = *case_id,
                                      host = request.host](const Result<Outcome>& outcome) {
    if (!outcome.ok()) return reply.send(error_response(outcome.error()));
    auto view = engine->view();
    if (!view.ok()) return reply.send(error_response(view.error()));
    auto row = find_case(*view, case_id);
    if (!row.ok()) return reply.send(error_response(row.error()));
    std::string body;
    render_entity(body, *row, rendering_of(host, Face::city), {});
    reply.send(json_response(200, std::move(body)));
  });
}

}  // namespace duliang
