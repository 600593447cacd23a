// How much CPU time pieces of work took, as a histogram. Waiting, for a disk above all, is none.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/time.h"

namespace duliang {

struct CpuTimes {
  // Upper bounds of the buckets; one more takes what is above.
  static constexpr std::array<Duration, 9> kBounds{
      Duration{100},   Duration{250},    Duration{500},    Duration{1'000},  Duration{2'500},
      Duration{5'000}, Duration{10'000}, Duration{25'000}, Duration{100'000}};
  std::array<uint64_t, kBounds.size() + 1> buckets{};
  uint64_t pieces = 0;
  Duration sum{0};

  void add(Duration cpu) {
    const auto bucket = std::ranges::lower_bound(kBounds, cpu) - kBounds.begin();
    ++buckets[static_cast<size_t>(bucket)];
    ++pieces;
    sum += cpu;
  }
};

}  // namespace duliang
