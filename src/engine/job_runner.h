// Runs the steps of a job (of parts, of a segment, of a search): one at each poll, or on a thread
// of its own that takes no more than a share of a core. The one who polls is the writer, who never
// waits unless it asks to.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

#include "base/clock.h"
#include "base/result.h"

namespace duliang {

class JobRunner {
 public:
  enum class Pace : uint8_t {
    by_poll,  // no thread: tests and tools, where everything happens in order
    at_once,  // a thread that does not rest: somebody waits for the room
    gently,   // a thread that rests three times as long as it works
  };
  // A bounded piece of work; true when all is done, then it is not called again.
  using Step = std::function<Result<bool>()>;
  // What the step works on must outlive the runner, and is the runner's alone until done.
  JobRunner(Step step, Pace pace, Clock& clock);
  ~JobRunner();  // stops behind the step that runs

  // None while the job goes on; then how it ended. Not again after that.
  std::optional<Status> poll();
  // Runs it to its end.
  Status wait();

 private:
  void run();

  const Step step_;
  const Pace pace_;
  Clock& clock_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;  // the three are guarded by the mutex
  bool hurry_ = false;
  std::optional<Status> ended_;
  std::thread thread_;  // last: it uses the others
};

}  // namespace duliang
