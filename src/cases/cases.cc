#include "cases/cases.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/text.h"
#include "cases/guards.h"

namespace duliang {
namespace {

constexpr std::string_view kOpen = "open";
constexpr std::string_view kClosed = "closed";

const StepDeclaration& step_of(const WorkflowDeclaration& workflow, const std::string& key) {
  const auto step = std::find_if(workflow.steps.begin(), workflow.steps.end(),
                                 [&](const StepDeclaration& one) { return one.key == key; });
  CHECK(step != workflow.steps.end(), "a case stands in a step of its workflow");
  return *step;
}

const ActDeclaration* find_act(const WorkflowDeclaration& workflow, const std::string& key) {
  for (const ActDeclaration& act : workflow.acts)
    if (act.key == key) return &act;
  return nullptr;
}

const ActDeclaration* automatic_act(const WorkflowDeclaration& workflow, const std::string& step) {
  for (const ActDeclaration& act : workflow.acts)
    if (act.automatic && leads_from(act, step)) return &act;
  return nullptr;
}

// "LP-26-00001": the year is the district's own.
std::string number_of_case(const CaseDesk& desk, RowId id) {
  const int year = local_year(desk.now, kDistrictZone) % 100;
  const std::string prefix = desk.number_prefix.empty() ? "" : desk.number_prefix + "-";
  return fmt::format("{}{:02}-{:05}", prefix, year, static_cast<int64_t>(id));
}

// A case on its way through steps: the case and its tasks as they will be.
class Move {
 public:
  Move(const CaseDesk& desk, Row case_row) : desk_(desk), case_(std::move(case_row)) {}

  // The task that stands open goes on being the present one.
  void resume(Row task) { tasks_.push_back(std::move(task)); }

  Status enter(const std::string& key) {
    const StepDeclaration& step = step_of(*desk_.workflow, key);
    if (!step.unit_kind.empty()) {
      TRY(case_.link("Unit"), unit_for(*desk_.ledger, step.unit_kind, case_.link("Town")));
    }
    const Value due = step.limit == Duration(0) ? Value() : Value(desk_.now + step.limit);
    case_["step"] = step.key;
    case_["state"] = std::string(step.final ? kClosed : kOpen);
    case_["enteredAt"] = desk_.now;
    case_["dueAt"] = due;
    if (step.final) case_["closedAt"] = desk_.now;
    Row task = make_row(TypeId::task, desk_.next_id(TypeId::task));
    task["step"] = step.key;
    task["enteredAt"] = desk_.now;
    task["dueAt"] = due;
    if (step.final) task["doneAt"] = desk_.now;  // nothing is left to do
    task.link("Case") = case_.id;
    task.link("Unit") = case_.link("Unit");
    tasks_.push_back(std::move(task));
    return {};
  }

  // Leaves the present step by an act of `actor` (kNoRow: of the program) and enters the next.
  Status take(const ActDeclaration& act, const std::string& note, RowId actor) {
    CHECK(!tasks_.empty(), "a case stands in a step, and a step has a task");
    Row& task = tasks_.back();
    task["doneAt"] = desk_.now;
    task["act"] = act.key;
    if (!note.empty()) task["note"] = note;
    task.link("Person") = actor;
    if (!act.sets.empty()) case_.link(act.sets) = actor;
    if (!act.clears.empty()) case_.link(act.clears) = kNoRow;
    return enter(act.to);
  }

  // Bounded by the number of steps: a pack whose automatic acts lead in a ring is refused.
  Status take_automatic_acts() {
    for (size_t i = 0; i < desk_.workflow->steps.size(); ++i) {
      const ActDeclaration* act = automatic_act(*desk_.workflow, case_.text("step"));
      if (act == nullptr) return {};
      TRY_DO(take(*act, {}, kNoRow));
    }
    return {};
  }

  std::vector<RowChange> changes() && {
    std::vector<RowChange> changes;
    changes.push_back(RowChange::put(std::move(case_)));
    for (Row& task : tasks_) changes.push_back(RowChange::put(std::move(task)));
    return changes;
  }

