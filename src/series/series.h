// What was measured. New readings stand in the tail, in memory, in the order in which they came; a
// checkpoint writes them as one part file, sorted by stream and time, and forgets them from the
// tail. The Series belongs to the writer; a SeriesView is an immutable picture that any thread may
// read as long as it holds it.
//
// Ids come in lanes: a stream takes a block of 256 ids at a time, so that id >> 8 names the stream
// and ids stay small dense integers. Which lane belongs to which stream follows from the readings
// of the frames, and is saved with the manifest at a checkpoint.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/files.h"
#include "model/reading.h"
#include "sqlite/sqlite.h"

namespace duliang {

struct ScanOptions {
  std::optional<StreamId> stream;      // none: all streams
  std::optional<Time> from;            // phenomenonTime begin >= from
  std::optional<Time> to;              // phenomenonTime begin <= to
  bool descending = false;             // by phenomenonTime begin, then id
  bool by_id = false;                  // order by id instead of time
};

struct StreamExtent {
  uint64_t readings = 0;
  Time first{};   // smallest begin
  Time last{};    // largest end
};

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
  Result<uint64_t> count() const;                                // of all streams, without a scan
  uint64_t sequence() const;                                     // Q: frames up to here are in it
  void each_lane(const std::function<void(uint64_t lane, StreamId stream)>& each) const;

 private:
  friend class Series;
  struct State;
  explicit SeriesView(std::shared_ptr<const State> state);
  std::shared_ptr<const State> state_;
};

// How large its pieces are. Tests take small ones, to meet every border.
struct SeriesSizes {
  size_t chunk_rows = 4096;  // of the tail
  size_t block_rows = 1024;  // of a part
};

class Series {
 public:
  static Status create_tables(Connection& connection);
  // Reads the manifest; part files in `folder` that it does not name are removed. Without a folder
  // everything stays in memory: write_part() must not be called.
  static Result<std::unique_ptr<Series>> open(Files& files, std::string folder,
                                              Connection& connection, SeriesSizes sizes = {});
  struct State;
  explicit Series(std::unique_ptr<State> state);  // by open()
  ~Series();

  // The next id of the stream; taking it is final, so that two readings of a group differ.
  ReadingId give_id(StreamId stream);
  // To the tail, unpublished. When restoring frames this also restores the lanes.
  void append(const Reading& reading);
  void publish(uint64_t sequence);
  SeriesView view() const;       // the last published; any thread
  size_t tail_readings() const;

  // A checkpoint in two steps: writes and syncs a part with the published tail and its manifest
  // rows (in the caller's open transaction); when that is committed, forget_tail() lets the tail
  // go.
  Status write_part(Connection& connection, uint64_t sequence);
  void forget_tail();

 private:
  std::unique_ptr<State> state_;
};

// Every reading, by id, as `dump` prints it, and the lanes.
Status dump_readings(const SeriesView& view,
                     const std::function<void(std::string_view line)>& line);
// Reads a part whole and checks it; names the first fault.
Status verify_part(Files& files, const std::string& path);

}  // namespace duliang
