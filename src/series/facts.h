// What is known of a set of readings without looking at them, and what follows from it: so that a
// question passes over pages of which it wants nothing, and counts pages of which it wants all.
// Values only; any thread.
#pragma once

#include <functional>
#include <limits>
#include <utility>

#include "series/order.h"

namespace duliang {

struct SetFacts {
  StreamId first_stream{0};
  StreamId last_stream{0};
  Bounds bounds;
  // Of their results; of readings in memory it is not known.
  bool results_known = false;
  uint64_t numbers = 0;  // how many are numbers
  double least = 0;      // of these, as the nearest double
  double most = 0;
  // When the first and the last of them arrived; of readings in memory it is not known.
  uint32_t first_arrived_s = 0;
  uint32_t last_arrived_s = std::numeric_limits<uint32_t>::max();
};

// The ends between which those results stand that are numbers, of which there is one at least.
// Beyond 2^53 the nearest double stands for several whole numbers, so that there the ends are wide.
inline std::pair<double, double> numbers_between(const SetFacts& facts) {
  constexpr double kExact = 9007199254740992;
  constexpr double kBeyond = std::numeric_limits<double>::infinity();
  return {facts.least <= -kExact ? -kBeyond : facts.least,
          facts.most >= kExact ? kBeyond : facts.most};
}

// How many of a set pass a condition, as far as facts tell. `some` is never wrong.
enum class Passing : uint8_t { none, some, all };
// May be asked from the thread that scans or counts, for sets with readings in them.
using SetJudge = std::function<Passing(const SetFacts&)>;

inline Passing both(Passing a, Passing b) { return std::min(a, b); }
inline Passing either(Passing a, Passing b) { return std::max(a, b); }

}  // namespace duliang
