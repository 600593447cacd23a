#include "doors/csv/import.h"

#include <algorithm>
#include <unordered_map>

#include "base/limits.h"
#include "base/text.h"
#include "doors/csv/rows.h"
#include "doors/csv/text_input.h"

namespace duliang {
namespace {

// A scan for the times of a batch passes over so many readings that nobody asked for, then it is
// begun anew at the next time that is: few for times close together, and no whole year between two.
constexpr size_t kPassedOver = 1000;

struct Line {
  uint64_t number = 0;
  std::string text;
  bool bad = false;
};

struct Item {
  Reading reading;
  size_t line = 0;  // of the batch
  // Settled: nothing has to be done for it any more.
  bool settled = false;
};

// By stream and time; equal ones in the order of the file.
bool comes_before(const Item* a, const Item* b) {
  const auto key = [](const Item* item) {
    const Interval& time = item->reading.phenomenon_time;
    return std::tuple(item->reading.stream, time.begin, time.end, item);
  };
  return key(a) < key(b);
}

bool same_key(const Reading& a, const Reading& b) {
  return a.stream == b.stream && a.phenomenon_time == b.phenomenon_time;
}

// 21.5 and 21.50 say the same, and so do two spellings of one JSON.
bool same_result(const Reading& a, const Reading& b) {
  if (a.result == b.result) return true;
  const auto number = number_of(a);
  if (number) return number == number_of(b);
  const auto one = parse_json(a.result);
  const auto other = parse_json(b.result);
  return one.ok() && other.ok() && *one == *other;
}

bool may_pass_later(const Error& error) {
  return error.code == Code::too_many || error.code == Code::unavailable;
}

}  // namespace

struct Import::State {
  HouseAccess access;
  const Mapping* mapping = nullptr;
  ImportHooks hooks;
  StreamBook streams;
  ImportCounts counts;

  std::string path;
  std::vector<Line> lines;  // of the batch
  std::vector<Item> items;
  size_t bytes = 0;

