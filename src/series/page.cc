#include "series/page.h"

#include <limits>
#include <numeric>

#include "series/columns.h"
#include "series/order.h"
#include "series/results.h"

namespace duliang {
namespace {

int64_t second_of(Time time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

// The readings of one stream are a run.
struct Runs {
  std::vector<int64_t> streams;
  std::vector<int64_t> lengths;
};

Runs runs_of(std::span<const Reading> readings) {
  Runs runs;
  for (const Reading& reading : readings) {
    const auto stream = static_cast<int64_t>(reading.stream);
    if (runs.streams.empty() || runs.streams.back() != stream) {
      runs.streams.push_back(stream);
      runs.lengths.push_back(0);
    }
    ++runs.lengths.back();
  }
  return runs;
}

Result<Runs> take_runs(Reader& in, uint64_t readings) {
  const uint64_t count = in.varint();
  if (count == 0 || count > readings) return corrupt("it has no streams, or too many");
  Runs runs{std::vector<int64_t>(count), std::vector<int64_t>(count)};
  take_series(in, runs.streams, std::array{static_cast<int64_t>(count)});
  take_numbers(in, runs.lengths);
  uint64_t left = readings;
  for (const int64_t length : runs.lengths) {
    if (length <= 0 || static_cast<uint64_t>(length) > left) in.fail();
    if (in.ok()) left -= static_cast<uint64_t>(length);
  }
  if (!in.ok() || left != 0) return corrupt("its streams do not add up to its readings");
  return runs;
}

// One number of each reading, as a series along the runs.
template <typename Get>
void put_field(std::string& out, std::span<const Reading> readings, const Runs& runs, Get get) {
  std::vector<int64_t> values(readings.size());
  for (size_t i = 0; i < readings.size(); ++i) values[i] = static_cast<int64_t>(get(readings[i]));
  put_series(out, values, runs.lengths);
}
template <typename Set>
void take_field(Reader& in, std::span<Reading> readings, const Runs& runs, Set set) {
  std::vector<int64_t> values(readings.size());
  take_series(in, values, runs.lengths);
  for (size_t i = 0; i < readings.size(); ++i) set(readings[i], values[i]);
}

void put_times(std::string& out, std::span<const Reading> readings, const Runs& runs) {
  put_field(out, readings, runs, [](const Reading& r) { return number(r.phenomenon_time.begin); });
  put_field(out, readings, runs, [](const Reading& r) {
    return minus(number(r.phenomenon_time.end), number(r.phenomenon_time.begin));
  });
  // Whether there is a time of the result, and how far behind the end it lies.
  put_field(out, readings, runs, [](const Reading& r) { return r.result_time ? 1 : 0; });
  put_field(out, readings, runs, [](const Reading& r) {
    return r.result_time ? minus(number(*r.result_time), number(r.phenomenon_time.end)) : 0;
  });
}

void take_times(Reader& in, std::span<Reading> readings, const Runs& runs) {
  take_field(in, readings, runs,
             [](Reading& r, int64_t value) { r.phenomenon_time.begin = time_at(value); });
  take_field(in, readings, runs, [](Reading& r, int64_t value) {
    r.phenomenon_time.end = time_at(plus(number(r.phenomenon_time.begin), value));
  });
  take_field(in, readings, runs, [&](Reading& r, int64_t value) {
    if (value < 0 || value > 1) in.fail();
    if (value == 1) r.result_time = Time{};
  });
  take_field(in, readings, runs, [&](Reading& r, int64_t value) {
    if (r.result_time) r.result_time = time_at(plus(number(r.phenomenon_time.end), value));
    if (!r.result_time && value != 0) in.fail();
  });
}

// When it arrived, as it is (the same for all that came in one go) or behind the second of its
// begin (much the same for all that came live), whichever is shorter.
void put_arrived(std::string& out, std::span<const Reading> readings, const Runs& runs) {
  std::string at;
  std::string behind;
  put_u8(at, 0);
  put_u8(behind, 1);
  put_field(at, readings, runs, [](const Reading& r) { return r.arrived_s; });
  put_field(behind, readings, runs, [](const Reading& r) {
    return minus(int64_t{r.arrived_s}, second_of(r.phenomenon_time.begin));
  });
  out += behind.size() < at.size() ? behind : at;
}

void take_arrived(Reader& in, std::span<Reading> readings, const Runs& runs) {
  const uint8_t behind = in.u8();
  if (behind > 1) in.fail();
  take_field(in, readings, runs, [&](Reading& r, int64_t value) {
    if (behind == 1) value = plus(value, second_of(r.phenomenon_time.begin));
    if (value < 0 || value > std::numeric_limits<uint32_t>::max()) in.fail();
    r.arrived_s = static_cast<uint32_t>(value);
  });
}

Quality to_quality(Reader& in, int64_t value) {
  if (value < 0 || value > static_cast<int64_t>(Quality::corrected)) in.fail();
  return static_cast<Quality>(value);
}

void put_extras(std::string& out, std::span<const Reading> readings) {
  std::vector<std::string_view> extras;
  extras.reserve(readings.size());
  for (const Reading& reading : readings) extras.push_back(reading.extras);
  put_texts(out, extras);
}

void take_extras(Reader& in, std::span<Reading> readings) {
  std::vector<std::string_view> extras(readings.size());
  std::string held;
  take_texts(in, extras, held);
  for (size_t i = 0; i < readings.size(); ++i) readings[i].extras = extras[i];
}

// What is wrong with them as a page; empty where nothing is. A writer that goes on behind
// kPageBytes, or texts that are used again and again, must not make a page beyond all bounds.
std::string_view fault_of(std::span<const Reading> readings) {
  size_t content = 0;
  for (size_t i = 0; i < readings.size(); ++i) {
    if (content >= kPageBytes) return "its readings are more than a page holds";
    content += content_bytes(readings[i]);
    if (i > 0 && kept_order(readings[i]) <= kept_order(readings[i - 1]))
      return "its readings are not in order";
  }
  return "";
}

}  // namespace

std::string encode_page(std::span<const Reading> readings) {
  CHECK(!readings.empty() && readings.size() <= kPageRows, "a page holds one to kPageRows");
  CHECK(fault_of(readings).empty(), fault_of(readings));
  const Runs runs = runs_of(readings);
  std::string out;
  put_varint(out, readings.size());
  put_varint(out, runs.lengths.size());
  put_series(out, runs.streams, std::array{static_cast<int64_t>(runs.streams.size())});
  put_numbers(out, runs.lengths);
  put_field(out, readings, runs, [](const Reading& r) { return r.id; });
  put_times(out, readings, runs);
  put_field(out, readings, runs, [](const Reading& r) { return r.feature; });
  put_arrived(out, readings, runs);
  put_field(out, readings, runs, [](const Reading& r) { return r.quality; });
  put_results(out, readings, runs.lengths);
  put_extras(out, readings);
  return out;
}

namespace {

Result<Runs> take_head(Reader& in) {
  const uint64_t count = in.varint();
  if (count == 0 || count > kPageRows) return corrupt("it has no readings, or too many");
  return take_runs(in, count);
}

}  // namespace

Result<PageColumns> decode_columns(std::string_view bytes, bool with_results) {
  Reader in(bytes);
  TRY(const Runs runs, take_head(in));
  PageColumns columns;
  for (size_t run = 0; run < runs.lengths.size(); ++run) {
    columns.streams.insert(columns.streams.end(), static_cast<size_t>(runs.lengths[run]),
                           StreamId{runs.streams[run]});
  }
  const size_t count = columns.streams.size();
  std::vector<int64_t> values(count);
  take_series(in, values, runs.lengths);
  columns.ids.reserve(count);
  for (const int64_t id : values) columns.ids.push_back(ReadingId{id});
  take_series(in, values, runs.lengths);
  columns.times.reserve(count);
  for (const int64_t begin : values) columns.times.push_back({time_at(begin), {}});
  take_series(in, values, runs.lengths);
  for (size_t i = 0; i < count; ++i) {
    columns.times[i].end = time_at(plus(number(columns.times[i].begin), values[i]));
  }
  if (with_results) {
    // Past both of resultTime, the feature of interest and arrival.
    for (int passed = 0; passed < 3; ++passed) take_series(in, values, runs.lengths);
    in.u8();
    for (int passed = 0; passed < 2; ++passed) take_series(in, values, runs.lengths);
    columns.qualities.reserve(count);
    for (const int64_t value : values) columns.qualities.push_back(to_quality(in, value));
    columns.results.resize(count);
    take_result_numbers(in, columns.results, runs.lengths);
  }
  if (!in.ok()) return corrupt("its columns do not decode");
  return columns;
}

Result<std::vector<Reading>> decode_page(std::string_view bytes) {
  Reader in(bytes);
  TRY(const Runs runs, take_head(in));
  std::vector<Reading> readings(
      static_cast<size_t>(std::reduce(runs.lengths.begin(), runs.lengths.end())));
  size_t at = 0;
  for (size_t run = 0; run < runs.lengths.size(); ++run) {
    for (int64_t i = 0; i < runs.lengths[run]; ++i)
      readings[at++].stream = StreamId{runs.streams[run]};
  }
  take_field(in, readings, runs, [](Reading& r, int64_t value) { r.id = ReadingId{value}; });
  take_times(in, readings, runs);
  take_field(in, readings, runs,
             [](Reading& r, int64_t value) { r.feature = static_cast<RowId>(value); });
  take_arrived(in, readings, runs);
  take_field(in, readings, runs, [&](Reading& r, int64_t value) {
    r.quality = to_quality(in, value);
  });
  take_results(in, readings, runs.lengths);
  if (in.ok()) take_extras(in, readings);
  if (!in.done()) return corrupt("its columns do not decode");
  if (const auto wrong = fault_of(readings); !wrong.empty()) return corrupt(std::string(wrong));
  return readings;
}

}  // namespace duliang
