// What an open data folder is made of. Private to engine/.
#pragma once

#include <deque>
#include <mutex>

#include "engine/answered_keys.h"
#include "engine/clock_watch.h"
#include "engine/engine.h"
#include "engine/file_hold.h"
#include "engine/frame_index.h"
#include "engine/group.h"
#include "engine/house.h"
#include "engine/job_runner.h"
#include "engine/past.h"
#include "engine/reading_search.h"
#include "engine/retention.h"

namespace duliang {

// What a checkpoint holds beside readings: taken when it begins, committed when it ends.
struct CheckpointState {
  Checkpoint at;
  std::string watch;
  std::string keys;
};

// Reader connections that are not in use.
struct ReaderPool {
  std::mutex mutex;
  std::vector<std::unique_ptr<Connection>> idle;
};

// A command in the queue, and what earlier frames have of it.
struct Waiting {
  Command command;
  Done done;
  Outcome taken;
};

// A long command in its queue; the first is under way.
struct LongWaiting {
  LongCommand command;
  Done done;
  bool begun = false;
  SearchPlace place{};  // up to here it is done
  size_t open = 0;      // commands of its own that wait for their turns
  bool ended = false;
  std::optional<Error> refused{};
  Outcome outcome{};
};

// A command that was decided, and waits only for its frame to be durable.
struct Settled {
  Done done;
  Result<Outcome> outcome;
};

struct Engine::State {
  State(EngineOptions given, Clock& clock_, Files& files_)
      : options(std::move(given)),
        clock(clock_),
        files(files_),
        past(files_, {ledger_path(options.folder), options.vfs}, moments_folder(options.folder),
             options.disk_reserve) {}

  EngineOptions options;
  Clock& clock;
  Files& files;
  File lock;
  Connection connection;
  std::unique_ptr<Series> series;
  std::unique_ptr<House> house;
  std::unique_ptr<FileLog> log;
  std::unique_ptr<Journal> journal;
  FrameIndex frames;
  Past past;
  Retention retention;
  AnsweredKeys keys;

  std::deque<Waiting> queue;
  std::deque<LongWaiting> long_commands;
  std::unique_ptr<ReadingSearch> search;  // of the first of them
  std::unique_ptr<JobRunner> searcher;    // gone before it
  std::vector<FeedSink> feed;
  EngineCounts counts;
  TurnCosts costs;
  CpuTimes tends;
  Tail checkpoint;  // of the last one
  ClockWatch clock_watch;
  std::string clock_fault;
  std::string room_fault;  // why nothing new is taken
  // Files that are being written; see Series. At most one job at a time.
  std::unique_ptr<PartsJob> job;
  std::optional<CheckpointState> checkpoint_state;  // where the job is a checkpoint
  uint64_t sizes_learned_rows = 0;    // row changes since the start, when SQLite last learnt sizes
  bool merge_wanted = true;           // parts have changed since none was worth merging
  std::unique_ptr<JobRunner> runner;  // of the job; gone before it
  // The segment of the journal that is being sealed.
  std::shared_ptr<SealJob> sealing;
  std::unique_ptr<JobRunner> sealer;  // of it; gone before it
  Duration opened_at{};               // since boot
  std::string retention_fault;        // why a stream could not be looked at
  std::string journal_fault;          // why that failed the last time
  Duration keep_again_at{0};          // since boot: not before
  FileHold file_hold;

  bool declarations_restored = false;  // a pack was loaded behind the checkpoint

  // Held while a commit and what belongs to it in memory change together, and while a reader takes
  // both.
  std::mutex publish;
  std::shared_ptr<ReaderPool> readers = std::make_shared<ReaderPool>();

  // What the journal is told as time. Nothing that is kept needs it finer than this, and sealed
  // microseconds are noise that cannot be compressed: they cost more than the readings.
  Time now() { return std::chrono::floor<std::chrono::milliseconds>(clock.now()); }
  // open.cc
  Status open_folder();
  Status make_places();
  Error mend_first(std::string_view what) const;
  Status restore(const Checkpoint& at, uint64_t rows_applied);
  Status restore_frame(Frame& frame, uint64_t rows_applied);
  Status restore_rows(const Frame& frame);
  // turn.cc
  TurnLimits turn_limits() const;
  Status run_group();
  Result<bool> is_judged_otherwise(const Command& command);
  Status fill(Group& group, std::vector<Settled>& answers);
  std::optional<Result<Outcome>> answered_before(const Group& group, Waiting& next);
  void count(const Group& group, size_t answered);
  void tell(FrameBody body, uint64_t sequence);
  Status make_durable(const FrameBody& body, uint64_t sequence);
  Status commit(uint64_t sequence);
  // work.cc
  Status checkpoint_now();
  Status tend();
  Status tend_work();
  Status tend_parts();
  bool checkpoint_is_due() const;
  Status begin_checkpoint();
  Status begin_merge();
  Status finish_work();
  Status commit_checkpoint();
  Result<bool> save_lanes();
  Status commit_parts();
  Status commit_durably();
  Status sync_ledger();
  // keep.cc
  void tend_journal();
  Status poll_sealing();
  Status retire_oldest();
  Status begin_sealing();
  // long_work.cc
  Status tend_long();
  Status begin_long(LongWaiting& first);
  void leave_location(LongWaiting& first, const Row& feature);
  bool begin_search(LongWaiting& first);  // false: refused
  void take_portion(LongWaiting& first);
  void ask_for(LongWaiting& first, decltype(Command::body) body);
  void end_long();
  // engine.cc
  Result<View> take_view();
  Deadline view_deadline() { return {&clock, clock.since_boot() + limits::kViewAge}; }
  std::optional<Error> refusal(size_t queued, size_t most);
  void look_at_clock();
  Status look_at_room();
  Status cut_old_readings();
};

}  // namespace duliang