 private:
  const CaseDesk& desk_;
  Row case_;
  std::vector<Row> tasks_;
};

Selection of_row(TypeId type, std::string_view link, RowId id) {
  Selection selection;
  selection.type = type;
  selection.where.push_back({link, Narrow::Op::eq, Value(static_cast<int64_t>(id))});
  return selection;
}

Status check_no_open_case(const Ledger& ledger, RowId alarm) {
  return ledger.each(of_row(TypeId::case_file, "Alarm", alarm), [](const Row& row) {
    CHECK(row.text("state") == kClosed, "an alarm has one open case");
    return true;
  });
}

// The task of the step in which the case stands: the last one.
Result<Row> present_task(const Ledger& ledger, RowId case_id) {
  Selection tasks = of_row(TypeId::task, "Case", case_id);
  tasks.descending = true;
  TRY(std::vector<Row> rows, ledger.rows(tasks, 1));
  CHECK(!rows.empty(), "each step that a case entered has a task");
  return std::move(rows.front());
}

std::string did_you_mean(const WorkflowDeclaration& workflow, const std::string& act) {
  std::vector<std::string> known;
  for (const ActDeclaration& one : workflow.acts) known.push_back(one.key);
  const std::string near = nearest(act, known);
  return near.empty() ? "" : fmt::format(" Did you mean {}?", quoted(near));
}

// What does not depend on who asks.
Result<const ActDeclaration*> act_of_step(const CaseDesk& desk, const Row& case_row,
                                          const std::string& key) {
  const ActDeclaration* act = find_act(*desk.workflow, key);
  if (act == nullptr)
    return Error{Code::not_found,
                 fmt::format("The workflow {} has no act {}.{}", quoted(desk.workflow->key),
                             quoted(key), did_you_mean(*desk.workflow, key)),
                 "act"};
  if (case_row.text("state") == kClosed)
    return Error{Code::conflict, fmt::format("The case {} is closed.", case_row.text("number")),
                 "act"};
  if (act->automatic)
    return Error{Code::conflict, fmt::format("{} is done by the program itself.", quoted(key)),
                 "act"};
  const std::string& step = case_row.text("step");
  if (!leads_from(*act, step))
    return Error{
        Code::conflict,
        fmt::format("The case {} stands in the step {}; {} is done in {}.", case_row.text("number"),
                    quoted(step), quoted(key), fmt::join(act->from, ", ")),
        "act"};
  return act;
}

const Words kNobody{"请先选择您是谁", "Say first who you are"};

}  // namespace

Result<std::vector<RowChange>> open_case(const CaseDesk& desk, const Row& alarm) {
  TRY_DO(check_no_open_case(*desk.ledger, alarm.id));
  Row row = make_row(TypeId::case_file, desk.next_id(TypeId::case_file));
  row["number"] = number_of_case(desk, row.id);
  row["title"] = alarm["title"];
  row["titleEn"] = alarm["titleEn"];
  row["level"] = alarm["level"];
  row["workflow"] = desk.workflow->key;
  row["workflowVersion"] = desk.workflow_version;
  row["openedAt"] = desk.now;
  row.link("Alarm") = alarm.id;
  row.link("Town") = alarm.link("Town");
  Move move(desk, std::move(row));
  TRY_DO(move.enter(desk.workflow->steps.front().key));
  TRY_DO(move.take_automatic_acts());
  return std::move(move).changes();
}

Status check_workflow_version(const Ledger& ledger, const WorkflowDeclaration& workflow,
                              const std::string& version) {
  const Json declaration = to_json(workflow);
  bool differs = false;
  Selection same;
  same.type = TypeId::workflow;
  same.where.push_back({"key", Narrow::Op::eq, Value(workflow.key)});
  same.where.push_back({"version", Narrow::Op::eq, Value(version)});
  TRY_DO(ledger.each(same, [&](const Row& row) {
    const Json* known = std::get_if<Json>(&row["declaration"]);
    differs = known == nullptr || *known != declaration;
    return !differs;
  }));
  if (!differs) return {};
  return Error{Code::conflict,
               fmt::format("The version {} of the workflow {} is known with other content; give "
                           "the pack a version that it never had.",
                           quoted(version), quoted(workflow.key)),
               "workflows.yaml"};
}

Result<std::vector<RowChange>> act_on_case(const CaseDesk& desk, const Row& case_row,
                                           const ActRequest& request) {
  TRY(const ActDeclaration* act, act_of_step(desk, case_row, request.act));
  TRY(const std::optional<Row> actor, desk.ledger->find(TypeId::person, request.actor));
  if (!actor) return Error{Code::forbidden, kNobody.en + ".", "actor"};
  TRY(const GuardDeclaration* against,
      guard_against({desk.ledger, &case_row, &*actor, desk.now}, *act));
  if (against != nullptr) return Error{Code::forbidden, against->reason.en + ".", "actor"};
  if (act->needs_note && trim(request.note).empty())
    return Error{Code::bad_input,
                 fmt::format("{} needs a note: expected some words on what was done or found.",
                             quoted(act->key)),
                 "note"};
  TRY(Row task, present_task(*desk.ledger, case_row.id));
  Move move(desk, case_row);
  move.resume(std::move(task));
  TRY_DO(move.take(*act, request.note, request.actor));
  TRY_DO(move.take_automatic_acts());
  return std::move(move).changes();
}

Result<std::vector<PossibleAct>> possible_acts(const CaseDesk& desk, const Row& case_row,
                                               RowId actor) {
  std::vector<PossibleAct> possible;
  if (case_row.text("state") == kClosed) return possible;
  std::optional<Row> person;
  if (actor != kNoRow) {
    TRY(person, desk.ledger->find(TypeId::person, actor));
  }
  const Asking asking{desk.ledger, &case_row, person ? &*person : nullptr, desk.now};
  for (const ActDeclaration& act : desk.workflow->acts) {
    if (act.automatic || !leads_from(act, case_row.text("step"))) continue;
    PossibleAct one{&act, false, kNobody};
    if (person) {
      TRY(const GuardDeclaration* against, guard_against(asking, act));
      one.allowed = against == nullptr;
      one.reason = one.allowed ? Words() : against->reason;
    }
    possible.push_back(std::move(one));
  }
  return possible;
}

Result<RowId> unit_for(const Ledger& ledger, const std::string& kind, RowId town) {
  RowId of_town = kNoRow;
  RowId of_district = kNoRow;
  Selection units;
  units.type = TypeId::unit;
  units.where.push_back({"kind", Narrow::Op::eq, Value(kind)});
  TRY_DO(ledger.each(units, [&](const Row& unit) {
    RowId& found = unit.link("Town") == kNoRow ? of_district : of_town;
    const bool ours = unit.link("Town") == kNoRow || unit.link("Town") == town;
    if (ours && found == kNoRow) found = unit.id;
    return true;
  }));
  return of_town == kNoRow ? of_district : of_town;
}

}  // namespace duliang
