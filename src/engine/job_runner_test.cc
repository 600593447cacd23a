// How a job's steps are run: when, how many, how much of a core they take, and how it ends. The
// steps turn a clock of their own by hand, which says for how long they have worked.
#include "engine/job_runner.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "base/os/os_clock.h"
#include "base/sim/sim_clock.h"

namespace duliang {
namespace {

using Pace = JobRunner::Pace;
using std::chrono::hours;
using std::chrono::milliseconds;

constexpr Pace kPaces[] = {Pace::by_poll, Pace::at_once, Pace::gently};

// A job of so many steps, each of which takes so long.
class FakeJob {
 public:
  FakeJob(int steps, Duration each) : steps_(steps), each_(each) {}

  std::unique_ptr<JobRunner> run(Pace pace) {
    return std::make_unique<JobRunner>([this] { return step(); }, pace, clock_);
  }
  int done() const { return done_; }
  void fail_at(int step) { fails_at_ = step; }
  void await_first() { first_.get_future().wait(); }
  void await_last() { last_.get_future().wait(); }

 private:
  Result<bool> step() {
    clock_.advance(each_);
    const int step = ++done_;
    EXPECT_LE(step, steps_) << "a job that is done is not asked again";
    if (step == 1) first_.set_value();
    if (step == steps_) last_.set_value();
    if (step == fails_at_) return Error{Code::io, "the disk says no", "part"};
    return step == steps_;
  }

  const int steps_;
  const Duration each_;
  int fails_at_ = 0;
  std::atomic<int> done_ = 0;
  std::promise<void> first_;
  std::promise<void> last_;
  SimClock clock_{Time{}};
};

// Its thread has the word a moment after the last step.
Status end_of(JobRunner& runner) {
  while (true) {
    if (auto ended = runner.poll()) return *std::move(ended);
    std::this_thread::yield();
  }
}

TEST(JobRunner, ByPollRunsOneStepAtEachPollAndNoneBetween) {
  FakeJob job(3, hours{1});
  const auto runner = job.run(Pace::by_poll);
  for (int polled = 0; polled < 2; ++polled) {
    EXPECT_EQ(job.done(), polled);
    EXPECT_FALSE(runner->poll());
  }
  const auto ended = runner->poll();
  ASSERT_TRUE(ended);
  EXPECT_TRUE(ended->ok());
  EXPECT_EQ(job.done(), 3);
}

TEST(JobRunner, ByPollEndsWithTheRunnerWhereverItIs) {
  FakeJob job(3, hours{1});
  EXPECT_FALSE(job.run(Pace::by_poll)->poll());
  EXPECT_EQ(job.done(), 1);
}

TEST(JobRunner, WaitRunsAJobOfAnyPaceToItsEnd) {
  for (const Pace pace : kPaces) {
    FakeJob job(5, hours{1});  // a rest of three hours would not end before the test
    EXPECT_TRUE(job.run(pace)->wait().ok());
    EXPECT_EQ(job.done(), 5);
  }
}

TEST(JobRunner, AtOnceDoesNotRest) {
  FakeJob job(5, hours{1});
  const auto runner = job.run(Pace::at_once);
  job.await_last();
  EXPECT_TRUE(end_of(*runner).ok());
  EXPECT_EQ(job.done(), 5);
}

TEST(JobRunner, GentlyRestsThreeTimesAsLongAsItWorks) {
  constexpr int kSteps = 10;
  constexpr milliseconds kWork{2};
  OsClock clock;
  const Duration begin = clock.since_boot();
  FakeJob job(kSteps, kWork);
  const auto runner = job.run(Pace::gently);
  EXPECT_TRUE(end_of(*runner).ok());
  EXPECT_GE(clock.since_boot() - begin, 3 * kWork * (kSteps - 1));
  EXPECT_EQ(job.done(), kSteps);
}

TEST(JobRunner, GentlyBeginsWithoutARestAndIsHurriedOutOfOne) {
  FakeJob job(4, hours{1});
  const auto runner = job.run(Pace::gently);
  job.await_first();
  EXPECT_FALSE(runner->poll()) << "it rests, or is about to";
  EXPECT_TRUE(runner->wait().ok());
  EXPECT_EQ(job.done(), 4);
}

TEST(JobRunner, TheEndOfTheRunnerEndsARest) {
  FakeJob job(4, hours{1});
  auto runner = job.run(Pace::gently);
  job.await_first();
  runner.reset();
  EXPECT_EQ(job.done(), 1);
}

TEST(JobRunner, TheEndOfTheRunnerWaitsForTheStepThatRuns) {
  std::promise<void> begun, go;
  std::atomic<int> done = 0;
  const auto step = [&]() -> Result<bool> {
    if (done == 0) {
      begun.set_value();
      go.get_future().wait();
    }
    ++done;
    return false;
  };
  SimClock clock(Time{});
  auto runner = std::make_unique<JobRunner>(step, Pace::at_once, clock);
  begun.get_future().wait();
  auto ended = std::async(std::launch::async, [&] { runner.reset(); });
  EXPECT_EQ(done, 0);
  go.set_value();
  ended.wait();
  const int at_end = done;
  EXPECT_GE(at_end, 1);
  std::this_thread::yield();
  EXPECT_EQ(done, at_end) << "no step runs behind the end";
}

TEST(JobRunner, AnErrorEndsTheJobAndIsTold) {
  for (const Pace pace : kPaces) {
    for (const bool waits : {false, true}) {
      FakeJob job(5, Duration{0});
      job.fail_at(2);
      const auto runner = job.run(pace);
      const Status ended = waits ? runner->wait() : end_of(*runner);
      ASSERT_FALSE(ended.ok());
      EXPECT_EQ(ended.error().code, Code::io);
      EXPECT_EQ(ended.error().message, "the disk says no");
      EXPECT_EQ(ended.error().field, "part");
      EXPECT_EQ(job.done(), 2);
    }
  }
}

}  // namespace
}  // namespace duliang
