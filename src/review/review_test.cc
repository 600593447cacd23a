// That the reviews find what is wrong; that they find nothing where all is well is shown by every
// timeline and every simulated life.
#include "review/review.h"

#include <gtest/gtest.h>

#include "review/house_for_test.h"

namespace duliang {
namespace {

using ReviewTest = ReviewHouse;

TEST_F(ReviewTest, VerifyNamesADamagedFrame) {
  auto file = File::open(files_, segment(), OpenMode::write);
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE(file->write_at("X", 400).ok());
  const auto report = verify(input(), silent_);
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_FALSE(report->well);
  EXPECT_NE(report->first_fault, "");
}

TEST_F(ReviewTest, AFolderInUseIsRefused) {
  const auto engine = start();
  for (const auto& review : {&verify, &rejudge, &dump}) {
    EXPECT_EQ(review(input(), silent_).error().code, Code::conflict);
  }
}

TEST_F(ReviewTest, NoFolderIsAClearError) {
  ReviewInput nowhere = input();
  nowhere.folder = "/nowhere";
  for (const auto& review : {&verify, &rejudge, &dump}) {
    const auto report = review(nowhere, silent_);
    ASSERT_FALSE(report.ok());
    EXPECT_EQ(report.error().code, Code::not_found);
  }
}

// What a process that ended in a write leaves, too.
TEST_F(ReviewTest, AskingChangesNothing) {
  for (const bool torn : {false, true}) {
    if (torn) tear_tail();
    const auto before = bytes_of("/data");
    EXPECT_GT(before.size(), 3U);
    for (const auto& review : {&verify, &rejudge, &dump}) {
      const auto report = review(input(), silent_);
      ASSERT_TRUE(report.ok()) << report.error().message;
      EXPECT_TRUE(report->well) << report->first_fault;
      EXPECT_EQ(report->frames, 4U);
      EXPECT_TRUE(bytes_of("/data") == before);
    }
  }
}

TEST_F(ReviewTest, ADumpOfAFolderWithoutALedgerSaysWhatToDo) {
  ASSERT_TRUE(files_.remove("/data/ledger.sqlite").ok());
  const auto before = bytes_of("/data");
  const auto report = dump(input(), silent_);
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error().code, Code::conflict);
  EXPECT_NE(report.error().message.find("start the server on /data once"), std::string::npos);
  EXPECT_TRUE(bytes_of("/data") == before);
}

TEST_F(ReviewTest, ReplayDoesNotOverwrite) {
  ASSERT_TRUE(replay(input(), "/again", silent_).ok());
  EXPECT_EQ(replay(input(), "/again", silent_).error().code, Code::conflict);
}

TEST_F(ReviewTest, RejudgeLeavesNothingInTheFolder) {
  const auto before = files_.list("/data");
  const auto report = rejudge(input(), silent_);
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_TRUE(report->well) << report->first_fault;
  EXPECT_EQ(report->frames, 4u);
  EXPECT_EQ(*files_.list("/data"), *before);
}

// Damage behind the last mark looks like a lost tail. That what is left agrees with itself is not
// enough where the ledger knows of more.
TEST_F(ReviewTest, AJournalWhoseEndIsGoneIsNotTheWholePast) {
  {
    auto file = File::open(files_, segment(), OpenMode::write);
    ASSERT_TRUE(file.ok());
    const size_t last = file->read_all()->find_last_not_of('\0');
    ASSERT_TRUE(file->write_at("\xff", last - 20).ok());
  }
  for (const auto& review : {&verify, &rejudge}) {
    std::string told;
    const auto report =
        review(input(), [&told](std::string_view line) { told.append(line).append("\n"); });
    ASSERT_TRUE(report.ok()) << report.error().message;
    EXPECT_EQ(report->frames, 3u);
    EXPECT_FALSE(report->well);
    EXPECT_NE(report->first_fault.find("The ledger has frame 4"), std::string::npos)
        << report->first_fault;
    EXPECT_NE(told.find("Behind its end stand"), std::string::npos) << told;
  }
}

// A frame that says something else than the rules of the house say is found, though the chain
// holds.
TEST_F(ReviewTest, RejudgeFindsADecisionThatWasNotTaken) {
  {
    auto log = FileLog::open(files_, "/data/journal", true);
    ASSERT_TRUE(log.ok());
    Journal journal(**log, Tail{});
    ASSERT_TRUE(journal.follow([](Frame&) { return Status{}; }).ok());
    ASSERT_TRUE(journal.claim(7, "", clock_.now()).ok());
    FrameBody body;
    body.time = clock_.now();
    CommandRecord record;
    record.kind = CommandKind::put_rows;
    record.door = "test";
    record.received = clock_.now();
    body.commands.push_back(record);
    Row row = make_row(TypeId::observed_property, RowId{50});  // the house would give 5
    row["name"] = std::string("x");
    row["definition"] = std::string("u");
    row["description"] = std::string("d");
    body.changes.push_back({0, RowChange::put(row)});
    ASSERT_TRUE(journal.append(body, Durability::power).ok());
  }
  EXPECT_TRUE(verify(input(), silent_)->well);
  const auto report = rejudge(input(), silent_);
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_FALSE(report->well);
  EXPECT_NE(report->first_fault.find("frame 5"), std::string::npos) << report->first_fault;
}

TEST_F(ReviewTest, WhatIsRetiredIsSaidAndNotMissed) {
  retire_some();
  std::string told;
  const auto report =
      verify(input(), [&told](std::string_view line) { told.append(line).append("\n"); });
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_TRUE(report->well) << report->first_fault;
  EXPECT_LT(report->frames, 41U);
  EXPECT_NE(told.find("are retired; the chain goes on"), std::string::npos) << told;
  const auto judged = rejudge(input(), silent_);
  const auto replayed = replay(input(), "/again", silent_);
  for (const auto* refused : {&judged, &replayed}) {
    ASSERT_FALSE(refused->ok());
    EXPECT_EQ(refused->error().code, Code::not_found);
    EXPECT_NE(refused->error().message.find("retired"), std::string::npos);
  }
  EXPECT_FALSE(files_.exists("/again").value());
}

TEST_F(ReviewTest, AFolderThatCannotBeBuiltAnewAndHasNoLedgerIsNotWell) {
  retire_some();
  ASSERT_TRUE(files_.remove("/data/ledger.sqlite").ok());
  const auto report = verify(input(), silent_);
  ASSERT_TRUE(report.ok()) << report.error().message;
  EXPECT_FALSE(report->well);
  EXPECT_NE(report->first_fault.find("retired"), std::string::npos) << report->first_fault;
}

}  // namespace
}  // namespace duliang
