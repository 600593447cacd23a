// Every fault at every call of the script, and the tests of that test: the program broken on
// purpose must be found out by it.
#include <gtest/gtest.h>

#include "base/sim/full.h"
#include "tests/faults/trial.h"

namespace duliang {
namespace {

// One call in so many is lived to the end and reviewed, which takes ten times as long. In full each
// is in its turn, in a life that is lived from the begin.
constexpr uint64_t kReviewEvery = 50;
constexpr uint64_t kNever = UINT64_MAX;
// As many sets of what a loss of power takes.
constexpr uint64_t kFullRounds = 4;
// So many of them must be enough to notice that the program was broken.
constexpr uint64_t kRoundsToNotice = 100;
// What a script without so many calls goes through is too little.
constexpr uint64_t kCallsAtLeast = 400;
constexpr uint64_t kOpensAtLeast = 30;  // of files that are there

// Readings survive a loss of power, or a kill alone; or the journal is kept for an hour, in short
// segments.
constexpr Manner kCareful{Durability::power};
constexpr Manner kQuick{Durability::process};
constexpr Manner kForgetful{Durability::power, std::chrono::hours{1}, 1024};

const Reference& reference(const Manner& manner) {
  static std::map<Manner, Reference> known;
  return known.try_emplace(manner, manner).first->second;
}

size_t step_before(size_t step) { return step == 0 ? 0 : step - 1; }

struct Sweep {
  Kind kind{};
  Manner manner = kCareful;
  uint64_t every = 1;    // only each so manieth call
  uint64_t round = 0;    // another one loses other things with the power
  uint64_t reviewed = kReviewEvery;
  uint64_t calls = 0;    // that were met so far
  size_t first_step = 0;  // those before it are left out
  uint64_t calls_at_least = kCallsAtLeast;
};

// The calls of one step, in lives that are taken up before `from`. What is wrong first, or empty.
std::string calls_of_step(Sweep& sweep, size_t from, size_t step) {
  const Reference& of = reference(sweep.manner);
  for (uint64_t call = 1 + sweep.calls % sweep.every;; call += sweep.every) {
    const bool reviewed = sweep.reviewed != kNever && sweep.calls % sweep.reviewed == 0;
    const Span span{from, step, step + 1, reviewed ? Life::steps() : step + 2};
    const uint64_t seed = sweep.round * 10'000 + sweep.calls;
    const Tried tried = live_with({sweep.kind, call, seed}, span, of);
    if (!tried.wrong.empty())
      return fmt::format("call {} of step {}: {}", call, Life::name_of(step), tried.wrong);
    if (!tried.met) return {};
    ++sweep.calls;
  }
}

// Each life has done the step before by itself, so that nothing is in order only because it has
// just been opened.
std::string calls_of_all_steps(Sweep& sweep) {
  std::string wrong;
  for (size_t step = sweep.first_step; step < Life::steps() && wrong.empty(); ++step)
    wrong = calls_of_step(sweep, step_before(step), step);
  return wrong;
}

// Each call of a whole life, to its end.
std::string calls_of_a_life(const Sweep& sweep) {
  const Span span{0, 0, Life::steps(), Life::steps()};
  for (uint64_t call = 1;; ++call) {
    const Tried tried =
        live_with({sweep.kind, call, call}, span, reference(sweep.manner));
    if (!tried.wrong.empty()) return fmt::format("call {}: {}", call, tried.wrong);
    if (!tried.met) return {};
  }
}

void expect_nothing_wrong(Sweep sweep) {
  const Reference& of = reference(sweep.manner);
  ASSERT_EQ(of.fault(), "");
  EXPECT_GT(of.met().segments_sealed, 0u);
  EXPECT_EQ(of.met().segments_retired > 0, sweep.manner.keep_journal > Duration{0});
  if (is_full()) sweep.every = 1;
  EXPECT_EQ(calls_of_all_steps(sweep), "");
  EXPECT_GE(sweep.calls * sweep.every, sweep.calls_at_least);
  std::printf("  %llu calls\n", static_cast<unsigned long long>(sweep.calls));
  if (!is_full()) return;
  EXPECT_EQ(calls_of_a_life(sweep), "");
  while (sweep.kind == Kind::power_lost && ++sweep.round < kFullRounds) {
    EXPECT_EQ(calls_of_all_steps(sweep), "");
  }
}

// In full every call is met. Else there is a minute for all of this file, and the strides have no
// common factor, so that each kind meets others.
TEST(Faults, ACallThatFails) { expect_nothing_wrong({.kind = Kind::failed_call, .every = 7}); }
TEST(Faults, ALossOfPower) { expect_nothing_wrong({.kind = Kind::power_lost, .every = 8}); }
// A kill is a loss of power that takes nothing, and a full disk is one failed write after another:
// so a smaller part of the calls is enough unless there is time for all.
TEST(Faults, AKill) { expect_nothing_wrong({.kind = Kind::killed, .every = 13}); }
TEST(Faults, AKillWhereReadingsSurviveThatAlone) {
  expect_nothing_wrong({.kind = Kind::killed, .manner = kQuick, .every = 23});
}
TEST(Faults, ALossOfPowerWhereReadingsSurviveAKillAlone) {
  expect_nothing_wrong({.kind = Kind::power_lost, .manner = kQuick, .every = 17});
}
// Before that nothing is retired, and the life is much like that of the other house.
Sweep where_segments_are_retired(Kind kind) {
  return {.kind = kind,
          .manner = kForgetful,
          .every = 11,
          .first_step = Life::step_named("a quality of a span"),
          .calls_at_least = kCallsAtLeast / 4};
}
TEST(Faults, ALossOfPowerWhereTheJournalIsKeptForAnHour) {
  expect_nothing_wrong(where_segments_are_retired(Kind::power_lost));
}
TEST(Faults, ACallThatFailsWhereTheJournalIsKeptForAnHour) {
  expect_nothing_wrong(where_segments_are_retired(Kind::failed_call));
}
// Where readings go or change, in lives that know what was acknowledged since the begin.
TEST(Faults, WhatWasAcknowledgedLongBefore) {
  for (const char* name : {"a removal in a part", "readings of several frames",
                           "a quality of a span", "a cut", "a cut by the class",
                           "a station goes"}) {
    for (const Kind kind : {Kind::failed_call, Kind::power_lost}) {
      Sweep sweep{.kind = kind, .every = is_full() ? 1u : 7u, .reviewed = kNever};
      EXPECT_EQ(calls_of_step(sweep, 0, Life::step_named(name)), "");
      EXPECT_GT(sweep.calls, 0u);
    }
  }
}
TEST(Faults, AnOpenThatFails) {
  expect_nothing_wrong({.kind = Kind::failed_open, .reviewed = 7, .calls_at_least = kOpensAtLeast});
}
TEST(Faults, AnOpenThatFailsWhereTheJournalIsKeptForAnHour) {
  Sweep sweep = where_segments_are_retired(Kind::failed_open);
  sweep.every = 3;
  sweep.calls_at_least = kOpensAtLeast;
  expect_nothing_wrong(sweep);
}
TEST(Faults, AFullDisk) { expect_nothing_wrong({.kind = Kind::full_disk, .every = 19}); }

// What each life of this file takes for granted of its folder.
TEST(Faults, AFolderIsOneProgramsAlone) {
  const auto second_opens = [] {
    Life life({Durability::power});
    EXPECT_TRUE(life.open().ok());
    const std::unique_ptr<Engine> first = std::move(life.engine);
    return life.open().ok();
  };
  EXPECT_FALSE(second_opens());
  Engine::mutation_folder_not_locked = true;
  EXPECT_TRUE(second_opens());
  Engine::mutation_folder_not_locked = false;
}

// Breaks the program by a switch and expects that the calls of a step find it out, in lives that
// are taken up so many steps before.
void expect_found(bool& mutation, const Manner& manner, const char* step_name, size_t before) {
  ASSERT_EQ(reference(manner).fault(), "");
  Sweep sweep{.kind = Kind::power_lost, .manner = manner, .reviewed = kNever};
  const size_t step = Life::step_named(step_name);
  std::string wrong;
  mutation = true;
  for (; wrong.empty() && sweep.round < kRoundsToNotice; ++sweep.round)
    wrong = calls_of_step(sweep, step - before, step);
  mutation = false;
  EXPECT_NE(wrong, "") << sweep.calls << " calls did not notice";
  std::printf("  in round %llu: %s\n", static_cast<unsigned long long>(sweep.round), wrong.c_str());
}

TEST(Mutation, SyncLeftOut) {
  expect_found(FileLog::mutation_no_sync, kCareful, "an alarm", 1);
}
TEST(Mutation, CommitBeforeSync) {
  expect_found(Engine::mutation_commit_before_sync, kCareful, "a station", 1);
}
TEST(Mutation, FrameCheckLeftOut) {
  expect_found(FileLog::mutation_no_frame_check, kCareful, "a station", 1);
}
TEST(Mutation, MarkTooFar) {
  expect_found(FileLog::mutation_mark_too_far, kQuick, "late readings", 1);
}
TEST(Mutation, NameOfASegmentNotSynced) {
  expect_found(FileLog::mutation_folder_not_synced, kCareful, "a station", 2);
}
TEST(Mutation, PartNotSynced) {
  expect_found(Series::mutation_part_not_synced, kCareful, "a correction in a part", 1);
}
TEST(Mutation, NameOfAPartNotSynced) {
  expect_found(Series::mutation_folder_not_synced, kCareful, "a correction in a part", 1);
}
TEST(Mutation, RetiredBeforeTheCheckpoint) {
  expect_found(Engine::mutation_retire_before_checkpoint, kForgetful, "a quality of a span", 1);
}
TEST(Mutation, OverlayIgnored) {
  expect_found(Series::mutation_find_without_overlay, kCareful, "a removal in a part", 1);
}

}  // namespace
}  // namespace duliang
