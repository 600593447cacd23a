// Lives from seeds, and the tests of the test: the program broken on purpose must be found out.
#include <cstdlib>

#include "cases/cases.h"
#include "tests/simulation/world.h"

namespace duliang {
namespace {

uint64_t seeds() {
  const char* full = std::getenv("DULIANG_FULL");
  return full != nullptr && std::string_view(full) == "1" ? 5000 : 200;
}

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
  for (const auto& [what, count] : happened) std::printf("  %-16s %d\n", what.c_str(), count);
  for (const char* what : {"power lost", "killed", "died in a turn", "clock jump", "alarms",
                           "cases", "act", "refused act", "station", "packs", "downtime"}) {
    EXPECT_GT(happened[what], 50) << what << " hardly happens: the seeds prove little";
  }
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
TEST(Mutation, FrameCheckLeftOut) { expect_caught(FileLog::mutation_no_frame_check); }

}  // namespace
}  // namespace duliang
