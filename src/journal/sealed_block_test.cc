#include "journal/sealed_block.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "base/random.h"
#include "journal/frames_for_test.h"

namespace duliang {
namespace {

using test::at;

// Frames that follow each other as a writer makes them: claim, chain, marks.
class Chain {
 public:
  Chain() { add(encode_claim({1, 77, "127.0.0.1:8080", at(0)}, 0)); }

  void frame(const FrameBody& body) {
    FrameHeader header;
    header.kind = RecordKind::frame;
    header.epoch = 1;
    header.claim_id = 77;
    header.sequence = ++sequence_;
    header.time = body.time;
    header.synced = records.size();
    header.previous = previous_;
    const std::string record = encode_frame(header, body).value();
    previous_ = hash_of(record);
    add(record);
  }
  void add(const std::string& record) { records += record; }

  std::string records;

 private:
  uint64_t sequence_ = 0;
  Hash previous_{};
};

FrameBody observed(int64_t stream, int64_t slot, Time now, std::string result) {
  FrameBody body = test::body_of(0, std::move(result));
  body.time = now;
  body.commands[0].received = now - Duration{150};
  Reading& reading = body.readings[0].reading;
  reading.stream = StreamId{stream};
  reading.id = ReadingId{stream << 8 | slot};
  reading.phenomenon_time = {now, now};
  return body;
}

std::string opened(std::string_view records, uint64_t place = 0) {
  const auto back = open_block(seal_block(records, place), place, records.size());
  return back.ok() ? *back : back.error().message;
}

TEST(SealedBlock, ComesBackAsItWas) {
  Chain chain;
  chain.frame(test::full_body());
  for (int64_t i = 0; i < 50; ++i) {
    chain.frame(test::body_of(i, std::to_string(i % 7) + ".5", i % 3 == 0 ? "key" : ""));
    if (i % 9 == 0) chain.add(encode_mark(1, 77, chain.records.size(), at(i)));
  }
  chain.frame(test::full_body());
  chain.frame({});
  EXPECT_EQ(opened(chain.records), chain.records);
  EXPECT_EQ(opened(chain.records, 123'456'789), chain.records);
  EXPECT_EQ(opened(""), "");
}

// Texts of numbers must come out to the byte.
TEST(SealedBlock, KeepsTheTextOfEveryResult) {
  Chain chain;
  const char* results[] = {"0",
                           "-0",
                           "0.0",
                           "-0.0",
                           "1",
                           "-1",
                           "10",
                           "1.0",
                           "1.50",
                           "21.5",
                           "21.45",
                           "21",
                           "20",
                           "0.001",
                           "-0.001",
                           "100.00",
                           "1e3",
                           "1E+3",
                           "\"3\"",
                           "null",
                           "true",
                           "123456789012345678901234567890",
                           "99999999999999999",
                           "100000000000000000",
                           "0.00000000000000001",
                           "0.000000000000000001",
                           "-99999999999999999",
                           "9223372036854775807",
                           "[1, 2]",
                           "{\"a\":1.0}"};
  int64_t slot = 0;
  for (const char* first : results)
    for (const char* second : results) {
      ++slot;
      chain.frame(observed(1, slot, at(slot), first));
      chain.frame(observed(1 + slot % 3, slot, at(slot), second));
    }
  EXPECT_EQ(opened(chain.records), chain.records);
}

// A writer that was replaced, a sequence that jumps, a body that nobody wrote.
TEST(SealedBlock, KeepsWhatBelongsToNoChain) {
  std::string records = test::record_of(5) + test::record_of(3, 99, 200) + test::record_of(3);
  FrameHeader header;
  header.kind = RecordKind::frame;
  header.time = Time::min();
  header.previous.fill(7);
  for (const char* body : {"", "x", "\xff\xff\xff\xff\xff\xff\xff\xff\xff"})
    records += encode_raw(header, body);
  header.kind = RecordKind::claim;
  records += encode_raw(header, "x");
  EXPECT_EQ(opened(records), records);
  Random random(5);
  for (int round = 0; round < 300; ++round) {
    std::string body = test::record_of(1).substr(85);
    const FrameBody full = test::full_body();
    header.kind = RecordKind::frame;
    body = encode_frame(header, full).value().substr(85);
    for (uint64_t flips = 1 + random.below(3); flips > 0; --flips)
      body[random.below(body.size())] = static_cast<char>(random.below(256));
    const std::string record = encode_raw(header, body) + test::record_of(9);
    ASSERT_EQ(opened(record), record) << round;
  }
}

TEST(SealedBlock, OfWideTimesAndIds) {
  Chain chain;
  Random random(3);
  for (int i = 0; i < 200; ++i) {
    FrameBody body = test::body_of(0, std::to_string(random.below(1000)));
    body.time = Time{Duration{static_cast<int64_t>(random.next())}};
    body.commands[0].received = Time{Duration{static_cast<int64_t>(random.next())}};
    Reading& reading = body.readings[0].reading;
    reading.stream = StreamId{static_cast<int64_t>(random.next())};
    reading.id = ReadingId{static_cast<int64_t>(random.next())};
    reading.feature = RowId{static_cast<int64_t>(random.next())};
    reading.phenomenon_time = {Time{-kFarthest}, Time{kFarthest}};
    if (i % 2) reading.result_time = Time{kFarthest};
    chain.frame(body);
  }
  EXPECT_EQ(opened(chain.records), chain.records);
}

TEST(SealedBlock, OfTheLargestRecord) {
  const size_t filler = limits::kFrameBytes - test::record_of(1).size() - 2;
  const std::string largest = test::record_of(1, 0, filler);
  EXPECT_EQ(opened(largest), largest);
}

TEST(SealedBlock, SaysLittleOfWhatIsAlike) {
  Chain chain;
  const int64_t count = 5000;
  for (int64_t i = 0; i < count; ++i)
    chain.frame(observed(1 + i % 50, i / 50, at(i), i % 3 == 0 ? "21.5" : "21.6"));
  EXPECT_EQ(opened(chain.records), chain.records);
  EXPECT_LT(seal_block(chain.records, 0).size(), static_cast<size_t>(count / 2));
}

// Behind a CRC random bytes do not come here, but what comes must be refused and not believed.
TEST(SealedBlock, RefusesWhatDoesNotDecode) {
  Chain chain;
  chain.frame(test::full_body());
  for (int64_t i = 0; i < 20; ++i) chain.frame(test::body_of(i, "2" + std::to_string(i)));
  const std::string block = seal_block(chain.records, 0);
  const size_t size = chain.records.size();
  EXPECT_FALSE(open_block(block, 0, size - 1).ok());
  EXPECT_FALSE(open_block(block, 0, size + 1).ok());
  for (size_t length = 0; length < block.size(); length += 1 + length / 40)
    EXPECT_FALSE(open_block(std::string_view(block).substr(0, length), 0, size).ok()) << length;
  Random random(11);
  size_t refused = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string forged = block;
    for (uint64_t flips = 1 + random.below(3); flips > 0; --flips)
      forged[random.below(forged.size())] = static_cast<char>(random.below(256));
    const auto records = open_block(forged, 0, size);
    refused += !records.ok();
    if (records.ok()) {
      ASSERT_EQ(records->size(), size);
    }
  }
  EXPECT_GT(refused, 1000u);
}

}  // namespace
}  // namespace duliang
