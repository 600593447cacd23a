#include "journal/file_log.h"

#include <gtest/gtest.h>

#include "base/sim/sim_files.h"
#include "journal/frames_for_test.h"
#include "journal/segment.h"

namespace duliang {
namespace {

constexpr FileLogOptions kLogSegments{4096, 1024};
const std::string kFolder = "/data/journal";

AppendResult append(Log& log, const std::string& record,
                    Durability durability = Durability::power) {
  AppendResult answer;
  log.append(record, durability, [&](const AppendResult& result) { answer = result; });
  return answer;
}

Result<std::vector<std::string>> read_all(Log& log, Place from = 0) {
  std::vector<std::string> records;
  while (true) {
    TRY(const Place next, log.read(from, 4096, [&](Place, std::string_view record) {
      records.emplace_back(record);
      return true;
    }));
    if (next == from) return records;
    from = next;
  }
}

// A folder with one segment of these bytes.
void put_segment(SimFiles& files, Place first, std::string_view bytes) {
  ASSERT_TRUE(files.make_folder(kFolder).ok());
  auto file = File::open(files, kFolder + "/" + segment_name(first), OpenMode::write);
  ASSERT_TRUE(file->truncate(0).ok());
  ASSERT_TRUE(file->write_at(bytes, 0).ok());
}

// Four records: the third says that the first two are durable.
struct FourRecords {
  std::vector<std::string> records;
  std::vector<Place> places{0};
  std::vector<Place> synced;
  std::string bytes;

