#include "engine/job_runner.h"

namespace duliang {
namespace {

constexpr int kRestPerWork = 3;

}  // namespace

JobRunner::JobRunner(Step step, Pace pace, Clock& clock)
    : step_(std::move(step)), pace_(pace), clock_(clock) {
  if (pace_ != Pace::by_poll) thread_ = std::thread([this] { run(); });
}

JobRunner::~JobRunner() {
  {
    const std::scoped_lock hold(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void JobRunner::run() {
  std::unique_lock hold(mutex_);
  while (!stopping_ && !ended_) {
    hold.unlock();
    const Duration began = clock_.since_boot();
    auto done = step_();
    const Duration worked = clock_.since_boot() - began;
    hold.lock();
    if (!done.ok()) {
      ended_ = std::move(done).error();
    } else if (*done) {
      ended_ = Status();
    } else if (pace_ == Pace::gently) {
      changed_.wait_for(hold, worked * kRestPerWork, [this] { return stopping_ || hurry_; });
    }
  }
  changed_.notify_all();
}

std::optional<Status> JobRunner::poll() {
  if (pace_ == Pace::by_poll) {
    auto done = step_();
    if (!done.ok()) return Status(std::move(done).error());
    return *done ? std::optional(Status()) : std::nullopt;
  }
  const std::scoped_lock hold(mutex_);
  return ended_;
}

Status JobRunner::wait() {
  if (pace_ == Pace::by_poll) {
    while (true) {
      TRY(const bool done, step_());
      if (done) return {};
    }
  }
  std::unique_lock hold(mutex_);
  hurry_ = true;
  changed_.notify_all();
  changed_.wait(hold, [this] { return ended_.has_value(); });
  return *ended_;
}

}  // namespace duliang
