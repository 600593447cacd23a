// A clock that a test turns by hand.
#pragma once

#include "base/clock.h"

namespace duliang {

class SimClock final : public Clock {
 public:
  explicit SimClock(Time start) : wall_(start) {}
  Time now() override { return wall_; }
  Duration since_boot() override { return boot_; }
  Duration thread_cpu() override { return {}; }
  void advance(Duration by) { wall_ += by, boot_ += by; }
  void jump_wall(Duration by) { wall_ += by; }  // someone set the clock

 private:
  Time wall_;
  Duration boot_{0};
};

}  // namespace duliang
