// From a transition to the alarm's row: one open alarm for one rule and stream. An alarm is raised,
// moves between levels, is cleared; where it is raised again before its case is closed it is the
// same matter: the same alarm, with one more occurrence, and no second case.
#pragma once

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
  Row alarm;             // as it is afterwards; id kNoRow where it is new
  bool opens_case = false;
};
Result<AlarmChange> change_alarm(const Ledger& ledger, const Rule& rule,
                                 const Transition& transition);

}  // namespace duliang
