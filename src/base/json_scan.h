// The fast reader of small JSON objects for the ingest path (simdjson under it). It visits the
// members of one object in order and gives each value's raw JSON text, checked. One Scanner a
// thread: it keeps its buffers, and a scan takes no memory once they are large enough.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string_view>

#include "base/result.h"

namespace duliang {

struct ScannedValue {
  enum class Kind { null, boolean, number, string, array, object };
  Kind kind = Kind::null;
  std::string_view raw;   // the JSON text of the value: `21.50`, `"a\"b"`, `{"x":1}`
  std::string_view text;  // of a string: unescaped; of a number or boolean: as raw
};

// Visits a body of many rows, as they come in by the thousand: an array of objects, of which one
// member holds an array of arrays. Every function may end the scan with an error.
struct GroupVisitor {
  std::function<Status()> begin;  // of an object
  std::function<Status(std::string_view name, const ScannedValue&)> member;
  // Whether what stood before the rows in the object is enough to take them now. If not, the member
  // of the rows is given to `member` whole, for scan_rows of another scanner.
  std::function<bool()> ready;
  std::function<Status(std::span<const ScannedValue>)> row;
  std::function<Status()> end;
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
  // The same of an array of objects; `rows` names the member that holds the rows.
  Status scan_groups(std::string_view json, std::string_view rows, const GroupVisitor& visitor);
  // An array of arrays alone.
  Status scan_rows(std::string_view json,
                   const std::function<Status(std::span<const ScannedValue>)>& row);

 private:
  struct Buffers;
  void copy(std::string_view json);
  std::unique_ptr<Buffers> buffers_;
};

}  // namespace duliang
