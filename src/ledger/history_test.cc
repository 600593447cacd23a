#include <gtest/gtest.h>

#include "ledger/fixture_for_test.h"
#include "ledger/tables.h"

namespace duliang {
namespace {

using namespace test;

class HistoryTest : public LedgerTest {
 protected:
  void put_step(int64_t id, std::string step, uint64_t sequence) {
    Row row = make_row(TypeId::case_file, RowId{id});
    row["step"] = std::move(step);
    put(std::move(row), sequence);
  }
  // What the case's step was; "none" where there was none.
  std::string step_as_of(int64_t id, uint64_t sequence) {
    const auto row = ledger_.find_as_of(TypeId::case_file, RowId{id}, sequence).value();
    return row ? row->text("step") : "none";
  }
};

TEST_F(HistoryTest, ARowAsItWasAtEveryFrame) {
  put_step(1, "check", 3);
  put_step(1, "handle", 5);
  put_step(1, "review", 9);
  put_step(2, "check", 5);
  remove(TypeId::case_file, 1, 12);
  const char* expected[] = {"none",   "none",   "none",   "check",  "check",  "handle", "handle",
                            "handle", "handle", "review", "review", "review", "none",   "none"};
  for (uint64_t sequence = 0; sequence < std::size(expected); ++sequence) {
    EXPECT_EQ(step_as_of(1, sequence), expected[sequence]) << sequence;
    EXPECT_EQ(step_as_of(2, sequence), sequence < 5 ? "none" : "check") << sequence;
  }
  EXPECT_EQ(step_as_of(3, 9), "none");
  EXPECT_EQ(ledger_.find_as_of(TypeId::case_file, RowId{1}, 7).value()->sequence, 5U);
}

TEST_F(HistoryTest, FramesAreWhole) {
  put_step(1, "check", 3);
  put_step(1, "handle", 5);
  put_step(1, "review", 5);
  put_step(2, "check", 5);
  remove(TypeId::case_file, 2, 5);
  EXPECT_EQ(step_as_of(1, 4), "check");
  EXPECT_EQ(step_as_of(1, 5), "review");
  EXPECT_EQ(ledger_.versions(TypeId::case_file, RowId{1}, 9).value().size(), 2U);
  EXPECT_TRUE(ledger_.versions(TypeId::case_file, RowId{2}, 9).value().empty());
}

TEST_F(HistoryTest, VersionsNewestFirstAndNotMoreThanAsked) {
  for (uint64_t sequence = 1; sequence <= 4; ++sequence)
    put_step(1, std::to_string(sequence), sequence * 10);
  auto versions = ledger_.versions(TypeId::case_file, RowId{1}, 10).value();
  ASSERT_EQ(versions.size(), 4U);
  EXPECT_EQ(versions[0].until, std::nullopt);
  for (size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(versions[i].row.text("step"), std::to_string(4 - i));
    EXPECT_EQ(versions[i].row.sequence, (4 - i) * 10);
    if (i == 0) continue;
    EXPECT_EQ(versions[i].until, versions[i - 1].row.sequence);
  }
  EXPECT_EQ(ledger_.versions(TypeId::case_file, RowId{1}, 2).value().size(), 2U);
  EXPECT_TRUE(ledger_.versions(TypeId::case_file, RowId{1}, 0).value().empty());
  remove(TypeId::case_file, 1, 50);
  versions = ledger_.versions(TypeId::case_file, RowId{1}, 10).value();
  ASSERT_EQ(versions.size(), 4U);
  EXPECT_EQ(versions[0].until, 50U);
}

TEST_F(HistoryTest, EveryValueOfEveryTypeIsKept) {
  for (const EntityType& type : all_types()) {
    if (type.id == TypeId::observation) continue;
    for (size_t variant = 0; variant < 24; ++variant)
      put(example_row(type.id, RowId{7}, variant), 100 + variant);
    for (size_t variant = 0; variant < 24; ++variant) {
      const auto was = ledger_.find_as_of(type.id, RowId{7}, 100 + variant).value();
      ASSERT_TRUE(was) << type.name;
      EXPECT_EQ(bytes_of(*was), bytes_of(example_row(type.id, RowId{7}, variant))) << type.name;
    }
  }
}

// Random changes against a map of what must have been at every frame; each frame is applied once or
// twice.
TEST_F(HistoryTest, AgreesWithAMapOverRandomFrames) {
  Random random(20260101);
  const Frames frames = random_frames(random, 400);
  using Place = std::pair<TypeId, RowId>;
  std::map<Place, std::map<uint64_t, std::optional<Row>>> rows;  // by the frame that made it so
  ASSERT_TRUE(connection_.execute("BEGIN").ok());
  for (size_t i = 0; i < frames.size(); ++i) {
    for (uint64_t times = 1 + random.below(2); times > 0; --times)
      apply_frames(ledger_, frames, i, i + 1);
    for (const RowChange& change : frames[i]) {
      const Place place{change.row.type, change.row.id};
      if (change.kind == RowChange::Kind::put) rows[place][i + 1] = change.row;
      if (change.kind == RowChange::Kind::remove) rows[place][i + 1] = std::nullopt;
    }
  }
  size_t compared = 0;
  for (const auto& [place, history] : rows) {
    for (uint64_t sequence = 0; sequence <= 400; sequence += 1 + random.below(9)) {
      const auto after = history.upper_bound(sequence);
      const auto expected = after == history.begin() ? std::nullopt : std::prev(after)->second;
      const auto found = ledger_.find_as_of(place.first, place.second, sequence).value();
      ASSERT_EQ(found.has_value(), expected.has_value()) << sequence;
      if (!expected) continue;
      ++compared;
      EXPECT_EQ(bytes_of(*found), bytes_of(*expected));
      EXPECT_EQ(found->sequence, std::prev(after)->first);
    }
  }
  EXPECT_GT(compared, 1000U);
  const std::string before = dump();
  apply_frames(ledger_, frames, 0, frames.size());
  EXPECT_EQ(dump(), before) << "what is applied once more, in order, changes nothing";
  ASSERT_TRUE(connection_.execute("COMMIT").ok());
}

// Otherwise asking for the past, keeping it and copying a moment would look at all of it.
TEST_F(HistoryTest, ThePastIsFoundByIndex) {
  const auto plan = [&](const std::string& sql) {
    auto statement = connection_.prepare("EXPLAIN QUERY PLAN " + sql).value();
    std::string all;
    while (statement.step().value()) all += std::string(statement.text(3)) + "\n";
    return all;
  };
  for (const EntityType& type : all_types()) {
    if (type.id == TypeId::observation) continue;
    const TypeStatements& statements = statements_of(type.id);
    for (const std::string& sql : {statements.as_of, statements.past, statements.ending.keep,
                                   statements.ending.remove}) {
      EXPECT_EQ(plan(sql).find("SCAN"), std::string::npos) << sql;
      EXPECT_EQ(plan(sql).find("TEMP B-TREE"), std::string::npos) << sql;
    }
    EXPECT_EQ(plan(statements.generations).find("TEMP B-TREE"), std::string::npos) << type.name;
  }
}

}  // namespace
}  // namespace duliang
