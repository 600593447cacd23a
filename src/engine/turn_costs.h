// What turns cost. A turn holds up everybody who waits, so its work is bounded by constants: the
// most that any turn did is kept, and a simulation asserts that it stays within them.
#pragma once

#include <algorithm>
#include <cstdint>

#include "engine/cpu_times.h"

namespace duliang {

struct TurnWork {
  uint64_t commands = 0;
  uint64_t rows = 0;
  uint64_t readings = 0;
  uint64_t rule_steps = 0;  // a rule that judged a reading
  uint64_t bytes = 0;       // of the frame
};

struct TurnCosts {
  CpuTimes times;  // of all of a turn, its frame and its sync too; waiting for the disk is none
  TurnWork most;   // each number for itself

  void add(Duration cpu, const TurnWork& work) {
    times.add(cpu);
    most.commands = std::max(most.commands, work.commands);
    most.rows = std::max(most.rows, work.rows);
    most.readings = std::max(most.readings, work.readings);
    most.rule_steps = std::max(most.rule_steps, work.rule_steps);
    most.bytes = std::max(most.bytes, work.bytes);
  }
};

}  // namespace duliang
