// What was measured. New readings stand in the tail, in memory, in the order in which they came; a
// checkpoint writes them as part files, one for each month of their time, sorted by stream and
// time; merges make few large parts of many small ones. What is changed afterwards stands in the
// overlay until a checkpoint or a merge writes the readings as they are now. The Series belongs to
// the writer; a SeriesView is an immutable picture that any thread may read as long as it holds it.
//
// Files are written in three steps, so that the writer never waits for a disk:
//
//   auto job = series->begin_checkpoint();   // or begin_merge(); writer's thread, at once
//   while (!*job->step()) {}                 // any thread, a bounded piece of work each time
//   while (!*series->save_lanes(connection, *job)) {}   // writer's thread, likewise; optional
//   BEGIN; series->finish(connection, *job); COMMIT, durably;   // writer's thread
//   series->finished(*job);                  // writer's thread: the new parts are shown
//
// Between them the writer goes on: appends, changes, publishes. A job that is dropped leaves
// nothing but, after finish(), files that the next opening removes. There is one job at a time
// (CHECK), and between finish() and finished() nothing but the commit.
//
// Ids come in lanes (lanes.h), so that an id names its stream and stays a small dense integer.
// Which lane belongs to which stream follows from the readings of the frames, and is saved with the
// manifest at a checkpoint.
//
// What can fail is told as io, or corrupt for bytes that do not check.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/deadline.h"
#include "base/files.h"
#include "model/reading_change.h"
#include "series/facts.h"
#include "sqlite/sqlite.h"

namespace duliang {

enum class ScanOrder : uint8_t {
  time,  // by phenomenonTime begin, then id
  id,
  kept,  // by stream, then time and id: it costs least
  result,  // page by page, first those that may have the lowest results, or of which that is not
           // known; `sets` is asked once more before each, so that who has enough ends it there
};

// Where a reading stands in an order by time or by id.
struct ScanPlace {
  Time begin{};  // of phenomenonTime; says nothing in the order of ids
  ReadingId id{0};
};

struct ScanOptions {
  std::optional<StreamId> stream;  // none: all streams
  std::optional<Time> from;        // phenomenonTime begin >= from
  std::optional<Time> to;          // phenomenonTime begin <= to
  ScanOrder order = ScanOrder::time;
  bool descending = false;         // not of the kept order; of results: the highest first
  std::optional<ScanPlace> after;  // only what comes behind it; in an order by time or id (CHECK)
  // What is known of whole sets: none is wanted of those that it calls `none`. What comes is still
  // to be judged. Null: nothing is known.
  SetJudge sets;
  bool sets_by_result = false;  // it tells less where results are not known
};

// By stream and time alone.
inline bool takes(const ScanOptions& options, const Reading& reading) {
  const Time begin = reading.phenomenon_time.begin;
  return (!options.stream || reading.stream == *options.stream) &&
         (!options.from || begin >= *options.from) && (!options.to || begin <= *options.to);
}

using ReadingJudge = std::function<Result<bool>(const Reading&)>;

struct StreamExtent {
  uint64_t readings = 0;
  Time first{};  // smallest begin
  Time last{};   // largest end
};

// The readings of a stream that begin in [from, to), in spans of the same length from there on, of
// which the last may be cut short.
struct BucketsAsked {
  StreamId stream{0};
  Time from{};
  Time to{};        // not before
  Duration step{};  // above 0
  size_t count() const {
    return static_cast<size_t>((to - from + step - Duration{1}) / step);
  }
};
// Of one span. What somebody called bad is counted and left out of all else; a result that is no
// number is only counted. Numbers are the nearest doubles.
struct Bucket {
  uint64_t readings = 0;
  uint64_t bad = 0;
  uint64_t numbers = 0;
  double least = 0;
  double most = 0;
  double sum = 0;
  double first = 0;  // by phenomenonTime begin, then id
  double last = 0;
  ScanPlace first_at{};
  ScanPlace last_at{};
};

// What a scan would look at: by what the parts say of themselves, without decoding a page.
struct ScanEstimate {
  double readings = 0;
  double pages = 0;
};

struct ReadEffort;  // kept_rows.h
struct LaneRow;     // lanes.h

class SeriesView {
 public:
  SeriesView();
  ~SeriesView();
  SeriesView(SeriesView&&) noexcept;
  SeriesView& operator=(SeriesView&&) noexcept;
  SeriesView(const SeriesView&);
  SeriesView& operator=(const SeriesView&);

