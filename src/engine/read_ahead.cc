#include "engine/read_ahead.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace duliang {
namespace {

// Frames are handed over in batches, since one may hold a single reading; and so many batches wait
// at most, some 10 MB of readings.
constexpr size_t kBatchThings = 4096;
constexpr size_t kBatches = 16;

using Batch = std::vector<Frame>;

// From one thread to another.
class Batches {
 public:
  // False where nobody wants more.
  bool put(Batch batch) {
    std::unique_lock hold(mutex_);
    changed_.wait(hold, [this] { return waiting_.size() < kBatches || unwanted_; });
    if (unwanted_) return false;
    waiting_.push_back(std::move(batch));
    changed_.notify_all();
    return true;
  }
  // The last was put.
  void end() {
    const std::scoped_lock hold(mutex_);
    ended_ = true;
    changed_.notify_all();
  }
  // Empty at the end.
  Batch take() {
    std::unique_lock hold(mutex_);
    changed_.wait(hold, [this] { return !waiting_.empty() || ended_; });
    if (waiting_.empty()) return {};
    Batch batch = std::move(waiting_.front());
    waiting_.pop_front();
    changed_.notify_all();
    return batch;
  }
  void want_no_more() {
    const std::scoped_lock hold(mutex_);
    unwanted_ = true;
    changed_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Batch> waiting_;  // the three are guarded by the mutex
  bool ended_ = false;
  bool unwanted_ = false;
};

// Runs on the thread that reads ahead.
Status read_into(Batches& batches, Journal& journal) {
  Batch batch;
  size_t things = 0;
  const Status read = journal.follow([&](Frame& frame) -> Status {
    things += 1 + frame.body.readings.size() + frame.body.changes.size();
    batch.push_back(std::move(frame));
    if (things < kBatchThings) return {};
    things = 0;
    if (batches.put(std::exchange(batch, {}))) return {};
    return Error{Code::unavailable, "Nobody wants the frames that were read ahead.", ""};
  });
  if (!batch.empty()) batches.put(std::move(batch));
  batches.end();
  return read;
}

Status apply(Batches& batches, const std::function<Status(Frame&)>& sink) {
  while (true) {
    Batch batch = batches.take();
    if (batch.empty()) return {};
    for (Frame& frame : batch) TRY_DO(sink(frame));
  }
}

}  // namespace

Status follow_ahead(Journal& journal, const std::function<Status(Frame&)>& sink) {
  Batches batches;
  Status read;
  std::thread reader([&] { read = read_into(batches, journal); });
  const Status applied = apply(batches, sink);
  batches.want_no_more();
  reader.join();
  TRY_DO(applied);
  return read;
}

}  // namespace duliang
