#include "cases/cases.h"

#include <gtest/gtest.h>

#include "packs/ledger_for_test.h"

namespace duliang {
namespace {

// 1 January 2027 in the district, 31 December 2026 in UTC.
const Time kStart = *parse_time("2026-12-31T20:00:00Z");

StepDeclaration step(const char* key, int limit_minutes, const char* unit_kind = "") {
  StepDeclaration declared;
  declared.key = key;
  declared.limit = std::chrono::minutes(limit_minutes);
  declared.unit_kind = unit_kind;
  return declared;
}

ActDeclaration act(const char* key, std::vector<std::string> from, const char* to) {
  ActDeclaration declared;
  declared.key = key;
  declared.from = std::move(from);
  declared.to = to;
  return declared;
}

// Begin, by itself to wait (a unit takes it), sign, work, check by another of the unit, end.
WorkflowDeclaration mend() {
  WorkflowDeclaration workflow;
  workflow.key = "mend";
  workflow.steps = {step("begin", 0), step("wait", 10, "emergency"), step("work", 30),
                    step("check", 60), step("end", 0)};
  workflow.steps.back().final = true;
  ActDeclaration start = act("start", {"begin"}, "wait");
  start.automatic = true;
  ActDeclaration sign = act("sign", {"wait"}, "work");
  sign.guards = {{"actor/Unit/id eq case/Unit/id", {"非本单位", "Not your unit"}}};
  sign.sets = "Handler";
  ActDeclaration finish = act("finish", {"work"}, "check");
  finish.guards = {{"actor/id eq case/Handler/id", {"非处置人", "Not the handler"}}};
  finish.needs_note = true;
  ActDeclaration close = act("close", {"check"}, "end");
  close.guards = {{"actor/id ne case/Handler/id and actor/Unit/id eq case/Unit/id",
                   {"核查人不能是处置人", "The checker must not be the handler"}}};
  close.sets = "Checker";
  ActDeclaration send_back = act("return", {"check"}, "work");
  send_back.guards = close.guards;
  send_back.needs_note = true;
  ActDeclaration release = act("release", {"work"}, "wait");
  release.clears = "Handler";
  workflow.acts = {start, sign, finish, close, send_back, release};
  return workflow;
}

class CasesTest : public testing::Test {
 protected:
  CasesTest() : workflow_(mend()) {
    desk_.ledger = &house_.ledger();
    desk_.workflow = &workflow_;
    desk_.workflow_version = "7";
    desk_.number_prefix = "LP";
    desk_.now = kStart;
    desk_.next_id = [this](TypeId type) { return RowId{++ids_[type]}; };
    town_ = house_.add_town("1");
    other_town_ = house_.add_town("2");
    district_unit_ = add_unit("emergency", kNoRow);
    add_unit("environment", town_);
    unit_ = add_unit("emergency", town_);
    handler_ = add_person("an", unit_);
    checker_ = add_person("bo", unit_);
    stranger_ = add_person("cy", district_unit_);
  }

  RowId add_unit(const std::string& kind, RowId town) {
    Row unit = make_row(TypeId::unit);
    unit["key"] = std::string("unit");
    unit["name"] = std::string("unit");
    unit["kind"] = kind;
    unit.link("Town") = town;
    return house_.add(std::move(unit));
  }
  RowId add_person(const std::string& key, RowId unit) {
    Row person = make_row(TypeId::person);
    person["key"] = key;
    person["name"] = key;
    person.link("Unit") = unit;
    return house_.add(std::move(person));
  }
  Row alarm_in(RowId town) {
    Row alarm = make_row(TypeId::alarm);
    alarm["title"] = std::string("水位");
    alarm["titleEn"] = std::string("water");
    alarm["level"] = int64_t{1};
    alarm["state"] = std::string("active");
    alarm.link("Town") = town;
    alarm.id = house_.add(alarm);
    return alarm;
  }
  void apply(const Result<std::vector<RowChange>>& changes) {
    CHECK(changes.ok(), changes.ok() ? "" : changes.error().message);
    for (const RowChange& change : *changes) house_.apply(change);
  }
  Row open(RowId town) {
    apply(open_case(desk_, alarm_in(town)));
    return present();
  }
  Row present() { return house_.row(TypeId::case_file, RowId{ids_[TypeId::case_file]}); }
  Result<std::vector<RowChange>> ask(const std::string& key, RowId actor,
                                     const std::string& note = "") {
    return act_on_case(desk_, present(), {key, note, actor});
  }
  Row do_act(const std::string& key, RowId actor, const std::string& note = "") {
    desk_.now += std::chrono::minutes(1);
    apply(ask(key, actor, note));
    return present();
  }
  std::vector<Row> tasks() {
    Selection all;
    all.type = TypeId::task;
    return *house_.ledger().rows(all, 100);
  }
  Time after(int minutes) { return kStart + std::chrono::minutes(minutes); }