  // In the order asked for; `each` returns false to stop. Never one twice, never a gap.
  Status scan(const ScanOptions& options, const std::function<bool(const Reading&)>& each) const;
  Result<std::optional<Reading>> find(ReadingId id) const;
  Result<std::optional<Reading>> newest(StreamId stream) const;  // by phenomenonTime begin, then id
  Result<StreamExtent> extent(StreamId stream) const;
  Result<uint64_t> count() const;  // of all streams, without a scan
  // Of those within (its order means nothing) that pass. Where its `sets` says `all`, all of the
  // set must pass: they are counted without being looked at.
  Result<uint64_t> count(const ScanOptions& within, const ReadingJudge& passes) const;
  // So many as were asked for, empty ones too.
  Result<std::vector<Bucket>> buckets(const BucketsAsked& asked) const;
  uint64_t sequence() const;       // Q: frames up to here are in it
  // What it showed when frame `sequence`, the last of the second of `then`, had been applied.
  // `connection` is of a snapshot with this view. Counting all readings is a scan there, and what
  // was cut since is gone from the past too.
  Result<SeriesView> as_of(Connection& connection, uint64_t sequence, Time then) const;
  // Behind it every question is answered unavailable, also one that is being answered: so that
  // nobody keeps for ever what the view holds of memory and files.
  void expire(Deadline deadline) { deadline_ = deadline; }
  bool expired() const { return deadline_.passed(); }
  std::vector<StreamId> streams() const;  // that ever had a reading, ascending
  // Of the stream, the times and the sets of the options.
  ScanEstimate estimate(const ScanOptions& options) const;
  // The runs of lanes, in their order, as far as they are used. `connection` is of a snapshot with
  // this view.
  Result<std::vector<LaneRow>> lane_rows(Connection& connection) const;

 private:
  friend class Series;
  friend class ReadingCursor;
  struct State;
  explicit SeriesView(std::shared_ptr<const State> state);
  ReadEffort begin() const;
  void end(const ReadEffort& effort) const;
  std::shared_ptr<const State> state_;
  Deadline deadline_;
};

class Merge;

// The readings of a scan, one by one as they are asked for. It keeps what it needs of the view. One
// thread.
class ReadingCursor {
 public:
  ReadingCursor(const SeriesView& view, const ScanOptions& options);
  ~ReadingCursor();
  ReadingCursor(const ReadingCursor&) = delete;
  ReadingCursor& operator=(const ReadingCursor&) = delete;

  // The next one, good until the following call; null at the end.
  Result<const Reading*> next();

 private:
  Status begin();
  const SeriesView view_;
  std::unique_ptr<Merge> merge_;
  uint64_t asked_ = 0;  // how often
};

// How large its pieces are. Tests take small ones, to meet every border.
struct SeriesSizes {
  size_t chunk_rows = 4096;          // of the tail
  size_t page_rows = 2048;           // of a part
  size_t step_rows = 64 * 1024;      // of a job
  size_t lane_rows = 1024;           // of a call of save_lanes()
  size_t overlay_entries = 100'000;  // beyond, a merge writes the month that has most of them anew
};

// What views have looked at since the series was opened; any thread.
struct SeriesCounts {
  std::atomic<uint64_t> tail_rows = 0;
  std::atomic<uint64_t> part_rows = 0;
  std::atomic<uint64_t> overlay_rows = 0;
  std::atomic<uint64_t> pages = 0;  // asked for, of the cache or the disk
};

// A reading as it was before the change of frame `sequence`.
struct ReadingVersion {
  uint64_t sequence = 0;
  Time time{};
  std::string actor;
  std::string reason;
  std::optional<Reading> before;  // none: it was gone
};

// Part files being written; see Series.
class PartsJob {
 public:
  struct State;
  explicit PartsJob(std::unique_ptr<State> state);  // by Series
  ~PartsJob();
  PartsJob(const PartsJob&) = delete;
  PartsJob& operator=(const PartsJob&) = delete;
  // True when all files are written and synced with their names; then it must not be called again.
  Result<bool> step();
  uint64_t sequence() const;  // frames up to here are in what it writes
  bool is_checkpoint() const;

