// Many readings, changes of what stands, and the work beside the turns.
#include "engine/engine_for_test.h"

namespace duliang {
namespace {

using EngineWorkTest = EngineTest;

// --- many readings, and changes of them ---

PostReadings many_readings(size_t count, std::string result) {
  PostReadings post;
  Reading one;
  one.stream = StreamId{1};
  one.result = std::move(result);
  for (size_t i = 0; i < count; ++i) {
    const Time time{std::chrono::seconds{1'795'000'000 + i}};
    one.phenomenon_time = {time, time};
    post.readings.push_back(one);
  }
  return post;
}

TEST_F(EngineWorkTest, ACommandWithManyReadingsTakesSeveralTurns) {
  ASSERT_TRUE(open().ok());
  ASSERT_TRUE(run(station("a")).ok());
  int answered = 0;
  Outcome outcome;
  Command command;
  command.door = "test";
  command.body = many_readings(limits::kTurnReadings * 2 + 1, "1");
  engine_->submit(std::move(command), [&](const Result<Outcome>& result) {
    ++answered;
    outcome = result.value();
  });
  ASSERT_TRUE(engine_->turn().ok());
  EXPECT_EQ(answered, 0) << "it is answered when all of it is durable";
  EXPECT_EQ(engine_->view()->series.count().value(), limits::kTurnReadings);
  while (engine_->has_work()) ASSERT_TRUE(engine_->turn().ok());
  EXPECT_EQ(answered, 1);
  EXPECT_EQ(engine_->status().sequence, 4U);
  EXPECT_EQ(outcome.sequence, 4U);
  ASSERT_EQ(outcome.readings.size(), limits::kTurnReadings * 2 + 1);
  EXPECT_EQ(std::set(outcome.readings.begin(), outcome.readings.end()).size(),
            outcome.readings.size());
  EXPECT_EQ(engine_->turn_costs().most.readings, limits::kTurnReadings);
}

TEST_F(EngineWorkTest, ACommandLargerThanAFrameTakesSeveral) {
  ASSERT_TRUE(open().ok());
  ASSERT_TRUE(run(station("a")).ok());
  const auto outcome =
      ask(many_readings(10, '"' + std::string(limits::kCommandBytes / 2, 'x') + '"'));
  ASSERT_TRUE(outcome.ok()) << outcome.error().message;
  EXPECT_EQ(outcome->readings.size(), 10U);
  EXPECT_GT(engine_->status().sequence, 5U);
  EXPECT_LE(engine_->turn_costs().most.bytes, limits::kFrameBytes);
}

TEST_F(EngineWorkTest, ReadingsMayBeRefusedEachForItself) {
  ASSERT_TRUE(open().ok());
  ASSERT_TRUE(run(station("a")).ok());
  PostReadings post = many_readings(3, "1");
  post.readings[1].stream = StreamId{9};
  EXPECT_EQ(ask(post).error().code, Code::not_found);
  EXPECT_EQ(engine_->view()->series.count().value(), 0U) << "all or nothing";
  post.each = true;
  const auto outcome = ask(post);
  ASSERT_TRUE(outcome.ok());
  EXPECT_EQ(outcome->readings[1], ReadingId{0});
  ASSERT_EQ(outcome->refused.size(), 1U);
  EXPECT_EQ(outcome->refused[0].first, 1U);
  EXPECT_EQ(engine_->view()->series.count().value(), 2U);
  for (Reading& reading : post.readings) reading.stream = StreamId{9};
  EXPECT_EQ(ask(post)->sequence, 0U) << "nothing had to be recorded";
}

TEST_F(EngineWorkTest, AReadingIsPutRightAndTheTraceIsKept) {
  ASSERT_TRUE(open().ok());
  ASSERT_TRUE(run(station("a")).ok());
  const ReadingId id = run(reading(1, "1.50"))->readings[0];
  PatchReading patch;
  patch.id = id;
  patch.patch.result = "1.40";
  patch.patch.quality = Quality::corrected;
  patch.patch.extras["parameters"]["by"] = Json("hand");
  patch.reason = "the gauge had slipped";
  ASSERT_TRUE(ask(patch).ok());
  for (int round = 0; round < 3; ++round) {
    const auto now = stored(id);
    ASSERT_TRUE(now.has_value());
    EXPECT_EQ(now->result, "1.40");
    EXPECT_EQ(now->quality, Quality::corrected);
    EXPECT_EQ(now->extras, R"({"parameters":{"by":"hand"}})");
    const auto versions = versions_of(*engine_->view()->lease, id);
    ASSERT_EQ(versions.value().size(), 1U);
    const ReadingVersion& before = versions.value().front();
    EXPECT_EQ(before.before->result, "1.50");
    EXPECT_EQ(before.actor, "ann");
    EXPECT_EQ(before.reason, "the gauge had slipped");
    if (round == 0) {
      ASSERT_TRUE(engine_->checkpoint().ok());
    }
    engine_.reset();
    ASSERT_TRUE(open().ok());
  }
  EXPECT_EQ(ask(patch)->sequence, 0U) << "nothing had to be done";
  EXPECT_EQ(ask(PatchReading{ReadingId{999}, {}, ""}).error().code, Code::not_found);
}

TEST_F(EngineWorkTest, AReadingIsRemovedOnce) {
  ASSERT_TRUE(open().ok());
  ASSERT_TRUE(run(station("a")).ok());
  const ReadingId id = run(reading(1, "1"))->readings[0];
  ASSERT_TRUE(ask(RemoveReading{id, "a test"}).ok());
  EXPECT_FALSE(stored(id).has_value());
  EXPECT_EQ(ask(RemoveReading{id, ""}).error().code, Code::not_found);
  engine_.reset();
  ASSERT_TRUE(open().ok());
  EXPECT_FALSE(stored(id).has_value());
  EXPECT_EQ(engine_->view()->series.count().value(), 0U);
}

TEST_F(EngineWorkTest, WhatIsCutStaysAwayAndMayNotComeBack) {
  ASSERT_TRUE(open().ok());
  ASSERT_TRUE(run(station("a")).ok());
  ASSERT_TRUE(ask(many_readings(10, "1")).ok());
  const Time cut{std::chrono::seconds{1'795'000'005}};
  ASSERT_TRUE(ask(CutReadings{StreamId{1}, cut, "kept for so long"}).ok());
  EXPECT_EQ(engine_->view()->series.count().value(), 5U);
  EXPECT_EQ(ask(many_readings(1, "1")).error().code, Code::bad_input);
  EXPECT_EQ(ask(CutReadings{StreamId{1}, cut, ""})->sequence, 0U);
  EXPECT_EQ(ask(CutReadings{StreamId{7}, cut, ""}).error().code, Code::not_found);
  engine_.reset();
  ASSERT_TRUE(open().ok());
  EXPECT_EQ(engine_->view()->series.count().value(), 5U);
  EXPECT_EQ(ask(many_readings(1, "1")).error().code, Code::bad_input);
}

TEST_F(EngineWorkTest, ALongReasonIsRefused) {
  ASSERT_TRUE(open().ok());
  ASSERT_TRUE(run(station("a")).ok());
  const ReadingId id = run(reading(1, "1"))->readings[0];
  const std::string reason(limits::kNoteBytes + 1, 'x');
  EXPECT_EQ(ask(RemoveReading{id, reason}).error().code, Code::too_large);
  EXPECT_TRUE(stored(id).has_value());
}

// --- the disk, and the work beside the turns ---

TEST_F(EngineWorkTest, BelowTheReserveNothingNewIsTakenAndAboveItAgain) {
  ASSERT_TRUE(open().ok());
  ASSERT_TRUE(run(station("a")).ok());
  files_.set_capacity(limits::kDiskReserve);
  ASSERT_TRUE(engine_->tend().ok());
  EXPECT_EQ(run(reading(1, "1")).error().code, Code::no_room);
  EXPECT_NE(engine_->status().halted, "");
  files_.set_capacity(0);
  ASSERT_TRUE(engine_->tend().ok());
  EXPECT_TRUE(run(reading(1, "1")).ok());
  EXPECT_EQ(engine_->status().halted, "");
}

TEST_F(EngineWorkTest, TurnsGoOnWhileACheckpointIsWritten) {
  ASSERT_TRUE(open(3).ok());
  ASSERT_TRUE(run(station("a")).ok());
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(run(reading(1, "1")).ok());
  ASSERT_TRUE(engine_->tend().ok());  // begins
  EXPECT_EQ(engine_->counts().checkpoints, 0U);
  ASSERT_TRUE(run(reading(1, "2")).ok());
  while (engine_->counts().checkpoints == 0) ASSERT_TRUE(engine_->tend().ok());
  EXPECT_EQ(engine_->status().tail_readings, 1U) << "what came meanwhile";
  EXPECT_EQ(engine_->status().checkpoint_sequence, 5U);
  EXPECT_EQ(engine_->view()->series.count().value(), 5U);
  engine_.reset();
  ASSERT_TRUE(open(3).ok());
  EXPECT_EQ(engine_->view()->series.count().value(), 5U);
}

TEST_F(EngineWorkTest, TheWriterWaitsForADiskThatDoesNotKeepUp) {
  ASSERT_TRUE(open(3).ok());
  ASSERT_TRUE(run(station("a")).ok());
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(run(reading(1, "1")).ok());
  ASSERT_TRUE(engine_->tend().ok());
  for (int i = 0; i < 9; ++i) ASSERT_TRUE(run(reading(1, "1")).ok());
  ASSERT_TRUE(engine_->tend().ok());
  EXPECT_EQ(engine_->counts().checkpoints, 1U);
}

TEST_F(EngineWorkTest, WorkMayBeDoneOnThreads) {
  EngineOptions options;
  options.folder = "/data";
  options.vfs = kVfs;
  options.tail_readings = 3;
  options.work_on_threads = true;
  {
    auto opened = Engine::open(options, clock_, files_, Random(1));
    ASSERT_TRUE(opened.ok());
    engine_ = std::move(opened).value();
  }
  ASSERT_TRUE(run(station("a")).ok());
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(run(reading(1, "1")).ok());
  ASSERT_TRUE(engine_->checkpoint().ok());
  EXPECT_EQ(engine_->status().tail_readings, 0U);
  EXPECT_EQ(engine_->view()->series.count().value(), 4U);
}

TEST_F(EngineWorkTest, SmallPartsAreMergedInTheBackground) {
  ASSERT_TRUE(open().ok());
  ASSERT_TRUE(run(station("a")).ok());
  for (int i = 0; i < 40; ++i) {
    ASSERT_TRUE(run(reading(1, "1")).ok());
    ASSERT_TRUE(engine_->checkpoint().ok());
    for (int step = 0; step < 4; ++step) ASSERT_TRUE(engine_->tend().ok());
  }
  EXPECT_GT(engine_->counts().merges, 0U);
  EXPECT_LT(files_.list("/data/parts").value().size(), 20U);
  EXPECT_EQ(engine_->view()->series.count().value(), 40U);
  engine_.reset();
  ASSERT_TRUE(open().ok());
  EXPECT_EQ(engine_->view()->series.count().value(), 40U);
}

}  // namespace
}  // namespace duliang
