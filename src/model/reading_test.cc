#include "model/reading.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/bytes.h"
#include "base/random.h"

namespace duliang {
namespace {

Time time_of(std::string_view text) { return parse_time(text).value(); }

Reading example() {
  Reading reading;
  reading.id = ReadingId{4711};
  reading.stream = StreamId{12};
  reading.phenomenon_time = parse_interval("2026-11-24T13:00:00Z/2026-11-24T14:00:00Z").value();
  reading.result_time = time_of("2026-11-24T14:00:05Z");
  reading.feature = RowId{3};
  reading.result = "21.50";
  reading.extras = R"({"validTime":"2026-11-24T13:00:00Z/2026-11-25T13:00:00Z",)"
                   R"("resultQuality":"good","parameters":{"a":1}})";
  return reading;
}

size_t round_trip(const Reading& reading, const Reading& before) {
  std::string bytes;
  encode(bytes, reading, before);
  Reader in(bytes);
  const auto back = decode_reading(in, before);
  EXPECT_TRUE(back.ok());
  if (!back.ok()) return 0;
  EXPECT_TRUE(in.done());
  EXPECT_EQ(*back, reading);
  for (size_t length = 0; length < bytes.size(); ++length) {
    Reader cut(std::string_view(bytes).substr(0, length));
    EXPECT_FALSE(decode_reading(cut, before).ok()) << length;
  }
  return bytes.size();
}

TEST(Reading, OnlyJsonNumbersAreNumbers) {
  const auto number = [](std::string result) {
    Reading reading;
    reading.result = std::move(result);
    return number_of(reading);
  };
  EXPECT_EQ(number("21.50"), 21.5);
  EXPECT_EQ(number("-3"), -3.0);
  EXPECT_EQ(number("1e3"), 1000.0);
  for (const char* other : {"null", "true", "\"3\"", "[3]", "{\"a\":3}"})
    EXPECT_EQ(number(other), std::nullopt) << other;
}

TEST(Reading, ResultsComeOutAsTheyWentIn) {
  for (const char* text : {"null", "true", "7", "21.50", "\"text\"", "[1,2]", "{\"a\":1.0}"}) {
    Reading reading;
    reading.result = text;
    EXPECT_EQ(to_json(result_value(reading)).dump(), text);
  }
}

TEST(Reading, AsARow) {
  const Row row = to_row(example());
  EXPECT_EQ(row.type, TypeId::observation);
  EXPECT_EQ(row.id, RowId{4711});
  EXPECT_EQ(to_json(row["phenomenonTime"]).dump(),
            "\"2026-11-24T13:00:00Z/2026-11-24T14:00:00Z\"");
  EXPECT_EQ(to_json(row["result"]).dump(), "21.50");
  EXPECT_EQ(row.time("resultTime"), time_of("2026-11-24T14:00:05Z"));
  EXPECT_EQ(std::get<std::string>(row["resultQuality"]), "good");
  EXPECT_TRUE(std::holds_alternative<Interval>(row["validTime"]));
  EXPECT_EQ(to_json(row["parameters"]).dump(), "{\"a\":1}");
  EXPECT_EQ(row.link("Datastream"), RowId{12});
  EXPECT_EQ(row.link("FeatureOfInterest"), RowId{3});
  const Row bare = to_row(Reading{});
  EXPECT_TRUE(is_null(bare["resultTime"]));
  EXPECT_TRUE(is_null(bare["validTime"]));
  EXPECT_EQ(bare.link("FeatureOfInterest"), kNoRow);
}

TEST(Reading, RoundTripsAgainstAnythingBefore) {
  const Reading full = example();
  Reading extreme = full;
  extreme.id = static_cast<ReadingId>(std::numeric_limits<int64_t>::min());
  extreme.phenomenon_time = {Time{kFarthest}, Time{-kFarthest}};
  extreme.result_time = Time{kFarthest};
  Reading instant = full;
  instant.phenomenon_time.end = instant.phenomenon_time.begin;
  instant.result_time = instant.phenomenon_time.end;
  instant.extras.clear();
  const Reading all[] = {Reading{}, full, extreme, instant};
  for (const Reading& before : all)
    for (const Reading& reading : all) round_trip(reading, before);
}

TEST(Reading, TheNextReadingOfAStreamIsSmall) {
  Reading before = example();
  before.extras.clear();
  before.phenomenon_time.end = before.phenomenon_time.begin;
  before.result_time.reset();
  Reading next = before;
  next.id = ReadingId{4712};
  next.phenomenon_time.begin += std::chrono::minutes{1};
  next.phenomenon_time.end = next.phenomenon_time.begin;
  EXPECT_LE(round_trip(next, before), 6U) << "flags, four bytes of time, the same result";
  next.result = "21.51";
  EXPECT_LE(round_trip(next, before), 11U);
}

TEST(Reading, AContradictionIsCorrupt) {
  const std::string bytes("\x6f\x00", 2);  // the result time is the end, but there is none
  Reader in(bytes);
  const auto reading = decode_reading(in, Reading{});
  ASSERT_FALSE(reading.ok());
  EXPECT_EQ(reading.error().code, Code::corrupt);
}

TEST(Reading, ATimeBeyondAllTimesIsRefusedByBoth) {
  Reading reading;
  reading.result_time = Time{kFarthest} + Duration{1};
  std::string bytes;
  EXPECT_DEATH(encode(bytes, reading, Reading{}), "times_show");
  put_u8(bytes, 1 | 8 | 64);
  put_zigzag(bytes, 1);
  put_zigzag(bytes, kFarthest.count() + 1);
  put_text(bytes, "1");
  Reader in(bytes);
  EXPECT_FALSE(decode_reading(in, Reading{}).ok());
}

TEST(Reading, AnyBytesDecodeOrAreRefused) {
  Random random(1);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes;
    for (uint64_t left = random.below(40); left > 0; --left)
      bytes.push_back(static_cast<char>(random.below(256)));
    Reader in(bytes);
    if (const auto reading = decode_reading(in, example()); reading.ok()) to_row(*reading);
  }
}

}  // namespace
}  // namespace duliang