 private:
  friend class Series;
  std::unique_ptr<State> state_;
};

class Series {
 public:
  static Status create_tables(Connection& connection);
  // Reads manifest, lanes, overlay and cuts; the parts that the manifest names must be there and
  // agree with it, others in `folder` are removed. Without a folder everything stays in memory: no
  // job may begin (CHECK).
  static Result<std::unique_ptr<Series>> open(Files& files, std::string folder,
                                              Connection& connection, SeriesSizes sizes = {});
  struct State;
  explicit Series(std::unique_ptr<State> state);  // by open()
  ~Series();

  // The next id of the stream; taking it is final, so that two readings of a group differ. It is
  // appended before the next job begins.
  ReadingId give_id(StreamId stream);
  // To the tail, unpublished; when it arrived is set. When restoring frames this also restores the
  // lanes, so readings come in the order in which they got their ids.
  void append(const Reading& reading);

  struct Change {
    const ReadingChange& change;
    uint64_t sequence = 0;  // of its frame
    Time time{};            // of its frame
    std::string_view actor;
  };
  // In the caller's open transaction; find() sees it at once, views after publish(). Applying a
  // frame's changes twice changes nothing. A reading that was removed may be put back by a replace;
  // removing what is not there changes nothing. conflict: the reading's id is of another stream.
  Status change(Connection& connection, const Change& change);
  Result<std::optional<Reading>> find(ReadingId id) const;  // unpublished ones too
  // Whether what a cut of the stream would hide can be counted; it has to be.
  Status check_cut(StreamId stream, Time before) const;
  // Readings of the stream that begin before it are gone; new ones must be refused.
  std::optional<Time> cut_of(StreamId stream) const;

  void publish(uint64_t sequence);
  SeriesView view() const;  // the last published; any thread
  size_t tail_readings() const;
  size_t changed_readings() const;  // about so many that no merge has written anew yet
  const SeriesCounts& counts() const;  // any thread

  // Of the published tail; what is appended meanwhile stays in the tail.
  std::unique_ptr<PartsJob> begin_checkpoint();
  // Null where nothing is worth merging.
  std::unique_ptr<PartsJob> begin_merge();
  // Some of the lanes that a checkpoint records, since there may be one for each stream; true when
  // none are left, else finish() takes the rest. They may be durable long before it is: what the
  // table is ahead of the parts is in the frames that an opening reads anyway.
  Result<bool> save_lanes(Connection& connection, PartsJob& job);
  // Manifest, lanes, and what the parts have taken from the overlay, in the caller's open
  // transaction, which must become durable before finished(). corrupt: the readings do not come out
  // as many as they went in; then nothing of the job may be committed.
  Status finish(Connection& connection, PartsJob& job);
  // The transaction is durable: the new parts are shown, the tail is shorter, and files that were
  // replaced go when no view holds them.
  void finished(PartsJob& job);

  // Switches of the test binary's mutations; see series_jobs_test.cc and tests/faults. Not in the
  // program.
#ifdef DULIANG_MUTATIONS
  static bool mutation_tail_freed_early;      // a checkpoint begins by letting the tail go
  static bool mutation_find_without_overlay;  // views find readings as they were
  static bool mutation_lanes_not_recorded;    // a checkpoint leaves the table of lanes as it was
  static bool mutation_part_not_synced;       // a loss of power may take what the manifest names
  static bool mutation_folder_not_synced;     // nor its name
#endif

 private:
  std::unique_ptr<State> state_;
};

// How a reading changed, oldest first.
Result<std::vector<ReadingVersion>> versions_of(Connection& connection, ReadingId id);
// As `dump` prints them, a JSON object each: every reading by id, what each was before its changes,
// the cuts, the lanes. `connection` is of a snapshot with the view, which is of the present.
Status dump_readings(const SeriesView& view, Connection& connection,
                     const std::function<void(std::string_view line)>& line);
// Reads a part whole and checks it; names the first fault, which may be one that `each` finds.
Status verify_part(Files& files, const std::string& path,
                   const std::function<Status(const Reading&)>& each = {});

}  // namespace duliang
