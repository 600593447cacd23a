// How long readings are kept. Packs say it for classes of streams, in days of the district; what a
// stream has from before is cut, by a command like any other, so that the past can be judged again.
// A stream of several classes keeps what any of them keeps, one of none keeps everything.
//
// Once a day all streams are looked at, a few at a time, and once more after a start: there is
// nothing to remember, since a stream that was cut has nothing from before. One thread, the
// writer's.
#pragma once

#include <optional>
#include <vector>

#include "engine/house.h"

namespace duliang {

class Retention {
 public:
  // What the next streams have to lose, at most limits::kStreamsToCut; empty where all have been
  // looked at today. Between turns. `now` must be believed: what is cut can't be put back.
  Result<std::vector<CutReadings>> next(House& house, Time now);

 private:
  std::optional<int64_t> day_;  // of the district, since 1970: whose look it is
  RowId after_ = kNoRow;        // the last stream that was looked at
  bool seen_all_ = false;
};

}  // namespace duliang
