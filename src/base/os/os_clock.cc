#include "base/os/os_clock.h"

#include <sys/random.h>
#include <time.h>

#include <cerrno>

#include "base/check.h"

namespace duliang {

namespace {

Duration read_clock(clockid_t which) {
  timespec at{};
  CHECK(clock_gettime(which, &at) == 0);
  return std::chrono::seconds(at.tv_sec) + Duration(at.tv_nsec / 1000);
}

}  // namespace

Time OsClock::now() { return Time(read_clock(CLOCK_REALTIME)); }

// Not CLOCK_MONOTONIC: that one stands still while the machine sleeps.
Duration OsClock::since_boot() { return read_clock(CLOCK_BOOTTIME); }

Duration OsClock::thread_cpu() { return read_clock(CLOCK_THREAD_CPUTIME_ID); }

Random random_from_system() {
  uint64_t seed = 0;
  ssize_t got = -1;
  do {
    got = getrandom(&seed, sizeof seed, 0);
  } while (got < 0 && errno == EINTR);
  CHECK(got == static_cast<ssize_t>(sizeof seed));
  return Random(seed);
}

}  // namespace duliang
