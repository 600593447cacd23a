// Importing CSV: files become readings as a mapping says, in batches of bounded size. What a stream
// already has at a time is not posted again, so an import that was cut off is simply repeated. One
// thread.
#pragma once

#include "doors/csv/house_access.h"
#include "doors/csv/mapping.h"

namespace duliang {

struct ImportCounts {
  uint64_t lines = 0;    // records with data
  uint64_t bad = 0;      // of them those that have a fault
  uint64_t added = 0;    // readings
  uint64_t present = 0;  // that the stream has already
  uint64_t missing = 0;  // cells that are NA
};

// A record, or a reading of it, that was not taken.
struct ImportFault {
  std::string file;
  uint64_t line = 0;
  std::string reason;
  std::string text;  // the record as it stood
};

struct ImportHooks {
  std::function<Status(const ImportFault& fault)> fault;
  // After each batch; how much of the file is read, from 0 to 1.
  std::function<void(const std::string& file, const ImportCounts& counts, double share)> progress;
  // Before a request that may pass later is made again. False: do not.
  std::function<bool()> wait;
};

class Import {
 public:
  // `mapping` outlives it. Fails where the streams of the house can't be read.
  static Result<Import> begin(HouseAccess access, const Mapping& mapping, ImportHooks hooks);
  ~Import();
  Import(Import&&) noexcept;

  // One file to its end. Where it can't be read or does not fit the mapping, Error::field is its
  // path, what stood before the fault is taken, and others may follow. Any other error ends the
  // import; what is counted as added was posted.
  //
  // A record is bad, too, where the stream has another result at its time: which of the two is
  // right is for a person to say.
  Status add_file(Files& files, const std::string& path);
  // Makes it durable.
  Status finish();
  const ImportCounts& counts() const;

 private:
  struct State;
  explicit Import(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace duliang
