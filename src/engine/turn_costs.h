// What turns cost. A turn holds up everybody who waits, so its work is bounded by constants: the
// most that any turn did is kept, and a simulation asserts that it stays within them. The CPU time
// is counted without the journal's append, whose sync is the disk's.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/time.h"

namespace duliang {

struct TurnWork {
  uint64_t commands = 0;
  uint64_t rows = 0;
  uint64_t readings = 0;
  uint64_t rule_steps = 0;  // a rule that judged a reading
  uint64_t bytes = 0;       // of the frame
};

struct TurnCosts {
  // Upper bounds of the buckets; one more takes what is above.
  static constexpr std::array<Duration, 9> kBounds{
      Duration{100},   Duration{250},    Duration{500},    Duration{1'000},  Duration{2'500},
      Duration{5'000}, Duration{10'000}, Duration{25'000}, Duration{100'000}};
  std::array<uint64_t, kBounds.size() + 1> buckets{};
  uint64_t turns = 0;
  Duration cpu{0};
  TurnWork most;  // each number for itself

  void add(Duration turn_cpu, const TurnWork& work) {
    const auto bucket = std::ranges::lower_bound(kBounds, turn_cpu) - kBounds.begin();
    ++buckets[static_cast<size_t>(bucket)];
    ++turns;
    cpu += turn_cpu;
    most.commands = std::max(most.commands, work.commands);
    most.rows = std::max(most.rows, work.rows);
    most.readings = std::max(most.readings, work.readings);
    most.rule_steps = std::max(most.rule_steps, work.rule_steps);
    most.bytes = std::max(most.bytes, work.bytes);
  }
};

}  // namespace duliang
