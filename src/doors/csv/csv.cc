#include "doors/csv/csv.h"

#include <fmt/format.h>

#include "base/limits.h"
#include "base/text.h"

namespace duliang {
namespace {

constexpr size_t kReadBytes = 64 * 1024;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_line_end(int c) { return c == '\n' || c == '\r'; }

}  // namespace

CsvReader::CsvReader(ByteSource source, char separator)
    : source_(std::move(source)), separator_(separator) {}

Result<bool> CsvReader::next(CsvRecord& record) {
  if (!begun_) {
    begun_ = true;
    // A source may give a byte at a time: the mark must not be missed for that.
    while (buffer_.size() < kByteOrderMark.size() && refill()) {
    }
    if (buffer_.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
  }
  while (is_line_end(peek())) take_line_end();
  record.line = line_;
  record.fields.clear();
  record.text.clear();
  record.fault.clear();
  const bool at_end = peek() == kEnd;
  if (!at_end) read_fields(record);
  if (failure_) return *failure_;
  if (at_end) return false;
  if (!record.fault.empty()) {
    keep_first_line(record);
  } else if (!is_utf8(record.text)) {
    record.fault =
        "expected text in UTF-8; a file in GBK is turned into it by `iconv -f GB18030 -t UTF-8`";
  }
  if (!record.fault.empty()) record.fields.clear();
  if (failure_) return *failure_;
  return true;
}

int CsvReader::peek() {
  if (at_ == buffer_.size() && !refill()) return kEnd;
  return static_cast<unsigned char>(buffer_[at_]);
}

// Behind what is not yet read. False at the end, and where the source fails.
bool CsvReader::refill() {
  if (ended_) return false;
  buffer_.erase(0, at_);
  at_ = 0;
  const size_t kept = buffer_.size();
  buffer_.resize(kept + kReadBytes);
  auto got = source_(buffer_.data() + kept, kReadBytes);
  const size_t bytes = got.ok() ? *got : 0;
  buffer_.resize(kept + bytes);
  if (!got.ok()) failure_ = std::move(got).error();
  ended_ = bytes == 0;
  return !ended_;
}

void CsvReader::take(std::string& text) {
  const char c = buffer_[at_++];
  text += c;
  if (c == '\n' || (c == '\r' && peek() != '\n')) ++line_;
}

void CsvReader::take_line_end() {
  if (peek() == '\r') ++at_;
  if (peek() == '\n') ++at_;
  ++line_;
}

bool CsvReader::at_field_end() {
  const int c = peek();
  return c == kEnd || c == separator_ || is_line_end(c);
}

void CsvReader::read_fields(CsvRecord& record) {
  while (true) {
    std::string& field = record.fields.emplace_back();
    if (record.fields.size() > limits::kCsvFields) {
      record.fault = fmt::format("a record has at most {} fields", limits::kCsvFields);
    } else if (peek() == '"') {
      read_quoted(record, field);
    } else {
      read_plain(record, field);
    }
    if (!record.fault.empty()) return;
    if (peek() != separator_) break;
    take(record.text);
  }
  if (peek() != kEnd) take_line_end();
}

void CsvReader::read_plain(CsvRecord& record, std::string& field) {
  while (!at_field_end()) {
    if (peek() == '"') {
      record.fault = "a quote stands in a field that does not begin with one";
      return;
    }
    field += buffer_[at_];
    take(record.text);
    if (!fits(record, field)) return;
  }
}

void CsvReader::read_quoted(CsvRecord& record, std::string& field) {
  take(record.text);
  while (true) {
    if (peek() == kEnd) {
      record.fault = "a quote is opened and not closed";
      return;
    }
    const char c = buffer_[at_];
    take(record.text);
    if (c == '"' && peek() != '"') break;
    if (c == '"') take(record.text);
    field += c;
    if (!fits(record, field)) return;
  }
  if (!at_field_end()) record.fault = "something stands behind the quote that closes a field";
}

bool CsvReader::fits(CsvRecord& record, const std::string& field) {
  if (field.size() > limits::kCsvFieldBytes) {
    record.fault = fmt::format("a field has at most {} bytes; is a quote opened and not closed?",
                               limits::kCsvFieldBytes);
  } else if (record.text.size() > limits::kCsvRecordBytes) {
    record.fault = fmt::format("a record has at most {} bytes; is a quote opened and not closed?",
                               limits::kCsvRecordBytes);
  }
  return record.fault.empty();
}

// Leaves the faulty record its first line, and stands behind it.
void CsvReader::keep_first_line(CsvRecord& record) {
  const size_t end = record.text.find_first_of("\r\n");
  if (end != std::string::npos) {
    buffer_.replace(0, at_, record.text, end);
    at_ = 0;
    record.text.resize(end);
    line_ = record.line;
  }
  while (peek() != kEnd && !is_line_end(peek())) {
    if (record.text.size() < limits::kCsvRecordBytes) record.text += buffer_[at_];
    ++at_;
  }
  if (peek() != kEnd) take_line_end();
}

void append_csv_field(std::string& out, std::string_view field) {
  const bool edge = !field.empty() && (field.front() == ' ' || field.back() == ' ');
  if (!edge && field.find_first_of(",\"\r\n") == std::string_view::npos) {
    out += field;
    return;
  }
  out += '"';
  for (const char c : field) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

}  // namespace duliang
