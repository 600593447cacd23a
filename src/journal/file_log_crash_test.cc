// The log on a disk that loses power, fails or fills up. The oracle is the list of what was
// answered.
#include <gtest/gtest.h>

#include "base/sim/sim_files.h"
#include "journal/file_log.h"
#include "journal/frames_for_test.h"

namespace duliang {
namespace {

constexpr FileLogOptions kCrashSegments{2048, 700};
const std::string kCrashFolder = "/data/journal";

// One log over many lives of its machine.
struct Lives {
  explicit Lives(uint64_t seed) : random(seed) {}

  // Appends until the machine dies or `appends` are done.
  void live(FileLog& log, uint64_t appends) {
    for (; appends > 0; --appends) {
      if (random.chance(0.1)) {
        if (const auto synced = log.sync(); !synced.ok()) return;
        safe = written.size();
      }
      const auto durability = random.chance(0.5) ? Durability::power : Durability::process;
      const std::string record = test::record_of(++number, log.synced(), random.below(700));
      AppendResult answer;
      log.append(record, durability, [&](const AppendResult& result) { answer = result; });
      if (!answer.ok) return attempted = record, void();
      written.push_back(record);
      if (durability == Durability::power) safe = written.size();
    }
  }

  // After a new start: all that is safe is there, nothing that was never written, in order. What
  // came back is now what counts.
  void expect_kept(FileLog& log) {
    std::vector<std::string> kept;
    Place from = 0;
    while (true) {
      const Place next = log.read(from, 1000,
                                  [&](Place, std::string_view record) {
                                    kept.emplace_back(record);
                                    return true;
                                  })
                             .value();
      if (next == from) break;
      from = next;
    }
    EXPECT_EQ(from, log.end().value());
    ASSERT_GE(kept.size(), safe);
    // The one whose append failed may be there all the same.
    if (kept.size() == written.size() + 1) written.push_back(attempted);
    ASSERT_LE(kept.size(), written.size());
    for (size_t i = 0; i < kept.size(); ++i) ASSERT_EQ(kept[i], written[i]) << i;
    written = kept;
    safe = written.size();  // opening has synced it
    attempted.clear();
  }

  Random random;
  uint64_t number = 0;
  std::vector<std::string> written;
  std::string attempted;  // failed; stored or not
  size_t safe = 0;        // so many survive a loss of power
};

void make_parent(SimFiles& files) {
  ASSERT_TRUE(files.make_folder("/data").ok());
  ASSERT_TRUE(files.sync_folder("/").ok());
}

TEST(FileLogCrash, KeepsAllThatWasAnsweredOverLossesOfPower) {
  for (uint64_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(seed);
    SimFiles files;
    make_parent(files);
    Lives lives(seed);
    for (int life = 0; life < 6; ++life) {
      // Power may go at any call, also of the opening, which then is done again.
      files.fault_at(1 + lives.random.below(60), SimFiles::Fault::die);
      auto log = FileLog::open(files, kCrashFolder, true, kCrashSegments);
      if (log.ok()) {
        lives.expect_kept(**log);
        if (testing::Test::HasFatalFailure()) return;
        lives.live(**log, lives.random.below(40));
      } else {
        ASSERT_TRUE(files.dead()) << log.error().message;
      }
      log = Error{};
      files.crash(lives.random);
    }
    const auto log = FileLog::open(files, kCrashFolder, true, kCrashSegments);
    ASSERT_TRUE(log.ok()) << log.error().message;
    lives.expect_kept(**log);
    if (testing::Test::HasFatalFailure()) return;
  }
}

TEST(FileLogCrash, LosesNothingByAKill) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE(seed);
    SimFiles files;
    make_parent(files);
    Lives lives(seed);
    for (int life = 0; life < 4; ++life) {
      auto log = FileLog::open(files, kCrashFolder, true, kCrashSegments).value();
      EXPECT_FALSE(log->lost_tail().has_value());
      lives.expect_kept(*log);
      if (testing::Test::HasFatalFailure()) return;
      lives.live(*log, 30);
      lives.safe = lives.written.size();
      log.reset();
      files.kill();
    }
  }
}

// What a killed process left unsynced is made durable by opening, before anyone can build on it.
TEST(FileLogCrash, LosesNothingByAKillAndThenPower) {
  for (uint64_t seed = 1; seed <= 50; ++seed) {
    SCOPED_TRACE(seed);
    SimFiles files;
    make_parent(files);
    Lives lives(seed);
    auto log = FileLog::open(files, kCrashFolder, true, kCrashSegments).value();
    lives.live(*log, 20);
    lives.safe = lives.written.size();
    log.reset();
    files.kill();
    log = FileLog::open(files, kCrashFolder, true, kCrashSegments).value();
    EXPECT_EQ(log->synced(), log->end().value());
    log.reset();
    files.crash(lives.random);
    log = FileLog::open(files, kCrashFolder, true, kCrashSegments).value();
    lives.expect_kept(*log);
    if (testing::Test::HasFatalFailure()) return;
  }
}

