// The one writer. Commands wait in a bounded queue; turn() takes a group of them, decides and
// applies each in order, records the group as one frame, makes it durable, commits, publishes,
// answers, and tells the feed. There is no undo: an error of turn() means that the process must
// end; opening the folder again rebuilds everything from the journal.
//
// One thread calls everything but what says that any thread may.
#pragma once

#include <memory>
#include <mutex>

#include "base/clock.h"
#include "base/files.h"
#include "base/limits.h"
#include "base/random.h"
#include "engine/command.h"
#include "engine/turn_costs.h"
#include "journal/file_log.h"
#include "journal/journal.h"
#include "query/question.h"
#include "watch/watch.h"

namespace duliang {

struct EngineOptions {
  std::string folder;                                  // created where there is none
  Durability readings_durability = Durability::power;  // of groups of readings alone
  std::string vfs;                                     // of SQLite; empty but in tests
  std::string address;                                 // told in the claim
  size_t tail_readings = limits::kTailReadings;        // a checkpoint follows above
  size_t portion_readings = limits::kPortionReadings;  // of long commands
  TurnLimits turn;                                     // as they are but in tests
  SeriesSizes series_sizes;                            // as they are but in tests
  // For replay, which builds a folder: restores what it holds, and mends what a start mends, but
  // claims nothing and takes no commands.
  bool read_only = false;
  // With read_only, for who only asks: no file of the folder is written, not even what an opening
  // mends (SQLite's own index of its log aside). conflict where a start would have to mend rows
  // first.
  bool untouched = false;
  uint64_t disk_reserve = limits::kDiskReserve;  // below so much room nothing new is taken
  // Checkpoints and merges write their files on threads of their own, else tend() does it, a step
  // at a time; and opening reads the journal on one of its own, ahead of what it applies.
  bool work_on_threads = false;
  Duration clock_proof = limits::kClockProof;  // after a start, before anything is cut by the clock
  bool trust_clock = false;  // a person says that the clock is right, however long it was shut
  // Frames of the journal older than that may be retired to their hashes; zero: they are kept for
  // ever. Segments go whole, and only behind the checkpoint.
  Duration keep_journal{0};
  FileLogOptions segments;  // tests take small ones
};

// What every reader of the feed gets, in order: the frames that were answered.
using FeedSink = std::function<void(const std::shared_ptr<const Frame>&)>;

struct EngineStatus {
  uint64_t sequence = 0;  // of the last frame
  uint64_t epoch = 0;
  uint64_t checkpoint_sequence = 0;
  size_t queued = 0;
  size_t tail_readings = 0;
  uint64_t sync_count = 0;
  std::optional<LostTail> lost_tail;  // what opening had to cut
  std::string halted;                 // why the house can't do its work although it runs; or empty
  std::optional<Horizon> horizon;     // what of the journal is retired; none while all is there
  SegmentTotals segments;             // of the journal
  std::string retention_fault;        // why readings that should go could not be cut; or empty
  std::string journal_fault;          // why segments could not be sealed or retired; or empty
};

// Counted since the start, for /metrics.
struct EngineCounts {
  uint64_t frames = 0, commands = 0, refused = 0, readings = 0, rows = 0;
  uint64_t alarms_raised = 0, alarms_cleared = 0, cases_opened = 0, checkpoints = 0;
  uint64_t corrections = 0, merges = 0, segments_sealed = 0, segments_retired = 0;
};

class Engine {
 public:
  // Locks the folder, opens ledger, series and journal, restores what the checkpoint does not hold,
  // claims the next epoch. conflict: another server has the folder; corrupt: says what and where.
  static Result<std::unique_ptr<Engine>> open(EngineOptions options, Clock& clock, Files& files,
                                              Random random);
  ~Engine();

  // Refused at once (done is called) with too_many when limits::kQueuedCommands wait, and with
  // no_room while the disk has less than the reserve.
  void submit(Command command, Done done);
  // Refused likewise, above limits::kLongCommands. tend() goes on with it.
  void submit(LongCommand command, Done done);
  bool has_work() const;       // for turn()
  bool has_long_work() const;  // for tend() and turn()
  // One group. An error: the process must end.
  Status turn();
  // Between turns, some ten times a second: background sync, marks, moving SQLite's log into its
  // database, the checkpoint when it is due, and long commands. An error: the process must end.
  Status tend();
  Status checkpoint();

  Result<View> view();  // any thread; of a folder that is opened read_only it never expires
  // The house at the end of the second of `at`, as the order of its frames tells it. Any thread;
  // the first question about a moment may take seconds. bad_input: that is still to come;
  // not_found: the journal does not reach back so far.
  Result<View> view_as_of(Time at);
  // The last frame of that second, which may be one of an earlier second. Errors as above.
  Result<uint64_t> sequence_at(Time at);
  // For who copies the files of the folder: for `how_long` none that is there is replaced or
  // removed (no merging, sealing, retiring; what of that is under way is dropped). The last segment
  // and the ledger are written on, and checkpoints go on: they only add files.
  void hold_files(Duration how_long);
  // These on any thread. So long from now on, whatever was said before; zero ends it. False where
  // the time was over already.
  bool keep_holding_files(Duration how_long);
  bool files_are_held() const;

  // Called at the end of each turn, before the next.
  void subscribe(FeedSink sink);

  EngineStatus status() const;
  const EngineCounts& counts() const;
  const WatchCounts& watch_counts() const;
  const TurnCosts& turn_costs() const;
  const CpuTimes& tend_times() const;  // of the work between turns that holds up the next one
  const SeriesCounts& series_counts() const;
  // Where to begin to read the journal for frames from `sequence` on: at it or some frames before,
  // or at the horizon where they are behind it. Any thread.
  Tail tail_before(uint64_t sequence) const;

#ifdef DULIANG_MUTATIONS
  static bool mutation_commit_before_sync;
  static bool mutation_retire_before_checkpoint;  // a segment goes as soon as it is finished
  static bool mutation_folder_not_locked;
  static bool mutation_turn_unbounded;  // a turn takes what it would take without EngineOptions
#endif

 private:
  struct State;
  explicit Engine(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Names of what a data folder holds.
std::string journal_folder(const std::string& folder);
std::string ledger_path(const std::string& folder);
std::string parts_folder(const std::string& folder);
std::string moments_folder(const std::string& folder);
// Held while the file is open. conflict: another program has the folder; io: it can't be opened.
Result<File> lock_data_folder(Files& files, const std::string& folder);

}  // namespace duliang
