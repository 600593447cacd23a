#include "bench/city.h"

#include <numeric>

namespace duliang::bench {

City::City(int64_t first, int64_t streams, Time start, Duration step)
    : first_(first), start_(start), step_(step), order_(static_cast<size_t>(streams)), now_(start) {
  std::iota(order_.begin(), order_.end(), 0);
  for (int64_t i = 0; i < streams; ++i)
    tenths_.push_back(static_cast<int64_t>(random_.below(300)));
}

Reading City::next() {
  if (at_ == 0) {
    for (size_t i = order_.size(); i > 1; --i) std::swap(order_[i - 1], order_[random_.below(i)]);
  }
  const int64_t stream = order_[at_];
  int64_t& tenth = tenths_[static_cast<size_t>(stream)];
  tenth += static_cast<int64_t>(random_.below(5)) - 2;
  const Time sent = start_ + step_ * round_ + std::chrono::milliseconds{random_.below(1000)};
  const Time begin =
      random_.chance(0.02) ? sent - std::chrono::seconds{random_.below(3600)} : sent;
  now_ = std::max(now_, sent);
  if (++at_ == order_.size()) at_ = 0, ++round_;
  Reading reading;
  reading.stream = StreamId{first_ + stream};
  reading.phenomenon_time = {begin, begin};
  const bool below_zero = tenth < 0;
  reading.result =
      fmt::format("{}{}.{}", below_zero ? "-" : "", std::abs(tenth) / 10, std::abs(tenth) % 10);
  return reading;
}

}  // namespace duliang::bench
