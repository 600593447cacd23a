// That the journal is sealed and retired beside the turns, and never what is still needed.
#include <unistd.h>

#include <filesystem>

#include "base/os/os_files.h"
#include "engine/engine_for_test.h"

namespace duliang {
namespace {

class KeepTest : public EngineTest {
 protected:
  void SetUp() override {
    EngineTest::SetUp();
    options_.folder = "/data";
    options_.vfs = kVfs;
    options_.segments = {8192, 2048};
  }

  Status open_small() {
    engine_.reset();
    TRY(engine_, Engine::open(options_, clock_, files_, Random(1)));
    return {};
  }

  void put(int stations) {
    for (int i = 0; i < stations; ++i) ASSERT_TRUE(run(station(std::string(500, 'x'))).ok());
  }

  void tend(int times = 200) {
    for (int i = 0; i < times; ++i) ASSERT_TRUE(engine_->tend().ok());
  }

  size_t files_ending(std::string_view ending) {
    size_t count = 0;
    for (const std::string& name : files_.list("/data/journal").value()) {
      count += name.ends_with(ending);
    }
    return count;
  }

  std::vector<std::string> rows() {
    std::vector<std::string> lines;
    const View view = engine_->view().value();
    EXPECT_TRUE(
        dump_rows(*view.lease, [&](std::string_view line) { lines.emplace_back(line); }).ok());
    return lines;
  }

