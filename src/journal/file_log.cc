#include "journal/file_log.h"

#include <algorithm>

#include "journal/frame.h"
#include "journal/retired.h"
#include "journal/segment_source.h"

namespace duliang {

#ifdef DULIANG_MUTATIONS
bool FileLog::mutation_no_sync = false;
bool FileLog::mutation_no_frame_check = false;
bool FileLog::mutation_mark_too_far = false;
#endif

namespace {

constexpr size_t kPieceBytes = 256 * 1024;  // written at once

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

AppendResult failure(LogError error, std::string why) { return {false, {}, error, std::move(why)}; }

}  // namespace

struct FileLog::State {
  enum class Use : uint8_t { write, verify, follow };

  State(Files& the_files, std::string the_folder, FileLogOptions the_options, Use the_use)
      : files(the_files), folder(std::move(the_folder)), options(the_options), use(the_use) {}

  std::string path(Place first) const { return folder + "/" + segment_name(first); }
  Error corrupt(Place at, const std::string& what) const;

  // Opening.
  Status make_folder();
  Status find_segments();
  Status tidy_up(const std::vector<std::string>& names);
  Status check_joints();
  Status find_end();
  Status judge_rest(File& last, const Rest& rest);
  Status cut(File& last, const Rest& rest);
  Status open_last();
  Status write_again(uint64_t from, uint64_t to);
  Status look_again();

  // Reading.
  Result<std::string_view> record_at(Place place);

  // Writing.
  AppendResult store(std::string_view record, Durability durability);
  Status make_room(size_t size);
  Status begin_segment();
  Status fill(uint64_t offset);
  AppendResult fail(LogError error, const std::string& why);

  // Sealing and retiring.
  SegmentSummary before_first() const;
  Place end_of(size_t segment) const { return segments[segment + 1]; }  // not of the last

  Files& files;
  const std::string folder;
  const FileLogOptions options;
  const Use use;

  std::vector<Place> segments;  // the places of their first bytes
  Place end = 0;                // behind the last record
  Place synced = 0;
  std::optional<LostTail> lost;

  File last;            // the last segment, to write
  uint64_t filled = 0;  // its size
  std::string zeros;
  std::string failed;  // why, once an append or a sync has failed

  std::optional<SegmentSource> reading;  // the segment that was read last
  Place reading_first = 0;

