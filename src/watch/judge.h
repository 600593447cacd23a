// The state of one level for one stream, and how a reading moves it. A level is raised when `raise`
// has held for raise_after, and cleared when `clear` has held for clear_after; between the two it
// stays as it is, which is the hysteresis. A reading that is missing moves nothing. Private to
// watch/.
#pragma once

#include "watch/compiled_rule.h"

namespace duliang {

// A change that has begun and must hold on for a while: raising where the level is not active,
// clearing where it is.
struct Pending {
  Time since{};
  std::vector<ReadingId> readings;  // the proof so far, oldest first
};

struct LevelState {
  std::optional<Value> threshold;  // none: the level does not apply to this stream
  bool active = false;
  std::optional<Pending> pending;
};

struct Judged {
  const Value* value = nullptr;
  Time at{};
  ReadingId id{0};
};

// Moves the state; where the level changed by this reading, gives the readings that prove it.
std::optional<std::vector<ReadingId>> judge(const CompiledLevel& level, LevelState& state,
                                            const Judged& reading);

}  // namespace duliang
