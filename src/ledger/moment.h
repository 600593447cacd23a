// A moment: all rows as they were when a frame had been applied, in a SQLite file of its own with
// the same tables and indexes, so that every ordinary question works on it. Readings are not in it:
// series/ cuts them by the sequence.
//
// Opening one copies every row that stood then: seconds for a large house, so it belongs on a
// thread that may wait. It reads the ledger by a connection of its own and disturbs nobody; the
// past does not change, so it matters nothing whether frames are applied meanwhile. A moment is
// scratch: nothing of it is synced, and the file goes with the Moment; what a crash left at its
// path is replaced. How many are kept is for whoever opens them.
#pragma once

#include <memory>
#include <string>

#include "base/files.h"
#include "sqlite/sqlite.h"

namespace duliang {

struct LedgerFile {
  std::string path;
  std::string vfs;  // empty but in tests
};

class Moment {
 public:
  Moment(Files& files, LedgerFile file, uint64_t sequence)
      : files_(files), file_(std::move(file)), sequence_(sequence) {}
  ~Moment();  // whoever is connected still may read on
  Moment(const Moment&) = delete;
  Moment& operator=(const Moment&) = delete;

  uint64_t sequence() const { return sequence_; }
  // To read by, with a Ledger on it; a connection for each thread.
  Result<Connection> connect() const;

 private:
  Files& files_;
  LedgerFile file_;
  uint64_t sequence_;
};

// `sequence` is one of the ledger's or later: of what is not yet applied nothing can be told. What
// the past tables no longer hold is missing without a word; the horizon is the caller's to know.
Result<std::shared_ptr<const Moment>> open_moment(Files& files, const LedgerFile& ledger,
                                                  uint64_t sequence, const std::string& path);

}  // namespace duliang
