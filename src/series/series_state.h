// What the writer holds of the series, beside the picture that views share.
#pragma once

#include <mutex>

#include "series/manifest.h"
#include "series/parts_job.h"
#include "series/stored_changes.h"
#include "series/view.h"

namespace duliang {

// How many readings there are is never found out by a scan:
//
//   readings of tail and parts - those of them that cuts hide + the weights of the overlay's
//   entries
//
// Each of the three is kept as it changes.
struct Counted {
  uint64_t part_readings = 0;
  CutStates cuts;
  uint64_t hidden = 0;  // by all cuts
  int64_t weights = 0;

  void set(StreamId stream, const CutState& cut) {
    CutState& known = cuts[stream];
    hidden += cut.part_rows + cut.tail_rows - known.part_rows - known.tail_rows;
    known = cut;
  }
  // Beside those parts, so many are in the tail.
  uint64_t readings(size_t in_tail) const {
    return part_readings + in_tail - hidden + static_cast<uint64_t>(weights);
  }
};

// What finish() has worked out, to be shown by finished().
struct Finishing {
  std::shared_ptr<const Parts> parts;
  Counted counted;
  std::vector<Overlay::Folded> folded;
  size_t chunks = 0;  // of the tail, that are in parts now
};

struct Series::State {
  State(Files& its_files, std::string its_folder, SeriesSizes its_sizes)
      : files(its_files), folder(std::move(its_folder)), sizes(its_sizes), tail(sizes.chunk_rows) {}

  void swap_in(std::shared_ptr<const SeriesView::State> next);
  std::shared_ptr<const SeriesView::State> picture() const;
  CutSnapshot cut_snapshot() const;
  Time cut_before(StreamId stream) const;
  Result<std::optional<Reading>> find(StreamId stream, ReadingId id) const;

  Status load(Connection& connection);
  Status cut(Connection& connection, const Change& change);
  Status change_reading(Connection& connection, const Change& change);
  std::unique_ptr<PartsJob> begin(std::unique_ptr<PartsJob::State> job);
  Parts worth_merging() const;
  Parts worth_folding() const;
  Parts worth_cutting() const;
  Status finish(Connection& connection, const PartsJob::State& done);
  Status fold(Connection& connection, const PartsJob::State& job);
  Status count_cuts(Connection& connection, const PartsJob::State& job);

  Files& files;
  const std::string folder;
  const SeriesSizes sizes;
  Lanes lanes;
  SeriesTail tail;
  std::shared_ptr<const Parts> parts = std::make_shared<const Parts>();
  Overlay overlay;
  Counted counted;
  bool cuts_changed = false;  // since the last publish()
  uint32_t last_arrived_s = 0;
  std::shared_ptr<std::atomic<bool>> job_slot = std::make_shared<std::atomic<bool>>(false);
  std::optional<Finishing> finishing;  // between finish() and finished()

  mutable std::mutex mutex;  // guards `published` alone
  std::shared_ptr<const SeriesView::State> published = std::make_shared<SeriesView::State>();
};

uint64_t readings_of(const Parts& parts);

}  // namespace duliang