  Retired retired;
  size_t sealed_count = 0;         // so many of the first segments are sealed
  std::weak_ptr<SealJob> sealing;  // the job given out last
};

Error FileLog::State::corrupt(Place at, const std::string& what) const {
  const auto next = std::upper_bound(segments.begin(), segments.end(), at);
  const std::string file = next == segments.begin() ? folder : path(*(next - 1));
  return {Code::corrupt, "The journal is damaged at place " + to_hex(at) + ": " + what + ".", file};
}

Status FileLog::State::make_folder() {
  TRY(const bool exists, files.exists(folder));
  if (exists) return {};
  TRY_DO(files.make_folder(folder));
  const size_t slash = folder.rfind('/');
  if (slash == std::string::npos || slash == 0) return {};
  return files.sync_folder(folder.substr(0, slash));
}

Status FileLog::State::find_segments() {
  TRY(const std::vector<std::string> names, files.list(folder));
  TRY(retired, read_retired(files, folder));
  const Place begin = before_first().tail.place;
  for (const std::string& name : names) {
    const auto written = segment_place(name);
    const auto first = written ? written : sealed_place(name);
    if (first && *first >= begin) segments.push_back(*first);
  }
  std::sort(segments.begin(), segments.end());
  segments.erase(std::unique(segments.begin(), segments.end()), segments.end());
  if (!retired.empty() && !segments.empty() && segments.front() != begin)
    return corrupt(begin, "bytes are missing up to the segment " + segment_name(segments.front()));
  end = synced = segments.empty() ? begin : segments.back();
  return use == Use::write ? tidy_up(names) : Status();
}

// What a death in the middle of sealing or retiring has left. Of a segment in both forms the one
// that was written first is surely whole; it will be sealed again.
Status FileLog::State::tidy_up(const std::vector<std::string>& names) {
  const Place begin = before_first().tail.place;
  for (const std::string& name : names) {
    const auto written = segment_place(name);
    const auto sealed = sealed_place(name);
    const auto first = written ? written : sealed;
    const bool was_retired = first && *first < begin;
    const bool doubled = sealed && std::ranges::binary_search(names, segment_name(*sealed));
    if (was_retired || doubled || sealing_place(name)) TRY_DO(files.remove(folder + "/" + name));
  }
  return {};
}

// Every segment must reach to the next one: so a missing one is seen without reading any.
Status FileLog::State::check_joints() {
  for (size_t i = 0; i + 1 < segments.size(); ++i) {
    TRY(const SegmentSource source, SegmentSource::open(files, folder, segments[i]));
    TRY(const uint64_t size, source.size());
    if (segments[i] + size < segments[i + 1])
      return corrupt(segments[i] + size,
                     "bytes are missing up to the segment " + segment_name(segments[i + 1]));
    if (source.sealed() && sealed_count == i) ++sealed_count;
  }
  return {};
}

Status FileLog::State::find_end() {
  if (segments.size() > 1) {
    const Place first = segments[segments.size() - 2];
    TRY(const SegmentSource finished, SegmentSource::open(files, folder, first));
    TRY(const Walk walk, finished.walk(0));
    if (first + walk.end != segments.back())
      return corrupt(first + walk.end, "a record does not check, though a later segment exists");
  }
  if (segments.empty()) return {};
  TRY(const bool there, files.exists(path(segments.back())));
  if (!there) return corrupt(segments.back(), "the last segment is sealed, and none follows it");
  const OpenMode mode = use == Use::write ? OpenMode::write : OpenMode::read;
  TRY(File file, File::open(files, path(segments.back()), mode));
  TRY(const Walk walk, walk_segment(file, segments.back(), 0));
  end = segments.back() + walk.end;
  synced = std::max(synced, walk.synced);
  TRY(const Rest rest, read_rest(file, walk.end));
  return rest.used == 0 ? Status() : judge_rest(file, rest);
}

// There is damage at `end`. Was it ever known to be durable?
Status FileLog::State::judge_rest(File& file, const Rest& rest) {
  const Place known = std::max(synced, synced_in_rest(rest.bytes, end));
  if (end < known)
    return corrupt(
        end, "a record does not check, though all up to place " + to_hex(known) + " was synced");
  lost = LostTail{end, rest.used, ""};
  return use == Use::write ? cut(file, rest) : Status();
}

// The lost bytes are safe beside the segments before they leave the segment. If power goes in
// between, the next opening does it again under another name.
Status FileLog::State::cut(File& file, const Rest& rest) {
  const std::string name = folder + "/lost-" + to_hex(end);
  std::string kept = name;
  for (int again = 2;; ++again) {
    TRY(const bool taken, files.exists(kept));
    if (!taken) break;
    kept = name + "-" + std::to_string(again);
  }
  TRY(File aside, File::open(files, kept, OpenMode::create));
  TRY_DO(aside.write_at(std::string_view(rest.bytes).substr(0, rest.used), 0));
  TRY_DO(aside.sync());
  TRY_DO(files.sync_folder(folder));
  TRY_DO(file.truncate(end - segments.back()));
  TRY_DO(file.sync());
  lost->kept_in = kept;
  return {};
}

// What a killed process wrote without a sync is made durable before anybody reads it: a checkpoint
// that was built on it would otherwise be ahead of the journal after a loss of power.
Status FileLog::State::open_last() {
  if (segments.empty()) return {};
  TRY(last, File::open(files, path(segments.back()), OpenMode::write));
  TRY(filled, last.size());
  TRY_DO(write_again(synced - segments.back(), end - segments.back()));
  TRY_DO(last.sync());
  TRY_DO(files.sync_folder(folder));
  synced = end;
  return {};
}

// The process before may have ended because a sync failed. The system then takes the pages for
// clean, though the disk does not have them: they are read back from memory, and no later sync
// writes them. So what no mark calls durable is written once more, the same bytes.
Status FileLog::State::write_again(uint64_t from, uint64_t to) {
  std::string piece;
  while (from < to) {
    piece.resize(static_cast<size_t>(std::min<uint64_t>(to - from, kPieceBytes)));
    TRY(const size_t got, last.read_at(piece.data(), piece.size(), from));
    if (got < piece.size()) return corrupt(segments.back() + from + got, "the file has shrunk");
    TRY_DO(last.write_at(piece, from));
    from += piece.size();
  }
  return {};
}

// Of a reader: what has been appended since. A segment ends where the next one begins, so the next
// one, if there is one, has the name of the end.
Status FileLog::State::look_again() {
  if (segments.empty()) TRY_DO(find_segments());
  while (!segments.empty()) {
    const Place first = segments.back();
    TRY(const SegmentSource source, SegmentSource::open(files, folder, first));
    TRY(const Walk walk, source.walk(end - first));
    end = first + walk.end;
    synced = std::max(synced, walk.synced);
    if (end == first) break;
    TRY(const bool written, files.exists(path(end)));
    TRY(const bool sealed, files.exists(folder + "/" + sealed_name(end)));
    if (!written && !sealed) break;
    segments.push_back(end);
  }
  return {};
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
  TRY_DO(files.sync_folder(folder));
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

Result<std::unique_ptr<FileLog>> FileLog::open(Files& files, std::string folder, bool repair,
                                               FileLogOptions options) {
  const State::Use use = repair ? State::Use::write : State::Use::verify;
  auto state = std::make_unique<State>(files, std::move(folder), options, use);
  if (repair) TRY_DO(state->make_folder());
  TRY_DO(state->find_segments());
  TRY_DO(state->check_joints());
  TRY_DO(state->find_end());
  if (repair) TRY_DO(state->open_last());
  return std::unique_ptr<FileLog>(new FileLog(std::move(state)));
}

Result<std::unique_ptr<FileLog>> FileLog::reader(Files& files, std::string folder) {
  auto state =
      std::make_unique<State>(files, std::move(folder), FileLogOptions(), State::Use::follow);
  TRY_DO(state->find_segments());
  TRY_DO(state->look_again());
  return std::unique_ptr<FileLog>(new FileLog(std::move(state)));
}

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
  const std::vector<Place> gone(state.segments.begin(),
                                state.segments.begin() + static_cast<ptrdiff_t>(count));
  state.retired = std::move(retired);
  state.segments.erase(state.segments.begin(),
                       state.segments.begin() + static_cast<ptrdiff_t>(count));
  state.sealed_count -= std::min(count, state.sealed_count);
  state.reading.reset();
  for (const Place first : gone)
    for (const std::string& name : {segment_name(first), sealed_name(first)}) {
      TRY(const bool there, state.files.exists(state.folder + "/" + name));
      if (there) TRY_DO(state.files.remove(state.folder + "/" + name));
    }
  return state.files.sync_folder(state.folder);
}

Result<std::shared_ptr<SealJob>> FileLog::seal_next() {
  State& state = *state_;
  if (state.use != State::Use::write || !state.sealing.expired()) return std::shared_ptr<SealJob>();
  SegmentSummary before = state.before_first();
  for (; state.sealed_count + 1 < state.segments.size(); ++state.sealed_count) {
    const size_t at = state.sealed_count;
    TRY(const bool written, state.files.exists(state.path(state.segments[at])));
    if (at > 0) {
      TRY(SegmentSource source,
          SegmentSource::open(state.files, state.folder, state.segments[at - 1]));
      TRY(before, source.summarized(before, state.segments[at]));
    }
    if (!written) continue;
    before.tail.place = state.segments[at];
    auto job = std::make_shared<SealJob>(state.files, state.folder, before, state.end_of(at));
    state.sealing = job;
    return job;
  }
  return std::shared_ptr<SealJob>();
}

std::optional<Horizon> FileLog::horizon() const {
  if (state_->retired.empty()) return std::nullopt;
  const SegmentSummary& last = state_->retired.back();
  return Horizon{last.tail, last.time};
}

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

}  // namespace duliang
