// What Watch keeps. A stream is found by its id as an index, since ids are dense from 1, so that a
// reading of a stream without rules costs one look. Private to watch/.
#pragma once

#include <algorithm>

#include "watch/judge.h"

namespace duliang {

// One rule for one stream.
struct Binding {
  size_t rule = 0;                 // index in State::rules
  int told_level = 0;              // of the last transition; 0: no alarm
  std::vector<LevelState> levels;  // as those of the rule

  bool applies() const {
    return std::any_of(levels.begin(), levels.end(),
                       [](const LevelState& level) { return level.threshold.has_value(); });
  }
};

struct StreamState {
  std::optional<Time> newest;     // of the readings that were judged
  std::vector<Binding> bindings;  // in the order of the rules

  // A rule that no longer concerns the stream and has told of its end is forgotten.
  void drop_ended() {
    std::erase_if(bindings, [](const Binding& binding) {
      return !binding.applies() && binding.told_level == 0;
    });
  }
};

struct Watch::State {
  std::vector<CompiledRule> rules;
  std::vector<uint32_t> slots;  // by stream id: place in `streams` + 1; 0: nothing known
  std::vector<uint32_t> free_slots;  // those that `slots` may give again
  std::vector<StreamState> streams;
  WatchCounts counts;

  StreamState* find(StreamId stream);
  StreamState& take(StreamId stream);  // adds it where it is not there
  void drop(StreamId stream);
};

}  // namespace duliang
