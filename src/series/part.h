// A part file: the readings of one checkpoint, sorted by stream and time, in blocks that are
// decoded one by one. It is written once and never changed. The bytes are in FORMAT.md.
//
// An open Part keeps its directory in memory and reads blocks from the file when they are asked
// for; any thread may do so, because Files::read_at of the real files has no position of its own.
// What can fail is reading (io) and bytes that do not check (corrupt).
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/files.h"
#include "model/reading.h"
#include "series/order.h"

namespace duliang {

inline constexpr size_t kBlockRows = 1024;
// A block also ends behind the reading with which the results and extras of its readings reach so
// many bytes as they stand in memory, so that long ones do not make blocks that are costly to
// decode.
inline constexpr size_t kBlockBytes = 256 * 1024;

struct PartBlock {
  StreamId stream{0};
  Bounds bounds;
  uint64_t offset = 0;  // in the file
  uint32_t length = 0;
  uint32_t crc = 0;     // CRC-32C of its bytes
};

struct PartDirectory {
  uint64_t sequence = 0;          // the part holds readings of frames up to here
  Bounds bounds;
  std::vector<PartBlock> blocks;  // by KeptOrder, one behind the other in the file
};

class Part {
 public:
  static Result<std::shared_ptr<const Part>> open(Files& files, const std::string& path);
  Part(std::string path, File file, PartDirectory directory);

  const PartDirectory& directory() const { return directory_; }
  // The readings of directory().blocks[block], by begin, then id.
  Result<std::vector<Reading>> read_block(size_t block) const;

 private:
  std::string path_;
  File file_;
  PartDirectory directory_;
};

struct PartContent {
  uint64_t sequence = 0;
  std::span<const Reading* const> readings;  // by KeptOrder, at least one
  size_t block_rows = kBlockRows;
};
// Writes the file whole, over anything that stood there, and syncs it; its name is not yet durable.
// Returns its length.
Result<uint64_t> write_part_file(Files& files, const std::string& path, const PartContent& content);

// The decoders by themselves, for bytes from anywhere. They check everything but the CRCs.
Result<std::vector<PartBlock>> decode_directory(std::string_view bytes);
Result<std::vector<Reading>> decode_block(std::string_view bytes, const PartBlock& block);

}  // namespace duliang