  EngineOptions options_;
};

TEST_F(KeepTest, FinishedSegmentsAreSealedBehindACheckpoint) {
  ASSERT_TRUE(open_small().ok());
  put(40);
  EXPECT_EQ(engine_->status().segments.sealed.segments, 0U);
  tend();
  const SegmentTotals totals = engine_->status().segments;
  EXPECT_GT(totals.sealed.segments, 2U);
  EXPECT_EQ(totals.written.segments, 1U);
  EXPECT_EQ(totals.retired.segments, 0U) << "nothing says that it should not be kept for ever";
  EXPECT_EQ(engine_->counts().segments_sealed, totals.sealed.segments);
  EXPECT_GT(engine_->counts().checkpoints, 0U) << "opening reads no more than one segment";
  EXPECT_EQ(files_ending(".log"), 1U);
  const auto before = rows();
  ASSERT_TRUE(open_small().ok());
  EXPECT_EQ(rows(), before);
  EXPECT_EQ(engine_->status().segments.sealed.segments, totals.sealed.segments);
}

// On a real disk, since the simulated one is not for several threads.
TEST_F(KeepTest, SealingGoesOnBesideTheTurns) {
  OsFiles disk;
  const auto folder =
      std::filesystem::temp_directory_path() / fmt::format("duliang_keep_{}", getpid());
  std::filesystem::remove_all(folder);
  options_.folder = folder;
  options_.vfs.clear();
  options_.work_on_threads = true;
  auto opened = Engine::open(options_, clock_, disk, Random(1));
  ASSERT_TRUE(opened.ok()) << opened.error().message;
  engine_ = std::move(opened).value();
  put(40);
  do {
    put(1);
    ASSERT_TRUE(engine_->tend().ok());
  } while (engine_->counts().segments_sealed < 3);
  const auto before = rows();
  engine_.reset();
  opened = Engine::open(options_, clock_, disk, Random(2));
  ASSERT_TRUE(opened.ok()) << opened.error().message;
  engine_ = std::move(opened).value();
  EXPECT_EQ(rows(), before);
  EXPECT_EQ(engine_->status().journal_fault, "");
  engine_.reset();
  std::filesystem::remove_all(folder);
}

TEST_F(KeepTest, OldSegmentsAreRetiredAndTheHouseStands) {
  options_.keep_journal = std::chrono::hours{1};
  ASSERT_TRUE(open_small().ok());
  put(40);
  tend();
  EXPECT_FALSE(engine_->status().horizon);
  const Time then = clock_.now();
  clock_.advance(std::chrono::hours{2});
  tend(1);
  EXPECT_EQ(engine_->counts().segments_retired, 1U) << "one at a time";
  put(1);
  tend();
  const auto before = rows();
  for (int round = 0; round < 2; ++round) {
    const EngineStatus status = engine_->status();
    ASSERT_TRUE(status.horizon);
    EXPECT_GT(status.horizon->tail.sequence, 10U);
    EXPECT_LT(status.horizon->tail.sequence, 41U);
    EXPECT_EQ(status.horizon->time, then);
    EXPECT_EQ(status.segments.sealed.segments, 0U);
    EXPECT_EQ(engine_->tail_before(1).sequence, status.horizon->tail.sequence);
    EXPECT_GE(engine_->tail_before(41).place, status.horizon->tail.place);
    EXPECT_LT(engine_->tail_before(41).sequence, 41U);
    EXPECT_EQ(rows(), before);
    EXPECT_EQ(files_ending(".sealed"), 0U);
    ASSERT_TRUE(open_small().ok());
  }
}

TEST_F(KeepTest, NothingIsRetiredByAClockThatCannotBeBelieved) {
  options_.keep_journal = std::chrono::hours{1};
  ASSERT_TRUE(open_small().ok());
  put(40);
  tend();
  clock_.jump_wall(std::chrono::hours{24 * 365});
  tend();
  EXPECT_FALSE(engine_->status().horizon);
  EXPECT_NE(engine_->status().halted, "");
}

TEST_F(KeepTest, ADamagedSegmentIsToldAndStays) {
  options_.keep_journal = std::chrono::hours{1};
  ASSERT_TRUE(open_small().ok());
  put(40);
  const std::string path = "/data/journal/" + segment_name(0);
  char kept = 0;
  {
    File file = File::open(files_, path, OpenMode::write).value();
    ASSERT_EQ(file.read_at(&kept, 1, 3000).value(), 1U);
    ASSERT_TRUE(file.write_at(std::string(1, static_cast<char>(kept ^ 1)), 3000).ok());
  }
  tend();
  clock_.advance(std::chrono::hours{2});
  put(1);
  tend();
  EXPECT_NE(engine_->status().journal_fault, "");
  EXPECT_EQ(engine_->status().segments.sealed.segments, 0U);
  EXPECT_FALSE(engine_->status().horizon);
  {
    File file = File::open(files_, path, OpenMode::write).value();
    ASSERT_TRUE(file.write_at(std::string(1, kept), 3000).ok());
  }
  clock_.advance(std::chrono::hours{1});
  tend();
  EXPECT_EQ(engine_->status().journal_fault, "");
  EXPECT_TRUE(engine_->status().horizon);
}

// Who puts an older ledger, or none, beside this journal is told so.
TEST_F(KeepTest, ALedgerFromBehindTheHorizonIsRefused) {
  options_.keep_journal = std::chrono::hours{1};
  ASSERT_TRUE(open_small().ok());
  put(40);
  tend();
  clock_.advance(std::chrono::hours{2});
  tend();
  ASSERT_TRUE(engine_->status().horizon);
  engine_.reset();
  ASSERT_TRUE(files_.remove("/data/ledger.sqlite").ok());
  const Status opened = open_small();
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, Code::corrupt);
  EXPECT_NE(opened.error().message.find("retired"), std::string::npos) << opened.error().message;
}

TEST_F(KeepTest, WhileSomebodyCopiesNoFileIsReplaced) {
  options_.keep_journal = std::chrono::hours{1};
  ASSERT_TRUE(open_small().ok());
  put(40);
  tend(3);
  engine_->hold_files(std::chrono::minutes{1});
  const auto files = files_.list("/data/journal").value();
  clock_.advance(std::chrono::seconds{50});
  tend();
  EXPECT_TRUE(engine_->keep_holding_files(std::chrono::minutes{1}));
  clock_.advance(std::chrono::seconds{50});
  tend();
  for (const std::string& name : files) {
    if (name.ends_with(".sealing")) continue;
    EXPECT_TRUE(files_.exists("/data/journal/" + name).value()) << name;
  }
  EXPECT_EQ(engine_->counts().segments_sealed, 0U);
  clock_.advance(std::chrono::seconds{50});
  tend();
  EXPECT_GT(engine_->counts().segments_sealed, 0U) << "nobody was heard of";
  EXPECT_FALSE(engine_->keep_holding_files(std::chrono::minutes{1}));
}

// --- the engine's time ---

TEST_F(KeepTest, TheJournalIsToldWholeMilliseconds) {
  ASSERT_TRUE(open_small().ok());
  std::vector<std::shared_ptr<const Frame>> told;
  engine_->subscribe([&](const auto& frame) { told.push_back(frame); });
  put(1);
  std::vector<ReadingId> ids;
  for (int i = 0; i < 3; ++i) {
    clock_.advance(Duration{100});
    ids.push_back(run(reading(1, "1"))->readings[0]);
  }
  for (const auto& frame : told) {
    EXPECT_EQ(number(frame->body.time) % 1000, 0);
    EXPECT_EQ(number(frame->body.commands[0].received) % 1000, 0);
  }
  std::set<Time> times;
  for (const ReadingId id : ids) times.insert(stored(id)->phenomenon_time.begin);
  EXPECT_EQ(times.size(), 3U) << "readings that say no time are still of different moments";
  clock_.jump_wall(-std::chrono::hours{1});
  const ReadingId back = run(reading(1, "1"))->readings[0];
  EXPECT_LE(stored(back)->phenomenon_time.begin, clock_.now()) << "a clock that is set back";
}

}  // namespace
}  // namespace duliang
