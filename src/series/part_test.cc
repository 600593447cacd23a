#include "series/part.h"

#include <gtest/gtest.h>

#include <charconv>

#include "base/os/os_files.h"
#include "base/sim/sim_files.h"
#include "base/text.h"
#include "series/example_readings.h"
#include "series/series.h"

namespace duliang {
namespace {

class PartTest : public testing::Test {
 protected:
  void write(std::vector<Reading> readings, size_t block_rows) {
    std::ranges::sort(readings, {}, kept_order);
    written_ = std::move(readings);
    std::vector<const Reading*> pointers;
    for (const Reading& reading : written_) pointers.push_back(&reading);
    const auto length = write_part_file(files_, "a.part", {17, pointers, block_rows});
    ASSERT_TRUE(length.ok()) << length.error().message;
    EXPECT_EQ(length.value(), read_file(files_, "a.part").value().size());
  }
  void replace(std::string_view bytes) {
    File file = File::open(files_, "a.part", OpenMode::write).value();
    ASSERT_TRUE(file.truncate(0).ok());
    ASSERT_TRUE(file.write_at(bytes, 0).ok());
  }
  std::vector<Reading> read_all(const Part& part) {
    std::vector<Reading> readings;
    for (size_t block = 0; block < part.directory().blocks.size(); ++block) {
      auto rows = part.read_block(block);
      EXPECT_TRUE(rows.ok());
      if (rows.ok()) readings.insert(readings.end(), rows->begin(), rows->end());
    }
    return readings;
  }

