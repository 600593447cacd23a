#include "engine/engine_for_test.h"

namespace duliang {
namespace {

TEST_F(EngineTest, GivesIdsAndKeepsThemOverARestart) {
  ASSERT_TRUE(open().ok());
  const auto put = run(station("a"));
  ASSERT_TRUE(put.ok()) << put.error().message;
  EXPECT_EQ(put->rows, std::vector<RowId>(4, RowId{1}));
  const auto first = run(reading(1, "1.50"));
  ASSERT_TRUE(first.ok()) << first.error().message;
  engine_.reset();
  ASSERT_TRUE(open().ok());
  const auto second = run(reading(1, "2"));
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(static_cast<int64_t>(second->readings[0]),
            static_cast<int64_t>(first->readings[0]) + 1);
  const auto view = engine_->view();
  ASSERT_TRUE(view.ok());
  const auto kept = view->series.find(first->readings[0]);
  ASSERT_TRUE(kept.ok() && kept->has_value());
  EXPECT_EQ((*kept)->result, "1.50");
  EXPECT_EQ((*kept)->phenomenon_time.begin, clock_.now());
}

TEST_F(EngineTest, ARefusalLeavesNothing) {
  ASSERT_TRUE(open().ok());
  const auto refused = run(reading(1, "1"));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Code::not_found);
  Command command = station("a");
  std::get<PutRows>(command.body).changes[3].row.link("Sensor") = RowId{77};
  EXPECT_EQ(run(std::move(command)).error().code, Code::bad_input);
  EXPECT_EQ(engine_->status().sequence, 0U);
  const auto put = run(station("a"));
  ASSERT_TRUE(put.ok());
  EXPECT_EQ(put->rows[0], RowId{1}) << "the refused command took no id";
  EXPECT_EQ(put->sequence, 1U);
}

TEST_F(EngineTest, ACommandSeesTheOnesBeforeItInItsGroup) {
  ASSERT_TRUE(open().ok());
  int good = 0;
  const auto count = [&good](const Result<Outcome>& outcome) { good += outcome.ok() ? 1 : 0; };
  engine_->submit(station("a"), count);
  engine_->submit(reading(1, "1"), count);
  engine_->submit(reading(2, "1"), count);  // there is no such stream yet
  engine_->submit(station("b"), count);
  engine_->submit(reading(2, "1"), count);
  ASSERT_TRUE(engine_->turn().ok());
  EXPECT_EQ(good, 4);
  EXPECT_EQ(engine_->status().sequence, 1U) << "one group, one frame";
}

TEST_F(EngineTest, AnswersNothingBeforeItIsDurable) {
  ASSERT_TRUE(open().ok());
  ASSERT_TRUE(run(station("a")).ok());
  bool answered = false;
  engine_->submit(reading(1, "1"), [&answered](const Result<Outcome>&) { answered = true; });
  files_.fault_at(1, SimFiles::Fault::fail);  // the write of the frame
  EXPECT_FALSE(engine_->turn().ok()) << "an error of the journal ends the process";
  EXPECT_FALSE(answered);
}

TEST_F(EngineTest, ASecondEngineIsRefused) {
  ASSERT_TRUE(open().ok());
  EngineOptions options;
  options.folder = "/data";
  options.vfs = kVfs;
  const auto second = Engine::open(options, clock_, files_, Random(2));
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, Code::conflict);
}

// Whoever can't lock must not say that another has: nobody would look for the real fault.
TEST_F(EngineTest, ALockThatFailsIsNotTakenForAnotherServer) {
  ASSERT_TRUE(open().ok());
  Error met;
  for (uint64_t call = 1; met.message.find("lock") == std::string::npos; ++call) {
    engine_.reset();
    files_.fault_at(call, SimFiles::Fault::fail);
    const Status opened = open();
    ASSERT_FALSE(opened.ok()) << "no call locks";
    met = opened.error();
  }
  EXPECT_EQ(met.code, Code::io);
  EXPECT_EQ(met.message.find("in use"), std::string::npos) << met.message;
}

TEST_F(EngineTest, EveryStartClaimsTheNextEpoch) {
  ASSERT_TRUE(open().ok());
  EXPECT_EQ(engine_->status().epoch, 1U);
  engine_.reset();
  ASSERT_TRUE(open().ok());
  EXPECT_EQ(engine_->status().epoch, 2U);
}

TEST_F(EngineTest, TheQueueIsBounded) {
  ASSERT_TRUE(open().ok());
  ASSERT_TRUE(run(station("a")).ok());
  int refused = 0;
  for (size_t i = 0; i < limits::kQueuedCommands + 3; ++i) {
    engine_->submit(reading(1, "1"), [&refused](const Result<Outcome>& outcome) {
      if (!outcome.ok()) {
        EXPECT_EQ(outcome.error().code, Code::too_many);
        ++refused;
      }
    });
  }
  EXPECT_EQ(refused, 3);
  while (engine_->has_work()) ASSERT_TRUE(engine_->turn().ok());
  EXPECT_EQ(refused, 3);
}

