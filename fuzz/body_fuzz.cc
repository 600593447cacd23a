// Bodies that clients post: any bytes are read as an Observation, as JSON, and as a deep insert of
// a Thing. What is accepted must hold what the engine relies on.
#include <cstdint>

#include "base/check.h"
#include "doors/sensorthings/deep_insert.h"
#include "doors/sensorthings/observation.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace duliang;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static JsonScanner scanner;
  const auto reading = parse_observation(scanner, text, StreamId{1});
  const auto json = parse_json(text);
  if (reading.ok()) {
    CHECK(json.ok(), "what the fast reader takes, the other takes too");
    CHECK(parse_json(reading->result).ok(), "a result is JSON");
  }
  if (!json.ok()) return 0;
  CHECK(parse_json(json->dump()).ok(), "what was read can be written and read");
  const auto put = parse_deep_insert(TypeId::thing, *json, std::nullopt, kNoRow);
  if (!put.ok()) return 0;
  for (const RowChange& change : put->changes) {
    if (change.kind == RowChange::Kind::put) CHECK(static_cast<int64_t>(change.row.id) < 0);
  }
  return 0;
}
