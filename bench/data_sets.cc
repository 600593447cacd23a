#include "bench/data_sets.h"

#include "series/measured_readings.h"

namespace duliang::bench {

std::vector<DataSet> data_sets() {
  return {
      {"air", 6, 1.5, [] { return air_readings(Arrival::live); }},
      {"pedestrians", 6, 1.5, [] { return pedestrian_readings(Arrival::live); }},
      {"rivers", 6, 2, [] { return river_readings(Arrival::live); }},
      {"city", 9, 4, [] { return city_readings(10'000, 60); }},
  };
}

int64_t by_arrival(std::vector<Reading>& readings) {
  // Some cells are empty, and some hold words: the direction of the wind.
  std::erase_if(readings, [](const Reading& reading) { return reading.result.empty(); });
  for (Reading& reading : readings) {
    if (std::isalpha(static_cast<unsigned char>(reading.result.front())))
      reading.result = '"' + reading.result + '"';
  }
  std::map<StreamId, StreamId> streams;
  for (Reading& reading : readings) {
    const StreamId next{static_cast<int64_t>(streams.size()) + 1};
    reading.stream = streams.emplace(reading.stream, next).first->second;
  }
  std::ranges::stable_sort(readings, {}, &Reading::arrived_s);
  return static_cast<int64_t>(streams.size());
}

}  // namespace duliang::bench
