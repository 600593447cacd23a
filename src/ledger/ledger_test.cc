#include "ledger/ledger.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/bytes.h"
#include "base/limits.h"
#include "base/random.h"
#include "base/sim/sim_files.h"
#include "sqlite/vfs.h"

namespace duliang {
namespace {

Time time_of(std::string_view text) { return parse_time(text).value(); }

// The bytes of a row tell all of it, also the text of a number; but not its sequence.
std::string bytes_of(const Row& row) {
  std::string bytes;
  encode(bytes, RowChange::put(row));
  return bytes;
}

Json nested(size_t depth) {
  Json json = Json::array();
  for (size_t i = 1; i < depth; ++i) {
    Json outer = Json::array();
    outer.push(std::move(json));
    json = std::move(outer);
  }
  return json;
}

std::vector<Value> examples(PropertyType type) {
  static const Value deepest = nested(limits::kStoredJsonDepth);
  const auto json = [](std::string_view text) { return to_value(parse_json(text).value()); };
  switch (type) {
    case PropertyType::text: return {std::string(), std::string("都梁 '\"%_\0;--", 16)};
    case PropertyType::boolean: return {true, false};
    case PropertyType::integer: return {int64_t{0}, INT64_MIN, INT64_MAX};
    case PropertyType::number:
      return {int64_t{21}, Decimal{21.5, "21.50"}, Decimal{1, "1.0"}, Decimal{21.5, ""},
              Decimal{5, ""}, Decimal{-0.0, ""}, Decimal{0.1, "1e-1"}, INT64_MAX,
              Decimal{std::numeric_limits<double>::infinity(), ""}};
    case PropertyType::time: return {time_of("1969-12-31T23:59:59.999999Z"), Time{kFarthest}};
    case PropertyType::interval:
      return {parse_interval("2026-11-24T13:00:00Z/2026-11-24T14:00:00Z").value(),
              Interval{Time{-kFarthest}, Time{-kFarthest}}};
    case PropertyType::json:
      return {json(R"({"z":1,"a":[1.0,21.50,null,{"b":"\u0000\"都"}]})"),
              json("[]"), json("{}"), json("\"3\""), json("3"), json("3.0"), json("true"),
              json("false"), json("\"\""), Decimal{5, ""}, Decimal{5, "5"}, Json("text in a tree"),
              Json(nullptr), deepest, std::string("\xff no UTF-8"),
              time_of("2026-11-24T13:20:40Z"), Interval{}, Duration{5}};
  }
  return {};
}

Row example_row(TypeId type_id, RowId id, size_t variant) {
  const EntityType& type = type_of(type_id);
  Row row = make_row(type_id, id);
  for (size_t i = 0; i < row.values.size(); ++i) {
    auto values = examples(type.properties[i].type);
    values.push_back({});
    row.values[i] = values[(variant + i) % values.size()];
  }
  for (size_t i = 0; i < row.links.size(); ++i)
    row.links[i] = static_cast<RowId>((variant + i) % 3);  // 0 is none
  return row;
}

class LedgerTest : public ::testing::Test {
 protected:
  LedgerTest() {
    EXPECT_TRUE(files_.make_folder("/data").ok());
    register_vfs("ledger_test", files_);
    connection_ = Connection::open("/data/ledger.sqlite", {false, "ledger_test", 10}).value();
    EXPECT_TRUE(Ledger::create_tables(connection_).ok());
  }
  ~LedgerTest() override {
    connection_ = Connection();
    unregister_vfs("ledger_test");
  }

  void put(Row row, uint64_t sequence = 1) {
    ASSERT_TRUE(ledger_.apply(RowChange::put(std::move(row)), sequence).ok());
  }
  void link(TypeId from, std::string_view relation, int64_t a, int64_t b) {
    const int at = type_of(from).relation_index(relation);
    ASSERT_TRUE(ledger_.apply(RowChange::linked(from, at, RowId{a}, RowId{b}), 1).ok());
  }
  std::vector<int64_t> ids(const Selection& selection) {
    std::vector<int64_t> found;
    EXPECT_TRUE(ledger_
                    .each(selection,
                          [&](const Row& row) {
                            found.push_back(static_cast<int64_t>(row.id));
                            return true;
                          })
                    .ok());
    EXPECT_EQ(ledger_.count(selection).value(), found.size());
    return found;
  }
  std::vector<int64_t> reached(TypeId from, int64_t id, std::string_view name) {
    const Step* step = find_step(from, name);
    Selection selection;
    selection.type = step->target;
    selection.by = *step;
    selection.from_row = RowId{id};
    const std::vector<int64_t> found = ids(selection);
    for (int64_t to = 1; to <= 5; ++to)
      EXPECT_EQ(ledger_.reaches(*step, RowId{id}, RowId{to}).value(),
                std::ranges::find(found, to) != found.end())
          << name << " " << to;
    return found;
  }
  std::string dump() {
    std::string all;
    EXPECT_TRUE(dump_rows(connection_, [&](std::string_view line) {
                  all += line;
                  all += "\n";
                }).ok());
    return all;
  }

