// Sealing a finished segment: a job in steps of one block each, which any thread may run beside the
// writer. `<place>.sealing` is written, synced, read back and compared byte by byte, then named
// `<place>.sealed` durably, and only then the `.log` is removed. So whenever the machine dies one
// of the two is there whole, and where both are the `.log` counts.
#pragma once

#include <memory>
#include <optional>

#include "journal/sealed_segment.h"
#include "journal/segment.h"

namespace duliang {

class SealJob {
 public:
  // Of the segment in `folder` from `before.place` to `end`; `before` is the tail in front of it.
  SealJob(Files& files, std::string folder, const SegmentSummary& before, Place end);

  // One block written, or read back and compared, or the names changed: some 20 ms. True when all
  // is done. After an error the job is over; the `.log` is there as it was.
  Result<bool> step();
  Place first() const { return summary_.first; }

 private:
  Result<std::string_view> next_records();  // as many whole ones as a block takes, from at_ on
  Status begin();
  Status write_block();
  Status compare_block();
  Status change_names();
  std::string path(std::string_view name) const { return folder_ + "/" + std::string(name); }

  enum class Phase : uint8_t { begin, write, compare, names, done };
  Files& files_;
  const std::string folder_;
  const Place end_;
  Phase phase_ = Phase::begin;
  Place at_ = 0;  // so far
  SegmentSummary summary_;
  File log_;
  Window window_;
  std::optional<SealedWriter> writer_;
  std::optional<SealedSegment> sealed_;
};

}  // namespace duliang
