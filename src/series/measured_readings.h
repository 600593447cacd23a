// Readings that were really measured, and a city of made ones, for the tests and the measurements
// of this room. They are read from the folder of the real inputs (DULIANG_DATA, else
// ../shared/data); where that is missing there are none, and whoever needs them says so and skips.
#pragma once

#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/text.h"
#include "series/order.h"

namespace duliang {

// When readings came in: live, within two seconds of the next full second, or all in one go.
enum class Arrival { live, at_once };

// Gives ids as streams take them, runs of lanes of 256 that double, and times of arrival.
class MeasuredReadings {
 public:
  MeasuredReadings(Arrival arrival, uint64_t seed) : arrival_(arrival), random_(seed) {}
  void add(int64_t stream, Time begin, std::string result) {
    Reading reading;
    reading.stream = StreamId{stream};
    reading.phenomenon_time = {begin, begin};
    reading.result = std::move(result);
    readings_.push_back(std::move(reading));
  }
  // Taken in by time, given back by KeptOrder.
  std::vector<Reading> finish() {
    std::ranges::stable_sort(readings_, {},
                             [](const Reading& r) { return r.phenomenon_time.begin; });
    for (Reading& reading : readings_) take_in(reading);
    std::ranges::sort(readings_, {}, kept_order);
    return std::move(readings_);
  }
  void take_in(Reading& reading) {
    Lane& lane = lanes_[reading.stream];
    if (lane.left == 0) {
      lane.lanes = std::min<int64_t>(lane.lanes * 2 + (lane.lanes == 0), 64);
      lane.left = lane.lanes * 256;
      lane.next = next_id_;
      next_id_ += lane.left;
    }
    reading.id = ReadingId{lane.next++};
    --lane.left;
    const auto second = std::chrono::ceil<std::chrono::seconds>(reading.phenomenon_time.begin);
    reading.arrived_s = arrival_ == Arrival::at_once
                            ? 1'795'526'440U
                            : static_cast<uint32_t>(second.time_since_epoch().count() +
                                                    static_cast<int64_t>(random_.below(3)));
  }
  Random& random() { return random_; }
  std::vector<Reading>& readings() { return readings_; }

 private:
  struct Lane {
    int64_t lanes = 0, left = 0, next = 0;
  };
  Arrival arrival_;
  Random random_;
  std::vector<Reading> readings_;
  std::map<StreamId, Lane> lanes_;
  int64_t next_id_ = 256;
};

inline constexpr size_t kAllLines = ~size_t{0};

inline std::string data_folder() {
  const char* set = std::getenv("DULIANG_DATA");
  return set != nullptr ? set : "../shared/data";
}

// The lines of a gzipped file, or of a zip with one file in it; none where it is missing.
inline std::vector<std::string> unzipped_lines(const std::string& name, size_t at_most) {
  const std::string command = "gzip -dc 2>/dev/null < '" + data_folder() + "/" + name + "'";
  std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), &pclose);
  std::string all;
  std::array<char, 65536> piece;
  while (const size_t got = std::fread(piece.data(), 1, piece.size(), pipe.get()))
    all.append(piece.data(), got);
  std::vector<std::string> lines;
  for (const std::string_view line : split(all, '\n')) {
    if (lines.size() < at_most) lines.emplace_back(line);
  }
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

inline std::vector<Reading> air_readings(Arrival arrival, size_t lines_at_most = kAllLines) {
  MeasuredReadings found(arrival, 1);
  const auto lines = unzipped_lines("air/beijing-aotizhongxin-hourly.csv.gz", lines_at_most);
  for (size_t i = 1; i < lines.size(); ++i) {
    const auto cells = split(lines[i], ',');
    if (cells.size() < 17) continue;
    const Time begin =
        Time{std::chrono::sys_days{std::chrono::year{2013} / 3 / 1}} + std::chrono::hours{i - 1};
    for (size_t cell = 5; cell < 17; ++cell) {
      if (cells[cell] != "NA")
        found.add(static_cast<int64_t>(cell), begin, std::string(cells[cell]));
    }
  }
  return found.finish();
}

