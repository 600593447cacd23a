// Rows that go, with all that goes with them.
#include "engine/engine_for_test.h"

namespace duliang {
namespace {

class EngineRemoveTest : public EngineTest {
 protected:
  Result<Outcome> remove(TypeId type, int64_t id) { return ask(RemoveRow{type, RowId{id}, "why"}); }
  std::optional<Row> row(TypeId type, int64_t id) {
    return engine_->view()->ledger.find(type, RowId{id}).value();
  }
  uint64_t readings() { return engine_->view()->series.count().value(); }
  void reopen() {
    engine_.reset();
    ASSERT_TRUE(open().ok());
  }
};

TEST_F(EngineRemoveTest, AThingTakesItsStreamsAndTheirReadings) {
  ASSERT_TRUE(open().ok());
  ASSERT_TRUE(run(station("a")).ok());
  ASSERT_TRUE(run(station("b")).ok());
  for (int64_t stream : {1, 1, 2}) ASSERT_TRUE(run(reading(stream, "1")).ok());
  std::shared_ptr<const Frame> told;
  engine_->subscribe([&told](const std::shared_ptr<const Frame>& frame) { told = frame; });
  ASSERT_TRUE(remove(TypeId::thing, 1).ok());
  ASSERT_TRUE(told);
  ASSERT_EQ(told->body.commands.size(), 1U);
  const CommandRecord& record = told->body.commands[0];
  EXPECT_EQ(record.kind, CommandKind::remove_row);
  EXPECT_EQ(record.actor, "ann");
  EXPECT_EQ(record.arguments, R"({"set":"Things","id":1,"reason":"why"})");
  // Once as it was lived, once from the frame, once from SQLite.
  for (int round = 0; round < 3; ++round) {
    EXPECT_FALSE(row(TypeId::thing, 1));
    EXPECT_FALSE(row(TypeId::datastream, 1));
    EXPECT_TRUE(row(TypeId::sensor, 1)) << "what it pointed to stays";
    EXPECT_TRUE(row(TypeId::datastream, 2));
    EXPECT_EQ(readings(), 1U);
    EXPECT_EQ(run(reading(1, "1")).error().code, Code::not_found);
    if (round == 1) {
      ASSERT_TRUE(engine_->checkpoint().ok());
    }
    reopen();
  }
  ASSERT_TRUE(run(station("c")).ok());
  EXPECT_TRUE(row(TypeId::thing, 3)) << "an id is given once";
  EXPECT_EQ(remove(TypeId::thing, 1).error().code, Code::not_found);
}

// Each stream is looked for in every part while all wait.
TEST_F(EngineRemoveTest, SoManyStreamsDoNotGoAtOnce) {
  ASSERT_TRUE(open().ok());
  ASSERT_TRUE(run(station("a")).ok());
  PutRows more;
  for (size_t i = 0; i < limits::kRemovalStreams; ++i) {
    Row stream = std::get<PutRows>(station("a").body).changes[3].row;
    stream.id = RowId{-static_cast<int64_t>(i) - 1};
    for (const char* to : {"Thing", "Sensor", "ObservedProperty"}) stream.link(to) = RowId{1};
    more.changes.push_back(RowChange::put(stream));
  }
  ASSERT_TRUE(ask(more).ok());
  EXPECT_EQ(remove(TypeId::thing, 1).error().code, Code::too_large);
  ASSERT_TRUE(remove(TypeId::datastream, 1).ok());
  EXPECT_TRUE(remove(TypeId::thing, 1).ok());
}

TEST_F(EngineRemoveTest, WhatIsGoneIsGoneForTheNextCommandOfItsGroup) {
  ASSERT_TRUE(open().ok());
  ASSERT_TRUE(run(station("a")).ok());
  std::vector<std::optional<Code>> answers;
  const auto note = [&answers](const Result<Outcome>& outcome) {
    answers.push_back(outcome.ok() ? std::nullopt : std::optional(outcome.error().code));
  };
  Command remove;
  remove.body = RemoveRow{TypeId::sensor, RowId{1}, ""};
  engine_->submit(reading(1, "1"), note);
  engine_->submit(remove, note);
  engine_->submit(reading(1, "2"), note);
  engine_->submit(remove, note);
  ASSERT_TRUE(engine_->turn().ok());
  EXPECT_EQ(answers, (std::vector<std::optional<Code>>{std::nullopt, std::nullopt, Code::not_found,
                                                       Code::not_found}));
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(readings(), 0U) << "the one of the same frame went too";
    EXPECT_FALSE(row(TypeId::datastream, 1));
    reopen();
  }
}

// An alarm is never lost in silence: it is cleared by a decision that says why, and what proved it
// stays with it.
TEST_F(EngineRemoveTest, AnAlarmOfAStreamThatGoesIsCleared) {
  ASSERT_TRUE(open().ok());
  ASSERT_TRUE(run(pack("1", rule("one", "p"))).ok());
  ASSERT_TRUE(run(station("a")).ok());
  ASSERT_TRUE(run(reading(1, "5")).ok());
  std::shared_ptr<const Frame> told;
  engine_->subscribe([&told](const std::shared_ptr<const Frame>& frame) { told = frame; });
  ASSERT_TRUE(remove(TypeId::observed_property, 1).ok());
  ASSERT_EQ(told->body.commands.size(), 2U);
  EXPECT_EQ(told->body.commands[1].kind, CommandKind::decision);
  EXPECT_EQ(told->body.commands[1].cause, 0);
  EXPECT_EQ(engine_->counts().alarms_cleared, 1U);
  for (int round = 0; round < 2; ++round) {
    const auto alarm = row(TypeId::alarm, 1);
    ASSERT_TRUE(alarm);
    EXPECT_EQ(alarm->text("state"), "cleared");
    EXPECT_EQ(alarm->link("Datastream"), RowId{1}) << "it goes on naming what was";
    const Json& last = std::get<Json>((*alarm)["history"]).items().back();
    EXPECT_EQ(last.find("reason")->as_string(), "removed");
    EXPECT_EQ(std::get<Json>((*alarm)["proof"]).items().at(0).find("result")->dump(), "5");
    reopen();
  }
  // A stream of the same kind begins anew, with an alarm of its own.
  ASSERT_TRUE(run(station("b")).ok());
  ASSERT_TRUE(run(reading(2, "6")).ok());
  EXPECT_EQ(row(TypeId::alarm, 2)->text("state"), "active");
}

// The rules' state that a checkpoint saved knows a stream that SQLite no longer has.
TEST_F(EngineRemoveTest, TheSavedStateOfAStreamThatIsGoneIsForgotten) {
  ASSERT_TRUE(open().ok());
  ASSERT_TRUE(run(pack("1", rule("one", "p"))).ok());
  ASSERT_TRUE(run(station("a")).ok());
  ASSERT_TRUE(run(reading(1, "5")).ok());
  ASSERT_TRUE(engine_->checkpoint().ok());
  ASSERT_TRUE(run(reading(1, "6")).ok());
  ASSERT_TRUE(remove(TypeId::datastream, 1).ok());
  for (int round = 0; round < 2; ++round) {
    reopen();
    EXPECT_EQ(readings(), 0U);
    ASSERT_TRUE(engine_->checkpoint().ok());
    EXPECT_EQ(read_derived(*engine_->view()->lease, "watch").value(), R"({"streams":[]})");
  }
}

TEST_F(EngineRemoveTest, WhatSomethingNeedsStays) {
  ASSERT_TRUE(open().ok());
  ASSERT_TRUE(run(pack("1", rule("one", "p"))).ok());
  ASSERT_TRUE(run(station("a")).ok());
  ASSERT_TRUE(run(reading(1, "5")).ok());
  const uint64_t before = engine_->status().sequence;
  const auto needed = remove(TypeId::rule, 1);
  EXPECT_EQ(needed.error().code, Code::conflict);
  EXPECT_EQ(needed.error().message, "Rules(1) is needed by Alarms(1).");
  EXPECT_EQ(remove(TypeId::pack, 1).error().message, "Packs(1) is declared by a pack.");
  EXPECT_EQ(remove(TypeId::alarm, 1).error().message, "Alarms(1) is part of what was decided.");
  EXPECT_EQ(remove(TypeId::thing, 9).error().code, Code::not_found);
  EXPECT_EQ(ask(RemoveRow{TypeId::thing, RowId{1}, std::string(limits::kNoteBytes + 1, 'x')})
                .error()
                .code,
            Code::too_large);
  EXPECT_EQ(engine_->status().sequence, before) << "a refusal leaves nothing";
}

}  // namespace
}  // namespace duliang
