#include "journal/journal.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "base/sim/sim_files.h"
#include "journal/file_log.h"
#include "journal/frames_for_test.h"
#include "journal/segment.h"
#include "journal/sim_log.h"

namespace duliang {
namespace {

using test::at;
using test::body_of;
using std::chrono::milliseconds;

// A log in which others put records just in front of the next append.
class BusyLog final : public Log {
 public:
  void append(std::string_view record, Durability durability, Done done) override {
    for (std::string& other : others) log.insert(std::move(other));
    others.clear();
    log.append(record, durability, std::move(done));
  }
  Result<Place> read(Place from, size_t bytes_max, const Sink& sink) override {
    return log.read(from, bytes_max, sink);
  }
  Result<Place> end() override { return log.end(); }
  Status trim(Place before) override { return log.trim(before); }
  Result<Place> sync() override { return log.sync(); }

  SimLog log;
  std::vector<std::string> others;
};

Journal follower(Log& log, std::vector<Frame>* frames = nullptr, Tail tail = {}) {
  Journal journal(log, tail);
  const Status status = journal.follow([&](Frame& frame) {
    if (frames != nullptr) frames->push_back(std::move(frame));
    return Status();
  });
  EXPECT_TRUE(status.ok()) << status.error().message;
  return journal;
}

Journal owner(Log& log, uint64_t claim_id) {
  Journal journal = follower(log);
  const Status status = journal.claim(claim_id, "here", at(0));
  EXPECT_TRUE(status.ok()) << status.error().message;
  return journal;
}

std::vector<std::string> results_in(Log& log) {
  std::vector<Frame> frames;
  follower(log, &frames);
  std::vector<std::string> results;
  for (const Frame& frame : frames) results.push_back(frame.body.readings.at(0).reading.result);
  return results;
}

using Results = std::vector<std::string>;

TEST(Journal, GivesBackWhatWasAppended) {
  SimLog log;
  Journal journal = owner(log, 7);
  EXPECT_EQ(journal.append(test::full_body(), Durability::power).value(), 1u);
  EXPECT_EQ(journal.append(body_of(2), Durability::process).value(), 2u);
  std::vector<Frame> frames;
  const Journal other = follower(log, &frames);
  ASSERT_EQ(frames.size(), 2u);
  EXPECT_TRUE(same(frames[0].body, test::full_body()));
  EXPECT_TRUE(same(frames[1].body, body_of(2)));
  EXPECT_EQ(frames[0].header.previous, Hash{});
  EXPECT_EQ(frames[1].header.previous, frames[0].hash);
  EXPECT_EQ(frames[1].header.time, at(2));
  EXPECT_EQ(frames[1].hash, journal.tail().hash);
  EXPECT_LT(frames[0].place, frames[1].place);
  EXPECT_EQ(other.tail().place, journal.tail().place);
  EXPECT_EQ(other.tail().sequence, 2u);
  EXPECT_EQ(other.void_count(), 0u);
}

TEST(Journal, FollowsOnFromATailAndGivesRowsOnly) {
  SimLog log;
  Journal journal = owner(log, 7);
  ASSERT_TRUE(journal.append(body_of(1), Durability::power).ok());
  const Tail middle = journal.tail();
  ASSERT_TRUE(journal.append(test::full_body(), Durability::power).ok());
  std::vector<Frame> frames;
  follower(log, &frames, middle);
  ASSERT_EQ(frames.size(), 1u);
  EXPECT_EQ(frames[0].header.sequence, 2u);
  Journal rows(log, middle);
  ASSERT_TRUE(rows.follow([](Frame& frame) {
                    EXPECT_TRUE(frame.body.readings.empty());
                    EXPECT_EQ(frame.body.changes.size(), test::full_body().changes.size());
                    return Status();
                  }, true).ok());
  EXPECT_EQ(rows.tail().place, journal.tail().place);
}

TEST(Journal, IsFollowedOverMoreThanIsReadAtOnce) {
  SimLog log;
  Journal journal = owner(log, 7);
  const std::string long_text = '"' + std::string(300 * 1024, 'x') + '"';
  for (int i = 0; i < 12; ++i)
    ASSERT_TRUE(journal.append(body_of(i, long_text), Durability::power).ok());
  EXPECT_EQ(follower(log).tail().sequence, 12u);
  EXPECT_EQ(owner(log, 8).append(body_of(1), Durability::power).value(), 13u);
  EXPECT_EQ(read_frames(log, {}, [](const Frame&, const Tail&) { return true; })->sequence, 13u);
}

TEST(Journal, GivesAnErrorOfTheSinkUpAndStaysInFrontOfThatFrame) {
  SimLog log;
  Journal journal = owner(log, 7);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(journal.append(body_of(i), Durability::power).ok());
  Journal reader(log, {});
  const Status status = reader.follow([](Frame& frame) -> Status {
    if (frame.header.sequence == 2) return Error{Code::bad_input, "no", ""};
    return {};
  });
  EXPECT_EQ(status.error().code, Code::bad_input);
  EXPECT_EQ(reader.tail().sequence, 1u);
}

TEST(Journal, ClaimsTheNextEpochAtEachStart) {
  SimLog log;
  for (uint64_t epoch = 1; epoch <= 3; ++epoch) {
    Journal journal = owner(log, epoch * 11);
    EXPECT_EQ(journal.tail().epoch, epoch);
    EXPECT_EQ(journal.tail().claim_id, epoch * 11);
    EXPECT_EQ(journal.append(body_of(1), Durability::power).value(), epoch);
  }
  EXPECT_EQ(results_in(log).size(), 3u);
}

TEST(Journal, DoesNotAppendWithoutAClaim) {
  SimLog log;
  Journal journal = follower(log);
  EXPECT_EQ(journal.append(body_of(1), Durability::power).error().code, Code::conflict);
  EXPECT_EQ(log.end().value(), 0u);
}

TEST(Journal, GoesOnAfterWhatWasTooLarge) {
  SimLog log;
  Journal journal = owner(log, 7);
  ASSERT_TRUE(journal.append(body_of(1, "1"), Durability::power).ok());
  const Place end = log.end().value();
  const std::string large(limits::kFrameBytes, '1');
  EXPECT_EQ(journal.append(body_of(2, large), Durability::power).error().code, Code::too_large);
  EXPECT_EQ(log.end().value(), end);
  EXPECT_EQ(journal.append(body_of(3, "3"), Durability::power).value(), 2u);
  EXPECT_EQ(results_in(log), (Results{"1", "3"}));
}

TEST(Journal, IsFencedByANewerClaim) {
  SimLog log;
  Journal old_owner = owner(log, 7);
  ASSERT_TRUE(old_owner.append(body_of(1, "1"), Durability::power).ok());
  Journal new_owner = owner(log, 8);
  EXPECT_EQ(old_owner.append(body_of(2, "2"), Durability::power).error().code, Code::conflict);
  EXPECT_EQ(old_owner.append(body_of(2, "2"), Durability::power).error().code, Code::conflict);
  EXPECT_EQ(new_owner.append(body_of(3, "3"), Durability::power).value(), 2u);
  EXPECT_EQ(results_in(log), (Results{"1", "3"}));
  EXPECT_EQ(follower(log).void_count(), 1u);
}

// Also a mark meets the newer claim, and what was not fenced by a frame must not write under its
// name.
TEST(Journal, IsFencedByWhatItsMarkMeets) {
  SimLog log;
  Journal old_owner = owner(log, 7);
  owner(log, 8);
  for (const int ms : {0, 200})
    ASSERT_TRUE(old_owner.tend(at(1), milliseconds(ms)).ok());
  EXPECT_EQ(old_owner.tail().claim_id, 8u);
  EXPECT_EQ(old_owner.append(body_of(2), Durability::power).error().code, Code::conflict);
}

TEST(Journal, LooksIntoAHoleBeforeItAnswers) {
  BusyLog log;
  Journal journal = owner(log, 7);
  log.others = {encode_mark(1, 7, 0, at(0)), encode_claim({1, 99, "late", at(0)}, 0)};
  EXPECT_EQ(journal.append(body_of(1, "1"), Durability::power).value(), 1u);
  EXPECT_EQ(journal.append(body_of(2, "2"), Durability::power).value(), 2u);
  log.others = {encode_claim({5, 99, "newer", at(0)}, 0)};
  EXPECT_EQ(journal.append(body_of(3, "3"), Durability::power).error().code, Code::conflict);
  EXPECT_EQ(results_in(log), (Results{"1", "2"}));
}

TEST(Journal, LosesTheRaceForAClaim) {
  BusyLog log;
  Journal journal = follower(log);
  log.others = {encode_claim({1, 99, "faster", at(0)}, 0)};
  EXPECT_EQ(journal.claim(7, "here", at(0)).error().code, Code::conflict);
  EXPECT_EQ(journal.append(body_of(1), Durability::power).error().code, Code::conflict);
  EXPECT_EQ(journal.tail().claim_id, 99u);
  EXPECT_TRUE(journal.claim(7, "here", at(0)).ok());
  EXPECT_EQ(journal.tail().epoch, 2u);
}

TEST(Journal, DoesNotClaimOverFramesThatWereNotRead) {
  SimLog log;
  Journal journal = follower(log);
  ASSERT_TRUE(owner(log, 8).append(body_of(1), Durability::power).ok());
  EXPECT_EQ(journal.claim(7, "here", at(0)).error().code, Code::conflict);
}

TEST(Journal, EndsWhereItIsNotKnownWhetherTheLogTookAFrame) {
  for (const bool stored : {true, false}) {
    SimLog log;
    Journal journal = owner(log, 7);
    ASSERT_TRUE(journal.append(body_of(1, "1"), Durability::power).ok());
    log.fail_next(LogError::unknown, stored);
    EXPECT_EQ(journal.append(body_of(2, "2"), Durability::power).error().code, Code::io);
    EXPECT_FALSE(journal.append(body_of(3, "3"), Durability::power).ok());
    EXPECT_EQ(results_in(log), stored ? (Results{"1", "2"}) : Results{"1"});
  }
}

// A frame that turns up only after the next claim never counts, whoever reads.
TEST(Journal, SettlesAnUnknownFrameByTheNextClaim) {
  SimLog source;
  Journal first = owner(source, 7);
  ASSERT_TRUE(first.append(body_of(1, "late"), Durability::power).ok());
  std::vector<std::string> records;
  (void)source.read(0, 1'000'000, [&](Place, std::string_view record) {
    records.emplace_back(record);
    return true;
  });
  SimLog log;
  log.insert(records[0]);
  Journal second = owner(log, 8);
  log.insert(records[1]);
  EXPECT_EQ(second.append(body_of(2, "2"), Durability::power).value(), 1u);
  EXPECT_EQ(results_in(log), Results{"2"});
}

TEST(Journal, SaysWhyTheLogDidNotTakeAFrame) {
  const std::pair<LogError, Code> cases[] = {{LogError::unavailable, Code::unavailable},
                                             {LogError::refused, Code::conflict},
                                             {LogError::unknown, Code::io}};
  for (const auto& [error, code] : cases) {
    SimLog log;
    Journal journal = owner(log, 7);
    log.fail_next(error, false);
    EXPECT_EQ(journal.append(body_of(1), Durability::power).error().code, code);
  }
}

TEST(Journal, SyncsWhatWasOnlyWrittenAndMarksItInTime) {
  SimFiles files;
  auto log = FileLog::open(files, "/data/journal", true, {100'000, 10'000}).value();
  Journal journal = owner(*log, 7);
  const Place claimed = journal.tail().place;
  EXPECT_EQ(journal.synced(), claimed);
  ASSERT_TRUE(journal.append(body_of(1), Durability::process).ok());
  const Place written = journal.tail().place;
  const auto tend = [&](int ms) { ASSERT_TRUE(journal.tend(at(1), milliseconds(ms)).ok()); };
  const uint64_t syncs = journal.sync_count();
  tend(1000);
  tend(1199);
  EXPECT_EQ(journal.synced(), claimed);
  tend(1200);
  EXPECT_EQ(journal.synced(), written);
  EXPECT_EQ(journal.sync_count(), syncs + 1);
  EXPECT_EQ(log->end().value(), written);  // the mark is not due
  tend(1300);
  tend(1400);
  EXPECT_GT(log->end().value(), written);
  EXPECT_EQ(FileLog::open(files, "/data/journal", false).value()->synced(), written);
  // Then there is rest: a mark asks for no sync, and for no other mark.
  const Place marked = log->end().value();
  for (int ms = 1400; ms < 3000; ms += 50) tend(ms);
  EXPECT_EQ(log->end().value(), marked);
  EXPECT_EQ(journal.sync_count(), syncs + 1);
  EXPECT_EQ(journal.append(body_of(2), Durability::power).value(), 2u);
  EXPECT_EQ(follower(*log).tail().sequence, 2u);
}

TEST(Journal, NeedsNoMarkWhileFramesSayIt) {
  SimFiles files;
  auto log = FileLog::open(files, "/data/journal", true, {100'000, 10'000}).value();
  Journal journal = owner(*log, 7);
  for (int i = 0; i < 30; ++i) {
    ASSERT_TRUE(journal.append(body_of(i), Durability::power).ok());
    ASSERT_TRUE(journal.tend(at(i), milliseconds(50 * i)).ok());
  }
  Place marks = 0;
  (void)log->read(0, 1'000'000, [&](Place, std::string_view record) {
    marks += decode_record(record)->header.kind == RecordKind::mark;
    return true;
  });
  EXPECT_EQ(marks, 0u);
}

TEST(Journal, IsCorruptWhereItEndsBeforeWhatWasBuiltOnIt) {
  SimLog log;
  Journal journal = owner(log, 7);
  Tail beyond = journal.tail();
  beyond.place += 1;
  Journal reader(log, beyond);
  EXPECT_EQ(reader.follow([](Frame&) { return Status(); }).error().code, Code::corrupt);
}

TEST(Journal, NamesThePlaceOfWhatDoesNotCheck) {
  SimLog log;
  owner(log, 7);
  const Place place = log.end().value();
  std::string broken = test::record_of(1);
  broken.back() = 'x';
  log.insert(broken);
  Journal reader(log, {});
  const Status status = reader.follow([](Frame&) { return Status(); });
  EXPECT_EQ(status.error().code, Code::corrupt);
  EXPECT_NE(status.error().message.find("place " + to_hex(place)), std::string::npos);
  EXPECT_EQ(reader.tail().place, place);
}

// A sound record whose body is none: the CRC alone is not believed.
TEST(Journal, IsCorruptWhereAFrameThatCountsHasABrokenBody) {
  SimLog log;
  owner(log, 7);
  FrameHeader header;
  header.kind = RecordKind::frame;
  header.epoch = 1;
  header.claim_id = 7;
  header.sequence = 1;
  std::string record = encode_frame(header, body_of(1)).value();
  record[85 + 2] = 99;  // the kind of its command
  const uint32_t crc = crc32c(std::string_view(record).substr(12), crc32c(record.substr(0, 8)));
  for (size_t i = 0; i < 4; ++i) record[8 + i] = static_cast<char>(crc >> (8 * i));
  log.insert(record);
  Journal reader(log, {});
  EXPECT_EQ(reader.follow([](Frame&) { return Status(); }).error().code, Code::corrupt);
  EXPECT_EQ(reader.tail().sequence, 0u);
}

TEST(Journal, CountsWhatDoesNotBelongToItsTail) {
  SimLog log;
  Journal journal = owner(log, 7);
  Tail foreign = journal.tail();
  foreign.hash.fill(1);
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(journal.append(body_of(i), Durability::power).ok());
  std::vector<Frame> frames;
  EXPECT_EQ(follower(log, &frames, foreign).void_count(), 3u);
  EXPECT_TRUE(frames.empty());
}

TEST(ReadFrames, GivesEachTailToResumeFromAndStopsWhenTold) {
  SimLog log;
  Journal journal = owner(log, 7);
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(journal.append(body_of(i), Durability::power).ok());
  std::vector<uint64_t> seen;
  Tail tail = read_frames(log, {}, [&](const Frame& frame, const Tail& behind) {
                seen.push_back(frame.header.sequence);
                EXPECT_EQ(behind.sequence, frame.header.sequence);
                EXPECT_EQ(behind.hash, frame.hash);
                return seen.size() < 2;
              }).value();
  EXPECT_EQ(tail.sequence, 2u);
  tail = read_frames(log, tail, [&](const Frame& frame, const Tail&) {
           seen.push_back(frame.header.sequence);
           return true;
         }).value();
  EXPECT_EQ(seen, (std::vector<uint64_t>{1, 2, 3, 4, 5}));
  EXPECT_EQ(tail.place, journal.tail().place);
}

}  // namespace
}  // namespace duliang
