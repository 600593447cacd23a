#include "ledger/ledger.h"

#include "ledger/fixture_for_test.h"

namespace duliang {
namespace {

using namespace test;

using Ids = std::vector<int64_t>;

TEST_F(LedgerTest, EveryPropertyOfEveryTypeComesOutAsItWentIn) {
  for (const EntityType& type : all_types()) {
    if (type.id == TypeId::observation) continue;
    for (size_t variant = 0; variant < 24; ++variant) {
      const Row row = example_row(type.id, static_cast<RowId>(variant + 1), variant);
      put(row, 100 + variant);
      const auto found = ledger_.find(type.id, row.id).value();
      ASSERT_TRUE(found) << type.name;
      EXPECT_EQ(bytes_of(*found), bytes_of(row)) << type.name << " " << variant;
      EXPECT_EQ(found->sequence, 100 + variant);
    }
  }
}

TEST_F(LedgerTest, AllIsThereAfterOpeningAgain) {
  put(example_row(TypeId::alarm, RowId{3}, 1));
  link(TypeId::thing, "Locations", 1, 2);
  ASSERT_TRUE(write_rows_applied(connection_, 17, 1700).ok());
  const std::string before = dump();
  connection_ = Connection();
  files_.kill();
  connection_ = Connection::open("/data/ledger.sqlite", {false, "ledger_test", 10}).value();
  ASSERT_TRUE(Ledger::create_tables(connection_).ok());
  EXPECT_EQ(dump(), before);
  EXPECT_EQ(read_positions(connection_)->rows_applied, 17U);
  EXPECT_EQ(read_positions(connection_)->rows_place, 1700U);
  EXPECT_EQ(ledger_.last_id(TypeId::alarm).value(), RowId{3});
}

TEST_F(LedgerTest, ThereIsNoRowWhereNoneWasPut) {
  EXPECT_EQ(ledger_.find(TypeId::thing, RowId{1}).value(), std::nullopt);
  EXPECT_EQ(ledger_.find_by(TypeId::rule, "key", "x").value(), std::nullopt);
  EXPECT_EQ(ledger_.last_id(TypeId::thing).value(), kNoRow);
  EXPECT_EQ(ledger_.last_id(TypeId::observation).value(), kNoRow);
  EXPECT_DEATH((void)ledger_.find(TypeId::observation, RowId{1}), "series");
  EXPECT_DEATH((void)ledger_.apply(RowChange::put(make_row(TypeId::thing)), 1), "id");
}

TEST_F(LedgerTest, PutReplacesTheWholeRow) {
  Row row = make_row(TypeId::case_file, RowId{1});
  row["number"] = std::string("2026-0001");
  row["level"] = int64_t{2};
  put(row, 5);
  row["level"] = Value{};
  row["state"] = std::string("open");
  put(row, 6);
  const auto found = ledger_.find_by(TypeId::case_file, "number", "2026-0001").value();
  ASSERT_TRUE(found);
  EXPECT_EQ(bytes_of(*found), bytes_of(row));
  EXPECT_EQ(found->sequence, 6U);
}

TEST_F(LedgerTest, StepsOfEveryKind) {
  for (int64_t id = 1; id <= 3; ++id) {
    put(make_row(TypeId::thing, RowId{id}));
    put(make_row(TypeId::location, RowId{id}));
    put(make_row(TypeId::sensor, RowId{id}));
  }
  for (int64_t id = 1; id <= 4; ++id) {
    Row datastream = make_row(TypeId::datastream, RowId{id});
    datastream.link("Sensor") = RowId{id == 4 ? 2 : 1};
    put(datastream);
  }
  link(TypeId::thing, "Locations", 1, 2);
  link(TypeId::thing, "Locations", 1, 3);
  link(TypeId::thing, "Locations", 2, 3);
  EXPECT_EQ(reached(TypeId::datastream, 4, "Sensor"), (Ids{2}));
  EXPECT_EQ(reached(TypeId::datastream, 4, "Thing"), (Ids{}));
  EXPECT_EQ(reached(TypeId::datastream, 9, "Sensor"), (Ids{}));
  EXPECT_EQ(reached(TypeId::sensor, 1, "Datastreams"), (Ids{1, 2, 3}));
  EXPECT_EQ(reached(TypeId::sensor, 3, "Datastreams"), (Ids{}));
  EXPECT_EQ(reached(TypeId::thing, 1, "Locations"), (Ids{2, 3}));
  EXPECT_EQ(reached(TypeId::location, 3, "Things"), (Ids{1, 2}));
  EXPECT_EQ(reached(TypeId::location, 1, "Things"), (Ids{}));

  for (int twice = 0; twice < 2; ++twice) {
    unlink_location(1, 3, 2);
    EXPECT_EQ(reached(TypeId::thing, 1, "Locations"), (Ids{2}));
    EXPECT_EQ(reached(TypeId::location, 3, "Things"), (Ids{2}));
  }
}

TEST_F(LedgerTest, ARemovedRowIsGoneAndItsLinksWithIt) {
  for (int64_t id = 1; id <= 3; ++id) {
    put(make_row(TypeId::thing, RowId{id}));
    put(make_row(TypeId::location, RowId{id}));
    put(make_row(TypeId::historical_location, RowId{id}));
    for (int64_t to = 1; to <= 3; ++to) {
      link(TypeId::thing, "Locations", id, to);
      link(TypeId::historical_location, "Locations", id, to);
    }
  }
  for (int twice = 0; twice < 2; ++twice) {
    remove(TypeId::thing, 2, 2);
    EXPECT_EQ(ledger_.find(TypeId::thing, RowId{2}).value(), std::nullopt);
    EXPECT_EQ(reached(TypeId::thing, 2, "Locations"), (Ids{}));
    EXPECT_EQ(reached(TypeId::location, 1, "Things"), (Ids{1, 3}));
  }
  remove(TypeId::location, 1, 3);
  EXPECT_EQ(reached(TypeId::thing, 1, "Locations"), (Ids{2, 3}));
  EXPECT_EQ(reached(TypeId::historical_location, 2, "Locations"), (Ids{2, 3}));
  EXPECT_EQ(reached(TypeId::location, 1, "HistoricalLocations"), (Ids{}));
  EXPECT_TRUE(ledger_.find(TypeId::thing, RowId{1}).value());
  remove(TypeId::datastream, 9, 3);  // none was there
  EXPECT_DEATH((void)ledger_.apply(RowChange::removed(TypeId::observation, RowId{1}), 4),
               "series");
}

TEST_F(LedgerTest, NarrowComparesAsTheQuestionLanguageDoes) {
  const char* texts[] = {"a", "it's \"so\"", "B", "1"};
  for (int64_t id = 1; id <= 4; ++id) {
    Row alarm = make_row(TypeId::alarm, RowId{id});
    alarm["title"] = std::string(texts[id - 1]);
    if (id != 4) alarm["level"] = id * 10;
    if (id != 2) alarm.link("Town") = RowId{7 + id};
    put(alarm);
  }
  const auto narrowed = [&](std::string_view column, Narrow::Op op, Value value) {
    Selection selection;
    selection.type = TypeId::alarm;
    selection.where.push_back({column, op, std::move(value)});
    return ids(selection);
  };
  using Op = Narrow::Op;
  EXPECT_EQ(narrowed("id", Op::eq, int64_t{2}), (Ids{2}));
  EXPECT_EQ(narrowed("id", Op::ne, int64_t{2}), (Ids{1, 3, 4}));
  EXPECT_EQ(narrowed("id", Op::lt, int64_t{2}), (Ids{1}));
  EXPECT_EQ(narrowed("id", Op::le, int64_t{2}), (Ids{1, 2}));
  EXPECT_EQ(narrowed("id", Op::gt, int64_t{2}), (Ids{3, 4}));
  EXPECT_EQ(narrowed("id", Op::ge, int64_t{2}), (Ids{2, 3, 4}));
  EXPECT_EQ(narrowed("level", Op::ge, int64_t{20}), (Ids{2, 3}));
  EXPECT_EQ(narrowed("level", Op::ne, int64_t{20}), (Ids{1, 3})) << "null is not known";
  EXPECT_EQ(narrowed("level", Op::eq, Value{}), (Ids{}));
  EXPECT_EQ(narrowed("title", Op::eq, std::string("it's \"so\"")), (Ids{2}));
  EXPECT_EQ(narrowed("title", Op::eq, std::string("b")), (Ids{})) << "case counts";
  EXPECT_EQ(narrowed("title", Op::eq, std::string("x' OR '1'='1")), (Ids{}));
  EXPECT_EQ(narrowed("Town", Op::eq, int64_t{8}), (Ids{1}));
  EXPECT_EQ(narrowed("Town", Op::ne, int64_t{8}), (Ids{3, 4}));

  Selection both;
  both.type = TypeId::alarm;
  both.where = {{"id", Op::gt, int64_t{1}}, {"level", Op::lt, int64_t{30}}};
  EXPECT_EQ(ids(both), (Ids{2}));

  const Narrow refused[] = {
      {"title", Op::eq, int64_t{1}},     {"level", Op::eq, std::string("1")},
      {"id\" OR 1", Op::eq, int64_t{1}}, {"threshold", Op::eq, int64_t{1}},
      {"Cases", Op::eq, int64_t{1}},     {"level", Op::eq, Decimal{1, ""}},
  };
  for (const Narrow& narrow : refused) {
    Selection selection;
    selection.type = TypeId::alarm;
    selection.where = {narrow};
    EXPECT_EQ(ledger_.count(selection).error().code, Code::bad_input) << narrow.column;
  }
}

TEST_F(LedgerTest, OrderBeginAndEndOfAWalk) {
  for (int64_t id = 1; id <= 5; ++id) put(make_row(TypeId::thing, RowId{id}));
  Selection selection;
  selection.type = TypeId::thing;
  EXPECT_EQ(ids(selection), (Ids{1, 2, 3, 4, 5}));
  selection.after = RowId{3};
  EXPECT_EQ(ids(selection), (Ids{4, 5}));
  selection.descending = true;
  EXPECT_EQ(ids(selection), (Ids{2, 1}));
  selection.after.reset();
  const auto two = ledger_.rows(selection, 2).value();
  ASSERT_EQ(two.size(), 2U);
  EXPECT_EQ(two[1].id, RowId{4});
  EXPECT_TRUE(ledger_.rows(selection, 0).value().empty());
}

TEST_F(LedgerTest, AWalkMayAskTheSameQuestionAgain) {
  for (int64_t id = 1; id <= 4; ++id) put(make_row(TypeId::thing, RowId{id}));
  Selection selection;
  selection.type = TypeId::thing;
  int pairs = 0;
  ASSERT_TRUE(ledger_
                  .each(selection,
                        [&](const Row& row) {
                          EXPECT_TRUE(ledger_.find(TypeId::thing, row.id).value());
                          pairs += static_cast<int>(ids(selection).size());
                          return true;
                        })
                  .ok());
  EXPECT_EQ(pairs, 16);
}

TEST_F(LedgerTest, TheHighestIdStaysKnown) {
  put(make_row(TypeId::thing, RowId{7}));
  put(make_row(TypeId::thing, RowId{3}));
  EXPECT_EQ(ledger_.last_id(TypeId::thing).value(), RowId{7});
  remove(TypeId::thing, 7);
  remove(TypeId::thing, 3);
  EXPECT_EQ(ledger_.last_id(TypeId::thing).value(), RowId{7}) << "an id is never given twice";
  EXPECT_EQ(ledger_.last_id(TypeId::location).value(), kNoRow);
}

TEST_F(LedgerTest, PositionsAndDerivedState) {
  EXPECT_EQ(read_positions(connection_)->rows_applied, 0U);
  EXPECT_EQ(read_positions(connection_)->readings_tail, "");
  EXPECT_EQ(read_derived(connection_, "watch").value(), "");
  const std::string bytes("\x00\xff'\x01", 4);
  ASSERT_TRUE(write_rows_applied(connection_, 12, 1200).ok());
  ASSERT_TRUE(write_readings_tail(connection_, bytes).ok());
  ASSERT_TRUE(write_derived(connection_, "watch", "old").ok());
  ASSERT_TRUE(write_derived(connection_, "watch", bytes).ok());
  ASSERT_TRUE(write_rows_applied(connection_, 13, 1300).ok());
  EXPECT_EQ(read_positions(connection_)->rows_applied, 13U);
  EXPECT_EQ(read_positions(connection_)->readings_tail, bytes);
  EXPECT_EQ(read_derived(connection_, "watch").value(), bytes);
}

TEST_F(LedgerTest, ADumpIsCanonical) {
  Row alarm = make_row(TypeId::alarm, RowId{2});
  alarm["title"] = std::string("High water");
  alarm["raisedAt"] = time_of("2026-11-24T13:20:40Z");
  alarm["threshold"] = Decimal{21.5, "21.50"};
  alarm.link("Town") = RowId{4};
  link(TypeId::thing, "Locations", 2, 1, 3);
  link(TypeId::thing, "Locations", 1, 9, 4);
  unlink_location(1, 9, 6);
  link(TypeId::thing, "Locations", 1, 9, 7);
  put(alarm, 8);
  put(make_row(TypeId::thing, RowId{3}), 3);
  remove(TypeId::thing, 3, 9);
  Row thing = make_row(TypeId::thing, RowId{1});
  thing["name"] = std::string("Gate");
  put(thing, 3);
  put(make_row(TypeId::thing, RowId{1}), 5);
  EXPECT_EQ(dump(),
            R"({"type":"Thing","id":1,"sequence":3,"until":5,"values":{"name":"Gate"}})" "\n"
            R"({"type":"Thing","id":1,"sequence":5})" "\n"
            R"({"type":"Thing","id":3,"sequence":3,"until":9})" "\n"
            R"({"type":"Alarm","id":2,"sequence":8,"values":{"title":"High water",)"
            R"("raisedAt":"2026-11-24T13:20:40Z","threshold":21.50},"links":{"Town":4}})" "\n"
            R"({"link":"Thing/Locations","from":1,"to":9,"sequence":4,"until":6})" "\n"
            R"({"link":"Thing/Locations","from":1,"to":9,"sequence":7})" "\n"
            R"({"link":"Thing/Locations","from":2,"to":1,"sequence":3})" "\n");
}

TEST_F(LedgerTest, WhatDoesNotFitInTheFileIsCorrupt) {
  put(make_row(TypeId::alarm, RowId{1}));
  const auto broken_by = [&](std::string_view assignment) {
    EXPECT_TRUE(connection_.execute(fmt::format("UPDATE \"Alarms\" SET {}", assignment)).ok());
    const auto row = ledger_.find(TypeId::alarm, RowId{1});
    EXPECT_TRUE(connection_.execute("DELETE FROM \"Alarms\"").ok());
    put(make_row(TypeId::alarm, RowId{1}));
    return !row.ok() && row.error().code == Code::corrupt;
  };
  EXPECT_TRUE(broken_by("title = x'00'"));
  EXPECT_TRUE(broken_by("level = 'high'"));
  EXPECT_TRUE(broken_by("raisedAt = 1.5"));
  EXPECT_TRUE(broken_by("value = '{'"));
  EXPECT_TRUE(broken_by("value = x'ff'"));
  EXPECT_TRUE(broken_by("threshold = 'true'"));
  EXPECT_FALSE(broken_by("title = 'a'"));
}

TEST_F(LedgerTest, AnotherLayoutIsRefused) {
  for (const char* layout : {"1", "2", "99"}) {
    ASSERT_TRUE(connection_.execute(fmt::format("PRAGMA user_version = {}", layout)).ok());
    EXPECT_EQ(Ledger::create_tables(connection_).error().code, Code::unsupported) << layout;
    EXPECT_FALSE(connection_.in_transaction());
  }
}

}  // namespace
}  // namespace duliang
