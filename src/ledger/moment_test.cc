#include "ledger/moment.h"

#include <gtest/gtest.h>

#include "ledger/fixture_for_test.h"

namespace duliang {
namespace {

using namespace test;

class MomentTest : public LedgerTest {
 protected:
  Result<std::shared_ptr<const Moment>> open(uint64_t sequence) {
    return open_moment(files_, {"/data/ledger.sqlite", "ledger_test"}, sequence, "/data/moment");
  }
  bool file_is_there() { return files_.exists("/data/moment").value(); }
};

// Against a ledger to which only the frames up to the moment were applied.
TEST_F(MomentTest, HoldsWhatTheLedgerHeldThen) {
  Random random(20260102);
  const auto frames = random_frames(random, 120);
  ASSERT_TRUE(connection_.execute("BEGIN").ok());
  apply_frames(ledger_, frames, 0, frames.size());
  ASSERT_TRUE(connection_.execute("COMMIT").ok());
  auto then = Connection::open("/data/then.sqlite", {false, "ledger_test", 10}).value();
  ASSERT_TRUE(Ledger::create_tables(then).ok());
  Ledger ledger_then(then);
  for (size_t sequence = 0; sequence <= frames.size(); sequence += 15) {
    if (sequence > 0) apply_frames(ledger_then, frames, sequence - 15, sequence);
    const auto moment = open(sequence).value();
    auto connection = moment->connect().value();
    EXPECT_EQ(present(dump_of(connection)), present(dump_of(then))) << sequence;
    EXPECT_EQ(read_positions(connection)->rows_applied, sequence);
  }
  EXPECT_GT(present(dump_of(then)).size(), 1000U);
  EXPECT_NE(present(dump_of(then)), dump_of(then)) << "there was a past to be left out";
}

TEST_F(MomentTest, EveryOrdinaryQuestionWorksOnIt) {
  for (int64_t id = 1; id <= 3; ++id) put(make_row(TypeId::thing, RowId{id}), 2);
  link(TypeId::thing, "Locations", 1, 2, 2);
  put(make_row(TypeId::location, RowId{2}), 2);
  remove(TypeId::thing, 2, 5);
  unlink_location(1, 2, 6);
  const auto moment = open(4).value();
  EXPECT_EQ(moment->sequence(), 4U);
  auto connection = moment->connect().value();
  Ledger ledger(connection);
  Selection things;
  things.type = TypeId::thing;
  EXPECT_EQ(ledger.count(things).value(), 3U);
  EXPECT_EQ(ledger.find(TypeId::thing, RowId{2}).value()->sequence, 2U);
  EXPECT_TRUE(ledger.reaches(*find_step(TypeId::thing, "Locations"), RowId{1}, RowId{2}).value());
  EXPECT_EQ(ledger_.count(things).value(), 2U) << "the ledger is as it was";
  EXPECT_FALSE(connection.execute("DELETE FROM \"Things\"").ok()) << "nobody changes the past";
  auto tables = connection.prepare("SELECT count(*) FROM sqlite_master").value();
  auto same = connection_.prepare("SELECT count(*) FROM sqlite_master").value();
  ASSERT_TRUE(tables.step().value() && same.step().value());
  EXPECT_EQ(tables.integer(0), same.integer(0));
}

TEST_F(MomentTest, TheFileGoesWithIt) {
  put(make_row(TypeId::thing, RowId{1}));
  {
    const auto moment = open(1).value();
    EXPECT_TRUE(file_is_there());
  }
  EXPECT_FALSE(file_is_there());
  ASSERT_TRUE(replace_file(files_, "/data/moment", "left by a crash").ok());
  EXPECT_TRUE(open(1).ok());
  EXPECT_FALSE(open_moment(files_, {"/none/ledger", "ledger_test"}, 1, "/data/moment").ok());
  EXPECT_FALSE(file_is_there());
}

TEST_F(MomentTest, AFaultAnywhereIsToldAndLeavesTheLedgerAlone) {
  Random random(20260103);
  const auto frames = random_frames(random, 20);
  apply_frames(ledger_, frames, 0, frames.size());
  const std::string before = dump();
  const uint64_t begin = files_.changing_calls();
  ASSERT_TRUE(open(10).ok());
  const uint64_t calls = files_.changing_calls() - begin - 1;  // the last one removes the file
  ASSERT_GT(calls, 5U);
  for (uint64_t at = 1; at <= calls; ++at) {
    files_.fault_at(at, SimFiles::Fault::fail);
    EXPECT_FALSE(open(10).ok()) << at;
    files_.fault_at(0, SimFiles::Fault::fail);
    EXPECT_TRUE(open(10).ok()) << at;
  }
  EXPECT_EQ(dump(), before);
}

}  // namespace
}  // namespace duliang
