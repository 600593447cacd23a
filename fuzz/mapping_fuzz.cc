// A mapping file of any bytes. One that is accepted reads rows of any cells without a fault of its
// own: every record gives readings or says what is wrong with it.
#include <cstdint>

#include "base/check.h"
#include "doors/csv/rows.h"

namespace duliang {
namespace {

void read_rows(const Mapping& mapping) {
  const StreamBook streams({{StreamId{1}, "air", "PM2.5", "ug/m3"}, {StreamId{2}, "air", "x", ""}});
  std::vector<std::string> header;
  const auto add = [&header](const std::string& name) {
    if (!name.empty() && header.size() < 64) header.push_back(name);
  };
  for (const std::string& column : mapping.time.columns) add(column);
  for (const MappedReading& reading : mapping.readings) {
    for (const std::string* name : {&reading.column, &reading.stream.column, &reading.thing.column,
                                    &reading.datastream.column}) {
      add(*name);
    }
  }
  const auto rows = RowReader::make(mapping, streams, header);
  if (!rows.ok()) {
    CHECK(!rows.error().message.empty());
    return;
  }
  for (const char* cell :
       {"", "2026", "2026-11-24T00:00:00Z", "2026-11-24", "1", "24", "air", "x"}) {
    CsvRecord record;
    record.fields.assign(header.size(), cell);
    std::vector<Reading> readings;
    const auto outcome = rows->read(record, readings);
    CHECK(outcome.missing + readings.size() <= mapping.readings.size());
    CHECK(!outcome.fault.empty() || outcome.missing + readings.size() == mapping.readings.size());
  }
}

}  // namespace
}  // namespace duliang

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  using namespace duliang;
  const auto mapping =
      parse_mapping("m.yaml", std::string_view(reinterpret_cast<const char*>(bytes), size));
  if (mapping.ok()) {
    read_rows(*mapping);
  } else {
    CHECK(mapping.error().message.starts_with("m.yaml:"));
  }
  return 0;
}
