// Bytes as a sealed segment, as a sealed block (which stands behind a CRC that random bytes do not
// pass, and must be safe without it), and as the list of retired segments. What comes in is opened
// or refused; what was opened as a block is sealed and opened again as the same.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "base/sim/sim_files.h"
#include "journal/frame.h"
#include "journal/retired.h"
#include "journal/sealed_block.h"

namespace duliang {
namespace {

bool is_refusal(const Error& error) {
  return error.code == Code::corrupt || error.code == Code::unsupported;
}

void as_segment(std::string_view bytes) {
  SimFiles files;
  CHECK(files.make_folder("log").ok());
  CHECK(replace_file(files, "log/sealed", bytes).ok());
  const auto segment = SealedSegment::open(files, "log/sealed");
  if (!segment.ok()) {
    CHECK(is_refusal(segment.error()));
    return;
  }
  for (size_t block = 0; block < segment->block_count(); ++block) {
    const auto records = segment->read_block(block);
    CHECK(records.ok() || is_refusal(records.error()));
  }
}

// The first two bytes say, in units of 1 and of 64, how long the records are to be.
void as_block(std::string_view bytes) {
  if (bytes.size() < 2) return;
  const auto low = static_cast<uint8_t>(bytes[0]);
  const auto high = static_cast<uint8_t>(bytes[1]);
  const size_t size = low + size_t{64} * high;
  const auto records = open_block(bytes.substr(2), 0, size);
  if (!records.ok()) {
    CHECK(is_refusal(records.error()));
    return;
  }
  CHECK(records->size() == size);
  CHECK(open_block(seal_block(*records, 0), 0, size).value() == *records);
}

void as_retired(std::string_view bytes) {
  SimFiles files;
  CHECK(files.make_folder("log").ok());
  CHECK(replace_file(files, "log/retired", bytes).ok());
  const auto retired = read_retired(files, "log");
  CHECK(retired.ok() || is_refusal(retired.error()));
}

}  // namespace
}  // namespace duliang

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  duliang::as_segment(bytes);
  duliang::as_block(bytes);
  duliang::as_retired(bytes);
  return 0;
}