TEST_F(EngineTest, ACommandThatCannotFitIntoAFrameIsRefusedBeforeAnythingIsDecided) {
  ASSERT_TRUE(open().ok());
  ASSERT_TRUE(run(station("a")).ok());
  const auto large = run(reading(1, '"' + std::string(limits::kCommandBytes, 'x') + '"'));
  ASSERT_FALSE(large.ok());
  EXPECT_EQ(large.error().code, Code::too_large);
  EXPECT_EQ(engine_->status().sequence, 1U);
  EXPECT_TRUE(run(reading(1, '"' + std::string(limits::kCommandBytes - 200, 'x') + '"')).ok());
}

TEST_F(EngineTest, ALongActorIsRefused) {
  ASSERT_TRUE(open().ok());
  Command command = station("a");
  command.actor = std::string(limits::kNameBytes + 1, 'x');
  EXPECT_EQ(run(std::move(command)).error().code, Code::bad_input);
}

TEST_F(EngineTest, ManyLongActorsMakeSeveralFrames) {
  ASSERT_TRUE(open().ok());
  ASSERT_TRUE(run(station("a")).ok());
  int good = 0;
  for (size_t i = 0; i < limits::kGroupCommands; ++i) {
    Command command = reading(1, "1");
    command.actor = std::string(limits::kNameBytes, 'x');
    engine_->submit(std::move(command),
                    [&good](const Result<Outcome>& outcome) { good += outcome.ok() ? 1 : 0; });
  }
  while (engine_->has_work()) ASSERT_TRUE(engine_->turn().ok());
  EXPECT_EQ(good, static_cast<int>(limits::kGroupCommands));
  EXPECT_EQ(engine_->status().sequence, 3U) << "one frame would have been too large";
}

// A device that only says what it measures, twice in one round: both are judged, none is doubled.
TEST_F(EngineTest, ReadingsWithoutATimeDifferInTime) {
  ASSERT_TRUE(open().ok());
  ASSERT_TRUE(run(station("a")).ok());
  engine_->submit(reading(1, "1"), [](const Result<Outcome>&) {});
  engine_->submit(reading(1, "2"), [](const Result<Outcome>&) {});
  ASSERT_TRUE(engine_->turn().ok());
  const auto newest = engine_->view()->series.newest(StreamId{1});
  ASSERT_TRUE(newest.ok() && newest->has_value());
  EXPECT_EQ((*newest)->result, "2");
  EXPECT_GT((*newest)->phenomenon_time.begin, clock_.now());
}

TEST_F(EngineTest, AClockBeforeTheLastFrameIsTold) {
  ASSERT_TRUE(open().ok());
  ASSERT_TRUE(run(station("a")).ok());
  ASSERT_TRUE(engine_->checkpoint().ok());
  engine_.reset();
  clock_.jump_wall(-std::chrono::hours{24 * 365});
  ASSERT_TRUE(open().ok());
  EXPECT_NE(engine_->status().halted, "");
  clock_.jump_wall(std::chrono::hours{24 * 365});
  ASSERT_TRUE(engine_->tend().ok());
  EXPECT_EQ(engine_->status().halted, "");
}

TEST_F(EngineTest, ManyLargeCommandsMakeSeveralFrames) {
  ASSERT_TRUE(open().ok());
  ASSERT_TRUE(run(station("a")).ok());
  int good = 0;
  for (int i = 0; i < 10; ++i) {
    engine_->submit(reading(1, '"' + std::string(limits::kCommandBytes / 2, 'x') + '"'),
                    [&good](const Result<Outcome>& outcome) { good += outcome.ok() ? 1 : 0; });
  }
  while (engine_->has_work()) ASSERT_TRUE(engine_->turn().ok());
  EXPECT_EQ(good, 10);
  EXPECT_GT(engine_->status().sequence, 5U);
}

TEST_F(EngineTest, AViewStaysWhatItWas) {
  ASSERT_TRUE(open(1).ok());
  ASSERT_TRUE(run(station("a")).ok());
  ASSERT_TRUE(run(reading(1, "1")).ok());
  const auto before = engine_->view();
  ASSERT_TRUE(before.ok());
  ASSERT_TRUE(run(station("b")).ok());
  ASSERT_TRUE(run(reading(1, "2")).ok());
  ASSERT_TRUE(engine_->checkpoint().ok());
  EXPECT_EQ(before->series.count().value(), 1U);
  EXPECT_FALSE(before->ledger.find(TypeId::thing, RowId{2}).value().has_value());
  const auto after = engine_->view();
  EXPECT_EQ(after->series.count().value(), 2U);
  EXPECT_TRUE(after->ledger.find(TypeId::thing, RowId{2}).value().has_value());
}

