// Fuzzes the options behind '?', those in the brackets of $expand included: whatever the bytes,
// parsing answers, and what was understood can be written as a query that means the same.
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "doors/odata/options.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  using namespace duliang;
  const std::string_view query(reinterpret_cast<const char*>(bytes), size);
  for (const TypeId type : {TypeId::thing, TypeId::observation}) {
    Resource resource;
    resource.type = type;
    const auto options = parse_options(resource, Face::city, query);
    if (!options.ok()) {
      CHECK(!options.error().message.empty());
      continue;
    }
    const std::string again = query_of(*options);
    const auto parsed = parse_options(resource, Face::city, again);
    CHECK(parsed.ok(), "what was understood is understood again");
    CHECK(query_of(*parsed) == again);
  }
  return 0;
}