TEST(FileLogCrash, GoesOnAfterAnyCallHasFailed) {
  bool reached_the_end = false;
  for (uint64_t call = 1; !reached_the_end; ++call) {
    SCOPED_TRACE(call);
    SimFiles files;
    make_parent(files);
    Lives lives(call);
    files.fault_at(call, SimFiles::Fault::fail);
    const uint64_t before = files.changing_calls();
    auto log = FileLog::open(files, kCrashFolder, true, kCrashSegments);
    if (log.ok()) {
      lives.live(**log, 30);
      const bool failed = lives.written.size() < 30;
      if (failed) {
        AppendResult later;
        (*log)->append(test::record_of(99), Durability::power,
                       [&](const AppendResult& result) { later = result; });
        EXPECT_FALSE(later.ok);
        EXPECT_EQ(later.error, LogError::unavailable);
      }
    }
    reached_the_end = files.changing_calls() - before < call;
    log = Error{};
    files.crash(lives.random);
    log = FileLog::open(files, kCrashFolder, true, kCrashSegments);
    ASSERT_TRUE(log.ok()) << log.error().message;
    lives.expect_kept(**log);
    if (testing::Test::HasFatalFailure()) return;
  }
}

// After a sync that failed, the system takes the pages for clean, and the next start reads them
// from memory. What it builds on them must not vanish with the power.
TEST(FileLogCrash, LosesNothingByACallThatFailedThenAKillAndThenPower) {
  bool reached_the_end = false;
  for (uint64_t call = 1; !reached_the_end; ++call) {
    SCOPED_TRACE(call);
    SimFiles files;
    make_parent(files);
    Lives lives(call);
    files.fault_at(call, SimFiles::Fault::fail);
    const uint64_t before = files.changing_calls();
    auto log = FileLog::open(files, kCrashFolder, true, kCrashSegments);
    if (log.ok()) lives.live(**log, 30);
    reached_the_end = files.changing_calls() - before < call;
    files.fault_at(0, SimFiles::Fault::fail);
    for (int start = 0; start < 3; ++start) {
      log = Error{};
      if (start == 2)
        files.crash(lives.random);
      else
        files.kill();
      log = FileLog::open(files, kCrashFolder, true, kCrashSegments);
      ASSERT_TRUE(log.ok()) << log.error().message;
      lives.expect_kept(**log);
      if (testing::Test::HasFatalFailure()) return;
      lives.live(**log, start == 0 ? 3 : 0);
    }
  }
}

// The tests of the tests: a log that calls durable what was only written says so in the records
// behind, and then power takes back what they call durable. These lives must meet that.
TEST(FileLogCrash, NoticesAMarkThatIsTooFar) {
  FileLog::mutation_mark_too_far = true;
  size_t refused = 0;
  for (uint64_t seed = 1; seed <= 60; ++seed) {
    SimFiles files;
    make_parent(files);
    Lives lives(seed);
    lives.live(*FileLog::open(files, kCrashFolder, true, kCrashSegments).value(), 30);
    files.crash(lives.random);
    const auto log = FileLog::open(files, kCrashFolder, true, kCrashSegments);
    refused += !log.ok() && log.error().code == Code::corrupt;
  }
  FileLog::mutation_mark_too_far = false;
  EXPECT_GT(refused, 0u);
}

TEST(FileLogCrash, FailsOnAFullDiskAndGoesOnWhenThereIsRoom) {
  SimFiles files;
  make_parent(files);
  files.set_capacity(20'000);
  Lives lives(1);
  auto log = FileLog::open(files, kCrashFolder, true, kCrashSegments).value();
  lives.live(*log, 1000);
  EXPECT_LT(lives.written.size(), 1000u);
  EXPECT_GT(lives.written.size(), 10u);
  log.reset();
  files.kill();
  files.set_capacity(0);
  log = FileLog::open(files, kCrashFolder, true, kCrashSegments).value();
  lives.safe = lives.written.size();
  lives.expect_kept(*log);
  const size_t before = lives.written.size();
  lives.live(*log, 10);
  EXPECT_EQ(lives.written.size(), before + 10);
}

}  // namespace
}  // namespace duliang
