// Whether the wall clock can be believed. Everything that is due at a time hangs on it, so a clock
// that was moved, or that woke up in another year, has to be told to a person rather than followed.
// Values only; the engine's thread.
#pragma once

#include <string>

#include "base/time.h"

namespace duliang {

class ClockWatch {
 public:
  // When the house opens. `recorded` is the latest time in the journal, or the epoch where there is
  // none. With `trusted` a person has said that the clock is right, however long the house was
  // shut.
  void begin(Time wall, Duration since_boot, Time recorded, bool trusted);
  // What is wrong now, as a sentence for whoever runs the house; empty where nothing is. A clock
  // that was behind the journal and was set is believed from then on.
  std::string fault(Time wall, Duration since_boot, Time recorded);

 private:
  Time wall_{};
  Duration since_boot_{};
  bool behind_ = false;
  Time shut_since_{};  // the epoch: not asked about
};

}  // namespace duliang
