// What turns cost. A turn holds up everybody who waits, so its work is bounded: the most that any
// turn did is kept, and a simulation asserts that it stays within the bounds.
#pragma once

#include <algorithm>
#include <cstdint>

#include "base/limits.h"
#include "engine/cpu_times.h"

namespace duliang {

// What one turn may do, beside the bytes of its frame. What one command brings along may come on
// top: rule steps of its last reading, streams of a row that goes, places of streams that are
// created with readings. Tests take less.
struct TurnLimits {
  size_t commands = limits::kGroupCommands;
  size_t readings = limits::kTurnReadings;
  size_t rule_steps = limits::kTurnRuleSteps;
  size_t corrections = limits::kTurnCorrections;
  size_t places = limits::kTurnPlaces;
};

struct TurnWork {
  uint64_t commands = 0;  // that were answered
  uint64_t rows = 0;
  uint64_t readings = 0;
  uint64_t corrections = 0;
  uint64_t rule_steps = 0;  // a rule that judged a reading
  uint64_t places = 0;      // streams of which it was found out where they are
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
    most.corrections = std::max(most.corrections, work.corrections);
    most.rule_steps = std::max(most.rule_steps, work.rule_steps);
    most.places = std::max(most.places, work.places);
    most.bytes = std::max(most.bytes, work.bytes);
  }
};

}  // namespace duliang
