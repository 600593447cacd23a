// What a stream costs in memory while nothing is asked of it: what the process has allocated after
// opening a house with many streams of which each has one reading, less the same of a house with
// few. SQLite's own memory is a cache of bounded size, and is left out.
#include <malloc.h>
#include <sqlite3.h>

#include <filesystem>
#include <fstream>

#include "base/os/os_clock.h"
#include "bench/house.h"

namespace duliang::bench {
namespace {

constexpr int kFew = 1000;
constexpr int kMany = 51'000;

int64_t allocated() {
  const struct mallinfo2 heap = mallinfo2();
  return static_cast<int64_t>(heap.uordblks + heap.hblkhd) - sqlite3_memory_used();
}

Status build(const Settings& settings, const std::string& folder, int streams,
             const char* property) {
  const Time start = OsClock().now();
  TRY(const auto house, BuiltHouse::open(settings, folder, start, limits::kTailReadings));
  TRY_DO(house->add_stations(streams, property));
  PostReadings post;
  for (int stream = 1; stream <= streams; ++stream) {
    Reading reading;
    reading.stream = StreamId{stream};
    reading.phenomenon_time = {start, start};
    reading.result = "21.5";
    post.readings.push_back(std::move(reading));
  }
  TRY_DO(house->submit(std::move(post)));
  TRY_DO(house->turn_all());
  return house->engine().checkpoint();
}

// In a house that was just opened, after each stream has had one more reading, all of which stand
// in parts again.
Status weigh(const Settings& settings, const std::string& folder, int streams,
             const std::string& result) {
  const Time now = OsClock().now();
  TRY(const auto house, BuiltHouse::open(settings, folder, now, limits::kTailReadings));
  for (int stream = 1; stream <= streams; ++stream) {
    PostReadings post;
    Reading reading;
    reading.stream = StreamId{stream};
    reading.phenomenon_time = {now, now};
    reading.result = "22";
    post.readings.push_back(std::move(reading));
    TRY_DO(house->submit(std::move(post)));
    if (stream % 500 == 0) TRY_DO(house->turn_all());
  }
  TRY_DO(house->turn_all());
  TRY_DO(house->engine().checkpoint());
  std::ofstream(result) << allocated();
  return {};
}

Result<double> bytes_of(const Settings& settings, int streams, const char* property) {
  const std::string folder = settings.folder + "/streams";
  const std::string result = settings.folder + "/streams-bytes";
  TRY_DO(in_child([&] { return build(settings, folder, streams, property); }));
  TRY_DO(in_child([&] { return weigh(settings, folder, streams, result); }));
  std::filesystem::remove_all(folder);
  double bytes = 0;
  std::ifstream(result) >> bytes;
  return bytes;
}

Result<double> bytes_each(const Settings& settings, const char* property) {
  TRY(const double few, bytes_of(settings, kFew, property));
  TRY(const double many, bytes_of(settings, kMany, property));
  return (many - few) / (kMany - kFew);
}

Result<Rows> stream_state(const Settings& settings) {
  TRY(const double idle, bytes_each(settings, "air_temperature"));
  TRY(const double watched, bytes_each(settings, "pm2_5"));
  BenchRow alone, rule;
  alone.name = "stream";
  alone.unit = rule.unit = "B";
  alone.ours = idle;
  alone.gate = Gate{200, false};
  alone.note = fmt::format("of {} streams against {}", kMany, kFew);
  rule.name = "stream, watched";
  rule.ours = watched - idle;
  rule.gate = Gate{64, false};
  rule.note = "more, where a rule compares each reading with its thresholds";
  return Rows{alone, rule};
}

}  // namespace

void add_streams(std::vector<Measurement>& all) {
  all.push_back({"stream", "memory of a stream, idle and with a rule of thresholds", stream_state});
}

}  // namespace duliang::bench
