// Who mends it. A case goes through the steps of its workflow by acts; each act has a guard, and
// each step that was entered is a Task row with who, when and what was written. All functions are
// pure: they look at the ledger and give the changes, which the engine records and applies. New
// rows carry the ids that the caller's `next_id` gives.
#pragma once

#include <functional>

#include "ledger/ledger.h"
#include "packs/pack.h"

namespace duliang {

struct CaseDesk {
  const Ledger* ledger = nullptr;
  const WorkflowDeclaration* workflow = nullptr;
  RowId workflow_row = kNoRow;
  std::string workflow_version;
  std::string number_prefix;  // of the district: "LP"
  Time now{};
  std::function<RowId(TypeId)> next_id;
};

// Opens a case for the alarm: its first step, then the automatic acts that follow. One open case
// for one alarm is an invariant of the caller (CHECK).
Result<std::vector<RowChange>> open_case(const CaseDesk& desk, const Row& alarm);

// A case goes by the version of the workflow with which it was opened, for ever, so a version must
// not come again with other content. conflict: the ledger has this key and version, and they
// differ.
Status check_workflow_version(const Ledger& ledger, const WorkflowDeclaration& workflow,
                              const std::string& version);

struct ActRequest {
  std::string act;  // key
  std::string note;
  RowId actor = kNoRow;  // a Person
};
// not_found: no such act; conflict: not in this step, or the case is closed; forbidden: the guard,
// with its reason; bad_input: a note is needed.
Result<std::vector<RowChange>> act_on_case(const CaseDesk& desk, const Row& case_row,
                                           const ActRequest& request);

struct PossibleAct {
  const ActDeclaration* act = nullptr;
  bool allowed = false;
  Words reason;  // why not
};
// The acts that lead out of the case's present step, for this actor, in the order of the
// declaration.
Result<std::vector<PossibleAct>> possible_acts(const CaseDesk& desk, const Row& case_row,
                                               RowId actor);

// The unit of a kind for a town: of the town itself, else one that serves the whole district.
Result<RowId> unit_for(const Ledger& ledger, const std::string& kind, RowId town);

#ifdef DULIANG_MUTATIONS
extern bool mutation_guard_always_true;
#endif

}  // namespace duliang
