// The log on one machine: segment files in a folder, named by the place of their first byte, filled with
// zeros ahead of the end so that a sync need not grow them. Opening finds the end: a record that does not
// check behind the last mark is a lost tail - cut off, kept aside as `lost-<place>`, and told; the same
// before the last mark is corruption, and opening says where and refuses.
//
// One thread appends. read() may be called by others on a FileLog of their own opened by reader().
#pragma once

#include <memory>
#include <optional>

#include "base/files.h"
#include "journal/log.h"

namespace duliang {

struct LostTail {
  Place from = 0;
  uint64_t bytes = 0;
  std::string kept_in;  // file beside the segments
};

class FileLog final : public Log {
 public:
  // Creates the folder where there is none. With `repair`, a lost tail is cut; without (verify), it is
  // only told.
  static Result<std::unique_ptr<FileLog>> open(Files& files, std::string folder, bool repair);
  // For reading what another FileLog of this process has written: sees records whose append was good.
  static Result<std::unique_ptr<FileLog>> reader(Files& files, std::string folder);
  ~FileLog() override;

  void append(std::string_view record, Durability durability, Done done) override;
  Result<Place> read(Place from, size_t bytes_max, const Sink& sink) override;
  Result<Place> end() override;
  Status trim(Place before) override;
  Result<Place> sync() override;

  const std::optional<LostTail>& lost_tail() const;
  Place synced() const;  // at opening: the last mark; later: what was synced

  // Switches of the test binary's mutations; see tests/simulation. Not compiled into the program.
#ifdef DULIANG_MUTATIONS
  static bool mutation_no_sync;         // answers `power` without a sync
  static bool mutation_no_frame_check;  // opening believes every record
#endif

 private:
  struct State;
  explicit FileLog(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace duliang
