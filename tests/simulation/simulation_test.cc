// Lives from seeds, and the tests of the test: the program broken on purpose must be found out.
#include "base/sim/full.h"
#include "cases/cases.h"
#include "engine/file_hold.h"
#include "tests/simulation/world.h"

namespace duliang {
namespace {

uint64_t seeds() { return is_full() ? 5000 : 220; }

// What a life must meet, so that its end proves something.
constexpr const char* kOften[] = {"power lost",
                                  "killed",
                                  "stopped",
                                  "ended in a turn",
                                  "ended while tending",
                                  "ended by a failed call",
                                  "clock jump",
                                  "downtime",
                                  "month end",
                                  "packs",
                                  "station",
                                  "act",
                                  "refused act",
                                  "alarms",
                                  "cases",
                                  "checkpoint",
                                  "merge",
                                  "sealed",
                                  "retired",
                                  "backup",
                                  "live backup",
                                  "restored",
                                  "correction",
                                  "refused correction",
                                  "row removed",
                                  "changed",
                                  "asked again",
                                  "answered again",
                                  "judged anew",
                                  "refused removal",
                                  "two without a time",
                                  "view held",
                                  "turn full of commands",
                                  "turn full of readings",
                                  "turn full of corrections",
                                  "disk full",
                                  "judged: waits",
                                  "judged: late",
                                  "judged: future",
                                  "judged: rose",
                                  "judged: fell",
                                  "judged: closed",
                                  "judged: raised again",
                                  "judged: threshold changed",
                                  "judged: replaced",
                                  "judged: removed"};
constexpr const char* kSometimes[] = {
    "died while opening",   "failed while opening", "lost unsynced",
    "ended by a full disk", "listener reset",       "judged: new case of an alarm",
    "judged: wrong clock",  "judged: cut",          "no room",
    "judged: cleared by removal", "many flagged", "merge of two months",
    "judged: kept no longer", "refused anew"};

TEST(Simulation, LivesFromSeeds) {
  if (const char* one = std::getenv("DULIANG_SEED"); one != nullptr) {
    EXPECT_EQ(World(std::strtoull(one, nullptr, 10)).live(), "");
    return;
  }
  std::map<std::string, int> happened;
  for (uint64_t seed = 1; seed <= seeds(); ++seed) {
    World world(seed);
    const std::string failed = world.live();
    ASSERT_EQ(failed, "") << "tell it again with DULIANG_SEED=" << seed;
    for (const auto& [what, count] : world.happened) happened[what] += count;
  }
  for (const auto& [what, count] : happened) std::printf("  %-30s %d\n", what.c_str(), count);
  for (const char* what : kOften) {
    EXPECT_GT(happened[what], 50) << what << " hardly happens: the seeds prove little";
  }
  for (const char* what : kSometimes) EXPECT_GT(happened[what], 0) << what << " never happens";
}

// Breaks the program by a switch and expects that a life fails.
void expect_caught(bool& mutation) {
  mutation = true;
  std::string failed;
  uint64_t seed = 0;
  while (failed.empty() && seed < 200) failed = World(++seed).live();
  mutation = false;
  EXPECT_NE(failed, "") << "200 lives did not notice";
  std::printf("  caught by seed %llu: %s\n", static_cast<unsigned long long>(seed), failed.c_str());
}

TEST(Mutation, SyncLeftOut) { expect_caught(FileLog::mutation_no_sync); }
TEST(Mutation, CommitBeforeSync) { expect_caught(Engine::mutation_commit_before_sync); }
TEST(Mutation, RetireBeforeTheCheckpoint) {
  expect_caught(Engine::mutation_retire_before_checkpoint);
}
TEST(Mutation, TurnUnbounded) { expect_caught(Engine::mutation_turn_unbounded); }
TEST(Mutation, FilesReplacedWhileCopied) { expect_caught(FileHold::mutation_ignored); }
TEST(Mutation, FrameCheckLeftOut) { expect_caught(FileLog::mutation_no_frame_check); }
TEST(Mutation, NoHysteresis) { expect_caught(Watch::mutation_no_hysteresis); }
TEST(Mutation, GuardAlwaysTrue) { expect_caught(mutation_guard_always_true); }

}  // namespace
}  // namespace duliang
