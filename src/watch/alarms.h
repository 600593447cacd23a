// From a transition to the alarm's row: one open alarm for one rule and stream. An alarm is raised,
// moves between levels, is cleared; where it is raised again before its case is closed it is the
// same matter: the same alarm, with one more occurrence, and no second case. Where its case was
// closed although it stands, it opens another when it gets worse: nobody would look at it else.
//
// What an alarm copies from stations, streams and readings is clipped, so that its row is bounded
// however long the texts are that devices send. Pure functions over the ledger; one thread.
#pragma once

#include <span>

#include "watch/watch.h"

namespace duliang {

struct StationPlace {
  RowId town = kNoRow;
  // "property": the station names its town; "nearest": by the nearest town's point; empty: none.
  std::string source;
};
// Where a stream's station is: its Thing's property `town` (a code), else the town with the nearest
// point.
Result<StationPlace> place_of(const Ledger& ledger, StreamId stream);

struct AlarmChange {
  Row alarm;                // as it is afterwards; id kNoRow where it is new
  bool opens_case = false;  // an alarm has at most one case that is open
};
// The alarm's `Rule`, `readings` and `proof` are those of its last rise and prove it together; its
// history has rule and readings of each change. `proof`: of a rise, the readings that the
// transition names, which the alarm keeps for when they are no more.
Result<AlarmChange> change_alarm(const Ledger& ledger, const Rule& rule,
                                 const Transition& transition, std::span<const Reading> proof);

// The active alarms of rules, or of streams, that are there no more, as they are when nobody judges
// them any longer: cleared, by no reading, with the reason in their history ("retired", "removed").
// Whoever retires a rule or removes a stream applies them, else they would stand for ever. Rules
// are named by key: a new version goes on with the alarms of the old one.
Result<std::vector<Row>> clear_retired_alarms(const Ledger& ledger,
                                              const std::vector<std::string>& active_rule_keys,
                                              Time now);
Result<std::vector<Row>> clear_alarms_of(const Ledger& ledger, std::span<const StreamId> streams,
                                         Time now);

}  // namespace duliang
