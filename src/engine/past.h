// The house as it was, to be asked like the house as it is. The rows of a moment are copied out of
// the ledger's history (ledger/moment.h), which takes seconds in a large house; the last few
// moments are kept, so that the next question about one comes at once. Readings are not copied: a
// view of the series leaves out what came later.
//
// Any thread; one moment is made at a time.
#pragma once

#include <deque>
#include <mutex>

#include "ledger/moment.h"
#include "query/question.h"

namespace duliang {

class Past {
 public:
  static constexpr size_t kMomentsKept = 3;

  // `folder` holds the moments and nothing else; it is scratch. None is made where the disk would
  // have less than `reserve` left.
  Past(Files& files, LedgerFile ledger, std::string folder, uint64_t reserve)
      : files_(files), ledger_(std::move(ledger)), folder_(std::move(folder)), reserve_(reserve) {}
  // Removes what a crash has left there.
  Status clear();
  // The rows when frame `sequence` had been applied. no_room; unavailable: another one is being
  // made, which takes the machine.
  Result<std::shared_ptr<const Moment>> moment(uint64_t sequence);
  void forget();  // all that are kept

 private:
  std::shared_ptr<const Moment> kept(uint64_t sequence);

  Files& files_;
  LedgerFile ledger_;
  std::string folder_;
  uint64_t reserve_;
  std::mutex making_;
  uint64_t made_ = 0;  // guarded by making_
  std::mutex mutex_;
  std::deque<std::shared_ptr<const Moment>> kept_;  // the last asked for first
};

// The whole house then: its frame, one of `present`'s own, is the last of the second of `end`.
Result<View> view_of(const Moment& moment, const View& present, Time end);

}  // namespace duliang
