#include "journal/frame.h"

#include <gtest/gtest.h>

#include "base/bytes.h"
#include "base/limits.h"
#include "base/os/os_files.h"
#include "base/random.h"
#include "base/text.h"
#include "journal/frames_for_test.h"

namespace duliang {
namespace {

using test::at;
using test::body_of;
using test::full_body;

FrameHeader header_of(uint64_t sequence) {
  FrameHeader header;
  header.kind = RecordKind::frame;
  header.epoch = 3;
  header.claim_id = 0x1122334455667788;
  header.sequence = sequence;
  header.time = at(100);
  header.synced = 4096;
  header.previous.fill(0xAB);
  return header;
}

std::string encoded(const FrameBody& body) { return encode_frame(header_of(17), body).value(); }

// Makes the CRC right again, as one who forges a record would.
std::string sealed(std::string record) {
  std::string crc;
  put_u32(crc, crc32c(std::string_view(record).substr(12),
                      crc32c(std::string_view(record).substr(0, 8))));
  return record.replace(8, 4, crc);
}

TEST(Frame, ComesBackAsItWas) {
  const FrameBody body = full_body();
  const std::string bytes = encoded(body);
  const Record record = decode_record(bytes).value();
  const FrameHeader header = header_of(17);
  EXPECT_EQ(record.header.epoch, header.epoch);
  EXPECT_EQ(record.header.claim_id, header.claim_id);
  EXPECT_EQ(record.header.sequence, header.sequence);
  EXPECT_EQ(record.header.time, header.time);
  EXPECT_EQ(record.header.synced, header.synced);
  EXPECT_EQ(record.header.previous, header.previous);
  const FrameBody back = decode_body(record).value();
  EXPECT_TRUE(same(back, body));
  for (size_t i = 0; i < body.changes.size(); ++i)
    EXPECT_EQ(back.changes[i].change.row.values, body.changes[i].change.row.values) << i;
}

TEST(Frame, IsTheSameOnlyWhereEverythingIs) {
  const FrameBody body = full_body();
  FrameBody other = body;
  other.commands[2].arguments = "{}";
  EXPECT_FALSE(same(body, other));
  other = body, other.changes[0].command = 0;
  EXPECT_FALSE(same(body, other));
  other = body, other.corrections[0].change.reason = "mistake";
  EXPECT_FALSE(same(body, other));
  other = body, other.corrections[1].command = 4;
  EXPECT_FALSE(same(body, other));
  other = body, other.readings.pop_back();
  EXPECT_FALSE(same(body, other));
  other = body, other.readings[1].reading.result = "1";
  EXPECT_FALSE(same(body, other));
}

TEST(Frame, GivesItsRowsAndCorrectionsWithoutItsReadings) {
  const std::string bytes = encoded(full_body());
  FrameBody expected = full_body();
  expected.readings.clear();
  ASSERT_FALSE(expected.corrections.empty());
  EXPECT_TRUE(same(decode_rows(decode_record(bytes).value()).value(), expected));
}

// What the ledger keeps is synced before it is answered; readings alone need not be.
TEST(Frame, HasRowsWhereTheLedgerChanges) {
  FrameBody body = body_of(100);
  EXPECT_FALSE(body.has_rows());
  body.corrections.push_back({0, ReadingChange::cut(StreamId{7}, Time::max(), "")});
  EXPECT_TRUE(body.has_rows());
  EXPECT_TRUE(full_body().has_rows());
}

TEST(Frame, ComesBackEmptyAndWithTimesAtTheEnds) {
  FrameBody body;
  body.time = Time::max();
  EXPECT_TRUE(same(decode_body(decode_record(encoded(body)).value()).value(), body));
  body.time = Time::min();
  body.commands.push_back({});
  body.commands[0].received = Time::max();
  EXPECT_TRUE(same(decode_body(decode_record(encoded(body)).value()).value(), body));
}

TEST(Frame, IsRefusedAboveTheLimit) {
  const size_t smallest = test::record_of(1).size();
  // One more byte for each of the two lengths that then need three bytes instead of one.
  const size_t filler = limits::kFrameBytes - smallest - 2;
  EXPECT_EQ(test::record_of(1, 0, filler).size(), limits::kFrameBytes);
  FrameBody body;
  body.commands.push_back({});
  body.commands[0].arguments.assign(filler + 1, 'x');
  EXPECT_EQ(encode_frame(header_of(1), body).error().code, Code::too_large);
}

TEST(Frame, IsRefusedWhenCutAnywhere) {
  const std::string bytes = encoded(full_body());
  for (size_t length = 0; length < bytes.size(); ++length) {
    const Result<Record> record = decode_record(std::string_view(bytes).substr(0, length));
    ASSERT_FALSE(record.ok()) << length;
    ASSERT_EQ(record.error().code, Code::corrupt) << length;
  }
  EXPECT_FALSE(decode_record(bytes + "x").ok());
}

TEST(Frame, IsRefusedWithAnySingleBitFlipped) {
  std::string bytes = encoded(body_of(100));
  for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    const auto mask = static_cast<char>(1 << (bit % 8));
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ mask);
    ASSERT_FALSE(decode_record(bytes).ok()) << bit;
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ mask);
  }
  EXPECT_TRUE(decode_record(bytes).ok());
}

