// What an open FileLog is made of: file_log_open.cc finds it, file_log.cc works with it. Private to
// them.
#pragma once

#include "journal/file_log.h"
#include "journal/retired.h"
#include "journal/segment_source.h"

namespace duliang {

struct FileLog::State {
  enum class Use : uint8_t { write, verify, follow };
  static constexpr size_t kPieceBytes = 256 * 1024;  // written at once

  State(Files& the_files, std::string the_folder, FileLogOptions the_options, Use the_use)
      : files(the_files), folder(std::move(the_folder)), options(the_options), use(the_use) {}

  std::string path(Place first) const { return folder + "/" + segment_name(first); }
  std::string file_of(Place place) const;
  Error corrupt(Place at, const std::string& what) const;

  // Opening.
  Status make_folder();
  Status find_segments();
  Status check_joints();
  Result<Rest> find_end();
  Status judge(const Rest& rest);
  Status repair(const Rest& rest);
  Status tidy_up();
  Status cut(const Rest& rest);
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
  Status count_sealed();
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
  std::vector<uint64_t> sealed_sizes;    // in the file, of the first segments, which are sealed
  std::weak_ptr<SealJob> sealing;        // the job given out last
  std::optional<SegmentSummary> oldest;  // of the first segment, once asked for
};

}  // namespace duliang
