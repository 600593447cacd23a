// Opening a FileLog: which segments there are, that they join, and where the last one ends.
#include <algorithm>

#include "journal/file_log_state.h"
#include "journal/frame.h"

namespace duliang {

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
  return {};
}

// What a death in the middle of sealing or retiring has left. Of a segment in both forms the one
// that was written first is surely whole; it will be sealed again.
Status FileLog::State::tidy_up() {
  TRY(const std::vector<std::string> names, files.list(folder));
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
  }
  return {};
}

// The end of the sound records, and what stands behind it.
Result<Rest> FileLog::State::find_end() {
  if (segments.size() > 1) {
    const Place first = segments[segments.size() - 2];
    TRY(const SegmentSource finished, SegmentSource::open(files, folder, first));
    TRY(const Walk walk, finished.walk(0));
    if (first + walk.end != segments.back())
      return corrupt(first + walk.end, "a record does not check, though a later segment exists");
  }
  if (segments.empty()) return Rest();
  TRY(const bool there, files.exists(path(segments.back())));
  if (!there) return corrupt(segments.back(), "the last segment is sealed, and none follows it");
  TRY(const File file, File::open(files, path(segments.back()), OpenMode::read));
  TRY(const Walk walk, walk_segment(file, segments.back(), 0));
  end = segments.back() + walk.end;
  synced = std::max(synced, walk.synced);
  return read_rest(file, walk.end);
}

// Where there is damage at `end`: was it ever known to be durable? And has anybody built on what
// should stand there?
Status FileLog::State::judge(const Rest& rest) {
  const Place known = rest.used == 0 ? 0 : std::max(synced, synced_in_rest(rest.bytes, end));
  if (end < known)
    return corrupt(
        end, "a record does not check, though all up to place " + to_hex(known) + " was synced");
  if (end < options.built_to)
    return corrupt(end, "it ends here, and what was built on it stands at place " +
                            to_hex(options.built_to));
  if (rest.used > 0) lost = LostTail{end, rest.used, ""};
  return {};
}

// What a killed process wrote without a sync is made durable before anybody reads it: a checkpoint
// that was built on it would otherwise be ahead of the journal after a loss of power.
Status FileLog::State::repair(const Rest& rest) {
  TRY_DO(tidy_up());
  if (segments.empty()) return {};
  TRY(last, File::open(files, path(segments.back()), OpenMode::write));
  if (lost) TRY_DO(cut(rest));
  TRY(filled, last.size());
  TRY_DO(write_again(synced - segments.back(), end - segments.back()));
  TRY_DO(last.sync());
  TRY_DO(files.sync_folder(folder));
  synced = end;
  return {};
}

// The lost bytes are safe beside the segments before they leave the segment. If power goes in
// between, the next opening does it again under another name.
Status FileLog::State::cut(const Rest& rest) {
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
  TRY_DO(last.truncate(end - segments.back()));
  TRY_DO(last.sync());
  lost->kept_in = kept;
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

Result<std::unique_ptr<FileLog>> FileLog::open(Files& files, std::string folder, bool repair,
                                               FileLogOptions options) {
  const State::Use use = repair ? State::Use::write : State::Use::verify;
  auto state = std::make_unique<State>(files, std::move(folder), options, use);
  if (repair) TRY_DO(state->make_folder());
  TRY_DO(state->find_segments());
  TRY_DO(state->check_joints());
  TRY_DO(state->count_sealed());
  TRY(const Rest rest, state->find_end());
  TRY_DO(state->judge(rest));
  if (repair) TRY_DO(state->repair(rest));
  return std::unique_ptr<FileLog>(new FileLog(std::move(state)));
}

Result<std::unique_ptr<FileLog>> FileLog::reader(Files& files, std::string folder) {
  auto state =
      std::make_unique<State>(files, std::move(folder), FileLogOptions(), State::Use::follow);
  TRY_DO(state->find_segments());
  TRY_DO(state->look_again());
  return std::unique_ptr<FileLog>(new FileLog(std::move(state)));
}

}  // namespace duliang