TEST(Frame, NeverCrashesOnAForgedBody) {
  const std::string bytes = encoded(full_body());
  Random random(7);
  size_t refused = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string forged = bytes;
    for (uint64_t flips = 1 + random.below(3); flips > 0; --flips)
      forged[85 + random.below(bytes.size() - 85)] = static_cast<char>(random.below(256));
    forged = sealed(forged);
    const Record record = decode_record(forged).value();
    const Result<FrameBody> body = decode_body(record);
    refused += !body.ok();
    if (!body.ok()) continue;
    for (const NumberedChange& each : body->changes) ASSERT_LT(each.command, body->commands.size());
    for (const NumberedReadingChange& each : body->corrections)
      ASSERT_LT(each.command, body->commands.size());
    for (const NumberedReading& each : body->readings)
      ASSERT_LT(each.command, body->commands.size());
    ASSERT_TRUE(decode_rows(record).ok());
  }
  EXPECT_GT(refused, 1000u);
}

// The body of a frame without its commands, then whatever the test puts behind.
Result<FrameBody> decode_forged(std::string_view body) {
  std::string record = encoded({});
  record.resize(85);
  record += body;
  std::string length;
  put_u32(length, static_cast<uint32_t>(record.size()));
  record = sealed(record.replace(4, 4, length));
  return decode_body(decode_record(record).value());
}

TEST(Frame, RefusesCountsAboveWhatIsThere) {
  std::string body;
  put_zigzag(body, 0);
  put_varint(body, uint64_t{1} << 60);  // commands
  EXPECT_EQ(decode_forged(body).error().code, Code::corrupt);
}

TEST(Frame, RefusesACommandThatIsNotInIt) {
  const auto with_cause = [](int64_t cause, uint8_t kind) {
    std::string body;
    put_zigzag(body, 0);
    put_varint(body, 1);
    put_u8(body, kind);
    put_text(body, ""), put_text(body, ""), put_zigzag(body, 0), put_text(body, "");
    put_zigzag(body, cause);
    put_text(body, "");
    for (int section = 0; section < 3; ++section) put_text(body, std::string(1, '\0'));
    return decode_forged(body);
  };
  EXPECT_TRUE(with_cause(-1, 7).ok());
  EXPECT_TRUE(with_cause(0, 0).ok());
  EXPECT_FALSE(with_cause(1, 0).ok());
  EXPECT_FALSE(with_cause(-2, 0).ok());
  EXPECT_FALSE(with_cause(int64_t{1} << 32, 0).ok());
  EXPECT_FALSE(with_cause(-1, 8).ok());
}

TEST(FrameDeathTest, DoesNotWriteWhatItWouldNotRead) {
  FrameBody body = full_body();
  std::swap(body.readings.front(), body.readings.back());
  EXPECT_DEATH((void)encode_frame(header_of(1), body), "ordered");
  body = full_body();
  body.changes.back().command = 7;
  EXPECT_DEATH((void)encode_frame(header_of(1), body), "ordered");
  body = full_body();
  body.corrections.back().command = 7;
  EXPECT_DEATH((void)encode_frame(header_of(1), body), "ordered");
}

