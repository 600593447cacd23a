// Bytes as a part file. Whatever comes in is decoded or refused.
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
  for (size_t page = 0; page < (*part)->summary().pages; ++page) {
    const bool decoded = (*part)->read_page(page).ok();
    CHECK(decoded || !sound);
  }
}

}  // namespace
}  // namespace duliang

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  duliang::as_file(bytes);
  return 0;
}
