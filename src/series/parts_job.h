// The inside of a job that writes parts: what it reads, all of it immutable, and what it has found
// out. It goes through its inputs by KeptOrder in bounded memory: first it finds which entries of
// the overlay belong to them, then it writes the readings as they are now, one file for each month.
#pragma once

#include <set>

#include "series/lanes.h"
#include "series/manifest.h"
#include "series/merge.h"

namespace duliang {

// So many months are written at once, each with an open file and a page in memory. An import of a
// century goes over the tail several times.
inline constexpr size_t kMonthsAtOnce = 16;

// An entry of the overlay whose reading the job's inputs hold.
struct FoldedEntry {
  EntryPtr entry;
  bool stays = false;  // what it hid is gone, but its reading belongs to another month
  OptionalTime kept;   // when what the new parts hold of it begins; none: nothing
};

struct PartsJob::State {
  State(Files& its_files, std::string its_folder, SeriesSizes its_sizes)
      : files(its_files), folder(std::move(its_folder)), sizes(its_sizes) {}
  ~State();
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  Result<bool> step();
  Status choose_entry(const EntryPtr& entry);
  Result<bool> is_input(const OverlayEntry& entry) const;
  void prepare_writing();
  Status begin_pass();
  Result<bool> write_rows();
  Status write(const Reading& reading);
  Status end_pass();
  Status open_outputs();

  struct Output {
    int32_t month = 0;
    std::string name;
    PartWriter writer;
  };
  enum class Phase : uint8_t { choose, write, open, done };

  Files& files;
  const std::string folder;
  const SeriesSizes sizes;
  uint64_t sequence = 0;
  uint32_t written_s = 0;
  std::shared_ptr<std::atomic<bool>> slot;  // true while the job is alive

  // Inputs: chunks of the tail, or parts of one month.
  std::shared_ptr<const SealedChunks> chunks;  // null: a merge
  Parts parts;
  Changes changes;                 // when the job began
  std::vector<LaneRow> lane_rows;  // likewise
  size_t lanes_saved = 0;          // so many of them are in the table

  Phase phase = Phase::choose;
  std::vector<EntryPtr> entries;  // that may belong to the inputs
  size_t next_entry = 0;
  std::vector<FoldedEntry> folded;
  Changes folding;  // the folded entries, and all cuts
  std::vector<int32_t> months;
  size_t next_month = 0;  // behind those of this pass
  std::vector<Output> outputs;
  std::unique_ptr<Merge> merge;
  std::map<StreamId, uint64_t> cut;  // readings of the inputs that cuts hide
  std::vector<std::string> names;    // of files that were begun
  Parts written;
  bool handed_over = false;  // finish() has named the files
};

}  // namespace duliang
