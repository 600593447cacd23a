// CSV of any bytes, in pieces of any size: the reader ends, hands out every line once at most, and
// what has no fault is read back the same from what is written of it.
#include <cstdint>

#include "base/check.h"
#include "doors/csv/bytes_for_test.h"

namespace duliang {
namespace {

std::vector<CsvRecord> read_all(std::string text, size_t piece, char separator) {
  CsvReader reader(bytes_of(std::move(text), piece), separator);
  std::vector<CsvRecord> records;
  uint64_t line = 0;
  while (true) {
    CsvRecord record;
    const auto more = reader.next(record);
    CHECK(more.ok(), "only the source can fail");
    if (!*more) return records;
    CHECK(record.line > line, "reading goes forward");
    line = record.line;
    CHECK(record.fault.empty() == !record.fields.empty());
    records.push_back(std::move(record));
  }
}

void write_and_read_back(const std::vector<CsvRecord>& records) {
  for (const CsvRecord& record : records) {
    if (!record.fault.empty()) continue;
    std::string line;
    for (const std::string& field : record.fields) {
      if (&field != &record.fields.front()) line += ',';
      append_csv_field(line, field);
    }
    line += kCsvLineEnd;
    const auto back = read_all(line, line.size(), ',');
    // A record of one empty field is an empty line, and a mark of UTF-8 at the front is none again.
    if (back.size() != 1 || line.starts_with("\xEF\xBB\xBF")) continue;
    CHECK(back[0].fields == record.fields);
  }
}

}  // namespace
}  // namespace duliang

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  using namespace duliang;
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(bytes + 1), size - 1);
  const char separator = ",;\t|"[bytes[0] % 4];
  const auto whole = read_all(text, text.size() + 1, separator);
  const auto pieces = read_all(text, 1 + bytes[0] % 7, separator);
  CHECK(whole.size() == pieces.size());
  for (size_t i = 0; i < whole.size(); ++i) {
    CHECK(whole[i].line == pieces[i].line && whole[i].fields == pieces[i].fields);
    CHECK(whole[i].text == pieces[i].text && whole[i].fault == pieces[i].fault);
  }
  write_and_read_back(whole);
  return 0;
}
