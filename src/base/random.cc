#include "base/random.h"

#include <bit>

#include "base/check.h"

namespace duliang {

// xoshiro256** 1.0 and splitmix64 by Blackman and Vigna, in the public domain.
Random::Random(uint64_t seed) {
  for (uint64_t& word : state_) {
    seed += 0x9e3779b97f4a7c15;
    uint64_t mixed = seed;
    mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9;
    mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111eb;
    word = mixed ^ (mixed >> 31);
  }
}

uint64_t Random::next() {
  const uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

uint64_t Random::below(uint64_t bound) {
  CHECK(bound > 0);
  // The first 2^64 mod bound values are drawn again, so that each remainder is equally likely.
  const uint64_t unfair = (0 - bound) % bound;
  uint64_t value = next();
  while (value < unfair) value = next();
  return value % bound;
}

bool Random::chance(double probability) { return uniform() < probability; }

double Random::uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

}  // namespace duliang
