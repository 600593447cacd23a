// Random numbers from a seed (xoshiro256**). A value, not a seam: main seeds it from the system, a
// simulation from its seed, and the same seed gives the same run.
#pragma once

#include <cstdint>

namespace duliang {

class Random {
 public:
  explicit Random(uint64_t seed);
  uint64_t next();
  uint64_t below(uint64_t bound);       // uniform in [0, bound), bound > 0
  bool chance(double probability);      // true with this probability
  double uniform();                     // [0, 1)

 private:
  uint64_t state_[4];
};

}  // namespace duliang
