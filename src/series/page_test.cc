#include "series/page.h"

#include <gtest/gtest.h>

#include <limits>

#include "series/columns.h"
#include "series/example_readings.h"
#include "series/measured_readings.h"
#include "series/results.h"

namespace duliang {
namespace {

constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
constexpr int64_t kMost = std::numeric_limits<int64_t>::max();

// In pages as a part cuts them; returns their bytes.
size_t expect_round_trip(std::vector<Reading> readings, size_t page_rows = kPageRows) {
  std::ranges::sort(readings, {}, kept_order);
  size_t bytes = 0;
  std::span<const Reading> rest(readings);
  while (!rest.empty()) {
    size_t rows = 0;
    for (size_t content = 0; rows < std::min(page_rows, rest.size()) && content < kPageBytes;
         ++rows)
      content += content_bytes(rest[rows]);
    const std::string page = encode_page(rest.subspan(0, rows));
    bytes += page.size();
    const auto decoded = decode_page(page);
    EXPECT_TRUE(decoded.ok()) << decoded.error().message;
    if (!decoded.ok()) return bytes;
    for (size_t i = 0; i < rows; ++i) EXPECT_EQ((*decoded)[i], rest[i]) << rest[i].result;
    rest = rest.subspan(rows);
  }
  return bytes;
}

std::vector<Reading> each_minute(int64_t streams, int64_t minutes,
                                 const std::function<std::string(int64_t)>& result) {
  std::vector<Reading> readings;
  for (int64_t stream = 1; stream <= streams; ++stream) {
    for (int64_t i = 0; i < minutes; ++i) {
      readings.push_back(example_reading(stream * 65536 + i, stream, 60 * i, result(i)));
      readings.back().arrived_s = static_cast<uint32_t>(1795526441 + 60 * i);
    }
  }
  return readings;
}

const std::vector<std::string>& results_of_every_kind() {
  static const std::vector<std::string> kResults{
      "0", "-0", "0.0", "-0.0", "0.00", "1", "-1", "1.0", "1.00", "10", "100", "21.50", "-21.5",
      "0.05", "-0.05", "1e5", "1E-3", "123456789012345678", "-999999999999999999",
      "1234567890123456789", "9223372036854775807", "-9223372036854775808", "18446744073709551616",
      "0.00000000000000001", "0.000000000000000001", "99999999999999999.9", "21.666666666666668",
      "0.4000000059604645", "true", "false", "null", R"("")", R"("梁平")", "[1,2]", R"({"a":1.0})",
      "",
      // No JSON, but nothing that may break it either.
      "00", "05", "-05", ".5", "5.", "-", "--1", "1.2.3", "1.", "+1", " 1", "1 ", "Infinity",
      "0x10"};
  return kResults;
}

TEST(Page, ResultsOfEveryKindComeBackLetterForLetter) {
  const auto& results = results_of_every_kind();
  for (int64_t streams : {1, 3, 40}) {
    std::vector<Reading> readings;
    for (size_t i = 0; i < results.size(); ++i) {
      const auto place = static_cast<int64_t>(i);
      readings.push_back(example_reading(place + 1, 1 + place % streams, place, results[i]));
    }
    expect_round_trip(readings);
    expect_round_trip(readings, 1);
    expect_round_trip(readings, 2);
  }
}

TEST(Page, TheFarthestNumbersComeBack) {
  const std::array<int64_t, 7> numbers{kLeast, kLeast + 1, -1, 0, 1, kMost - 1, kMost};
  std::vector<Reading> readings;
  for (const int64_t stream : numbers) {
    for (const int64_t begin : numbers) {
      for (const int64_t other : numbers) {
        Reading reading = example_reading(other, stream, 0, std::to_string(other));
        reading.phenomenon_time = {Time{Duration{begin}}, Time{Duration{other}}};
        reading.result_time = Time{Duration{minus(0, other)}};
        reading.feature = RowId{other};
        reading.arrived_s = static_cast<uint32_t>(other);
        reading.quality = static_cast<Quality>(static_cast<uint64_t>(other) % 5);
        readings.push_back(std::move(reading));
      }
    }
  }
  for (const size_t rows : {kPageRows, size_t{1}, size_t{2}, size_t{7}, size_t{50}})
    expect_round_trip(readings, rows);
}

TEST(Page, RandomReadingsComeBack) {
  Random random(1);
  // Of any size, small ones as likely as large ones.
  const auto any = [&] { return static_cast<int64_t>(random.next() >> random.below(64)) - 100; };
  const auto& results = results_of_every_kind();
  for (int round = 0; round < 300; ++round) {
    std::map<KeptOrder, Reading> readings;
    const double wild = random.chance(0.5) ? 0.02 : 0.5;
    const int64_t streams = 1 + static_cast<int64_t>(random.below(20));
    for (size_t left = 1 + random.below(120); left > 0; --left) {
      Reading reading = random_reading(random, streams, 50);
      reading.id = ReadingId{1 + static_cast<int64_t>(random.below(1000))};
      reading.arrived_s = 1795526440U + static_cast<uint32_t>(random.below(700));
      if (random.chance(0.5))
        reading.result = fmt::format("{}.{}", random.below(40), random.below(1000));
      if (random.chance(wild)) reading.result = results[random.below(results.size())];
      if (random.chance(wild)) reading.stream = StreamId{any()};
      if (random.chance(wild)) reading.phenomenon_time.begin = Time{Duration{any()}};
      if (random.chance(wild)) reading.phenomenon_time.end = Time{Duration{any()}};
      if (random.chance(wild)) reading.feature = RowId{any()};
      if (random.chance(wild)) reading.arrived_s = static_cast<uint32_t>(random.next());
      if (random.chance(wild)) reading.quality = static_cast<Quality>(random.below(5));
      if (random.chance(wild))
        reading.extras = fmt::format(R"({{"parameters":{{"n":{}}}}})", random.below(5));
      readings[kept_order(reading)] = reading;
    }
    std::vector<Reading> sorted;
    for (const auto& [key, reading] : readings) sorted.push_back(reading);
    expect_round_trip(sorted);
    expect_round_trip(sorted, 1 + random.below(10));
  }
}

TEST(Page, WhatFollowsARuleCostsNothing) {
  // Constant steps, lag, and the decimals of three kinds of sources.
  const auto ramp = [](int64_t i) { return fmt::format("{}.{:02}", i / 100, i % 100); };
  EXPECT_LE(expect_round_trip(each_minute(1, 2048, ramp)), 100U);
  EXPECT_LE(expect_round_trip(each_minute(4, 512, ramp)), 200U);
  const auto dropping = [](int64_t i) {
    std::string text = fmt::format("{}.{:02}", i / 100, i % 100);
    while (text.back() == '0') text.pop_back();
    if (text.back() == '.') text.pop_back();
    return text;
  };
  EXPECT_LE(expect_round_trip(each_minute(1, 2048, dropping)), 100U);
  const auto floating = [](int64_t i) { return fmt::format("{}.{}", i / 10, i % 10); };
  EXPECT_LE(expect_round_trip(each_minute(1, 2048, floating)), 100U);
  // All at once: the times of arrival are alike, and the lag is not.
  auto imported = each_minute(1, 2048, ramp);
  for (Reading& reading : imported) reading.arrived_s = 1795526440;
  EXPECT_LE(expect_round_trip(imported), 100U);
}

TEST(Page, AFewOddResultsDoNotSpoilTheOthers) {
  const auto odd = [](int64_t i) {
    return i % 100 == 99 ? std::string("21.666666666666668")
                         : fmt::format("{}.{}", 20 + i % 3, i % 7);
  };
  EXPECT_LE(expect_round_trip(each_minute(1, 2048, odd)), 2048U);
}

TEST(Page, RepeatedTextsCostLittle) {
  const auto wind = [](int64_t i) { return std::string(i % 3 == 0 ? R"("NE")" : R"("NNW")"); };
  EXPECT_LE(expect_round_trip(each_minute(1, 2048, wind)), 200U);
}

TEST(Page, BytesThatWereChangedDecodeOrAreRefused) {
  Random random(2);
  std::vector<Reading> readings = each_minute(3, 60, [&](int64_t i) {
    return i % 9 == 0 ? R"("text")" : fmt::format("{}.{}", random.below(50), random.below(10));
  });
  const std::string page = encode_page(readings);
  for (size_t at = 0; at < page.size(); ++at) {
    EXPECT_FALSE(decode_page(std::string_view(page).substr(0, at)).ok()) << at;
    for (const unsigned flip : {0x01U, 0x08U, 0x80U, 0xFFU}) {
      std::string broken = page;
      broken[at] = static_cast<char>(static_cast<unsigned char>(broken[at]) ^ flip);
      const auto decoded = decode_page(broken);
      if (!decoded.ok()) {
        EXPECT_EQ(decoded.error().code, Code::corrupt);
      }
    }
  }
  EXPECT_FALSE(decode_page(page + "x").ok());
}

TEST(Page, BytesOfNobodyAreRefused) {
  Random random(3);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes;
    put_varint(bytes, 1 + random.below(4));
    for (uint64_t left = random.below(60); left > 0; --left)
      bytes.push_back(static_cast<char>(random.chance(0.5) ? 0 : random.below(256)));
    (void)decode_page(bytes).ok();
  }
}

// A page of readings of stream 1 with the same result, as encode_page() would write it if the ids
// went upwards.
std::string page_by_hand(int64_t count, std::string_view result, int64_t id_step = 1) {
  const std::array one_run{count};
  const std::vector<int64_t> none(static_cast<size_t>(count));
  std::vector<int64_t> ids(none);
  for (size_t i = 0; i < ids.size(); ++i) ids[i] = id_step * (static_cast<int64_t>(i) + 1);
  std::string out;
  put_varint(out, static_cast<uint64_t>(count));
  put_varint(out, 1);
  put_series(out, std::array{int64_t{1}}, std::array{int64_t{1}});
  put_numbers(out, one_run);
  put_series(out, ids, one_run);
  for (int field = 0; field < 5; ++field) put_series(out, none, one_run);
  put_u8(out, 0);
  for (int field = 0; field < 2; ++field) put_series(out, none, one_run);
  for (int field = 0; field < 2; ++field) put_numbers(out, std::array{int64_t{0}});
  put_numbers(out, std::vector<int64_t>(none.size(), 1));  // as texts
  put_series(out, none, one_run);
  put_texts(out, std::vector<std::string_view>(none.size(), result));
  put_texts(out, std::vector<std::string_view>(none.size()));
  return out;
}

TEST(Page, MoreThanAPageHoldsIsRefused) {
  EXPECT_EQ(decode_page(page_by_hand(3, "true")).value().back().result, "true");
  const std::string half(kPageBytes / 2, 'x');
  EXPECT_TRUE(decode_page(page_by_hand(2, half)).ok());
  EXPECT_FALSE(decode_page(page_by_hand(3, half)).ok());
  EXPECT_FALSE(decode_page(page_by_hand(2048, half)).ok());
  EXPECT_TRUE(decode_page(page_by_hand(2048, "1")).ok());
  EXPECT_FALSE(decode_page(page_by_hand(2049, "1")).ok());
  std::string vast;
  put_varint(vast, uint64_t{1} << 60);
  EXPECT_FALSE(decode_page(vast).ok());
}

TEST(Page, ReadingsOutOfOrderAreRefused) {
  EXPECT_TRUE(decode_page(page_by_hand(3, "1", 2)).ok());
  EXPECT_FALSE(decode_page(page_by_hand(3, "1", 0)).ok());
  EXPECT_FALSE(decode_page(page_by_hand(3, "1", -1)).ok());
}

TEST(Page, AColumnOfTextsBeyondItsLimitIsRefused) {
  const std::string large(kPageTextBytes, 'x');
  for (const size_t times : {size_t{1}, size_t{2}, size_t{3}, size_t{2048}}) {
    std::string bytes;
    put_texts(bytes, std::vector<std::string_view>(times, large));
    std::vector<std::string_view> texts(times);
    std::string held;
    Reader in(bytes);
    take_texts(in, texts, held);
    EXPECT_EQ(in.ok(), times <= 2) << times;
  }
  std::string bytes;  // one new text, said to be as long as all memory
  put_numbers(bytes, std::array{int64_t{0}});
  put_numbers(bytes, std::array{kMost});
  std::vector<std::string_view> texts(1);
  std::string held;
  Reader in(bytes);
  take_texts(in, texts, held);
  EXPECT_FALSE(in.ok());
  EXPECT_TRUE(held.empty());
}

TEST(Page, WhatIsNoPageIsNotWritten) {
  EXPECT_DEATH(encode_page({}), "one to kPageRows");
  const std::vector<Reading> turned{example_reading(2, 1, 5), example_reading(1, 1, 4)};
  EXPECT_DEATH(encode_page(turned), "order");
  const std::string half(kPageBytes / 2, 'x');
  const std::vector<Reading> long_ones{example_reading(1, 1, 1, half),
                                       example_reading(2, 1, 2, half),
                                       example_reading(3, 1, 3, half)};
  EXPECT_DEATH(encode_page(long_ones), "more than a page holds");
}

TEST(Page, WhatWasReallyMeasuredComesBack) {
  constexpr size_t kLines = 8000;
  size_t sets = 0;
  for (const Arrival arrival : {Arrival::live, Arrival::at_once}) {
    for (const auto& readings :
         {air_readings(arrival, kLines), pedestrian_readings(arrival, kLines),
          river_readings(arrival, kLines)}) {
      if (readings.empty()) continue;
      ++sets;
      // This much a reading, with the shorter runs and rests of so small a piece.
      EXPECT_LE(expect_round_trip(readings), 2 * readings.size());
    }
  }
  if (sets == 0) GTEST_SKIP() << "no real inputs in " << data_folder();
}

TEST(Page, ACityOfShuffledStreamsComesBack) {
  const auto readings = city_readings(1000, 10);
  EXPECT_LE(expect_round_trip(readings), 4 * readings.size());
}

}  // namespace
}  // namespace duliang
