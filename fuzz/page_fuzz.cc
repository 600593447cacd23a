// Bytes as a page, and as a leaf and a root of a directory: in a part they stand behind CRCs that
// random bytes do not pass, and must be safe without them. What decodes must be a page that can be
// written, and must come back from that.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "series/directory.h"
#include "series/page.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace duliang;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const auto columns = decode_columns(bytes, true);
  if (const auto readings = decode_page(bytes); readings.ok()) {
    CHECK(decode_page(encode_page(*readings)).value() == *readings);
    CHECK(columns.ok() && columns->results.size() == readings->size());
  }
  if (const auto entries = decode_leaf(bytes, Leaf{}); entries.ok())
    CHECK(encode_leaf(*entries).size() == bytes.size());
  PartRoot root;
  if (decode_root(bytes, 0, root).ok()) CHECK(encode_root(root) == bytes);
  return 0;
}
