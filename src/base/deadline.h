// Until when something may be used, by the clock since boot. A value; without a clock it never
// passes. Any thread that may ask the clock.
#pragma once

#include "base/clock.h"
#include "base/limits.h"
#include "base/result.h"

namespace duliang {

struct Deadline {
  Clock* clock = nullptr;  // outlives the deadline
  Duration at{};           // since boot

  bool passed() const { return clock != nullptr && clock->since_boot() >= at; }
  Status go_on() const { return passed() ? Status(error()) : Status(); }
  // unavailable: what a reader is told that has held a picture of the house for too long.
  static Error error() {
    return {Code::unavailable,
            fmt::format("Reading took longer than {} s, and what it reads from is not kept for "
                        "longer; ask again, for less at once.",
                        limits::kViewAge.count()),
            ""};
  }
};

}  // namespace duliang
