// Bytes as a part file, and as a directory and a block by themselves: those two stand behind CRCs
// that random bytes do not pass, and must be safe without them. Whatever comes in is decoded or
// refused.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "base/sim/sim_files.h"
#include "series/part.h"
#include "series/series.h"

namespace duliang {
namespace {

void as_file(std::string_view bytes) {
  SimFiles files;
  File file = File::open(files, "a.part", OpenMode::create).value();
  CHECK(file.write_at(bytes, 0).ok());
  const bool sound = verify_part(files, "a.part").ok();
  const auto part = Part::open(files, "a.part");
  if (!part.ok()) {
    CHECK(!sound);
    return;
  }
  for (size_t block = 0; block < (*part)->directory().blocks.size(); ++block) {
    const bool decoded = (*part)->read_block(block).ok();
    CHECK(decoded || !sound);
  }
}

// The entries need not fit the bytes: each is tried as the description of the same block, and so
// are the first few counts of readings.
void as_directory_and_block(std::string_view bytes) {
  auto blocks = decode_directory(bytes);
  std::vector<PartBlock> tried;
  if (blocks.ok()) tried = std::move(*blocks);
  for (uint64_t readings = 1; readings <= 8; ++readings) {
    tried.push_back({StreamId{1}, Bounds{.readings = readings}, 0, 0, 0});
  }
  for (const PartBlock& block : tried) {
    const auto readings = decode_block(bytes, block);
    CHECK(!readings.ok() || readings->size() == block.bounds.readings);
  }
}

}  // namespace
}  // namespace duliang

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  duliang::as_file(bytes);
  duliang::as_directory_and_block(bytes);
  return 0;
}