  LedgerForTest house_;
  WorkflowDeclaration workflow_;
  CaseDesk desk_;
  std::map<TypeId, int64_t> ids_;
  RowId town_{}, other_town_{}, district_unit_{}, unit_{}, handler_{}, checker_{}, stranger_{};
};

TEST_F(CasesTest, OpenedItWaitsAtTheUnitOfItsTown) {
  const Row opened = open(town_);
  EXPECT_EQ(opened.text("number"), "LP-27-00001");
  EXPECT_EQ(opened.text("title"), "水位");
  EXPECT_EQ(opened.text("titleEn"), "water");
  EXPECT_EQ(opened.integer("level"), 1);
  EXPECT_EQ(opened.text("workflow"), "mend");
  EXPECT_EQ(opened.text("workflowVersion"), "7");
  EXPECT_EQ(opened.text("step"), "wait");
  EXPECT_EQ(opened.text("state"), "open");
  EXPECT_EQ(opened.time("openedAt"), kStart);
  EXPECT_EQ(opened.time("dueAt"), after(10));
  EXPECT_FALSE(opened.time("closedAt").has_value());
  EXPECT_EQ(opened.link("Alarm"), RowId{1});
  EXPECT_EQ(opened.link("Town"), town_);
  EXPECT_EQ(opened.link("Unit"), unit_);
  EXPECT_EQ(opened.link("Handler"), kNoRow);
  const std::vector<Row> entered = tasks();
  ASSERT_EQ(entered.size(), 2u);
  EXPECT_EQ(entered[0].text("step"), "begin");
  EXPECT_EQ(entered[0].text("act"), "start");
  EXPECT_EQ(entered[0].time("doneAt"), kStart);
  EXPECT_TRUE(is_null(entered[0]["dueAt"]));
  EXPECT_EQ(entered[0].link("Person"), kNoRow);
  EXPECT_EQ(entered[1].text("step"), "wait");
  EXPECT_EQ(entered[1].time("dueAt"), after(10));
  EXPECT_TRUE(is_null(entered[1]["doneAt"]));
  EXPECT_EQ(entered[1].link("Unit"), unit_);
}

TEST_F(CasesTest, TheWholePath) {
  open(town_);
  Row row = do_act("sign", handler_);
  EXPECT_EQ(row.text("step"), "work");
  EXPECT_EQ(row.time("enteredAt"), after(1));
  EXPECT_EQ(row.time("dueAt"), after(31));
  EXPECT_EQ(row.link("Handler"), handler_);
  EXPECT_EQ(row.link("Unit"), unit_);
  row = do_act("finish", handler_, "valve shut");
  EXPECT_EQ(row.text("step"), "check");
  row = do_act("close", checker_);
  EXPECT_EQ(row.text("step"), "end");
  EXPECT_EQ(row.text("state"), "closed");
  EXPECT_EQ(row.time("closedAt"), after(3));
  EXPECT_TRUE(is_null(row["dueAt"]));
  EXPECT_EQ(row.link("Checker"), checker_);
  EXPECT_EQ(row.link("Handler"), handler_);
  const std::vector<Row> all = tasks();
  ASSERT_EQ(all.size(), 5u);
  EXPECT_EQ(all[2].text("note"), "valve shut");
  EXPECT_EQ(all[2].text("act"), "finish");
  EXPECT_EQ(all[2].link("Person"), handler_);
  EXPECT_EQ(all[2].time("doneAt"), after(2));
  EXPECT_EQ(all[3].link("Person"), checker_);
  EXPECT_EQ(all[4].text("step"), "end");
  EXPECT_EQ(all[4].time("doneAt"), after(3));
}

TEST_F(CasesTest, SentBackItGoesOnWithTheSameHandler) {
  open(town_);
  do_act("sign", handler_);
  do_act("finish", handler_, "done");
  const Row row = do_act("return", checker_, "still leaking");
  EXPECT_EQ(row.text("step"), "work");
  EXPECT_EQ(row.text("state"), "open");
  EXPECT_EQ(row.link("Handler"), handler_);
  EXPECT_EQ(row.link("Checker"), kNoRow);
  EXPECT_EQ(row.time("dueAt"), after(33));  // its clock begins anew
  EXPECT_EQ(tasks().size(), 5u);
  do_act("finish", handler_, "done now");
  EXPECT_EQ(do_act("close", checker_).text("state"), "closed");
}

TEST_F(CasesTest, ActThatClearsTakesThePersonAway) {
  open(town_);
  do_act("sign", handler_);
  const Row row = do_act("release", handler_);
  EXPECT_EQ(row.text("step"), "wait");
  EXPECT_EQ(row.link("Handler"), kNoRow);
  EXPECT_EQ(row.link("Unit"), unit_);
}

TEST_F(CasesTest, RefusalsSayWhy) {
  open(town_);
  struct Refusal {
    const char* act;
    RowId actor;
    const char* note;
    Code code;
    const char* field;
    const char* says;
  };
  const auto expect = [&](const Refusal& refusal) {
    SCOPED_TRACE(fmt::format("{} by {}", refusal.act, static_cast<int64_t>(refusal.actor)));
    const auto refused = ask(refusal.act, refusal.actor, refusal.note);
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code, refusal.code);
    EXPECT_EQ(refused.error().field, refusal.field);
    EXPECT_NE(refused.error().message.find(refusal.says), std::string::npos)
        << refused.error().message;
  };
  expect({"sgin", handler_, "", Code::not_found, "act", "Did you mean \"sign\"?"});
  expect({"close", checker_, "", Code::conflict, "act", "stands in the step \"wait\""});
  expect({"start", handler_, "", Code::conflict, "act", "by the program"});
  expect({"sign", stranger_, "", Code::forbidden, "actor", "Not your unit"});
  expect({"sign", kNoRow, "", Code::forbidden, "actor", "who you are"});
  expect({"sign", RowId{99}, "", Code::forbidden, "actor", "who you are"});
  do_act("sign", handler_);
  expect({"finish", checker_, "x", Code::forbidden, "actor", "Not the handler"});
  expect({"finish", handler_, "", Code::bad_input, "note", "needs a note"});
  expect({"finish", handler_, " \n", Code::bad_input, "note", "needs a note"});
  do_act("finish", handler_, "done");
  expect({"close", handler_, "", Code::forbidden, "actor", "must not be the handler"});
  expect({"close", stranger_, "", Code::forbidden, "actor", "must not be the handler"});
  expect({"return", handler_, "x", Code::forbidden, "actor", "must not be the handler"});
  do_act("close", checker_);
  expect({"close", checker_, "", Code::conflict, "act", "is closed"});
  expect({"sign", handler_, "", Code::conflict, "act", "is closed"});
}

TEST_F(CasesTest, PossibleActsSayWhoMayAndWhyNot) {
  open(town_);
  auto possible = possible_acts(desk_, present(), handler_);
  ASSERT_EQ(possible->size(), 1u);
  EXPECT_EQ((*possible)[0].act->key, "sign");
  EXPECT_TRUE((*possible)[0].allowed);
  EXPECT_EQ((*possible)[0].reason.en, "");
  possible = possible_acts(desk_, present(), stranger_);
  EXPECT_FALSE((*possible)[0].allowed);
  EXPECT_EQ((*possible)[0].reason.zh, "非本单位");
  possible = possible_acts(desk_, present(), kNoRow);
  EXPECT_FALSE((*possible)[0].allowed);
  EXPECT_EQ((*possible)[0].reason.en, "Say first who you are");
  do_act("sign", handler_);
  do_act("finish", handler_, "done");
  possible = possible_acts(desk_, present(), checker_);
  ASSERT_EQ(possible->size(), 2u);
  EXPECT_EQ((*possible)[0].act->key, "close");
  EXPECT_EQ((*possible)[1].act->key, "return");
  do_act("close", checker_);
  EXPECT_TRUE(possible_acts(desk_, present(), checker_)->empty());
}

// Each guard has its own reason: who may, and when.
TEST_F(CasesTest, AllGuardsMustHoldAndTheFirstThatDoesNotSaysWhy) {
  workflow_.acts[3].guards.push_back(
      {"case/Alarm/state eq 'cleared'", {"告警尚未恢复", "The alarm has not cleared yet"}});
  open(town_);
  do_act("sign", handler_);
  do_act("finish", handler_, "done");
  EXPECT_EQ(ask("close", handler_).error().message, "The checker must not be the handler.");
  EXPECT_EQ(ask("close", checker_).error().code, Code::forbidden);
  EXPECT_EQ(ask("close", checker_).error().message, "The alarm has not cleared yet.");
  auto possible = possible_acts(desk_, present(), checker_);
  EXPECT_FALSE((*possible)[0].allowed);
  EXPECT_EQ((*possible)[0].reason.zh, "告警尚未恢复");
  EXPECT_TRUE((*possible)[1].allowed);  // it may still be sent back
  Row alarm = house_.row(TypeId::alarm, RowId{1});
  alarm["state"] = std::string("cleared");
  house_.put(alarm);
  possible = possible_acts(desk_, present(), checker_);
  EXPECT_TRUE((*possible)[0].allowed);
  EXPECT_EQ(ask("close", handler_).error().message, "The checker must not be the handler.");
  EXPECT_EQ(do_act("close", checker_).text("state"), "closed");
}

// A case without a handler has no handler that an actor could differ from.
TEST_F(CasesTest, WhatIsNotKnownIsNoYes) {
  open(town_);
  Row row = present();
  row["step"] = std::string("check");
  house_.put(row);
  EXPECT_EQ(ask("close", checker_).error().code, Code::forbidden);
}

TEST_F(CasesTest, UnitOfTheTownElseOfTheDistrict) {
  const Ledger& ledger = house_.ledger();
  EXPECT_EQ(*unit_for(ledger, "emergency", town_), unit_);
  EXPECT_EQ(*unit_for(ledger, "emergency", other_town_), district_unit_);
  EXPECT_EQ(*unit_for(ledger, "emergency", kNoRow), district_unit_);
  EXPECT_EQ(*unit_for(ledger, "environment", other_town_), kNoRow);
  EXPECT_EQ(*unit_for(ledger, "no such kind", town_), kNoRow);
  EXPECT_EQ(open(other_town_).link("Unit"), district_unit_);
}

TEST_F(CasesTest, AutomaticActsFollowOneAnother) {
  workflow_.acts[1].automatic = true;  // sign, too
  workflow_.acts[1].guards.clear();
  workflow_.acts[1].sets.clear();
  EXPECT_EQ(open(town_).text("step"), "work");
  EXPECT_EQ(tasks().size(), 3u);
}

TEST_F(CasesTest, NumberWithoutAPrefixAndBeyondFiveDigits) {
  desk_.number_prefix.clear();
  ids_[TypeId::case_file] = 123455;
  EXPECT_EQ(open(town_).text("number"), "27-123456");
}

TEST_F(CasesTest, VersionOfAWorkflowKeepsItsContent) {
  Row row = make_row(TypeId::workflow);
  row["key"] = workflow_.key;
  row["version"] = std::string("7");
  row["name"] = workflow_.key;
  row["active"] = false;  // cases that are open still go by it
  row["declaration"] = to_json(workflow_);
  house_.add(std::move(row));
  EXPECT_TRUE(check_workflow_version(house_.ledger(), workflow_, "7").ok());
  workflow_.steps[2].limit = std::chrono::minutes(31);
  EXPECT_TRUE(check_workflow_version(house_.ledger(), workflow_, "8").ok());
  const Status again = check_workflow_version(house_.ledger(), workflow_, "7");
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().code, Code::conflict);
  workflow_.key = "other";
  EXPECT_TRUE(check_workflow_version(house_.ledger(), workflow_, "7").ok());
}

using CasesDeathTest = CasesTest;
TEST_F(CasesDeathTest, SecondOpenCaseOfAnAlarm) {
  const Row alarm = alarm_in(town_);
  apply(open_case(desk_, alarm));
  EXPECT_DEATH((void)open_case(desk_, alarm), "one open case");
}

}  // namespace
}  // namespace duliang
