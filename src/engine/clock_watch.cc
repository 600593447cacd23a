#include "engine/clock_watch.h"

#include <fmt/format.h>

#include "base/limits.h"

namespace duliang {
namespace {

int64_t minutes(Duration duration) {
  return std::chrono::duration_cast<std::chrono::minutes>(duration).count();
}

}  // namespace

void ClockWatch::begin(Time wall, Duration since_boot, Time recorded, bool trusted) {
  wall_ = wall;
  since_boot_ = since_boot;
  const bool long_shut = recorded != Time{} && wall > recorded + limits::kShutWithoutQuestion;
  shut_since_ = long_shut && !trusted ? recorded : Time{};
}

std::string ClockWatch::fault(Time wall, Duration since_boot, Time recorded) {
  if (wall + limits::kClockBehind < recorded) {
    behind_ = true;
    return fmt::format(
        "The clock says {}, but something was recorded at {}: set the clock. Until then readings "
        "that are ahead of it raise no alarm.",
        to_text(wall), to_text(recorded));
  }
  if (std::exchange(behind_, false)) {
    wall_ = wall;
    since_boot_ = since_boot;
  }
  const Duration moved = (wall - wall_) - (since_boot - since_boot_);
  if (std::chrono::abs(moved) > limits::kClockMoved) {
    return fmt::format(
        "The clock was moved by {} minutes while duliang runs: set it back, or start duliang anew "
        "to work by it.",
        minutes(moved));
  }
  if (shut_since_ != Time{}) {
    return fmt::format(
        "The clock says {}, and the last record is of {}: if that is right, start with "
        "--trust-clock.",
        to_text(wall_), to_text(shut_since_));
  }
  return {};
}

}  // namespace duliang
