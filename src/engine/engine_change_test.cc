// Rows that stand and are changed: merged in their turn, recorded, and judged by from then on.
#include "engine/engine_for_test.h"
#include "model/version.h"

namespace duliang {
namespace {

class EngineChangeTest : public EngineTest {
 protected:
  static ChangeRow change(TypeId type, int64_t id, const std::string& values) {
    return {type, RowId{id}, parse_json(values).value(), {}};
  }
  std::optional<Row> row(TypeId type, int64_t id) {
    return engine_->view()->ledger.find(type, RowId{id}).value();
  }
  void reopen() {
    engine_.reset();
    clock_.advance(std::chrono::seconds{1});  // what is read from here on is newer
    ASSERT_TRUE(open().ok());
  }
  // Raised from what the Thing says on.
  static std::string rule_of_thing() {
    return "  - key: one\n    title: {zh: 高, en: High}\n"
           "    streams: ObservedProperty/name eq 'p'\n"
           "    levels:\n      - {level: 2, name: {zh: 线, en: Line}, threshold: "
           "Thing/properties/limit, raise: value ge threshold, clear: value lt threshold}\n";
  }
  std::string alarm_state() {
    const auto id = engine_->view()->ledger.last_id(TypeId::alarm).value();
    return id == kNoRow ? "none" : row(TypeId::alarm, number(id))->text("state");
  }
};

TEST_F(EngineChangeTest, TwoChangesAtOnceLoseNothing) {
  ASSERT_TRUE(open().ok());
  ASSERT_TRUE(run(station("a")).ok());
  std::shared_ptr<const Frame> told;
  engine_->subscribe([&told](const std::shared_ptr<const Frame>& frame) { told = frame; });
  Command first, second;
  first.body = change(TypeId::thing, 1, R"({"name":"b"})");
  second.body = change(TypeId::thing, 1, R"({"properties":{"x":1.50}})");
  int answered = 0;
  for (const Command& command : {first, second}) {
    engine_->submit(command, [&answered](const Result<Outcome>& outcome) {
      answered += outcome.ok() && outcome->rows == std::vector{RowId{1}} ? 1 : 0;
    });
  }
  ASSERT_TRUE(engine_->turn().ok());
  EXPECT_EQ(answered, 2);
  ASSERT_TRUE(told);
  ASSERT_EQ(told->body.commands.size(), 2U);
  EXPECT_EQ(told->body.commands[0].kind, CommandKind::change_row);
  EXPECT_EQ(told->body.commands[0].arguments,
            R"({"set":"Things","id":1,"values":{"name":"b"},"links":[]})");
  for (int round = 0; round < 3; ++round) {
    const auto thing = row(TypeId::thing, 1);
    EXPECT_EQ(thing->text("name"), "b");
    EXPECT_EQ(std::get<Json>((*thing)["properties"]).dump(), R"({"x":1.50})");
    EXPECT_EQ(thing->text("description"), "d");
    if (round == 1) {
      ASSERT_TRUE(engine_->checkpoint().ok());
    }
    reopen();
  }
}

TEST_F(EngineChangeTest, OfTwoThatExpectOneVersionTheSecondIsRefused) {
  ASSERT_TRUE(open().ok());
  ASSERT_TRUE(run(station("a")).ok());
  std::vector<std::optional<Code>> answers;
  for (const char* values : {R"({"name":"b"})", R"({"name":"c"})"}) {
    Command command;
    command.body = change(TypeId::thing, 1, values);
    command.if_match = fmt::format("\"{}\"", version_of(*row(TypeId::thing, 1)));
    engine_->submit(command, [&answers](const Result<Outcome>& outcome) {
      answers.push_back(outcome.ok() ? std::nullopt : std::optional(outcome.error().code));
    });
  }
  ASSERT_TRUE(engine_->turn().ok());
  EXPECT_EQ(answers, (std::vector<std::optional<Code>>{std::nullopt, Code::outdated}));
  EXPECT_EQ(row(TypeId::thing, 1)->text("name"), "b");
}

TEST_F(EngineChangeTest, ARefusalAndNoChangeLeaveNothing) {
  ASSERT_TRUE(open().ok());
  ASSERT_TRUE(run(station("a")).ok());
  const uint64_t before = engine_->status().sequence;
  EXPECT_TRUE(ask(change(TypeId::thing, 1, R"({"name":"a"})")).ok());
  EXPECT_EQ(ask(change(TypeId::thing, 9, "{}")).error().code, Code::not_found);
  EXPECT_EQ(ask(change(TypeId::thing, 1, R"({"name":null})")).error().field, "name");
  EXPECT_EQ(ask(change(TypeId::thing, 1, R"({"properties":5,"size":1})")).error().field, "size");
  ChangeRow link{TypeId::datastream, RowId{1}, Json::object(), {{"Thing", RowId{7}}}};
  EXPECT_EQ(ask(link).error().field, "Thing");
  const std::string large(limits::kCommandBytes, 'x');
  EXPECT_EQ(ask(change(TypeId::thing, 1, R"({"description":")" + large + "\"}")).error().code,
            Code::too_large);
  EXPECT_EQ(engine_->status().sequence, before);
}

// The threshold stands in the Thing; the stream itself is not touched.
TEST_F(EngineChangeTest, ARuleLooksAtWhatWasChanged) {
  ASSERT_TRUE(open().ok());
  ASSERT_TRUE(run(pack("1", rule_of_thing())).ok());
  ASSERT_TRUE(run(station("a")).ok());
  ASSERT_TRUE(run(reading(1, "5")).ok());
  EXPECT_EQ(alarm_state(), "none") << "it has no threshold";
  ASSERT_TRUE(ask(change(TypeId::thing, 1, R"({"properties":{"limit":4}})")).ok());
  ASSERT_TRUE(run(reading(1, "5")).ok());
  EXPECT_EQ(alarm_state(), "active");
  ASSERT_TRUE(ask(change(TypeId::thing, 1, R"({"properties":{"limit":6}})")).ok());
  ASSERT_TRUE(run(reading(1, "5")).ok());
  EXPECT_EQ(alarm_state(), "cleared");
}

// By another name, or of another ObservedProperty, a stream is none of the rule's any more.
TEST_F(EngineChangeTest, ARuleConcernsOtherStreams) {
  ASSERT_TRUE(open().ok());
  ASSERT_TRUE(run(pack("1", rule("one", "p"))).ok());
  ASSERT_TRUE(run(station("a")).ok());
  ASSERT_TRUE(run(reading(1, "5")).ok());
  EXPECT_EQ(alarm_state(), "active");
  ASSERT_TRUE(ask(change(TypeId::observed_property, 1, R"({"name":"q"})")).ok());
  ASSERT_TRUE(run(reading(1, "5")).ok());
  EXPECT_EQ(alarm_state(), "cleared");
  ASSERT_TRUE(run(station("b")).ok());
  ChangeRow link{TypeId::datastream, RowId{1}, Json::object(), {{"ObservedProperty", RowId{2}}}};
  ASSERT_TRUE(ask(link).ok());
  ASSERT_TRUE(run(reading(1, "5")).ok());
  EXPECT_EQ(alarm_state(), "active");
}

// An opening has the rules' state of a checkpoint and reads on with the thresholds of today:
// between the two there must be no reading that was judged by others.
TEST_F(EngineChangeTest, WhatWasJudgedBeforeAChangeStaysJudged) {
  ASSERT_TRUE(open().ok());
  ASSERT_TRUE(run(pack("1", rule_of_thing())).ok());
  ASSERT_TRUE(run(station("a")).ok());
  ASSERT_TRUE(ask(change(TypeId::thing, 1, R"({"properties":{"limit":4}})")).ok());
  ASSERT_TRUE(run(reading(1, "5")).ok());
  EXPECT_EQ(alarm_state(), "active");
  const uint64_t checkpoints = engine_->counts().checkpoints;
  ASSERT_TRUE(ask(change(TypeId::thing, 1, R"({"description":"none of a rule's"})")).ok());
  EXPECT_EQ(engine_->counts().checkpoints, checkpoints);
  ASSERT_TRUE(ask(change(TypeId::thing, 1, R"({"properties":{"limit":9}})")).ok());
  EXPECT_EQ(engine_->counts().checkpoints, checkpoints + 1);
  reopen();
  ASSERT_TRUE(run(reading(1, "5")).ok());
  EXPECT_EQ(alarm_state(), "cleared");
}

// A reading of the same group comes first, and is judged by what stood then.
TEST_F(EngineChangeTest, AChangeOfAThresholdHasAFrameOfItsOwn) {
  ASSERT_TRUE(open().ok());
  ASSERT_TRUE(run(pack("1", rule_of_thing())).ok());
  ASSERT_TRUE(run(station("a")).ok());
  ASSERT_TRUE(ask(change(TypeId::thing, 1, R"({"properties":{"limit":4}})")).ok());
  const uint64_t before = engine_->status().sequence;
  Command higher;
  higher.body = change(TypeId::thing, 1, R"({"properties":{"limit":9}})");
  const auto ignore = [](const Result<Outcome>& outcome) { EXPECT_TRUE(outcome.ok()); };
  engine_->submit(reading(1, "5"), ignore);
  engine_->submit(higher, ignore);
  engine_->submit(reading(1, "8"), ignore);
  while (engine_->has_work()) ASSERT_TRUE(engine_->turn().ok());
  EXPECT_EQ(engine_->status().sequence, before + 3);
  EXPECT_EQ(alarm_state(), "cleared");
  reopen();
  ASSERT_TRUE(run(reading(1, "8.5")).ok());
  EXPECT_EQ(alarm_state(), "cleared");
}

}  // namespace
}  // namespace duliang