inline std::vector<Reading> pedestrian_readings(Arrival arrival, size_t lines_at_most = kAllLines) {
  MeasuredReadings found(arrival, 2);
  std::map<std::string, int> months{{"JAN", 1}, {"FEB", 2},  {"MAR", 3},  {"APR", 4},
                                    {"MAY", 5}, {"JUN", 6},  {"JUL", 7},  {"AUG", 8},
                                    {"SEP", 9}, {"OCT", 10}, {"NOV", 11}, {"DEC", 12}};
  for (const std::string& line : unzipped_lines("park/melbourne-pedestrians.zip", lines_at_most)) {
    const auto cells = split(line, ',');
    if (cells.size() != 6 || cells[0].size() < 18) continue;
    const std::string when(cells[0].substr(cells[0].size() - 17));
    const auto month = months.find(when.substr(3, 3));
    if (month == months.end()) continue;
    std::string text = fmt::format("{}-{:02}-{}T{}:00Z", when.substr(7, 4), month->second,
                                   when.substr(0, 2), when.substr(12, 5));
    const auto begin = parse_time(text);
    if (!begin.ok()) continue;
    std::string_view count = cells[5];
    while (!count.empty() && (count.back() == '\r' || count.back() == ' ')) count.remove_suffix(1);
    found.add(std::atoi(std::string(cells[3]).c_str()), *begin, std::string(count));
  }
  return found.finish();
}

inline std::vector<Reading> river_readings(Arrival arrival, size_t lines_at_most = kAllLines) {
  MeasuredReadings found(arrival, 3);
  int64_t stream = 1;
  for (const char* name :
       {"hazard/catsi_river_level.csv.gz", "hazard/catsi_rain_intensity.csv.gz"}) {
    const auto lines = unzipped_lines(name, lines_at_most);
    for (size_t i = 1; i < lines.size(); ++i) {
      const auto cells = split(lines[i], ',');
      std::string when(cells[0]);
      if (when.size() != 19) continue;
      when[10] = 'T';
      const auto begin = parse_time(when + "Z");
      for (size_t cell = 1; cell < cells.size(); ++cell) {
        if (!cells[cell].empty())
          found.add(stream + static_cast<int64_t>(cell), *begin, std::string(cells[cell]));
      }
    }
    stream += 10;
  }
  return found.finish();
}

// 10,000 streams that send a temperature each minute, in an order of their own each time, some
// milliseconds off; one in fifty comes up to an hour late.
inline std::vector<Reading> city_readings(int64_t streams, int64_t minutes) {
  MeasuredReadings found(Arrival::live, 4);
  Random& random = found.random();
  std::vector<int64_t> order, tenths;
  for (int64_t i = 0; i < streams; ++i) {
    order.push_back(i);
    tenths.push_back(static_cast<int64_t>(random.below(300)));
  }
  std::vector<Reading> all;
  for (int64_t minute = 0; minute < minutes; ++minute) {
    for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
    for (const int64_t stream : order) {
      int64_t& tenth = tenths[static_cast<size_t>(stream)];
      tenth += static_cast<int64_t>(random.below(5)) - 2;
      const Time begin = Time{std::chrono::seconds{1'795'526'440}} + std::chrono::minutes{minute} +
                         std::chrono::milliseconds{random.below(1000)};
      Reading reading;
      reading.stream = StreamId{1 + stream};
      reading.phenomenon_time = {begin, begin};
      reading.result =
          fmt::format("{}{}.{}", tenth < 0 ? "-" : "", std::abs(tenth) / 10, std::abs(tenth) % 10);
      if (reading.result == "-0.0") reading.result = "0.0";
      found.take_in(reading);
      if (random.chance(0.02)) {
        const auto late = std::chrono::seconds{random.below(3600)};
        reading.phenomenon_time = {begin - late, begin - late};
      }
      all.push_back(std::move(reading));
    }
  }
  std::ranges::sort(all, {}, kept_order);
  return all;
}

}  // namespace duliang
