// Somebody copies the files of the folder while the house runs: until then none is replaced or
// removed. It ends by itself when whoever copies is not heard of, so that a copy that was given up
// does not keep the house from its work. begin() is the writer's, the others anybody's.
#pragma once

#include <mutex>

#include "base/time.h"

namespace duliang {

// Times are since boot.
class FileHold {
 public:
  void begin(Duration until) {
    const std::scoped_lock hold(mutex_);
    until_ = until;
  }
  // False where it has ended: then files may have been replaced.
  bool extend(Duration until) {
    const std::scoped_lock hold(mutex_);
    if (until_ == Duration{0}) return false;
    until_ = until;
    return true;
  }
  void end() {
    const std::scoped_lock hold(mutex_);
    until_ = Duration{0};
  }
  bool holds(Duration now) {
#ifdef DULIANG_MUTATIONS
    if (mutation_ignored) return false;
#endif
    const std::scoped_lock hold(mutex_);
    if (now >= until_) until_ = Duration{0};
    return until_ != Duration{0};
  }

  // A switch of the test binary's mutations; see tests/simulation. Not in the program.
#ifdef DULIANG_MUTATIONS
  static inline bool mutation_ignored = false;
#endif

 private:
  std::mutex mutex_;
  Duration until_{0};  // zero: nobody
};

}  // namespace duliang
