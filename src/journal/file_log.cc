#include "journal/file_log.h"

#include <algorithm>

#include "journal/file_log_state.h"
#include "journal/frame.h"

namespace duliang {

#ifdef DULIANG_MUTATIONS
bool FileLog::mutation_no_sync = false;
bool FileLog::mutation_no_frame_check = false;
bool FileLog::mutation_mark_too_far = false;
bool FileLog::mutation_folder_not_synced = false;
#endif

namespace {

bool answers_without_sync() {
#ifdef DULIANG_MUTATIONS
  return FileLog::mutation_no_sync;
#else
  return false;
#endif
}

bool calls_durable_what_is_written() {
#ifdef DULIANG_MUTATIONS
  return FileLog::mutation_mark_too_far;
#else
  return false;
#endif
}

bool leaves_names_unsynced() {
#ifdef DULIANG_MUTATIONS
  return FileLog::mutation_folder_not_synced;
#else
  return false;
#endif
}

AppendResult failure(LogError error, std::string why) { return {false, {}, error, std::move(why)}; }

}  // namespace

std::string FileLog::State::file_of(Place place) const {
  const auto next = std::upper_bound(segments.begin(), segments.end(), place);
  return next == segments.begin() ? folder : path(*(next - 1));
}

Error FileLog::State::corrupt(Place at, const std::string& what) const {
  return {Code::corrupt, "The journal is damaged at place " + to_hex(at) + ": " + what + ".",
          file_of(at)};
}

// The tail in front of the first segment, as a summary of what stood before it.
SegmentSummary FileLog::State::before_first() const {
  return retired.empty() ? SegmentSummary() : retired.back();
}

// The bytes below `end` never change, so the window may keep them.
Result<std::string_view> FileLog::State::record_at(Place place) {
  const auto next = std::upper_bound(segments.begin(), segments.end(), place);
  const Place first = *(next - 1);
  const uint64_t limit = (next == segments.end() ? end : *next) - first;
  if (!reading || reading_first != first) {
    reading.reset();
    TRY(reading, SegmentSource::open(files, folder, first));
    reading_first = first;
  }
  const uint64_t offset = place - first;
  TRY(std::string_view bytes, reading->at(offset, kRecordPrefix, limit));
  const size_t length = record_length(bytes);
  if (length == 0) return corrupt(place, "no record begins here");
  if (length > limit - offset) return corrupt(place, "the record is longer than what is left");
  TRY(bytes, reading->at(offset, length, limit));
  if (bytes.size() < length) return corrupt(place, "the file ends within the record");
  return bytes.substr(0, length);
}

AppendResult FileLog::State::fail(LogError error, const std::string& why) {
  failed = why;
  return failure(error, why);
}

AppendResult FileLog::State::store(std::string_view record, Durability durability) {
  if (use != Use::write) return failure(LogError::refused, "The journal was opened to read only.");
  if (!failed.empty())
    return failure(LogError::unavailable, "An earlier append has failed: " + failed);
  if (record.size() > limits::kFrameBytes || record_length(record) != record.size())
    return fail(LogError::unavailable,
                "This is no record of at most " + std::to_string(limits::kFrameBytes) + " bytes.");
  if (const Status status = make_room(record.size()); !status.ok())
    return fail(LogError::unavailable, status.error().message);
  const Status written = last.write_at(record, end - segments.back());
  if (!written.ok()) return fail(LogError::unknown, written.error().message);
  const Place next = end + record.size();
  if (durability == Durability::power) {
    const Status status = answers_without_sync() ? Status() : last.sync();
    if (!status.ok()) return fail(LogError::unknown, status.error().message);
    synced = next;
  }
  if (calls_durable_what_is_written()) synced = next;
  const Stored stored{end, next, synced};
  end = next;
  return {true, stored, {}, ""};
}

Status FileLog::State::make_room(size_t size) {
  if (segments.empty()) TRY_DO(begin_segment());
  uint64_t offset = end - segments.back();
  if (offset > 0 && offset + size > options.segment_bytes) {
    TRY_DO(last.truncate(offset));
    TRY_DO(last.sync());
    synced = end;
    TRY_DO(begin_segment());
    offset = 0;
  }
  return offset + size > filled ? fill(offset + size) : Status();
}

Status FileLog::State::begin_segment() {
  TRY(last, File::open(files, path(end), OpenMode::create));
  if (!leaves_names_unsynced()) TRY_DO(files.sync_folder(folder));
  segments.push_back(end);
  filled = 0;
  return {};
}

// Zeros up to `needed` and a step further, within the limit of a segment.
Status FileLog::State::fill(uint64_t needed) {
  const uint64_t step_end = std::min(filled + options.ahead_bytes, options.segment_bytes);
  const uint64_t target = std::max(needed, step_end);
  if (zeros.empty()) zeros.resize(kPieceBytes);
  while (filled < target) {
    const auto size = static_cast<size_t>(std::min<uint64_t>(target - filled, zeros.size()));
    TRY_DO(last.write_at(std::string_view(zeros).substr(0, size), filled));
    filled += size;
  }
  return {};
}

FileLog::FileLog(std::unique_ptr<State> state) : state_(std::move(state)) {}
FileLog::~FileLog() = default;

void FileLog::append(std::string_view record, Durability durability, Done done) {
  done(state_->store(record, durability));
}

Result<Place> FileLog::read(Place from, size_t bytes_max, const Sink& sink) {
  State& state = *state_;
  if (state.use == State::Use::follow && from >= state.end) TRY_DO(state.look_again());
  if (from >= state.end) return from;
  if (from < state.segments.front())
    return Error{Code::not_found,
                 "Place " + to_hex(from) + " is no longer in the journal, which begins at " +
                     to_hex(state.segments.front()) + ".",
                 state.folder};
  Place place = from;
  while (place < state.end && place - from < bytes_max) {
    TRY(const std::string_view record, state.record_at(place));
    const Place at = place;
    place += record.size();
    if (!sink(at, record)) break;
  }
  return place;
}

Result<Place> FileLog::end() {
  if (state_->use == State::Use::follow) TRY_DO(state_->look_again());
  return state_->end;
}

Status FileLog::trim(Place before) {
  State& state = *state_;
  size_t count = 0;
  Retired retired = state.retired;
  SegmentSummary last = state.before_first();
  for (; count + 1 < state.segments.size() && state.end_of(count) <= before; ++count) {
    TRY(SegmentSource source,
        SegmentSource::open(state.files, state.folder, state.segments[count]));
    TRY(last, source.summarized(last, state.end_of(count)));
    retired.push_back(last);
  }
  if (count == 0) return {};
  TRY_DO(write_retired(state.files, state.folder, retired));
  state.oldest.reset();
  const std::vector<Place> gone(state.segments.begin(),
                                state.segments.begin() + static_cast<ptrdiff_t>(count));
  state.retired = std::move(retired);
  state.segments.erase(state.segments.begin(),
                       state.segments.begin() + static_cast<ptrdiff_t>(count));
  state.sealed_sizes.erase(
      state.sealed_sizes.begin(),
      state.sealed_sizes.begin() +
          static_cast<ptrdiff_t>(std::min(count, state.sealed_sizes.size())));
  state.reading.reset();
  for (const Place first : gone)
    for (const std::string& name : {segment_name(first), sealed_name(first)}) {
      TRY(const bool there, state.files.exists(state.folder + "/" + name));
      if (there) TRY_DO(state.files.remove(state.folder + "/" + name));
    }
  return state.files.sync_folder(state.folder);
}

// Takes note of the first segments that have been sealed.
Status FileLog::State::count_sealed() {
  while (sealed_sizes.size() + 1 < segments.size()) {
    const Place first = segments[sealed_sizes.size()];
    TRY(const bool written, files.exists(path(first)));
    if (written) return {};
    TRY(const File file, File::open(files, folder + "/" + sealed_name(first), OpenMode::read));
    TRY(const uint64_t size, file.size());
    sealed_sizes.push_back(size);
  }
  return {};
}

Result<std::shared_ptr<SealJob>> FileLog::seal_next(Place limit) {
  State& state = *state_;
  const std::shared_ptr<SealJob> none;
  if (state.use != State::Use::write || !state.sealing.expired()) return none;
  const auto is_wanted = [&] {
    const size_t at = state.sealed_sizes.size();
    return at + 1 < state.segments.size() && state.end_of(at) <= limit;
  };
  if (!is_wanted()) return none;
  TRY_DO(state.count_sealed());
  if (!is_wanted()) return none;
  const size_t at = state.sealed_sizes.size();
  SegmentSummary before = state.before_first();
  if (at > 0) {
    TRY(const SegmentSource source,
        SegmentSource::open(state.files, state.folder, state.segments[at - 1]));
    before = source.summary();
  }
  before.tail.place = state.segments[at];
  auto job = std::make_shared<SealJob>(state.files, state.folder, before, state.end_of(at));
  state.sealing = job;
  return job;
}

Result<std::optional<SegmentSummary>> FileLog::oldest_sealed() {
  State& state = *state_;
  if (!state.oldest && state.segments.size() > 1) {
    TRY_DO(state.count_sealed());
    if (state.sealed_sizes.empty()) return state.oldest;
    TRY(const SegmentSource source,
        SegmentSource::open(state.files, state.folder, state.segments.front()));
    state.oldest = source.summary();
  }
  return state.oldest;
}

Place FileLog::last_segment() const {
  return state_->segments.empty() ? state_->end : state_->segments.back();
}

SegmentTotals FileLog::totals() const {
  const State& state = *state_;
  SegmentTotals totals;
  totals.sealed.segments = state.sealed_sizes.size();
  for (const uint64_t size : state.sealed_sizes) totals.sealed.bytes += size;
  totals.written.segments = state.segments.size() - state.sealed_sizes.size();
  if (totals.written.segments > 0) {
    totals.written.bytes = state.end - state.segments[state.sealed_sizes.size()];
  }
  totals.retired = {state.retired.size(), state.before_first().tail.place};
  return totals;
}

std::optional<Horizon> FileLog::horizon() const {
  if (state_->retired.empty()) return std::nullopt;
  const SegmentSummary& last = state_->retired.back();
  return Horizon{last.tail, last.time};
}

Tail FileLog::begin() const { return state_->before_first().tail; }

Result<Place> FileLog::sync() {
  State& state = *state_;
  if (!state.failed.empty())
    return Error{Code::io, "An earlier append has failed: " + state.failed, state.folder};
  if (state.synced == state.end || state.use != State::Use::write) return state.synced;
  if (const Status status = state.last.sync(); !status.ok()) {
    state.failed = status.error().message;
    return status.error();
  }
  state.synced = state.end;
  return state.synced;
}

const std::optional<LostTail>& FileLog::lost_tail() const { return state_->lost; }

Place FileLog::synced() const { return state_->synced; }
std::string FileLog::file_of(Place place) const { return state_->file_of(place); }

}  // namespace duliang
