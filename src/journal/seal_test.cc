// Segments that are sealed and retired: read as before, whole whatever happens in between.
#include "journal/seal.h"

#include <gtest/gtest.h>

#include "base/sim/sim_files.h"
#include "journal/file_log.h"
#include "journal/frames_for_test.h"
#include "journal/journal.h"
#include "journal/retired.h"

namespace duliang {
namespace {

constexpr FileLogOptions kSealed{2048, 700};
const std::string kSealFolder = "/data/journal";

using Records = std::vector<std::pair<Place, std::string>>;

Records read_all(FileLog& log, Place from = 0) {
  Records records;
  while (true) {
    const auto next = log.read(from, 1000, [&](Place place, std::string_view record) {
      records.emplace_back(place, record);
      return true;
    });
    EXPECT_TRUE(next.ok()) << next.error().message;
    if (!next.ok() || *next == from) return records;
    from = *next;
  }
}

std::unique_ptr<FileLog> opened(SimFiles& files) {
  return FileLog::open(files, kSealFolder, true, kSealed).value();
}

// A journal of some ten segments.
std::unique_ptr<FileLog> filled(SimFiles& files, int64_t frames = 120) {
  EXPECT_TRUE(files.make_folder("/data").ok());
  EXPECT_TRUE(files.sync_folder("/").ok());
  auto log = opened(files);
  Journal journal(*log, {});
  EXPECT_TRUE(journal.claim(7, "a:1", test::at(0)).ok());
  for (int64_t i = 0; i < frames; ++i)
    EXPECT_TRUE(journal.append(test::body_of(i, std::to_string(i) + ".5"), Durability::power).ok());
  return log;
}

// Seals until nothing is left; how many segments.
size_t seal_all(FileLog& log, Place limit = std::numeric_limits<Place>::max()) {
  size_t sealed = 0;
  while (true) {
    const auto job = log.seal_next(limit).value();
    if (!job) return sealed;
    while (true) {
      const auto done = job->step();
      EXPECT_TRUE(done.ok()) << done.error().message;
      if (!done.ok()) return sealed;
      if (*done) break;
    }
    ++sealed;
  }
}

size_t files_ending(SimFiles& files, std::string_view ending) {
  size_t count = 0;
  for (const std::string& name : files.list(kSealFolder).value()) count += name.ends_with(ending);
  return count;
}

TEST(Seal, GivesTheSameBytesFromAnyPlace) {
  SimFiles files;
  auto log = filled(files);
  const Records written = read_all(*log);
  const size_t segments = files_ending(files, ".log");
  ASSERT_GT(segments, 5u);
  EXPECT_EQ(seal_all(*log), segments - 1);
  EXPECT_EQ(files_ending(files, ".log"), 1u);
  EXPECT_EQ(files_ending(files, ".sealed"), segments - 1);
  EXPECT_EQ(files_ending(files, ".sealing"), 0u);
  EXPECT_EQ(read_all(*log), written);
  log.reset();
  files.kill();
  log = opened(files);
  EXPECT_EQ(read_all(*log), written);
  for (size_t i = 0; i < written.size(); i += 7)
    EXPECT_EQ(read_all(*log, written[i].first),
              Records(written.begin() + static_cast<ptrdiff_t>(i), written.end()))
        << i;
  EXPECT_EQ(log->read(1, 1000, [](Place, std::string_view) { return true; }).error().code,
            Code::corrupt);
  Tail tail;
  EXPECT_TRUE(
      read_frames(*log, {}, [&](const Frame&, const Tail& at) { return tail = at, true; }).ok());
  EXPECT_EQ(tail.sequence, 120u);
}

TEST(Seal, GivesOneJobAtATimeAndGoesOnAfterItWasDropped) {
  SimFiles files;
  auto log = filled(files);
  const Records written = read_all(*log);
  auto job = log->seal_next().value();
  ASSERT_TRUE(job);
  EXPECT_FALSE(log->seal_next().value());
  ASSERT_TRUE(job->step().ok());
  ASSERT_TRUE(job->step().ok());
  job.reset();  // half done
  EXPECT_GT(seal_all(*log), 3u);
  EXPECT_EQ(read_all(*log), written);
  EXPECT_FALSE(FileLog::open(files, kSealFolder, false, kSealed).value()->seal_next().value());
}

// Appends go on, and a reader that stands in a segment finds it when it has changed its form.
TEST(Seal, StandsBesideWriterAndReader) {
  SimFiles files;
  auto log = filled(files);
  auto reader = FileLog::reader(files, kSealFolder).value();
  ASSERT_TRUE(reader->read(0, 1, [](Place, std::string_view) { return false; }).ok());
  auto job = log->seal_next().value();
  uint64_t number = 1000;
  for (bool done = false; !done; done = job->step().value()) {
    bool ok = false;
    log->append(test::record_of(++number, 0, 50), Durability::power,
                [&](const AppendResult& result) { ok = result.ok; });
    ASSERT_TRUE(ok);
    ASSERT_EQ(read_all(*log), read_all(*reader));
  }
  job.reset();
  // What it has seen as its last segment is finished and sealed before it looks again.
  for (int i = 0; i < 40; ++i)
    log->append(test::record_of(++number, 0, 200), Durability::power, [](const AppendResult&) {});
  EXPECT_GT(seal_all(*log), 3u);
  EXPECT_EQ(read_all(*log), read_all(*reader));
  EXPECT_EQ(read_all(*log), read_all(*FileLog::reader(files, kSealFolder).value()));
}

TEST(Seal, LosesNothingWhereverTheMachineDies) {
  bool reached_the_end = false;
  for (uint64_t call = 1; !reached_the_end; ++call) {
    SCOPED_TRACE(call);
    SimFiles files;
    auto log = filled(files, 40);
    const Records written = read_all(*log);
    Random random(call);
    const bool by_power = call % 2 == 0;
    files.fault_at(call, by_power ? SimFiles::Fault::die : SimFiles::Fault::fail);
    const uint64_t before = files.changing_calls();
    std::shared_ptr<SealJob> job;
    while (true) {
      auto next = log->seal_next();
      if (!next.ok() || !*next) break;
      job = *next;
      Result<bool> done = false;
      while (done.ok() && !*done) done = job->step();
      job.reset();
      if (!done.ok()) break;
    }
    reached_the_end = files.changing_calls() - before < call;
    if (!by_power) {
      ASSERT_EQ(read_all(*log), written);
    }
    files.fault_at(0, SimFiles::Fault::fail);
    log.reset();
    files.crash(random);
    log = opened(files);
    ASSERT_EQ(read_all(*log), written);
    seal_all(*log);
    ASSERT_EQ(read_all(*log), written);
    ASSERT_EQ(files_ending(files, ".log"), 1u);
  }
}

TEST(Seal, ADamagedOneIsCorruptAndNeverReadAsAnother) {
  SimFiles files;
  auto log = filled(files);
  const Records written = read_all(*log);
  seal_all(*log);
  log.reset();
  const std::string path = kSealFolder + "/" + sealed_name(0);
  const std::string whole = read_file(files, path).value();
  for (size_t at = 0; at < whole.size(); at += 1 + at / 60) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    ASSERT_TRUE(File::open(files, path, OpenMode::write).value().write_at(damaged, 0).ok());
    const auto again = FileLog::open(files, kSealFolder, false, kSealed);
    if (!again.ok()) {
      ASSERT_TRUE(again.error().code == Code::corrupt || again.error().code == Code::unsupported);
      continue;
    }
    std::string first;
    const auto read =
        (*again)->read(0, 1, [&](Place, std::string_view record) { return first = record, false; });
    if (read.ok()) {
      ASSERT_EQ(first, written[0].second) << at;  // three bytes of the head are not used
    } else {
      ASSERT_EQ(read.error().code, Code::corrupt) << at;
    }
  }
}

TEST(Seal, DoesNotSealWhatIsDamaged) {
  SimFiles files;
  auto log = filled(files);
  const std::string path = kSealFolder + "/" + segment_name(0);
  ASSERT_TRUE(File::open(files, path, OpenMode::write).value().write_at("x", 300).ok());
  const auto job = log->seal_next().value();
  Result<bool> done = false;
  while (done.ok() && !*done) done = job->step();
  ASSERT_FALSE(done.ok());
  EXPECT_EQ(done.error().code, Code::corrupt);
  EXPECT_TRUE(files.exists(path).value());
}

TEST(Seal, TakesWhatEndsBeforeALimitAndCountsIt) {
  SimFiles files;
  auto log = filled(files);
  const size_t segments = files_ending(files, ".log");
  EXPECT_FALSE(log->oldest_sealed().value());
  EXPECT_EQ(log->totals().written.segments, segments);
  EXPECT_EQ(log->totals().written.bytes, log->end().value());
  std::vector<Place> begins;
  for (const std::string& name : files.list(kSealFolder).value()) {
    begins.push_back(*segment_place(name));
  }
  EXPECT_EQ(log->last_segment(), begins.back());
  EXPECT_EQ(seal_all(*log, begins[2] - 1), 1u);
  EXPECT_EQ(seal_all(*log, begins[2]), 1u);
  EXPECT_EQ(log->oldest_sealed().value()->tail.place, begins[1]);
  seal_all(*log);
  EXPECT_FALSE(log->seal_next().value());
  for (int round = 0; round < 2; ++round) {
    const SegmentTotals totals = log->totals();
    EXPECT_EQ(totals.sealed.segments, segments - 1);
    EXPECT_EQ(totals.written.segments, 1u);
    EXPECT_GT(totals.sealed.bytes, 0u);
    EXPECT_LT(totals.sealed.bytes, begins.back());
    log.reset();
    log = opened(files);
  }
  ASSERT_TRUE(log->trim(begins[3]).ok());
  EXPECT_EQ(log->totals().sealed.segments, segments - 4);
  EXPECT_EQ(log->totals().retired.segments, 3u);
  EXPECT_EQ(log->totals().retired.bytes, begins[3]);
  EXPECT_EQ(log->begin().place, begins[3]);
  EXPECT_EQ(log->oldest_sealed().value()->first, begins[3]);
}

// A clock that fell back to 1970 for a while must not make what was before look old.
TEST(Seal, ASegmentIsAsOldAsTheLatestOfItsFramesAndOfThoseBefore) {
  SimFiles files;
  ASSERT_TRUE(files.make_folder("/data").ok());
  auto log = opened(files);
  Journal journal(*log, {});
  ASSERT_TRUE(journal.claim(7, "a:1", test::at(0)).ok());
  for (int64_t i = 0; i < 40; ++i) {
    FrameBody body = test::body_of(i);
    if (i > 3) body.time = Time{};
    ASSERT_TRUE(journal.append(body, Durability::power).ok());
  }
  ASSERT_GT(seal_all(*log), 1u);
  EXPECT_EQ(log->oldest_sealed().value()->time, test::at(3));
  ASSERT_TRUE(log->trim(log->end().value()).ok());
  EXPECT_EQ(log->horizon()->time, test::at(3));
}

TEST(Retire, KeepsTheHashesByWhichTheChainGoesOn) {
  SimFiles files;
  auto log = filled(files);
  const Records written = read_all(*log);
  EXPECT_FALSE(log->horizon());
  // One retired as it was written, then sealed ones, too.
  ASSERT_TRUE(log->trim(written[20].first).ok());
  seal_all(*log);
  ASSERT_TRUE(log->trim(written[80].first).ok());
  log.reset();
  Random random(1);
  files.crash(random);
  log = opened(files);
  const auto horizon = log->horizon();
  ASSERT_TRUE(horizon);
  EXPECT_LE(horizon->tail.place, written[80].first);
  EXPECT_GT(horizon->tail.place, written[60].first);
  EXPECT_EQ(log->read(0, 1, [](Place, std::string_view) { return true; }).error().code,
            Code::not_found);
  uint64_t frames = 0;
  const auto tail = read_frames(*log, horizon->tail, [&](const Frame& frame, const Tail&) {
    if (frames++ == 0) {
      EXPECT_EQ(frame.header.sequence, horizon->tail.sequence + 1);
      EXPECT_EQ(frame.header.previous, horizon->tail.hash);
      EXPECT_EQ(frame.header.time, horizon->time + std::chrono::seconds{1});
    }
    return true;
  });
  ASSERT_TRUE(tail.ok());
  EXPECT_EQ(tail->sequence, 120u);
  EXPECT_EQ(frames, 120u - horizon->tail.sequence);
  uint64_t sequence = 0;
  for (const SegmentSummary& summary : read_retired(files, kSealFolder).value()) {
    EXPECT_EQ(summary.first_sequence, sequence + 1);
    sequence = summary.tail.sequence;
  }
  EXPECT_EQ(sequence, horizon->tail.sequence);
}

TEST(Retire, IsWholeOrNotWhereverTheMachineDies) {
  bool reached_the_end = false;
  for (uint64_t call = 1; !reached_the_end; ++call) {
    SCOPED_TRACE(call);
    SimFiles files;
    auto log = filled(files, 40);
    const Records written = read_all(*log);
    Random random(call);
    seal_all(*log);
    files.fault_at(call, SimFiles::Fault::die);
    const uint64_t before = files.changing_calls();
    (void)log->trim(written[30].first);
    reached_the_end = files.changing_calls() - before < call;
    log.reset();
    files.fault_at(0, SimFiles::Fault::fail);
    files.crash(random);
    log = opened(files);
    const Place begin = log->horizon() ? log->horizon()->tail.place : 0;
    const auto first = std::ranges::find(written, begin, &Records::value_type::first);
    ASSERT_NE(first, written.end());
    ASSERT_EQ(read_all(*log, begin), Records(first, written.end()));
    ASSERT_TRUE(log->trim(written[30].first).ok());
    ASSERT_EQ(read_all(*log, written[30].first), Records(written.begin() + 30, written.end()));
  }
}

TEST(Retire, ADamagedListIsCorrupt) {
  SimFiles files;
  auto log = filled(files);
  ASSERT_TRUE(log->trim(log->end().value()).ok());
  log.reset();
  const std::string path = kSealFolder + "/retired";
  const std::string whole = read_file(files, path).value();
  for (size_t at = 0; at < whole.size(); ++at) {
    std::string damaged = whole;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    ASSERT_TRUE(replace_file(files, path, damaged).ok());
    ASSERT_FALSE(FileLog::open(files, kSealFolder, true, kSealed).ok()) << at;
  }
}

}  // namespace
}  // namespace duliang
