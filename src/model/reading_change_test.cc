#include "model/reading_change.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/random.h"

namespace duliang {
namespace {

Reading changed_example() {
  Reading reading;
  reading.id = ReadingId{4711};
  reading.stream = StreamId{18};
  reading.phenomenon_time = {Time{std::chrono::hours{1}}, Time{std::chrono::hours{2}}};
  reading.result = "21.50";
  reading.quality = Quality::corrected;
  return reading;
}

TEST(ReadingChange, ComesBackAsItWas) {
  for (const ReadingChange& change :
       {ReadingChange::replaced(changed_example(), "the gauge had slipped"),
        ReadingChange::removed(ReadingId{5}, StreamId{2}, ""),
        ReadingChange::cut(StreamId{2}, Time::max(), "the station is gone"),
        ReadingChange::cut(StreamId{2}, Time{std::chrono::hours{3}}, "")}) {
    std::string bytes;
    encode(bytes, change);
    Reader in(bytes);
    const auto back = decode_reading_change(in);
    ASSERT_TRUE(back.ok());
    EXPECT_TRUE(in.done());
    EXPECT_EQ(*back, change);
  }
}

TEST(ReadingChange, AnyBytesDecodeOrAreRefused) {
  std::string sound;
  encode(sound, ReadingChange::replaced(changed_example(), "why"));
  Random random(1);
  for (int round = 0; round < 20'000; ++round) {
    std::string bytes = sound.substr(0, random.below(sound.size() + 1));
    if (!bytes.empty()) bytes[random.below(bytes.size())] = static_cast<char>(random.below(256));
    Reader in(bytes);
    if (const auto change = decode_reading_change(in); change.ok())
      name_of(change->reading.quality);
  }
}

TEST(ReadingChange, QualitiesHaveNames) {
  EXPECT_EQ(quality_of("doubtful"), Quality::doubtful);
  EXPECT_EQ(name_of(Quality::corrected), "corrected");
  EXPECT_EQ(quality_of(""), std::nullopt);
  EXPECT_EQ(quality_of("fine"), std::nullopt);
}

}  // namespace
}  // namespace duliang
