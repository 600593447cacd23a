// A group of commands on its way to become one frame. Each command is checked first (a refusal has
// no effect), then applied to the House, so that the next one sees it; what rules and workflows
// decide because of it follows at once, as commands of the kind `decision` with their cause.
//
// It is deterministic: the same House, time and commands give the same body, which is how the past
// is judged again (review/rejudge.cc).
#pragma once

#include <unordered_set>

#include "cases/cases.h"
#include "engine/house.h"
#include "engine/turn_costs.h"
#include "engine/whereabouts.h"

namespace duliang {

struct GroupCounts {
  uint64_t alarms_raised = 0;
  uint64_t alarms_cleared = 0;
  uint64_t cases_opened = 0;
};

Error command_too_large(size_t bytes);
Status check_reason(const std::string& reason);   // too_large above limits::kNoteBytes
size_t encoded_size(const RowChange& change);     // of a frame, at most
Status check_match(const Row& row, std::string_view if_match);  // outdated: no tag is its

// What a Group writes by itself because Things move by these rows, at most.
Result<size_t> settling_bytes(const Ledger& ledger, const PutRows& put);

class Group {
 public:
  Group(House& house, uint64_t sequence, Time now, const TurnLimits& turn = {});

  // The sequence of the outcome is set where the command left something to record. Of readings it
  // takes, from number `from` on, as many as frame and turn have room for, at least one in an empty
  // group: the outcome has so many ids, and the rest is for the next group.
  // Errors other than a refusal (Code::io, Code::corrupt) mean that the House can't be trusted any
  // more.
  Result<Outcome> execute(const Command& command, size_t from = 0);

  // Why a reading that was refused once still is.
  Error why_refused(const Reading& reading) const;

  const FrameBody& body() const { return body_; }
  FrameBody take_body() { return std::move(body_); }  // the last that is asked of a group
  bool has_key(const std::string& key) const { return !key.empty() && keys_.contains(key); }
  bool empty() const { return body_.commands.empty(); }
  // Whether frame and turn have room for this command and all that may be decided because of it; of
  // readings, for number `from`. One that has no room in an empty group is refused by execute().
  bool has_room(const Command& command, size_t from = 0) const;
  TurnWork work() const;  // commands aside, which the turn counts
  const GroupCounts& counts() const { return counts_; }
  static bool is_refusal(const Error& error);

 private:
  Result<Outcome> execute_on_rows(const Command& command);
  Result<Outcome> put_rows(const Command& command, const PutRows& put);
  Status take_all(uint32_t command, const std::vector<Reading>& readings, Outcome& outcome);
  Status take_back();
  Status settle(uint32_t command, const std::vector<RowChange>& written);
  Status settle(uint32_t command, const std::vector<Move>& moves);
  Result<RowId> feature_for(uint32_t command, StreamId stream);
  Status check_place(const Reading& reading) const;
  Result<Outcome> post_readings(const Command& command, const PostReadings& post, size_t from);
  Status check(const Reading& reading) const;
  Status take(uint32_t command, Reading reading, Outcome& outcome);
  Result<Outcome> patch_reading(const Command& command, const PatchReading& asked);
  Result<Outcome> remove_reading(const Command& command, const RemoveReading& asked);
  Result<Outcome> change_readings(const Command& command, const ChangeReadings& asked);
  Result<Outcome> cut_readings(const Command& command, const CutReadings& asked);
  Status check_cut(StreamId stream, Time before) const;
  Result<Reading> standing(ReadingId id) const;
  Result<Outcome> correct(const Command& command, ReadingChange change);
  Result<std::optional<Row>> meant(const Command& command) const;
  Status check_version(const Command& command) const;
  Result<Outcome> change_row(const Command& command, const ChangeRow& asked);
  Result<Outcome> remove_row(const Command& command, const RemoveRow& asked);
  Result<Outcome> act(const Command& command, const ActOnCase& act);
  Result<Outcome> load_pack(const Command& command, const LoadPack& load);

  size_t need(const Command& command, size_t from) const;
  size_t need(const Reading& reading) const;
  bool has_room(size_t bytes, size_t corrections = 1) const;
  uint64_t rule_steps() const { return house_.watch().counts().judged - judged_before_; }
  Result<std::vector<std::string>> rules_with(const Pack& pack) const;
  Status check_links(const PutRows& put) const;
  Status decide_alarm(uint32_t cause, const Transition& transition);
  Result<std::vector<Reading>> proof_of(const Transition& transition) const;
  Status end_alarms(uint32_t cause, std::vector<Row> alarms);
  Status decide_case(uint32_t cause, const Row& alarm, const std::string& workflow_key);
  CaseDesk desk(const LoadedWorkflow& workflow);
  uint32_t begin(CommandKind kind, const Command& command, std::string arguments = {});
  uint32_t begin_decision(const char* door, uint32_t cause);
  Status write(uint32_t command, RowChange change);
  Status write(uint32_t command, ReadingChange change);

  House& house_;
  uint64_t sequence_;
  TurnLimits turn_;
  uint64_t judged_before_;
  FrameBody body_;
  size_t bytes_ = 0;  // of the frame so far
  size_t places_ = 0;  // asked for
  std::unordered_set<std::string> keys_;  // of its commands
  GroupCounts counts_;
};

}  // namespace duliang
