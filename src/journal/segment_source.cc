#include "journal/segment_source.h"

#include <algorithm>

#include "journal/frame.h"

namespace duliang {

// Sealing removes the `.log` when the `.sealed` has its name, so one of them is found.
Result<SegmentSource> SegmentSource::open(Files& files, const std::string& folder, Place first) {
  SegmentSource source;
  source.first_ = first;
  auto log = File::open(files, folder + "/" + segment_name(first), OpenMode::read);
  if (log.ok()) {
    source.file_ = std::move(*log);
    return source;
  }
  if (log.error().code != Code::not_found) return std::move(log).error();
  TRY(source.sealed_, SealedSegment::open(files, folder + "/" + sealed_name(first)));
  if (source.summary().first != first)
    return Error{Code::corrupt, "The sealed segment is not the one that its name says.",
                 folder + "/" + sealed_name(first)};
  return source;
}

Result<std::string_view> SegmentSource::at(uint64_t offset, size_t wanted, uint64_t limit) {
  if (!sealed_) return window_.at(file_, offset, wanted, limit);
  if (offset >= std::min(limit, summary().tail.place - first_)) return std::string_view();
  const size_t block = sealed_->block_at(first_ + offset);
  if (block_ != block) {
    block_.reset();
    TRY(records_, sealed_->read_block(block));
    block_ = block;
  }
  const uint64_t within = first_ + offset - sealed_->block_place(block);
  return std::string_view(records_).substr(within).substr(0, limit - offset);
}

Result<uint64_t> SegmentSource::size() const {
  if (sealed_) return summary().tail.place - first_;
  return file_.size();
}

Result<Walk> SegmentSource::walk(uint64_t offset) const {
  if (!sealed_) return walk_segment(file_, first_, offset);
  const Place end = summary().tail.place;
  return Walk{end - first_, end};
}

Result<SegmentSummary> SegmentSource::summarized(const SegmentSummary& before, Place end) {
  if (sealed_) return summary();
  SegmentSummary made{first_, 0, before.time, before.tail};
  made.tail.place = first_;
  while (made.tail.place < end) {
    const Place place = made.tail.place;
    TRY(std::string_view bytes, at(place - first_, kRecordPrefix, end - first_));
    const size_t length = record_length(bytes);
    TRY(bytes, at(place - first_, std::max<size_t>(length, 1), end - first_));
    TRY_DO(summarize(made, place, bytes.substr(0, length)));
  }
  return made;
}

}  // namespace duliang
