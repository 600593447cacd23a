#include "journal/seal.h"

#include "journal/sealed_block.h"

namespace duliang {

SealJob::SealJob(Files& files, std::string folder, const SegmentSummary& before, Place end)
    : files_(files), folder_(std::move(folder)), end_(end), at_(before.tail.place) {
  summary_ = {before.tail.place, 0, before.time, before.tail};
}

Result<bool> SealJob::step() {
  switch (phase_) {
    case Phase::begin:
      TRY_DO(begin());
      break;
    case Phase::write:
      TRY_DO(write_block());
      break;
    case Phase::compare:
      TRY_DO(compare_block());
      break;
    case Phase::names:
      TRY_DO(change_names());
      break;
    case Phase::done:
      break;
  }
  return phase_ == Phase::done;
}

Status SealJob::begin() {
  const std::string fresh = path(sealing_name(first()));
  TRY(const bool left_over, files_.exists(fresh));
  if (left_over) TRY_DO(files_.remove(fresh));
  TRY(log_, File::open(files_, path(segment_name(first())), OpenMode::read));
  TRY(writer_, SealedWriter::create(files_, fresh));
  phase_ = Phase::write;
  return {};
}

Result<std::string_view> SealJob::next_records() {
  const uint64_t limit = end_ - first();
  const uint64_t offset = at_ - first();
  TRY(std::string_view bytes, window_.at(log_, offset, kBlockBytes, limit));
  size_t whole = 0;
  while (true) {
    const size_t length = record_length(bytes.substr(whole));
    const bool full = whole + length > kBlockBytes || whole + length > bytes.size();
    if (length == 0 || (full && whole > 0)) break;
    if (full)
      return Error{Code::corrupt, "The record at place " + to_hex(at_) + " is cut.", folder_};
    whole += length;
  }
  if (whole == 0)
    return Error{Code::corrupt, "No record begins at place " + to_hex(at_) + ".", folder_};
  return bytes.substr(0, whole);
}

Status SealJob::write_block() {
  if (at_ < end_) {
    TRY(const std::string_view records, next_records());
    for (size_t offset = 0; offset < records.size();) {
      const std::string_view rest = records.substr(offset);
      const std::string_view record = rest.substr(0, record_length(rest));
      TRY_DO(summarize(summary_, at_ + offset, record));
      offset += record.size();
    }
    TRY_DO(writer_->add(records, at_));
    at_ += records.size();
    return {};
  }
  TRY_DO(writer_->finish(summary_));
  writer_.reset();
  TRY(sealed_, SealedSegment::open(files_, path(sealing_name(first()))));
  at_ = first();
  phase_ = Phase::compare;
  return {};
}

Status SealJob::compare_block() {
  const size_t block = sealed_->block_at(at_);
  TRY(const std::string records, sealed_->read_block(block));
  TRY(const std::string_view written,
      window_.at(log_, at_ - first(), records.size(), end_ - first()));
  if (written.substr(0, records.size()) != records)
    return Error{Code::corrupt, "What was sealed at place " + to_hex(at_) + " does not come out.",
                 folder_};
  at_ += records.size();
  if (at_ == end_) phase_ = Phase::names;
  return {};
}

Status SealJob::change_names() {
  sealed_.reset();
  TRY_DO(files_.rename(path(sealing_name(first())), path(sealed_name(first()))));
  TRY_DO(files_.sync_folder(folder_));
  TRY_DO(files_.remove(path(segment_name(first()))));
  TRY_DO(files_.sync_folder(folder_));
  phase_ = Phase::done;
  return {};
}

}  // namespace duliang