  FourRecords() {
    for (uint64_t i = 1; i <= 4; ++i) {
      synced.push_back(i == 1 ? 0 : places[i == 2 ? 1 : 2]);
      records.push_back(test::record_of(i, synced.back(), i));
      bytes += records.back();
      places.push_back(bytes.size());
    }
    bytes.resize(1024);
  }
  size_t record_at(size_t offset) const {
    size_t record = 0;
    while (record < 4 && places[record + 1] <= offset) ++record;
    return record;
  }
};

// Opens with the bytes damaged; the damage lies in record number `broken`, and all the records in
// front of it, and those in `whole` behind it, are sound.
void expect_by_the_mark_rule(const FourRecords& four, const std::string& bytes, size_t broken,
                             bool rest_whole) {
  Place known = 0;
  for (size_t i = 0; i < 4; ++i)
    if (i < broken || (i > broken && rest_whole)) known = std::max(known, four.synced[i]);
  SimFiles files;
  put_segment(files, 0, bytes);
  const auto log = FileLog::open(files, kFolder, true, kLogSegments);
  if (four.places[broken] < known) {
    ASSERT_FALSE(log.ok());
    EXPECT_EQ(log.error().code, Code::corrupt);
    EXPECT_NE(log.error().message.find(to_hex(four.places[broken])), std::string::npos);
    EXPECT_EQ(log.error().field, kFolder + "/" + segment_name(0));
    return;
  }
  ASSERT_TRUE(log.ok()) << log.error().message;
  FileLog& opened = **log;
  ASSERT_TRUE(opened.lost_tail().has_value());
  EXPECT_EQ(opened.lost_tail()->from, four.places[broken]);
  EXPECT_EQ(opened.end().value(), four.places[broken]);
  const std::string kept = read_file(files, opened.lost_tail()->kept_in).value();
  EXPECT_EQ(opened.lost_tail()->bytes, kept.size());
  const std::string_view gone = std::string_view(bytes).substr(four.places[broken]);
  EXPECT_EQ(kept, gone.substr(0, kept.size()));
  EXPECT_EQ(gone.find_first_not_of('\0', kept.size()), std::string_view::npos);
  EXPECT_EQ(read_all(opened).value(),
            std::vector(four.records.begin(), four.records.begin() + std::ptrdiff_t(broken)));
}

TEST(FileLogOpening, JudgesEveryFlippedBitByTheMarkRule) {
  const FourRecords four;
  for (size_t offset = 0; offset < four.places[4]; ++offset) {
    SCOPED_TRACE(offset);
    std::string bytes = four.bytes;
    bytes[offset] = static_cast<char>(bytes[offset] ^ (1 << (offset % 8)));
    expect_by_the_mark_rule(four, bytes, four.record_at(offset), true);
    if (HasFatalFailure()) return;
  }
}

TEST(FileLogOpening, JudgesEveryCutByTheMarkRule) {
  const FourRecords four;
  for (size_t offset = 1; offset < four.places[4]; ++offset) {
    SCOPED_TRACE(offset);
    const size_t record = four.record_at(offset);
    for (const bool filled : {true, false}) {
      std::string bytes = four.bytes.substr(0, offset);
      if (filled) bytes.resize(1024);
      // A cut that takes only zeros of a record away leaves it whole, if the file is filled up.
      const Place record_end = four.places[record + 1];
      if (bytes.substr(0, record_end) == four.bytes.substr(0, record_end)) continue;
      if (offset == four.places[record]) {
        SimFiles files;
        put_segment(files, 0, bytes);
        const auto log = FileLog::open(files, kFolder, true, kLogSegments);
        ASSERT_TRUE(log.ok());
        EXPECT_FALSE((*log)->lost_tail().has_value());
        EXPECT_EQ((*log)->end().value(), offset);
        continue;
      }
      expect_by_the_mark_rule(four, bytes, record, false);
      if (HasFatalFailure()) return;
    }
  }
}

TEST(FileLogOpening, SeesARecordThatNeverReachedTheDiskBeforeOnesThatDid) {
  const FourRecords four;
  for (size_t lost = 0; lost < 3; ++lost) {
    std::string bytes = four.bytes;
    std::fill(bytes.begin() + std::ptrdiff_t(four.places[lost]),
              bytes.begin() + std::ptrdiff_t(four.places[lost + 1]), '\0');
    expect_by_the_mark_rule(four, bytes, lost, true);
  }
}

TEST(FileLogOpening, DoesNotBelieveARecordThatKnowsOfALaterSync) {
  SimFiles files;
  const std::string torn = test::record_of(1).substr(0, 50) + std::string(50, 'x');
  put_segment(files, 0, torn + test::record_of(2, 100'000));
  EXPECT_TRUE(FileLog::open(files, kFolder, true, kLogSegments).ok());
}

TEST(FileLogOpening, KeepsEveryLostTailAside) {
  SimFiles files;
  const FourRecords four;
  const std::string name = kFolder + "/lost-" + to_hex(four.places[2]);
  for (const std::string& kept_in : {name, name + "-2", name + "-3"}) {
    put_segment(files, 0, four.bytes.substr(0, four.places[2]) + "torn " + kept_in);
    const auto log = FileLog::open(files, kFolder, true, kLogSegments);
    ASSERT_TRUE(log.ok());
    EXPECT_EQ((*log)->lost_tail()->kept_in, kept_in);
    EXPECT_EQ(read_file(files, kept_in).value(), "torn " + kept_in);
  }
  // It is told once: the next opening finds all in order, and the log goes on where it was cut.
  auto log = FileLog::open(files, kFolder, true, kLogSegments).value();
  EXPECT_FALSE(log->lost_tail().has_value());
  EXPECT_EQ(append(*log, test::record_of(9)).stored.place, four.places[2]);
}

TEST(FileLogOpening, OnlyTellsWhereItMayNotRepair) {
  SimFiles files;
  const FourRecords four;
  const std::string bytes = four.bytes.substr(0, four.places[2]) + "torn";
  put_segment(files, 0, bytes);
  const uint64_t calls = files.changing_calls();
  auto log = FileLog::open(files, kFolder, false, kLogSegments).value();
  EXPECT_EQ(log->lost_tail()->from, four.places[2]);
  EXPECT_EQ(log->lost_tail()->bytes, 4u);
  EXPECT_EQ(log->lost_tail()->kept_in, "");
  EXPECT_EQ(log->synced(), four.places[1]);
  EXPECT_EQ(read_all(*log)->size(), 2u);
  EXPECT_EQ(append(*log, test::record_of(3)).error, LogError::refused);
  EXPECT_EQ(files.changing_calls(), calls);
  EXPECT_FALSE(FileLog::open(files, "/nowhere", false, kLogSegments).ok());
}

TEST(FileLogOpening, LeavesWhatALaterVersionWrote) {
  SimFiles files;
  std::string later = test::record_of(2);
  later[2] = 2;
  std::string crc;
  const uint32_t sum = crc32c(std::string_view(later).substr(12), crc32c(later.substr(0, 8)));
  for (int shift = 0; shift < 32; shift += 8) crc.push_back(static_cast<char>(sum >> shift));
  put_segment(files, 0, test::record_of(1) + later.replace(8, 4, crc));
  EXPECT_EQ(FileLog::open(files, kFolder, true, kLogSegments).error().code, Code::unsupported);
}

std::vector<std::string> fill_segments(SimFiles& files, size_t records) {
  std::vector<std::string> written;
  auto log = FileLog::open(files, kFolder, true, kLogSegments).value();
  for (size_t i = 1; i <= records; ++i) {
    written.push_back(test::record_of(i, log->synced(), i % 90));
    EXPECT_TRUE(append(*log, written.back(), Durability::process).ok);
  }
  return written;
}

TEST(FileLogSegments, BeginWhereTheOneBeforeEnds) {
  SimFiles files;
  const auto written = fill_segments(files, 100);
  const auto names = files.list(kFolder).value();
  ASSERT_GT(names.size(), 3u);
  for (size_t i = 0; i < names.size(); ++i) {
    const auto file = File::open(files, kFolder + "/" + names[i], OpenMode::read);
    EXPECT_LE(file->size().value(), kLogSegments.segment_bytes);
    const Place next = i + 1 < names.size() ? *segment_place(names[i + 1]) : 0;
    if (next > 0) {
      EXPECT_EQ(*segment_place(names[i]) + file->size().value(), next);
    }
  }
  auto log = FileLog::open(files, kFolder, true, kLogSegments).value();
  EXPECT_EQ(read_all(*log).value(), written);
  EXPECT_TRUE(append(*log, test::record_of(101)).ok);
}

TEST(FileLogSegments, AreRefusedWhereOneIsMissingOrCut) {
  SimFiles files;
  fill_segments(files, 100);
  const auto names = files.list(kFolder).value();
  const std::string second = kFolder + "/" + names[1];
  const std::string content = read_file(files, second).value();
  ASSERT_TRUE(files.remove(second).ok());
  auto log = FileLog::open(files, kFolder, true, kLogSegments);
  ASSERT_FALSE(log.ok());
  EXPECT_EQ(log.error().code, Code::corrupt);
  EXPECT_EQ(log.error().field, kFolder + "/" + names[0]);
  put_segment(files, *segment_place(names[1]), content.substr(0, content.size() - 1));
  EXPECT_FALSE(FileLog::open(files, kFolder, true, kLogSegments).ok());
  put_segment(files, *segment_place(names[1]), content);
  EXPECT_TRUE(FileLog::open(files, kFolder, true, kLogSegments).ok());
}

// A later segment is the proof that an earlier one was durable.
TEST(FileLogSegments, AreCorruptWhereOneThatIsNotTheLastIsDamaged) {
  SimFiles files;
  fill_segments(files, 100);
  const auto names = files.list(kFolder).value();
  for (size_t i = 0; i + 1 < names.size(); ++i) {
    const std::string path = kFolder + "/" + names[i];
    const std::string content = read_file(files, path).value();
    std::string damaged = content;
    damaged[0] = '\0';  // the magic of its first record
    put_segment(files, *segment_place(names[i]), damaged);
    const auto log = FileLog::open(files, kFolder, true, kLogSegments);
    const Error error = log.ok() ? read_all(**log).error() : log.error();
    EXPECT_EQ(log.ok(), i + 2 < names.size());  // opening reads the last two only
    EXPECT_EQ(error.code, Code::corrupt);
    EXPECT_EQ(error.field, path);
    put_segment(files, *segment_place(names[i]), content);
  }
}

TEST(FileLogSegments, AreFineWhereTheLastIsEmpty) {
  SimFiles files;
  const auto written = fill_segments(files, 100);
  const Place end = FileLog::open(files, kFolder, true, kLogSegments).value()->end().value();
  const auto names = files.list(kFolder).value();
  const std::string last = kFolder + "/" + names.back();
  auto file = File::open(files, last, OpenMode::write).value();
  ASSERT_TRUE(file.truncate(end - *segment_place(names.back())).ok());
  put_segment(files, end, "");
  auto log = FileLog::open(files, kFolder, true, kLogSegments).value();
  EXPECT_EQ(log->end().value(), end);
  EXPECT_EQ(append(*log, test::record_of(101)).stored.place, end);
  EXPECT_EQ(read_all(*log)->size(), written.size() + 1);
}

TEST(FileLogSegments, TrimTakesOnlyWholeOnes) {
  SimFiles files;
  fill_segments(files, 100);
  auto log = FileLog::open(files, kFolder, true, kLogSegments).value();
  const auto names = files.list(kFolder).value();
  ASSERT_TRUE(log->trim(*segment_place(names[2]) + 1).ok());
  std::vector<std::string> kept(names.begin() + 2, names.end());
  kept.emplace_back("retired");
  EXPECT_EQ(files.list(kFolder).value(), kept);
  EXPECT_EQ(log->read(0, 100, [](Place, std::string_view) { return true; }).error().code,
            Code::not_found);
  EXPECT_TRUE(read_all(*log, *segment_place(names[2])).ok());
  EXPECT_TRUE(FileLog::open(files, kFolder, true, kLogSegments).ok());
}

TEST(FileLogReader, SeesWhatIsAppendedOverManySegments) {
  SimFiles files;
  auto writer = FileLog::open(files, kFolder, true, kLogSegments).value();
  auto reader = FileLog::reader(files, kFolder).value();
  EXPECT_EQ(reader->end().value(), 0u);
  Place from = 0;
  for (uint64_t i = 1; i <= 120; ++i) {
    const std::string record = test::record_of(i, 0, i % 90);
    ASSERT_TRUE(append(*writer, record, Durability::process).ok);
    if (i % 5 != 0) continue;  // several at once, sometimes over the end of a segment
    std::vector<std::string> seen = read_all(*reader, from).value();
    ASSERT_EQ(seen.size(), 5u);
    EXPECT_EQ(seen.back(), record);
    from = reader->end().value();
    EXPECT_EQ(from, writer->end().value());
  }
  EXPECT_EQ(read_all(*FileLog::reader(files, kFolder).value())->size(), 120u);
  EXPECT_EQ(append(*reader, test::record_of(1)).error, LogError::refused);
}

TEST(FileLogReader, DoesNotShowARecordThatIsHalfWritten) {
  SimFiles files;
  auto writer = FileLog::open(files, kFolder, true, kLogSegments).value();
  ASSERT_TRUE(append(*writer, test::record_of(1)).ok);
  auto reader = FileLog::reader(files, kFolder).value();
  const std::string next = test::record_of(2);
  const Place end = writer->end().value();
  auto file = File::open(files, kFolder + "/" + segment_name(0), OpenMode::write).value();
  for (size_t written = 1; written < next.size(); ++written) {
    ASSERT_TRUE(file.write_at(next.substr(0, written), end).ok());
    // The record ends in zeros; what is left out of them is there already.
    if (next.find_first_not_of('\0', written) == std::string::npos) break;
    ASSERT_EQ(reader->end().value(), end) << written;
    ASSERT_TRUE(read_all(*reader, end)->empty());
  }
  ASSERT_TRUE(file.write_at(next, end).ok());
  EXPECT_EQ(read_all(*reader, end)->size(), 1u);
}

}  // namespace
}  // namespace duliang
