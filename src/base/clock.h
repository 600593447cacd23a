// The only way to ask what time it is. The real clock is in base/os, the simulated one in base/sim.
#pragma once

#include "base/time.h"

namespace duliang {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time now() = 0;             // the wall clock; may jump either way
  virtual Duration since_boot() = 0;  // never goes back
  virtual Duration thread_cpu() = 0;  // that the calling thread has used
};

}  // namespace duliang
