// Who owns which ids. A lane is a block of 256 ids (id / 256 is the lane) and belongs to one
// stream. A stream takes lanes in runs: its first run is one lane long, each further one twice as
// long, up to 64 lanes; the next run begins when the last is full. So what is kept is a row for a
// run, and two hundred million readings of a few thousand streams cost less than a megabyte. The
// first id of all, 0, is never given, so that ids begin at 1.
//
// Runs lie one behind the other in the order in which they were begun, and a run's length follows
// from how many its stream has had: so the table follows from the readings of the frames alone, in
// their order, and what was saved at a checkpoint only shortens the way.
//
// Lanes is the writer's. A LaneView may be read by any thread while the writer goes on: runs that
// it shows are never written again.
#pragma once

#include <array>
#include <memory>
#include <span>
#include <unordered_map>
#include <vector>

#include "model/reading.h"
#include "sqlite/sqlite.h"

namespace duliang {

inline constexpr uint64_t kLaneIds = 256;
inline constexpr uint32_t kRunLanesMax = 64;

inline uint64_t lane_of(ReadingId id) { return static_cast<uint64_t>(id) / kLaneIds; }

struct LaneRun {
  StreamId stream{0};
  uint32_t first = 0;  // lane
  uint32_t lanes = 0;
};

inline constexpr size_t kRunsInPage = 1024;
using RunPage = std::array<LaneRun, kRunsInPage>;
using RunPages = std::vector<std::shared_ptr<RunPage>>;

struct LaneView {
  std::shared_ptr<const RunPages> pages = std::make_shared<const RunPages>();
  size_t runs = 0;
  const LaneRun& operator[](size_t run) const {
    return (*(*pages)[run / kRunsInPage])[run % kRunsInPage];
  }
  // StreamId{0} where nobody has the lane yet.
  StreamId stream_of(uint64_t lane) const;
  size_t run_of(uint64_t lane) const;  // `runs` where there is none
  // How many ids of each run the table says are taken, 0 of those that it does not have yet.
  Result<std::vector<uint64_t>> saved_use(Connection& connection) const;
};

// A row of the table `lane`.
struct LaneRow {
  LaneRun run;
  uint64_t used = 0;  // ids of the run that are taken
};

class Lanes {
 public:
  Lanes() = default;
  Lanes(const Lanes&) = delete;  // two would write into one table
  Lanes& operator=(const Lanes&) = delete;

  static Status create_tables(Connection& connection);
  Status load(Connection& connection);

  ReadingId give(StreamId stream);
  // The reading has this id already: it is taken. Its lane is the stream's own, or the first behind
  // all (CHECK): readings come back in the order in which ids were given.
  void restore(ReadingId id, StreamId stream);
  LaneView view() const { return {pages_, runs_}; }

  // The rows that changed since those of the last save that saved() confirmed, as they were before
  // the readings `later` were given their ids.
  std::vector<LaneRow> changed(std::span<const Reading* const> later);
  static Status save(Connection& connection, std::span<const LaneRow> rows);
  void saved() { saving_.clear(); }

 private:
  struct Current {         // of a stream
    uint32_t run = 0;      // its newest
    uint32_t length = 0;   // of that, in lanes; 0: it has none
    uint64_t next = 0;     // id
    uint64_t end = 0;      // behind the last id of the run
    bool changed = false;  // stands in changed_
  };
  void begin_run(StreamId stream, Current& current);
  void note_change(Current& current);
  LaneRun& run_at(size_t run) { return (*(*pages_)[run / kRunsInPage])[run % kRunsInPage]; }
  uint64_t used(size_t run) const;

  std::shared_ptr<const RunPages> pages_ = std::make_shared<const RunPages>();
  size_t runs_ = 0;
  uint32_t next_lane_ = 0;
  std::unordered_map<StreamId, Current> current_;
  std::vector<uint32_t> changed_;  // runs
  std::vector<uint32_t> saving_;
};

}  // namespace duliang
