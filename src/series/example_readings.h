// Readings for the tests of this room: made from a seed, with times that come late, doubled and
// shuffled, and results of every kind.
#pragma once

#include <array>
#include <ostream>

#include "base/random.h"
#include "model/reading.h"

namespace duliang {

// 2026-11-24T13:20:40Z.
inline constexpr Time kExampleStart{std::chrono::seconds{1795526440}};

inline Reading example_reading(int64_t id, int64_t stream, int64_t second,
                               std::string result = "1") {
  Reading reading;
  reading.id = ReadingId{id};
  reading.stream = StreamId{stream};
  const Time begin = kExampleStart + std::chrono::seconds{second};
  reading.phenomenon_time = {begin, begin};
  reading.result = std::move(result);
  return reading;
}

inline void shift(Reading& reading, Duration by) {
  Interval& time = reading.phenomenon_time;
  time = {time.begin + by, time.end + by};
  if (reading.result_time) reading.result_time = *reading.result_time + by;
}

// What a test that fails shows of a reading.
inline void PrintTo(const Reading& reading, std::ostream* out) {
  *out << fmt::format("{} of {} at {}: {}", static_cast<int64_t>(reading.id),
                      static_cast<int64_t>(reading.stream), to_text(reading.phenomenon_time),
                      reading.result);
}

// Without an id. Times lie around the second `around`, often twice at one.
inline Reading random_reading(Random& random, int64_t streams, int64_t around) {
  static const std::array<std::string, 6> results{
      "21.50", "-3",   "true", R"("a text that is longer than a short string holds")",
      "null",  "[1,2]"};
  const auto below = [&](uint64_t bound) { return static_cast<int64_t>(random.below(bound)); };
  Reading reading = example_reading(0, 1 + below(static_cast<uint64_t>(streams)),
                                    around + below(20) - (random.chance(0.1) ? below(500) : 0),
                                    results[random.below(results.size())]);
  Interval& time = reading.phenomenon_time;
  if (random.chance(0.2)) time.end = time.begin + std::chrono::seconds{below(3600)};
  if (random.chance(0.3)) reading.result_time = time.end;
  if (random.chance(0.2)) reading.feature = RowId{1 + below(5)};
  if (random.chance(0.1)) reading.extras = R"({"resultQuality":"good"})";
  // Some belong to the months around.
  if (random.chance(0.05)) shift(reading, std::chrono::days{31 * (below(5) - 2)});
  return reading;
}

}  // namespace duliang