  SimFiles files_;
  Connection connection_;
  Ledger ledger_{connection_};
};

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
  ASSERT_TRUE(write_rows_applied(connection_, 17).ok());
  const std::string before = dump();
  connection_ = Connection();
  files_.kill();
  connection_ = Connection::open("/data/ledger.sqlite", {false, "ledger_test", 10}).value();
  ASSERT_TRUE(Ledger::create_tables(connection_).ok());
  EXPECT_EQ(dump(), before);
  EXPECT_EQ(read_positions(connection_)->rows_applied, 17U);
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

  RowChange unlink = RowChange::linked(TypeId::thing, 0, RowId{1}, RowId{3});
  unlink.kind = RowChange::Kind::unlink;
  for (int twice = 0; twice < 2; ++twice) {
    ASSERT_TRUE(ledger_.apply(unlink, 2).ok());
    EXPECT_EQ(reached(TypeId::thing, 1, "Locations"), (Ids{2}));
    EXPECT_EQ(reached(TypeId::location, 3, "Things"), (Ids{2}));
  }
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

// Random changes against a map of what must be there, with restarts of nothing but the question.
TEST_F(LedgerTest, AgreesWithAMapOverRandomChanges) {
  Random random(20260101);
  std::map<std::pair<TypeId, RowId>, Row> rows;
  std::map<std::pair<RowId, RowId>, bool> links;
  std::vector<std::pair<RowChange, uint64_t>> history;
  const TypeId types[] = {TypeId::thing, TypeId::alarm, TypeId::case_file, TypeId::datastream};
  ASSERT_TRUE(connection_.execute("BEGIN").ok());
  for (uint64_t sequence = 1; sequence <= 600; ++sequence) {
    const auto a = static_cast<RowId>(1 + random.below(12));
    const auto b = static_cast<RowId>(1 + random.below(12));
    RowChange change = RowChange::linked(TypeId::thing, 0, a, b);
    if (random.chance(0.5)) {
      change = RowChange::put(example_row(types[random.below(4)], a, random.below(1000)));
      rows[{change.row.type, a}] = change.row;
      rows[{change.row.type, a}].sequence = sequence;
    } else {
      if (random.chance(0.4)) change.kind = RowChange::Kind::unlink;
      links[{a, b}] = change.kind == RowChange::Kind::link;
    }
    for (uint64_t times = 1 + random.below(2); times > 0; --times)
      ASSERT_TRUE(ledger_.apply(change, sequence).ok());
    history.emplace_back(std::move(change), sequence);
  }
  const Step* locations = find_step(TypeId::thing, "Locations");
  for (const auto& [pair, linked] : links)
    EXPECT_EQ(ledger_.reaches(*locations, pair.first, pair.second).value(), linked);
  std::map<std::pair<TypeId, RowId>, Row> found;
  for (const TypeId type : types) {
    Selection all;
    all.type = type;
    for (Row& row : ledger_.rows(all, 1000).value()) found.insert({{type, row.id}, row});
  }
  ASSERT_EQ(found.size(), rows.size());
  for (const auto& [place, row] : rows) {
    EXPECT_EQ(bytes_of(found.at(place)), bytes_of(row));
    EXPECT_EQ(found.at(place).sequence, row.sequence);
  }
  const std::string before = dump();
  for (const auto& [change, sequence] : history)
    ASSERT_TRUE(ledger_.apply(change, sequence).ok());
  EXPECT_EQ(dump(), before) << "what is applied once more, in order, changes nothing";
  ASSERT_TRUE(connection_.execute("COMMIT").ok());
}

TEST_F(LedgerTest, TheHighestIdStaysKnown) {
  put(make_row(TypeId::thing, RowId{7}));
  put(make_row(TypeId::thing, RowId{3}));
  EXPECT_EQ(ledger_.last_id(TypeId::thing).value(), RowId{7});
  ASSERT_TRUE(connection_.execute("DELETE FROM \"Things\"").ok());
  EXPECT_EQ(ledger_.last_id(TypeId::thing).value(), RowId{7});
  EXPECT_EQ(ledger_.last_id(TypeId::location).value(), kNoRow);
}

TEST_F(LedgerTest, PositionsAndDerivedState) {
  EXPECT_EQ(read_positions(connection_)->rows_applied, 0U);
  EXPECT_EQ(read_positions(connection_)->readings_tail, "");
  EXPECT_EQ(read_derived(connection_, "watch").value(), "");
  const std::string bytes("\x00\xff'\x01", 4);
  ASSERT_TRUE(write_rows_applied(connection_, 12).ok());
  ASSERT_TRUE(write_readings_tail(connection_, bytes).ok());
  ASSERT_TRUE(write_derived(connection_, "watch", "old").ok());
  ASSERT_TRUE(write_derived(connection_, "watch", bytes).ok());
  ASSERT_TRUE(write_rows_applied(connection_, 13).ok());
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
  link(TypeId::thing, "Locations", 2, 1);
  link(TypeId::thing, "Locations", 1, 9);
  put(alarm, 8);
  put(make_row(TypeId::thing, RowId{1}), 3);
  EXPECT_EQ(dump(),
            R"({"type":"Thing","id":1,"sequence":3})" "\n"
            R"({"type":"Alarm","id":2,"sequence":8,"values":{"title":"High water",)"
            R"("raisedAt":"2026-11-24T13:20:40Z","threshold":21.50},"links":{"Town":4}})" "\n"
            R"({"link":"Thing/Locations","from":1,"to":9})" "\n"
            R"({"link":"Thing/Locations","from":2,"to":1})" "\n");
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

TEST_F(LedgerTest, ALaterLayoutIsRefused) {
  ASSERT_TRUE(connection_.execute("PRAGMA user_version = 99").ok());
  EXPECT_EQ(Ledger::create_tables(connection_).error().code, Code::unsupported);
  EXPECT_FALSE(connection_.in_transaction());
}

}  // namespace
}  // namespace duliang
