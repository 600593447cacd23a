// The records of one segment to read, whether it still stands as it was written or is sealed. Holds
// one window or one opened block. Of one thread. Fails with io, corrupt and unsupported; not_found
// where the segment is in neither form.
#pragma once

#include <memory>
#include <optional>

#include "journal/sealed_segment.h"
#include "journal/segment.h"

namespace duliang {

class SegmentSource {
 public:
  static Result<SegmentSource> open(Files& files, const std::string& folder, Place first);

  // Bytes from `offset` on: at least `wanted`, or to the end of the record that begins there. Fewer
  // only where the segment or `limit` ends. The view holds until the next call.
  Result<std::string_view> at(uint64_t offset, size_t wanted, uint64_t limit);
  Result<uint64_t> size() const;  // of a segment that is not sealed with the zeros at its end
  bool sealed() const { return sealed_.has_value(); }
  const SegmentSummary& summary() const { return sealed_->summary(); }  // of a sealed one
  // To the first bytes from `offset` on that are no sound record.
  Result<Walk> walk(uint64_t offset) const;
  // The summary of one that need not be sealed and ends at `end`; its records are read.
  Result<SegmentSummary> summarized(const SegmentSummary& before, Place end);

 private:
  Place first_ = 0;
  File file_;
  Window window_;
  std::optional<SealedSegment> sealed_;
  std::optional<size_t> block_;  // that is held
  std::string records_;          // of it
};

}  // namespace duliang
