// CSV as RFC 4180 has it, read record by record in bounded memory: quoted fields, doubled quotes,
// fields over several lines, line ends of every kind, a byte order mark. A record that breaks the
// rules is handed out with its fault and its first line, and reading goes on with the line behind
// that: one quote too many costs one line, not the rest of the file.
//
// One thread. What can fail is the source, and that ends the reading.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace duliang {

struct CsvRecord {
  uint64_t line = 0;  // where it begins, from 1
  std::vector<std::string> fields;
  std::string text;   // as it stood, without the line end; of a faulty one its first line
  std::string fault;  // what is wrong, then without fields; or empty
};

// At most `size` bytes into `into`; 0 only at the end.
using ByteSource = std::function<Result<size_t>(char* into, size_t size)>;

class CsvReader {
 public:
  CsvReader(ByteSource source, char separator);

  // False at the end. Empty lines are passed over. A fault: beyond limits::kCsvFieldBytes,
  // kCsvRecordBytes or kCsvFields, quotes that do not fit, text that is not UTF-8.
  Result<bool> next(CsvRecord& record);

 private:
  static constexpr int kEnd = -1;
  int peek();
  bool refill();
  void take(std::string& text);
  void take_line_end();
  bool at_field_end();
  void read_fields(CsvRecord& record);
  void read_plain(CsvRecord& record, std::string& field);
  void read_quoted(CsvRecord& record, std::string& field);
  static bool fits(CsvRecord& record, const std::string& field);
  void keep_first_line(CsvRecord& record);

  ByteSource source_;
  char separator_;
  std::string buffer_;
  size_t at_ = 0;
  uint64_t line_ = 1;
  bool begun_ = false;
  bool ended_ = false;
  std::optional<Error> failure_;  // of the source
};

// The field as a record holds it: in quotes where it must be. Fields stand with commas between
// them, and a record ends with kCsvLineEnd.
void append_csv_field(std::string& out, std::string_view field);
inline constexpr std::string_view kCsvLineEnd = "\r\n";

}  // namespace duliang
