// The machine's clocks.
#pragma once

#include "base/clock.h"
#include "base/random.h"

namespace duliang {

class OsClock final : public Clock {
 public:
  Time now() override;
  Duration since_boot() override;
  Duration thread_cpu() override;
};

Random random_from_system();

}  // namespace duliang
