// The log on one machine: segment files in a folder, named by the place of their first byte, filled
// with zeros ahead of the end so that a sync need not grow them. Opening finds the end: a record
// that does not check behind the last mark is a lost tail - cut off, kept aside as `lost-<place>`,
// and told; the same before the last mark is corruption, and opening says where and refuses.
//
// A segment begins where the one before ends, and is begun only after that one was synced whole. So
// damage in any but the last is always corruption, and opening reads two segments, not all: who
// reads on from there meets every record anyway.
//
// A finished segment may be sealed, which takes a fraction of the room and is read like the others;
// and the oldest may be retired: then their numbers and hashes remain, in the file `retired`.
//
// One thread appends. read() may be called by others on a FileLog of their own opened by reader().
// The folder is not locked here: who opens it to write has locked the data folder.
#pragma once

#include <limits>
#include <memory>
#include <optional>

#include "base/files.h"
#include "base/limits.h"
#include "journal/log.h"
#include "journal/seal.h"

namespace duliang {

struct LostTail {
  Place from = 0;
  uint64_t bytes = 0;
  std::string kept_in;  // file beside the segments; empty where it was only told
};

// What is no longer there: all before the tail, from which reading goes on and the chain is proved.
struct Horizon {
  Tail tail;    // the first frame that is there follows tail.sequence, at tail.place or behind it
  Time time{};  // the latest of the frames that are gone
};

// How many segments there are in each form, and their bytes on the disk; of those that are retired
// the bytes that they had as they were written.
struct SegmentTotals {
  struct Form {
    uint64_t segments = 0;
    uint64_t bytes = 0;
  };
  Form written, sealed, retired;
};

struct FileLogOptions {
  // For tests, which want small files.
  uint64_t segment_bytes = limits::kSegmentBytes;
  uint64_t ahead_bytes = limits::kSegmentAheadBytes;
  // Others have built on the log up to this place: one that ends before it is corrupt, whatever it
  // says of itself, and is left as it is.
  Place built_to = 0;
};

class FileLog final : public Log {
 public:
  // With `repair`, to write: creates the folder where there is none, cuts a lost tail, and writes
  // again and syncs what no mark calls durable (the process before was killed, or ended by a sync
  // that failed), so that nobody builds on what can still vanish. Without (verify), nothing is
  // changed: a lost tail is only told, and appends are refused. Where opening fails because of what
  // it finds, nothing was changed either.
  static Result<std::unique_ptr<FileLog>> open(Files& files, std::string folder, bool repair,
                                               FileLogOptions options = {});
  // For reading what another FileLog of this process has written: sees records whose append was
  // good, as they come. To it, bytes that do not check are not there yet.
  static Result<std::unique_ptr<FileLog>> reader(Files& files, std::string folder);
  ~FileLog() override;

  void append(std::string_view record, Durability durability, Done done) override;
  Result<Place> read(Place from, size_t bytes_max, const Sink& sink) override;
  Result<Place> end() override;
  // Retires the segments that end at `before` or earlier, but never the last: what the horizon
  // says of them is durable before they go. Reading a place before the horizon is not_found.
  Status trim(Place before) override;
  Result<Place> sync() override;

  // A job that seals the oldest segment that is finished and not sealed; nullptr where there is
  // none that ends at `limit` or earlier, or where the last job given out still lives. The job may
  // run on any thread, beside all else; it must not outlive the Files. Cheap where there is none.
  Result<std::shared_ptr<SealJob>> seal_next(Place limit = std::numeric_limits<Place>::max());
  // Of the oldest segment, where that is sealed: what trim() could take next.
  Result<std::optional<SegmentSummary>> oldest_sealed();
  Place last_segment() const;  // where it begins; all before it is finished
  SegmentTotals totals() const;
  std::optional<Horizon> horizon() const;  // none while everything is there
  Tail begin() const;                      // in front of the first record that is there

  const std::optional<LostTail>& lost_tail() const;
  Place synced() const;  // opened to write: what was synced; else: the last mark
  std::string file_of(Place place) const;  // that holds the place, for messages

  // Switches of the test binary's mutations; see tests/simulation and tests/faults. Not compiled
  // into the program.
#ifdef DULIANG_MUTATIONS
  static bool mutation_no_sync;         // answers `power` without a sync
  static bool mutation_no_frame_check;  // opening believes every record
  static bool mutation_mark_too_far;    // calls durable what was only written
  static bool mutation_folder_not_synced;  // a new segment may lose its name
#endif

 private:
  struct State;
  explicit FileLog(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace duliang