TEST(Frame, OfAnotherVersionIsUnsupportedAndNotDamaged) {
  for (const char version : {'\0', '\2', '\xff'}) {
    std::string bytes = encoded(body_of(1));
    bytes[2] = version;
    EXPECT_EQ(decode_record(bytes).error().code, Code::corrupt);
    bytes = sealed(bytes);
    EXPECT_EQ(decode_record(bytes).error().code, Code::unsupported);
    EXPECT_EQ(record_length(bytes), bytes.size());
  }
  std::string kind = encoded(body_of(1));
  kind[3] = 9;
  EXPECT_EQ(decode_record(sealed(kind)).error().code, Code::unsupported);
  std::string hash = encoded(body_of(1));
  hash[12] = 2;
  EXPECT_EQ(decode_record(sealed(hash)).error().code, Code::unsupported);
}

TEST(Frame, LengthIsNoneWhereNoRecordBegins) {
  const std::string bytes = encoded(body_of(1));
  EXPECT_EQ(record_length(bytes), bytes.size());
  EXPECT_EQ(record_length(std::string_view(bytes).substr(0, kRecordPrefix)), bytes.size());
  EXPECT_EQ(record_length(std::string_view(bytes).substr(0, kRecordPrefix - 1)), 0u);
  EXPECT_EQ(record_length(std::string_view(bytes).substr(1)), 0u);
  EXPECT_EQ(record_length(std::string(4096, '\0')), 0u);
}

TEST(Claim, ComesBackAsItWas) {
  const Claim claim{4, 99, "10.0.0.7:8080", at(5)};
  const std::string bytes = encode_claim(claim, 512);
  const Record record = decode_record(bytes).value();
  EXPECT_EQ(record.header.kind, RecordKind::claim);
  EXPECT_EQ(record.header.synced, 512u);
  const Claim back = decode_claim(record).value();
  EXPECT_EQ(back.epoch, claim.epoch);
  EXPECT_EQ(back.claim_id, claim.claim_id);
  EXPECT_EQ(back.address, claim.address);
  EXPECT_EQ(back.time, claim.time);
  EXPECT_FALSE(decode_body(record).ok());
}

TEST(Mark, SaysHowFarTheLogIsSynced) {
  const std::string bytes = encode_mark(4, 99, 512, at(5));
  const Record record = decode_record(bytes).value();
  EXPECT_EQ(record.header.kind, RecordKind::mark);
  EXPECT_EQ(record.header.epoch, 4u);
  EXPECT_EQ(record.header.synced, 512u);
  EXPECT_TRUE(record.body.empty());
  EXPECT_FALSE(decode_claim(record).ok());
}

// The bytes between the first pair of fences behind `heading`: offset, colon, bytes in hex, and
// behind a bar what they are.
std::string dump_in_page(std::string_view page, std::string_view heading) {
  page = page.substr(page.find(heading));
  page = page.substr(page.find("```") + 3);
  page = page.substr(page.find('\n') + 1);
  std::string bytes;
  for (std::string_view line : split(page.substr(0, page.find("```")), '\n')) {
    if (line.find(':') == std::string_view::npos) continue;
    EXPECT_EQ(bytes.size(), std::stoul(std::string(line.substr(0, line.find(':')))));
    line = line.substr(line.find(':') + 1);
    for (std::string_view byte : split(line.substr(0, line.find('|')), ' '))
      if (!byte.empty())
        bytes.push_back(static_cast<char>(std::stoul(std::string(byte), nullptr, 16)));
  }
  return bytes;
}

TEST(Format, ExampleOfThePageIsWhatTheEncoderWrites) {
  OsFiles files;
  const std::string page = read_file(files, "src/journal/FORMAT.md").value();
  FrameHeader header;
  header.kind = RecordKind::frame;
  header.epoch = 1;
  header.claim_id = 0x0102030405060708;
  header.sequence = 1;
  header.time = parse_time("2026-11-24T13:20:40Z").value();
  header.synced = 100;
  FrameBody body;
  body.time = header.time;
  body.commands.push_back({.kind = CommandKind::post_readings,
                           .actor = "",
                           .door = "sensorthings",
                           .received = header.time - std::chrono::milliseconds{3},
                           .key = "a7",
                           .cause = -1,
                           .arguments = ""});
  Reading reading;
  reading.id = ReadingId{1792};
  reading.stream = StreamId{7};
  reading.phenomenon_time = {header.time, header.time};
  reading.result = "21.50";
  body.readings.push_back({0, reading});
  const std::string bytes = encode_frame(header, body).value();
  EXPECT_EQ(dump_in_page(page, "## A worked example"), bytes);
  EXPECT_TRUE(same(decode_body(decode_record(bytes).value()).value(), body));
}

}  // namespace
}  // namespace duliang
