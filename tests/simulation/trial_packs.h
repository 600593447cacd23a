// The packs of the simulated house: one rule of two levels, one workflow with a guard, two towns
// and two people. What they declare is told again, in other words, by Oracle.
#pragma once

#include <vector>

#include "packs/pack.h"

namespace duliang {

// The places and the water of version 1 or 2. The second one's rule clears 0.3 below its thresholds
// instead of 0.2.
std::vector<Pack> trial_packs(int version);

}  // namespace duliang