  Status add(const RowReader& rows, CsvRecord& record);
  Status fault(Line& line, const std::string& reason);
  Status flush(double share);
  Status settle_stream(std::span<Item*> items_of_stream, bool again);
  Status meet(Item& item, const Reading& kept, bool again);
  Status settle_present(std::vector<Item*>& sorted, bool again);
  Status post_missing(const std::vector<Item*>& sorted);
  Status post(std::span<Item* const> chosen);
};

Import::Import(std::unique_ptr<State> state) : state_(std::move(state)) {}
Import::~Import() = default;
Import::Import(Import&&) noexcept = default;
const ImportCounts& Import::counts() const { return state_->counts; }
Status Import::finish() { return state_->access.finish(); }

Result<Import> Import::begin(HouseAccess access, const Mapping& mapping, ImportHooks hooks) {
  TRY(auto streams, access.streams());
  return Import(std::make_unique<State>(State{std::move(access),
                                              &mapping,
                                              std::move(hooks),
                                              StreamBook(std::move(streams)),
                                              {},
                                              "",
                                              {},
                                              {},
                                              0}));
}

Status Import::add_file(Files& files, const std::string& path) {
  TRY(TextInput input, TextInput::open(files, path));
  const auto source = [&](char* into, size_t size) {
    auto got = input.read(into, size);
    return got.ok() ? got : Error{got.error().code, got.error().message, path};
  };
  CsvReader reader(source, state_->mapping->separator);
  state_->path = path;
  CsvRecord record;
  if (state_->mapping->header) {
    TRY(const bool any, reader.next(record));
    if (!any || !record.fault.empty()) {
      return Error{
          Code::bad_input,
          fmt::format("{}: expected a header: {}.", path, any ? record.fault : "the file is empty"),
          path};
    }
  }
  auto rows = RowReader::make(*state_->mapping, state_->streams, record.fields);
  if (!rows.ok()) {
    return Error{Code::bad_input, fmt::format("{}: {}", path, rows.error().message), path};
  }
  while (true) {
    const auto more = reader.next(record);
    if (!more.ok() || !*more) {
      TRY_DO(state_->flush(1));
      return more.ok() ? Status() : more.error();
    }
    TRY_DO(state_->add(*rows, record));
    const bool full =
        state_->items.size() >= limits::kImportReadings || state_->bytes >= limits::kImportBytes;
    if (full) TRY_DO(state_->flush(input.share()));
  }
}

Status Import::State::add(const RowReader& rows, CsvRecord& record) {
  ++counts.lines;
  std::vector<Reading> readings;
  const RowReader::Outcome outcome = rows.read(record, readings);
  counts.missing += outcome.missing;
  lines.push_back({record.line, std::move(record.text), false});
  bytes += lines.back().text.size();
  for (Reading& reading : readings) {
    bytes += reading.result.size();
    items.push_back({std::move(reading), lines.size() - 1, false});
  }
  return outcome.fault.empty() ? Status() : fault(lines.back(), outcome.fault);
}

Status Import::State::fault(Line& line, const std::string& reason) {
  if (!line.bad) ++counts.bad;
  line.bad = true;
  return hooks.fault({path, line.number, reason, line.text});
}

// Posts what the streams do not have. Where the house can't take it now, what it has is looked at
// again before the rest is posted again: what became of a request without an answer is not known.
Status Import::State::flush(double share) {
  std::vector<Item*> sorted;
  for (Item& item : items) sorted.push_back(&item);
  std::ranges::sort(sorted, comes_before);
  for (size_t tries = 1;; ++tries) {
    Status done = settle_present(sorted, tries > 1);
    if (done.ok()) done = post_missing(sorted);
    if (done.ok()) break;
    if (!may_pass_later(done.error()) || tries >= limits::kImportTries || !hooks.wait()) {
      return done;
    }
  }
  lines.clear();
  items.clear();
  bytes = 0;
  hooks.progress(path, counts, share);
  return {};
}

// `again`: what is there now and was not before came by our own post.
Status Import::State::settle_present(std::vector<Item*>& sorted, bool again) {
  std::erase_if(sorted, [](const Item* item) { return item->settled; });
  size_t begin = 0;
  while (begin < sorted.size()) {
    size_t end = begin;
    while (end < sorted.size() && sorted[end]->reading.stream == sorted[begin]->reading.stream) {
      ++end;
    }
    TRY_DO(settle_stream(std::span(sorted).subspan(begin, end - begin), again));
    begin = end;
  }
  std::erase_if(sorted, [](const Item* item) { return item->settled; });
  return {};
}

Status Import::State::settle_stream(std::span<Item*> wanted, bool again) {
  ScanOptions options;
  options.stream = wanted.front()->reading.stream;
  options.to = wanted.back()->reading.phenomenon_time.begin;
  size_t next = 0;  // items before it begin before the reading that is looked at
  while (next < wanted.size()) {
    options.from = wanted[next]->reading.phenomenon_time.begin;
    size_t passed = 0;
    bool broken_off = false;
    Status met;
    TRY_DO(access.scan(options, [&](const Reading& kept) {
      const Time begin = kept.phenomenon_time.begin;
      while (next < wanted.size() && wanted[next]->reading.phenomenon_time.begin < begin) ++next;
      bool any = false;
      for (size_t i = next; i < wanted.size() && met.ok(); ++i) {
        if (wanted[i]->reading.phenomenon_time.begin != begin) break;
        any = true;
        met = meet(*wanted[i], kept, again);
      }
      passed = any ? 0 : passed + 1;
      broken_off = next < wanted.size() && passed >= kPassedOver;
      return met.ok() && next < wanted.size() && !broken_off;
    }));
    TRY_DO(met);
    if (!broken_off) break;
  }
  return {};
}

// The item and a reading that begins when it does.
Status Import::State::meet(Item& item, const Reading& kept, bool again) {
  if (item.settled || !same_key(item.reading, kept)) return {};
  item.settled = true;
  if (same_result(item.reading, kept)) {
    ++(again ? counts.added : counts.present);
    return {};
  }
  return fault(
      lines[item.line],
      fmt::format("the stream {} has {} at {}; here stands {}", static_cast<int64_t>(kept.stream),
                  quoted(kept.result), to_text(kept.phenomenon_time), quoted(item.reading.result)));
}

// Of several at one time in the batch the first is posted, and the others meet it.
Status Import::State::post_missing(const std::vector<Item*>& sorted) {
  std::vector<Item*> chosen;
  size_t result_bytes = 0;
  const Item* first = nullptr;
  for (Item* item : sorted) {
    if (first != nullptr && same_key(first->reading, item->reading)) {
      TRY_DO(meet(*item, first->reading, false));
      continue;
    }
    const bool full = chosen.size() >= limits::kImportReadings ||
                      result_bytes + item->reading.result.size() > limits::kImportBytes;
    if (full && !chosen.empty()) {
      TRY_DO(post(chosen));
      chosen.clear();
      result_bytes = 0;
    }
    first = item;
    chosen.push_back(item);
    result_bytes += item->reading.result.size();
  }
  return chosen.empty() ? Status() : post(chosen);
}

Status Import::State::post(std::span<Item* const> chosen) {
  std::vector<Reading> readings;
  for (const Item* item : chosen) readings.push_back(item->reading);
  TRY(const Refusals refusals, access.post(readings));
  CHECK(refusals.size() == chosen.size(), "each reading has an answer");
  for (size_t i = 0; i < chosen.size(); ++i) {
    chosen[i]->settled = true;
    if (refusals[i].empty()) {
      ++counts.added;
    } else {
      TRY_DO(fault(lines[chosen[i]->line], refusals[i]));
    }
  }
  return {};
}

}  // namespace duliang
