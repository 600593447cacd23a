#include "series/part.h"

#include <gtest/gtest.h>

#include <charconv>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/os/os_files.h"
#include "base/sim/sim_files.h"
#include "base/text.h"
#include "series/example_readings.h"
#include "series/series.h"

namespace duliang {
namespace {

const int32_t kMonth = month_of(kExampleStart);

class PartTest : public testing::Test {
 protected:
  void write(std::vector<Reading> readings, size_t page_rows) {
    std::ranges::sort(readings, {}, kept_order);
    written_ = std::move(readings);
    auto writer = PartWriter::create(files_, "a.part", kMonth, 17, page_rows);
    ASSERT_TRUE(writer.ok()) << writer.error().message;
    for (const Reading& reading : written_) ASSERT_TRUE(writer->add(reading).ok());
    const auto summary = writer->finish();
    ASSERT_TRUE(summary.ok()) << summary.error().message;
    EXPECT_EQ(summary->bytes, read_file(files_, "a.part").value().size());
  }
  void replace(std::string_view bytes) {
    File file = File::open(files_, "a.part", OpenMode::write).value();
    ASSERT_TRUE(file.truncate(0).ok());
    ASSERT_TRUE(file.write_at(bytes, 0).ok());
  }
  std::vector<Reading> read_all(const Part& part) {
    std::vector<Reading> readings;
    for (size_t page = 0; page < part.summary().pages; ++page) {
      auto rows = part.read_page(page);
      EXPECT_TRUE(rows.ok());
      if (rows.ok()) readings.insert(readings.end(), (*rows)->begin(), (*rows)->end());
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

TEST_F(PartTest, WhatWasWrittenComesBackInPages) {
  for (const size_t page_rows : {size_t{1}, size_t{4}, kPageRows}) {
    write(random_readings(5, 300), page_rows);
    const auto part = Part::open(files_, "a.part");
    ASSERT_TRUE(part.ok()) << part.error().message;
    const PartSummary& summary = (*part)->summary();
    EXPECT_EQ(summary.sequence, 17U);
    EXPECT_EQ(summary.month, kMonth);
    EXPECT_EQ(summary.bounds.readings, 300U);
    EXPECT_EQ(summary.pages, (300 + page_rows - 1) / page_rows);
    EXPECT_EQ(read_all(**part), written_);
    EXPECT_TRUE(verify_part(files_, "a.part").ok());
  }
}

TEST_F(PartTest, LongResultsMakeShortPages) {
  std::vector<Reading> readings;
  const std::string result = text_of(kPageBytes / 2);
  for (int64_t i = 1; i <= 10; ++i) readings.push_back(example_reading(i, 1, i, result));
  write(readings, kPageRows);
  const auto part = Part::open(files_, "a.part").value();
  EXPECT_EQ(part->summary().pages, 5U);
  EXPECT_EQ(read_all(*part), written_);
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

TEST_F(PartTest, AFaultInAPageIsNamedWhenItIsRead) {
  write(random_readings(8, 60), 8);
  std::string bytes = read_file(files_, "a.part").value();
  const uint64_t offset = Part::open(files_, "a.part").value()->entry(2)->offset;
  bytes[offset] = static_cast<char>(bytes[offset] ^ 0x10);
  replace(bytes);
  const auto part = Part::open(files_, "a.part").value();  // the directory is whole
  EXPECT_TRUE(part->read_page(1).ok());
  const auto page = part->read_page(2);
  ASSERT_FALSE(page.ok());
  EXPECT_NE(page.error().message.find("page 2"), std::string::npos) << page.error().message;
  EXPECT_NE(page.error().message.find("CRC"), std::string::npos);
}

TEST_F(PartTest, AMissingFileIsNotFound) {
  const auto part = Part::open(files_, "none.part");
  ASSERT_FALSE(part.ok());
  EXPECT_EQ(part.error().code, Code::not_found);
}

TEST_F(PartTest, PagesAreFoundByStreamAcrossLeaves) {
  std::vector<Reading> readings;
  for (int64_t i = 1; i <= 1000; ++i) {
    // Streams of one to many pages, with gaps between them.
    const int64_t stream = i < 300 ? 10 : i < 900 ? 10 * (i / 3) : 9000;
    readings.push_back(example_reading(i, stream, i));
  }
  write(readings, 3);
  const auto part = Part::open(files_, "a.part").value();
  EXPECT_GT(part->summary().pages, 5 * kLeafPages);
  for (int64_t stream = 5; stream < 9010; ++stream) {
    const auto pages = part->pages_of(StreamId{stream}).value();
    ASSERT_LE(pages.first, pages.second);
    size_t found = 0;
    for (size_t page = pages.first; page < pages.second; ++page) {
      const PageEntry entry = part->entry(page).value();
      ASSERT_LE(entry.first_stream, StreamId{stream});
      ASSERT_GE(entry.last_stream, StreamId{stream});
      for (const Reading& reading : **part->read_page(page))
        found += reading.stream == StreamId{stream};
    }
    const auto expected = std::ranges::count(written_, StreamId{stream}, &Reading::stream);
    ASSERT_EQ(found, static_cast<size_t>(expected)) << stream;
  }
  EXPECT_TRUE(verify_part(files_, "a.part").ok());
}

TEST_F(PartTest, AnEntrySaysWhatItsPageHolds) {
  std::vector<Reading> readings{example_reading(7, 1, 5, "-2.5"), example_reading(3, 1, 9, "true"),
                                example_reading(9, 2, 1, "40"), example_reading(4, 3, 1, "null")};
  for (Reading& reading : readings) reading.arrived_s = 100 + static_cast<uint32_t>(reading.id);
  write(readings, 3);
  const auto part = Part::open(files_, "a.part").value();
  const PageEntry entry = part->entry(0).value();
  EXPECT_EQ(entry.first_stream, StreamId{1});
  EXPECT_EQ(entry.last_stream, StreamId{2});
  EXPECT_EQ(entry.bounds.readings, 3U);
  EXPECT_EQ(entry.bounds.lowest, ReadingId{3});
  EXPECT_EQ(entry.bounds.highest, ReadingId{9});
  EXPECT_EQ(entry.numbers, 2U);
  EXPECT_EQ(entry.least, -2.5);
  EXPECT_EQ(entry.most, 40);
  EXPECT_EQ(entry.first_arrived_s, 103U);
  EXPECT_EQ(entry.last_arrived_s, 109U);
  EXPECT_EQ(part->entry(1)->numbers, 0U);
  EXPECT_EQ(part->summary().bounds.readings, 4U);
}

TEST_F(PartTest, ReplacedPartsGoWithTheLastWhoHoldsThem) {
  write(random_readings(9, 40), 8);
  auto part = Part::open(files_, "a.part").value();
  auto other = part;
  part->remove_when_unused();
  part.reset();
  EXPECT_EQ(read_all(*other).size(), 40U);
  const auto page = other->read_page(0).value();
  EXPECT_TRUE(files_.exists("a.part").value());
  other.reset();
  EXPECT_FALSE(files_.exists("a.part").value());
  EXPECT_EQ(page->front(), written_.front());  // what was handed out stays
}

TEST_F(PartTest, ThePagesKeptStayWithinTheLimit) {
  write(random_readings(10, 2000), 20);
  PageCache cache(40'000);
  const auto part = Part::open(files_, "a.part", cache).value();
  for (int round = 0; round < 2; ++round) {
    for (size_t page = 0; page < part->summary().pages; ++page) {
      ASSERT_TRUE(part->read_page(page).ok());
      ASSERT_LE(cache.counts().bytes, 40'000U);
    }
  }
  const auto first = part->read_page(0).value();
  const uint64_t hits = cache.counts().hits;
  EXPECT_EQ(part->read_page(0).value(), first);  // the same, not only an equal one
  EXPECT_GT(cache.counts().hits, hits);
  PageCache small(100);  // nothing fits
  const auto again = Part::open(files_, "a.part", small).value();
  EXPECT_EQ(*again->read_page(0).value(), *first);
  EXPECT_EQ(small.counts().bytes, 0U);
}

// Who walks over all pages drives out neither the directory nor the newest readings of streams.
TEST_F(PartTest, AWalkLeavesWhatIsSmall) {
  write(random_readings(13, 2000), 20);
  PageCache cache(400'000);
  const auto part = Part::open(files_, "a.part", cache).value();
  const std::array last{&written_.back()};
  const size_t last_page = part->summary().pages - 1;
  const StreamId stream = written_.back().stream;
  EXPECT_EQ(part->known_last(last_page, stream), nullptr);
  part->keep_last(last_page, last);
  for (size_t page = 0; page <= last_page; ++page) ASSERT_TRUE(part->read_page(page).ok());
  const auto known = part->known_last(last_page, stream);
  ASSERT_NE(known, nullptr);
  EXPECT_EQ(known->front(), written_.back());
  EXPECT_EQ(part->known_last(0, stream), nullptr) << "of another page";
}

TEST_F(PartTest, WhatIsForgottenIsNotCounted) {
  write(random_readings(11, 100), 20);
  PageCache cache;
  auto part = Part::open(files_, "a.part", cache).value();
  ASSERT_TRUE(part->read_page(0).ok());
  EXPECT_GT(cache.counts().bytes, 0U);
  part.reset();
  EXPECT_EQ(cache.counts().bytes, 0U);
}

TEST_F(PartTest, APartOfAnotherVersionSaysSo) {
  write(random_readings(12, 10), 8);
  std::string bytes = read_file(files_, "a.part").value();
  bytes[8] = 2;
  replace(bytes);
  const auto part = Part::open(files_, "a.part");
  ASSERT_FALSE(part.ok());
  EXPECT_NE(part.error().message.find("version is 2"), std::string::npos) << part.error().message;
}

TEST_F(PartTest, ADirectoryThatCannotBeIsRefused) {
  PartRoot root;
  EXPECT_FALSE(decode_root("", 24, root).ok());
  EXPECT_FALSE(decode_root(std::string(40, '\x01'), 24, root).ok());
  EXPECT_FALSE(decode_root(std::string(40, '\xFF'), 24, root).ok());
  EXPECT_FALSE(decode_leaf("", {}).ok());
  EXPECT_FALSE(decode_leaf(std::string_view("\0", 1), {}).ok());
  EXPECT_FALSE(decode_leaf("\x41", {}).ok());  // more than a leaf has
  EXPECT_FALSE(decode_leaf(std::string(60, '\x01'), {}).ok());
}

// The file again, of one leaf, with entries, pages and a root that a test has changed and CRCs that
// are right.
struct Forged {
  std::vector<PageEntry> entries;
  std::vector<std::string> pages;
  PartRoot root;
};

std::string bytes_of(const Forged& forged, std::string_view header) {
  std::string bytes(header);
  Leaf leaf;
  leaf.first_stream = forged.entries.front().first_stream;
  leaf.last_stream = forged.entries.back().last_stream;
  leaf.first_page_at = bytes.size();
  for (const std::string& page : forged.pages) bytes += page;
  leaf.offset = bytes.size();
  const std::string entries = encode_leaf(forged.entries);
  leaf.length = static_cast<uint32_t>(entries.size());
  leaf.crc = crc32c(entries);
  bytes += entries;
  PartRoot its_root = forged.root;
  its_root.leaves = {leaf};
  const std::string root = encode_root(its_root);
  std::string footer;
  put_u64(footer, bytes.size());
  put_u64(footer, root.size());
  put_u32(footer, crc32c(footer, crc32c(root, crc32c(header))));
  return bytes + root + footer + "pend";
}

TEST_F(PartTest, WhatTheDirectorySaysIsComparedWithThePages) {
  write({example_reading(5, 1, 10, "1"), example_reading(6, 1, 20, "2"),
         example_reading(7, 1, 30, "3")},
        1);
  const std::string whole = read_file(files_, "a.part").value();
  Forged right;
  {
    const auto part = Part::open(files_, "a.part").value();
    right.root.summary = part->summary();
    for (size_t page = 0; page < 3; ++page) {
      right.entries.push_back(part->entry(page).value());
      right.pages.push_back(whole.substr(right.entries[page].offset, right.entries[page].length));
    }
  }
  ASSERT_EQ(bytes_of(right, whole.substr(0, 24)), whole);
  const auto refused = [&](const std::function<void(Forged&)>& change) {
    Forged changed = right;
    change(changed);
    replace(bytes_of(changed, whole.substr(0, 24)));
    return !verify_part(files_, "a.part").ok();
  };
  EXPECT_FALSE(refused([](Forged&) {}));
  EXPECT_TRUE(refused([](Forged& f) { f.entries[1].numbers = 0; }));
  EXPECT_TRUE(refused([](Forged& f) { f.entries[1].most = 3; }));
  EXPECT_TRUE(refused([](Forged& f) { f.entries[1].last_arrived_s += 1; }));
  EXPECT_TRUE(refused([](Forged& f) { f.entries[1].bounds.end += Duration{1}; }));
  EXPECT_TRUE(refused([](Forged& f) { f.entries[1].bounds.readings = 2; }));
  EXPECT_TRUE(refused([](Forged& f) { f.entries[2].last_stream = StreamId{2}; }));
  EXPECT_TRUE(refused([](Forged& f) { f.root.summary.bounds.highest = ReadingId{8}; }));
  EXPECT_TRUE(refused([](Forged& f) { f.root.summary.pages = 2; }));
  EXPECT_TRUE(refused([](Forged& f) {
    std::swap(f.entries[1], f.entries[2]);
    std::swap(f.pages[1], f.pages[2]);
  }));
  EXPECT_TRUE(refused([](Forged& f) {
    f.entries[2] = f.entries[1];
    f.pages[2] = f.pages[1];
  }));
}

TEST_F(PartTest, ReadingsOutOfOrderAreNotWritten) {
  auto writer = PartWriter::create(files_, "b.part", kMonth, 1, 1).value();
  ASSERT_TRUE(writer.add(example_reading(2, 2, 1)).ok());
  EXPECT_DEATH((void)writer.add(example_reading(1, 1, 1)).ok(), "KeptOrder");
  EXPECT_DEATH((void)writer.add(example_reading(2, 2, 1)).ok(), "KeptOrder");
}

TEST(Directory, TheLeastAndTheMostAreTheNumbersOfTheResults) {
  Random random(13);
  for (int round = 0; round < 20'000; ++round) {
    const auto digits = static_cast<int64_t>(random.next() >> (1 + random.below(62)));
    std::string result = fmt::format("{}{}", random.chance(0.5) ? "-" : "", digits);
    if (random.chance(0.8)) result += fmt::format(".{}", random.next() >> random.below(64));
    const Reading reading = example_reading(1, 1, 1, result);
    const PageEntry entry = describe({&reading, 1});
    ASSERT_EQ(entry.numbers, 1U);
    ASSERT_EQ(entry.least, number_of(reading)) << result;
    ASSERT_EQ(entry.most, entry.least);
  }
}

TEST(Directory, OfTwoHundredMillionReadingsTakesLessThanAMegabyteInMemory) {
  constexpr size_t kPages = 200'000'000 / kPageRows;
  EXPECT_LT(kPages / kLeafPages * sizeof(Leaf), 1'000'000U);
}

TEST(Month, IsOfTheBeginInUtcAndClipped) {
  EXPECT_EQ(month_of(kExampleStart), 2026 * 12 + 10);
  EXPECT_EQ(month_of(Time{}), 1970 * 12);
  EXPECT_EQ(month_of(Time{Duration{-1}}), 1969 * 12 + 11);
  EXPECT_EQ(month_of(Time::min()), 1900 * 12);
  EXPECT_EQ(month_of(Time::max()), 2200 * 12 + 11);
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
  first.arrived_s = 1795526441;
  second.arrived_s = 1795526501;
  third.arrived_s = 1795526441;
  third.quality = Quality::good;
  write({first, second, third}, kPageRows);
  const std::string bytes = read_file(files_, "a.part").value();
  std::string hex;
  for (const char byte : bytes) hex += fmt::format("{:02x} ", static_cast<unsigned char>(byte));
  EXPECT_EQ(bytes_of_example(), bytes) << hex;
}

}  // namespace
}  // namespace duliang
