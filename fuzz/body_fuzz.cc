// Bodies that clients post: any bytes are read as an Observation, as what is to be different in
// one, as a dataArray of many, as JSON, and as a deep insert of a Thing. What is accepted must hold
// what the engine relies on.
#include <cstdint>

#include "base/bytes.h"
#include "base/check.h"
#include "doors/sensorthings/data_array.h"
#include "doors/sensorthings/deep_insert.h"
#include "doors/sensorthings/observation.h"

namespace duliang {
namespace {

void check_texts(const std::string& result, const std::string& extras) {
  CHECK(parse_json(result).ok(), "a result is JSON");
  CHECK(extras.empty() || parse_json(extras).ok(), "what stands beside it is JSON");
}

void check_taken(Reading reading) {
  check_texts(reading.result, reading.extras);
  CHECK(reading.stream > StreamId{0}, "a reading is of a stream");
  if (reading.phenomenon_time.begin == kUnsetTime) reading.phenomenon_time = {Time{}, Time{}};
  std::string bytes;
  encode(bytes, reading, Reading{});
  Reader in(bytes);
  const auto read = decode_reading(in, Reading{});
  CHECK(read.ok() && in.done() && *read == reading, "what is taken can be recorded");
}

void read_many(std::string_view text, bool is_json) {
  static DataArrayParser parser;
  const auto array = parser.parse(text);
  if (!array.ok()) return;
  CHECK(is_json, "what the fast reader takes, the other takes too");
  const auto well = std::ranges::count(array->faults, std::string());
  CHECK(static_cast<size_t>(well) == array->readings.size(), "each row is a reading or a fault");
  for (const Reading& reading : array->readings) check_taken(reading);
}

void read_patch(JsonScanner& scanner, std::string_view text, bool is_json) {
  const auto patch = parse_observation_patch(scanner, text);
  if (!patch.ok()) return;
  CHECK(is_json, "what the fast reader takes, the other takes too");
  Reading reading;
  reading.stream = StreamId{1};
  if (patch->phenomenon_time) reading.phenomenon_time = *patch->phenomenon_time;
  if (patch->result_time) reading.result_time = *patch->result_time;
  if (patch->result) reading.result = *patch->result;
  reading.extras = extras_text(patch->extras);
  check_taken(reading);
}

}  // namespace
}  // namespace duliang

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace duliang;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  static JsonScanner scanner;
  const auto reading = parse_observation(scanner, text, StreamId{1});
  const auto json = parse_json(text);
  if (reading.ok()) {
    CHECK(json.ok(), "what the fast reader takes, the other takes too");
    check_taken(*reading);
  }
  read_patch(scanner, text, json.ok());
  read_many(text, json.ok());
  if (!json.ok()) return 0;
  CHECK(parse_json(json->dump()).ok(), "what was read can be written and read");
  const auto put = parse_deep_insert(TypeId::thing, *json, std::nullopt, kNoRow);
  if (!put.ok()) return 0;
  for (const RowChange& change : put->changes) {
    if (change.kind == RowChange::Kind::put) CHECK(static_cast<int64_t>(change.row.id) < 0);
  }
  return 0;
}