TEST_F(EngineTest, ACheckpointIsDueWhenTheTailIsLong) {
  ASSERT_TRUE(open(3).ok());
  ASSERT_TRUE(run(station("a")).ok());
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(run(reading(1, "1")).ok());
  while (engine_->counts().checkpoints == 0) ASSERT_TRUE(engine_->tend().ok());
  EXPECT_EQ(engine_->status().tail_readings, 0U);
  EXPECT_EQ(engine_->status().checkpoint_sequence, 5U);
  engine_.reset();
  ASSERT_TRUE(open(3).ok());
  EXPECT_EQ(engine_->view()->series.count().value(), 4U);
}

TEST_F(EngineTest, TheFeedTellsEveryFrameInOrder) {
  ASSERT_TRUE(open().ok());
  std::vector<uint64_t> told;
  engine_->subscribe([&told](const std::shared_ptr<const Frame>& frame) {
    told.push_back(frame->header.sequence);
  });
  ASSERT_TRUE(run(station("a")).ok());
  ASSERT_FALSE(run(reading(9, "1")).ok());
  ASSERT_TRUE(run(reading(1, "1")).ok());
  EXPECT_EQ(told, (std::vector<uint64_t>{1, 2}));
}

TEST_F(EngineTest, AJournalThatEndsBeforeTheLedgerIsCorruption) {
  ASSERT_TRUE(open().ok());
  ASSERT_TRUE(run(station("a")).ok());
  engine_.reset();
  const auto segments = files_.list("/data/journal");
  ASSERT_TRUE(segments.ok());
  for (const std::string& name : *segments)
    ASSERT_TRUE(files_.remove("/data/journal/" + name).ok());
  const auto opened = open();
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, Code::corrupt);
}

// What the ledger has is gone from the journal: nothing is cut, so that nothing more gets lost.
TEST_F(EngineTest, AJournalThatEndsBeforeTheLedgerIsLeftAsItIs) {
  ASSERT_TRUE(open().ok());
  ASSERT_TRUE(run(station("a")).ok());
  engine_.reset();
  const std::string path = "/data/journal/" + files_.list("/data/journal")->front();
  std::string bytes = read_file(files_, path).value();
  bytes[bytes.find_last_not_of('\0') - 20] ^= 1;  // in the frame, behind which no mark stands
  ASSERT_TRUE(File::open(files_, path, OpenMode::write)->write_at(bytes, 0).ok());
  const auto names = files_.list("/data/journal").value();
  const auto opened = open();
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, Code::corrupt);
  EXPECT_EQ(opened.error().field, path);
  EXPECT_NE(opened.error().message.find("it ends here"), std::string::npos);
  EXPECT_EQ(read_file(files_, path).value(), bytes);
  EXPECT_EQ(files_.list("/data/journal").value(), names);
}

TEST_F(EngineTest, APackIsLoadedOnceAndAChangedOneNeedsANewVersion) {
  ASSERT_TRUE(open().ok());
  const auto pack = [](const char* version, const char* name) {
    auto read = check_pack(
        {{"pack.yaml",
          fmt::format("pack: p\nversion: \"{}\"\nname: {{zh: 试, en: {}}}\n", version, name)}});
    EXPECT_TRUE(read.ok()) << (read.ok() ? "" : read.error().message);
    Command command;
    command.door = "start";
    command.body = LoadPack{*read};
    return command;
  };
  EXPECT_EQ(run(pack("1", "A"))->sequence, 1U);
  const uint64_t checkpoints = engine_->counts().checkpoints;
  EXPECT_EQ(run(pack("1", "A"))->sequence, 0U) << "nothing had to be done";
  EXPECT_EQ(engine_->counts().checkpoints, checkpoints) << "a start waits for no checkpoint";
  EXPECT_EQ(run(pack("1", "B")).error().code, Code::conflict);
  EXPECT_EQ(run(pack("2", "B"))->sequence, 2U);
}

// A rule that its pack no longer has leaves no alarm that nobody would ever clear.
TEST_F(EngineTest, ARetiredRuleTakesItsAlarmsWithIt) {
  ASSERT_TRUE(open().ok());
  ASSERT_TRUE(run(pack("1", rule("one", "p") + rule("other", "q"))).ok());
  ASSERT_TRUE(run(station("a")).ok());
  ASSERT_TRUE(run(reading(1, "5")).ok());
  const auto alarm = [this] {
    return *engine_->view()->ledger.find(TypeId::alarm, RowId{1}).value();
  };
  EXPECT_EQ(alarm().text("state"), "active");
  const auto loaded = run(pack("2", rule("other", "q")));
  ASSERT_TRUE(loaded.ok()) << loaded.error().message;
  EXPECT_EQ(alarm().text("state"), "cleared");
  EXPECT_EQ(engine_->counts().alarms_cleared, 1U);
}

}  // namespace
}  // namespace duliang
