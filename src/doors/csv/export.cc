#include "doors/csv/export.h"

#include <algorithm>
#include <deque>

#include "base/limits.h"
#include "doors/csv/csv.h"
#include "model/reading_change.h"

namespace duliang {
namespace {

constexpr size_t kWriteBytes = 64 * 1024;
constexpr size_t kLeastHeld = 16;  // of a wide export, readings of each stream

// Gathers records and writes them in large pieces.
class CsvWriter {
 public:
  explicit CsvWriter(const WriteText& write) : write_(write) {}

  CsvWriter& field(std::string_view text) {
    if (!first_) text_ += ',';
    first_ = false;
    append_csv_field(text_, text);
    return *this;
  }
  Status end_record() {
    text_ += kCsvLineEnd;
    first_ = true;
    return text_.size() >= kWriteBytes ? flush() : Status();
  }
  Status flush() {
    Status written = write_(text_);
    text_.clear();
    return written;
  }

 private:
  const WriteText& write_;
  std::string text_;
  bool first_ = true;
};

std::string time_text(const Interval& time, const std::optional<Zone>& zone) {
  if (!zone) return to_text(time);
  const std::string begin = to_local_text(time.begin, *zone);
  return time.instant() ? begin : begin + "/" + to_local_text(time.end, *zone);
}

ScanOptions scan_of(StreamId stream, const ExportOptions& options) {
  ScanOptions scan;
  scan.stream = stream;
  scan.from = options.from;
  if (options.to) scan.to = *options.to - Duration{1};
  return scan;
}

Result<std::vector<StreamName>> chosen_streams(const HouseAccess& access,
                                               const ExportOptions& options) {
  TRY(auto all, access.streams());
  const StreamBook book(std::move(all));
  if (options.streams.empty()) return book.all();
  std::vector<StreamName> chosen;
  for (const std::string& text : options.streams) {
    TRY(const auto found, book.matching(text));
    for (const StreamName& stream : found) {
      const bool twice = std::ranges::find(chosen, stream.id, &StreamName::id) != chosen.end();
      if (!twice) chosen.push_back(stream);
    }
  }
  return chosen;
}

Result<uint64_t> export_long(const HouseAccess& access, const ExportOptions& options,
                             const std::vector<StreamName>& streams, CsvWriter& csv) {
  for (const char* name : {"time", "stream", "thing", "name", "unit", "result", "quality"}) {
    csv.field(name);
  }
  TRY_DO(csv.end_record());
  uint64_t count = 0;
  for (const StreamName& stream : streams) {
    Status written;
    TRY_DO(access.scan(scan_of(stream.id, options), [&](const Reading& reading) {
      csv.field(time_text(reading.phenomenon_time, options.zone))
          .field(std::to_string(static_cast<int64_t>(stream.id)))
          .field(stream.thing)
          .field(stream.name)
          .field(stream.unit)
          .field(reading.result)
          .field(name_of(reading.quality));
      written = csv.end_record();
      ++count;
      return written.ok();
    }));
    TRY_DO(written);
  }
  return count;
}

// The readings of one stream, some at a time.
class Cursor {
 public:
  Cursor(const HouseAccess& access, ScanOptions scan, size_t held)
      : access_(access), scan_(scan), held_(held) {}

  // nullptr at the end.
  Result<const Reading*> peek() {
    if (waiting_.empty() && !ended_) TRY_DO(refill());
    return waiting_.empty() ? nullptr : &waiting_.front();
  }
  void take() { waiting_.pop_front(); }

 private:
  Status refill() {
    const std::optional<Reading> last = std::move(last_);
    if (last) scan_.from = last->phenomenon_time.begin;
    TRY_DO(access_.scan(scan_, [&](const Reading& reading) {
      const bool handed_out = last &&
                              reading.phenomenon_time.begin == last->phenomenon_time.begin &&
                              reading.id <= last->id;
      if (!handed_out) waiting_.push_back(reading);
      return waiting_.size() < held_;
    }));
    ended_ = waiting_.size() < held_;
    if (!waiting_.empty()) last_ = waiting_.back();
    return {};
  }

  const HouseAccess& access_;
  ScanOptions scan_;
  size_t held_;
  std::deque<Reading> waiting_;
  std::optional<Reading> last_;
  bool ended_ = false;
};

// "thing/name (unit)"; with the id where two columns would have one name.
std::vector<std::string> column_names(const std::vector<StreamName>& streams) {
  std::vector<std::string> names;
  for (const StreamName& stream : streams) {
    std::string name = stream.thing + "/" + stream.name;
    if (!stream.unit.empty()) name += fmt::format(" ({})", stream.unit);
    names.push_back(std::move(name));
  }
  std::vector<std::string> unique = names;
  for (size_t i = 0; i < names.size(); ++i) {
    if (std::ranges::count(names, names[i]) > 1) {
      unique[i] += fmt::format(" #{}", static_cast<int64_t>(streams[i].id));
    }
  }
  return unique;
}

Result<uint64_t> export_wide(const HouseAccess& access, const ExportOptions& options,
                             const std::vector<StreamName>& streams, CsvWriter& csv) {
  if (streams.size() > limits::kWideStreams) {
    return Error{Code::too_large,
                 fmt::format("{} streams; a wide export has at most {}: name some with --stream.",
                             streams.size(), limits::kWideStreams),
                 "wide"};
  }
  csv.field("time");
  for (const std::string& name : column_names(streams)) csv.field(name);
  TRY_DO(csv.end_record());
  const size_t held =
      std::max(kLeastHeld, limits::kWideReadings / std::max<size_t>(1, streams.size()));
  std::deque<Cursor> cursors;
  for (const StreamName& stream : streams) {
    cursors.emplace_back(access, scan_of(stream.id, options), held);
  }
  uint64_t count = 0;
  const auto key = [](const Interval& time) { return std::pair(time.begin, time.end); };
  while (true) {
    std::optional<Interval> time;
    for (Cursor& cursor : cursors) {
      TRY(const Reading* reading, cursor.peek());
      if (reading == nullptr) continue;
      if (!time || key(reading->phenomenon_time) < key(*time)) time = reading->phenomenon_time;
    }
    if (!time) return count;
    csv.field(time_text(*time, options.zone));
    for (Cursor& cursor : cursors) {
      TRY(const Reading* reading, cursor.peek());
      const bool now = reading != nullptr && reading->phenomenon_time == *time;
      csv.field(now ? reading->result : "");
      if (now) {
        cursor.take();
        ++count;
      }
    }
    TRY_DO(csv.end_record());
  }
}

}  // namespace

Result<uint64_t> export_csv(const HouseAccess& access, const ExportOptions& options,
                            const WriteText& write) {
  TRY(const auto streams, chosen_streams(access, options));
  CsvWriter csv(write);
  TRY(const uint64_t count, options.wide ? export_wide(access, options, streams, csv)
                                         : export_long(access, options, streams, csv));
  TRY_DO(csv.flush());
  return count;
}

Result<Time> parse_moment(const std::string& text, Zone zone) {
  constexpr size_t kDateBytes = std::string_view("2026-11-24").size();
  return parse_time(text.size() == kDateBytes ? text + "T00:00" : text, zone);
}

}  // namespace duliang
