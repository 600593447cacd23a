// The fast reader of small JSON objects for the ingest path (simdjson under it). It visits the
// members of one object in order and gives each value's raw JSON text, checked. One Scanner a
// thread: it keeps its buffers, and a scan takes no memory once they are large enough.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "base/result.h"

namespace duliang {

struct ScannedValue {
  enum class Kind { null, boolean, number, string, array, object };
  Kind kind = Kind::null;
  std::string_view raw;   // the JSON text of the value: `21.50`, `"a\"b"`, `{"x":1}`
  std::string_view text;  // of a string: unescaped; of a number or boolean: as raw
};

class JsonScanner {
 public:
  JsonScanner();
  ~JsonScanner();
  // Calls `member` for each member; an error that it returns ends the scan and is returned. Refused
  // as by parse_json, in the same words: not JSON, not an object, nested too deep, not UTF-8, a
  // member named twice, anything after the object. What is wrong further on is found only after the
  // calls for the members before it. Views are good until the next scan.
  Status scan(std::string_view json,
              const std::function<Status(std::string_view name, const ScannedValue&)>& member);

 private:
  struct Buffers;
  std::unique_ptr<Buffers> buffers_;
};

}  // namespace duliang
