// A finished segment of a FileLog as it is kept: its records in sealed blocks, and behind them a
// directory of the blocks and a summary, by which the chain goes on when the segment is retired.
// Opening reads the directory; blocks are read one at a time when asked for, so memory is bounded
// by a block. Fails with io, corrupt, and unsupported where the file is of a later version.
#pragma once

#include <string>
#include <vector>

#include "base/files.h"
#include "journal/admit.h"

namespace duliang {

// What is known of a segment without its records.
struct SegmentSummary {
  Place first = 0;              // of its first record; its end is tail.place
  uint64_t first_sequence = 0;  // of the first frame that counts in it; 0: none does
  Time time{};                  // the latest of any frame up to its end
  Tail tail;                    // behind it
};
void put_summary(std::string& out, const SegmentSummary& summary);
SegmentSummary get_summary(class Reader& in);

// Judges a record and takes it into the summary; corrupt names the place.
Status summarize(SegmentSummary& summary, Place place, std::string_view record);

class SealedSegment {
 public:
  static Result<SealedSegment> open(Files& files, const std::string& path);

  const SegmentSummary& summary() const { return summary_; }
  size_t block_count() const { return blocks_.size(); }
  Place block_place(size_t block) const { return blocks_[block].place; }
  size_t block_at(Place place) const;  // the block that holds it; it must be within (CHECK)
  // Its records, the same bytes as they were written.
  Result<std::string> read_block(size_t block) const;

 private:
  struct Block {
    Place place = 0;
    uint64_t offset = 0;
    uint32_t length = 0, crc = 0, size = 0;  // in the file; of its records
  };
  friend class SealedWriter;
  Error corrupt(const std::string& what) const;
  Status read_directory();

  std::string path_;
  File file_;
  SegmentSummary summary_;
  std::vector<Block> blocks_;
};

// Writes one, block by block. Any thread.
class SealedWriter {
 public:
  static Result<SealedWriter> create(Files& files, const std::string& path);
  Status add(std::string_view records, Place place);  // whole sound records
  Status finish(const SegmentSummary& summary);       // writes the directory, syncs the file

 private:
  File file_;
  uint64_t offset_ = 0;
  std::vector<SealedSegment::Block> blocks_;
};

}  // namespace duliang