  SimFiles files_;
  std::vector<Reading> written_;
};

std::vector<Reading> random_readings(uint64_t seed, int64_t count) {
  Random random(seed);
  std::vector<Reading> readings;
  for (int64_t i = 0; i < count; ++i) {
    readings.push_back(random_reading(random, 5, i));
    readings.back().id = ReadingId{i + 1};
  }
  return readings;
}

// A JSON text of so many letters.
std::string text_of(size_t letters) { return fmt::format("\"{:x<{}}\"", "", letters); }

TEST_F(PartTest, WhatWasWrittenComesBackInBlocks) {
  for (const size_t block_rows : {size_t{1}, size_t{4}, kBlockRows}) {
    write(random_readings(5, 300), block_rows);
    const auto part = Part::open(files_, "a.part");
    ASSERT_TRUE(part.ok()) << part.error().message;
    const PartDirectory& directory = (*part)->directory();
    EXPECT_EQ(directory.sequence, 17U);
    EXPECT_EQ(directory.bounds.readings, 300U);
    EXPECT_EQ(read_all(**part), written_);
    for (const PartBlock& block : directory.blocks) EXPECT_LE(block.bounds.readings, block_rows);
    EXPECT_TRUE(verify_part(files_, "a.part").ok());
  }
}

TEST_F(PartTest, LongResultsMakeShortBlocks) {
  std::vector<Reading> readings;
  const std::string result = text_of(kBlockBytes / 2);
  for (int64_t i = 1; i <= 10; ++i) readings.push_back(example_reading(i, 1, i, result));
  write(readings, kBlockRows);
  const auto part = Part::open(files_, "a.part").value();
  EXPECT_EQ(part->directory().blocks.size(), 5U);
  EXPECT_EQ(read_all(*part), written_);
}

TEST_F(PartTest, ABlockWithMoreThanABlockHoldsIsRefused) {
  // One long result, and then "the same again" more often than a writer would write it.
  const Reading long_one = example_reading(1, 1, 1, text_of(kBlockBytes / 2));
  std::string bytes;
  Reading before;
  before.stream = StreamId{1};
  PartBlock block;
  block.stream = StreamId{1};
  for (int64_t id = 1; id <= 4; ++id) {
    Reading reading = long_one;
    reading.id = ReadingId{id};
    encode(bytes, reading, before);
    block.bounds.add(reading);
    before = reading;
    EXPECT_EQ(decode_block(bytes, block).ok(), id <= 2) << id;
  }
}

TEST_F(PartTest, EveryFlippedByteIsFound) {
  write(random_readings(6, 60), 8);
  const std::string whole = read_file(files_, "a.part").value();
  ASSERT_TRUE(verify_part(files_, "a.part").ok());
  for (size_t at = 0; at < whole.size(); ++at) {
    for (const unsigned flip : {0x01U, 0x80U, 0xFFU}) {
      std::string broken = whole;
      broken[at] = static_cast<char>(static_cast<unsigned char>(broken[at]) ^ flip);
      replace(broken);
      const Status found = verify_part(files_, "a.part");
      ASSERT_FALSE(found.ok()) << "byte " << at;
      EXPECT_EQ(found.error().code, Code::corrupt);
      EXPECT_EQ(found.error().field, "a.part");
    }
  }
}

TEST_F(PartTest, EveryCutAndEveryAppendedByteIsFound) {
  write(random_readings(7, 40), 8);
  const std::string whole = read_file(files_, "a.part").value();
  for (size_t length = 0; length < whole.size(); ++length) {
    replace(std::string_view(whole).substr(0, length));
    EXPECT_FALSE(verify_part(files_, "a.part").ok()) << length;
  }
  replace(whole + "x");
  EXPECT_FALSE(verify_part(files_, "a.part").ok());
}

TEST_F(PartTest, AFaultInABlockIsNamedWhenItIsRead) {
  write(random_readings(8, 60), 8);
  std::string bytes = read_file(files_, "a.part").value();
  const uint64_t offset = Part::open(files_, "a.part").value()->directory().blocks[2].offset;
  bytes[offset] = static_cast<char>(bytes[offset] ^ 0x10);
  replace(bytes);
  const auto part = Part::open(files_, "a.part").value();  // the directory is whole
  EXPECT_TRUE(part->read_block(1).ok());
  const auto block = part->read_block(2);
  ASSERT_FALSE(block.ok());
  EXPECT_NE(block.error().message.find("block 2"), std::string::npos) << block.error().message;
  EXPECT_NE(block.error().message.find("CRC"), std::string::npos);
}

TEST_F(PartTest, ADirectoryThatCannotBeIsRefused) {
  EXPECT_FALSE(decode_directory("").ok());
  EXPECT_FALSE(decode_directory(std::string_view("\0", 1)).ok());           // no blocks
  EXPECT_FALSE(decode_directory("\xFF\xFF\xFF\xFF\x7F").ok());              // more than bytes
  EXPECT_FALSE(decode_directory(std::string(40, '\x01')).ok());
  PartBlock block;
  block.stream = StreamId{1};
  block.bounds.readings = uint64_t{1} << 40;
  EXPECT_FALSE(decode_block("abc", block).ok());
}

TEST_F(PartTest, AMissingFileIsNotFound) {
  const auto part = Part::open(files_, "none.part");
  ASSERT_FALSE(part.ok());
  EXPECT_EQ(part.error().code, Code::not_found);
}

// The bytes of the worked example in FORMAT.md: the words of two hex digits at the start of the
// lines between "```part" and "```".
std::string bytes_of_example() {
  OsFiles files;
  const auto page = read_file(files, "src/series/FORMAT.md");
  EXPECT_TRUE(page.ok());
  if (!page.ok()) return "";
  std::string bytes;
  bool inside = false;
  for (const std::string_view line : split(*page, '\n')) {
    if (line.starts_with("```")) inside = line == "```part";
    if (!inside || line.starts_with("```")) continue;
    for (const std::string_view word : split(line, ' ')) {
      unsigned byte = 0;
      const auto end = std::from_chars(word.data(), word.data() + word.size(), byte, 16).ptr;
      if (word.size() != 2 || end != word.data() + 2) break;
      bytes.push_back(static_cast<char>(byte));
    }
  }
  return bytes;
}

TEST_F(PartTest, TheExampleOfThePageOfTheFormatHolds) {
  Reading first = example_reading(1, 12, 0, "21.50");
  Reading second = example_reading(2, 12, 60, "21.50");
  second.result_time = second.phenomenon_time.end;
  Reading third = example_reading(256, 13, 0, "true");
  third.feature = RowId{3};
  write({first, second, third}, kBlockRows);
  const std::string bytes = read_file(files_, "a.part").value();
  std::string hex;
  for (const char byte : bytes) hex += fmt::format("{:02x} ", static_cast<unsigned char>(byte));
  EXPECT_EQ(bytes_of_example(), bytes) << hex;
}

}  // namespace
}  // namespace duliang
