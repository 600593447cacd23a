// The readings of a made city, in the order in which they come in: each stream sends a temperature
// once in a step of time, some milliseconds off, the streams in another order each time, and one
// reading in fifty comes up to an hour late.
#pragma once

#include <vector>

#include "base/random.h"
#include "model/reading.h"

namespace duliang::bench {

class City {
 public:
  // `first` is the number of its first stream.
  City(int64_t first, int64_t streams, Time start, Duration step);
  Reading next();
  Time now() const { return now_; }  // of the house, when the last one came in

 private:
  int64_t first_;
  Time start_;
  Duration step_;
  Random random_{4};
  std::vector<int64_t> order_;
  std::vector<int64_t> tenths_;  // of a degree, by stream
  size_t at_ = 0;                // in the order
  int64_t round_ = 0;
  Time now_;
};

}  // namespace duliang::bench
