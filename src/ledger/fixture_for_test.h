// What the tests of this room share: a ledger on the simulated disk, and rows with every kind of
// value. For tests only; one thread.
#pragma once

#include <gtest/gtest.h>

#include <limits>
#include <map>
#include <set>
#include <sstream>

#include "base/bytes.h"
#include "base/limits.h"
#include "base/random.h"
#include "base/sim/sim_files.h"
#include "ledger/ledger.h"
#include "sqlite/vfs.h"

namespace duliang::test {

inline Time time_of(std::string_view text) { return parse_time(text).value(); }

// The bytes of a row tell all of it, also the text of a number; but not its sequence.
inline std::string bytes_of(const Row& row) {
  std::string bytes;
  encode(bytes, RowChange::put(row));
  return bytes;
}

inline Json nested(size_t depth) {
  Json json = Json::array();
  for (size_t i = 1; i < depth; ++i) {
    Json outer = Json::array();
    outer.push(std::move(json));
    json = std::move(outer);
  }
  return json;
}

inline std::vector<Value> examples(PropertyType type) {
  static const Value deepest = nested(limits::kStoredJsonDepth);
  const auto json = [](std::string_view text) { return to_value(parse_json(text).value()); };
  switch (type) {
    case PropertyType::text:
      return {std::string(), std::string("都梁 '\"%_\0;--", 16)};
    case PropertyType::boolean:
      return {true, false};
    case PropertyType::integer:
      return {int64_t{0}, INT64_MIN, INT64_MAX};
    case PropertyType::number:
      return {int64_t{21},
              Decimal{21.5, "21.50"},
              Decimal{1, "1.0"},
              Decimal{21.5, ""},
              Decimal{5, ""},
              Decimal{-0.0, ""},
              Decimal{0.1, "1e-1"},
              INT64_MAX,
              Decimal{std::numeric_limits<double>::infinity(), ""}};
    case PropertyType::time:
      return {time_of("1969-12-31T23:59:59.999999Z"), Time{kFarthest}};
    case PropertyType::interval:
      return {parse_interval("2026-11-24T13:00:00Z/2026-11-24T14:00:00Z").value(),
              Interval{Time{-kFarthest}, Time{-kFarthest}}};
    case PropertyType::json:
      return {json(R"({"z":1,"a":[1.0,21.50,null,{"b":"\u0000\"都"}]})"),
              json("[]"),
              json("{}"),
              json("\"3\""),
              json("3"),
              json("3.0"),
              json("true"),
              json("false"),
              json("\"\""),
              Decimal{5, ""},
              Decimal{5, "5"},
              Json("text in a tree"),
              Json(nullptr),
              deepest,
              std::string("\xff no UTF-8"),
              time_of("2026-11-24T13:20:40Z"),
              Interval{},
              Duration{5},
              Blob{Hash{1, 2}, 70'000, "image/jpeg"}};
  }
  return {};
}

inline Row example_row(TypeId type_id, RowId id, size_t variant) {
  const EntityType& type = type_of(type_id);
  Row row = make_row(type_id, id);
  for (size_t i = 0; i < row.values.size(); ++i) {
    auto values = examples(type.properties[i].type);
    values.push_back({});
    values.push_back(Sealed{"person/7", std::string("\0\xff", 2)});
    row.values[i] = values[(variant + i) % values.size()];
  }
  for (size_t i = 0; i < row.links.size(); ++i)
    row.links[i] = static_cast<RowId>((variant + i) % 3);  // 0 is none
  return row;
}

using Frames = std::vector<std::vector<RowChange>>;  // frame 1 is the first

// Puts, removals and links of a few rows that change again and again; no id is given twice.
inline Frames random_frames(Random& random, size_t count) {
  const TypeId types[] = {TypeId::thing, TypeId::alarm, TypeId::case_file, TypeId::location};
  std::map<TypeId, int64_t> last;
  std::set<std::pair<TypeId, int64_t>> gone;
  Frames frames(count);
  for (auto& changes : frames) {
    for (uint64_t more = 1 + random.below(3); more > 0; --more) {
      const TypeId type = types[random.below(4)];
      const auto id = static_cast<int64_t>(1 + random.below(static_cast<uint64_t>(last[type] + 1)));
      if (gone.contains({type, id})) continue;
      last[type] = std::max(last[type], id);
      if (random.chance(0.2)) {
        changes.push_back(RowChange::removed(type, RowId{id}));
        gone.emplace(type, id);
      } else {
        changes.push_back(RowChange::put(example_row(type, RowId{id}, random.below(1000))));
      }
      const auto other = static_cast<RowId>(1 + random.below(8));
      changes.push_back(RowChange::linked(TypeId::thing, 0, RowId{id}, other));
      if (random.chance(0.4)) changes.back().kind = RowChange::Kind::unlink;
    }
  }
  return frames;
}

// Those behind frame `after` up to frame `last`.
inline void apply_frames(Ledger& ledger, const Frames& frames, size_t after, size_t last) {
  for (size_t i = after; i < last; ++i)
    for (const RowChange& change : frames[i]) ASSERT_TRUE(ledger.apply(change, i + 1).ok());
}

inline std::string dump_of(Connection& connection) {
  std::string all;
  EXPECT_TRUE(dump_rows(connection, [&](std::string_view line) {
                all += line;
                all += "\n";
              }).ok());
  return all;
}

// A dump without the past.
inline std::string present(const std::string& dump) {
  std::istringstream lines(dump);
  std::string all;
  for (std::string line; std::getline(lines, line);)
    if (line.find("\"until\":") == std::string::npos) all += line + "\n";
  return all;
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
  static RowChange linked(TypeId from, std::string_view relation, int64_t a, int64_t b) {
    return RowChange::linked(from, type_of(from).relation_index(relation), RowId{a}, RowId{b});
  }
  void link(TypeId from, std::string_view relation, int64_t a, int64_t b, uint64_t sequence = 1) {
    ASSERT_TRUE(ledger_.apply(linked(from, relation, a, b), sequence).ok());
  }
  void unlink_location(int64_t thing, int64_t location, uint64_t sequence) {
    RowChange change = linked(TypeId::thing, "Locations", thing, location);
    change.kind = RowChange::Kind::unlink;
    ASSERT_TRUE(ledger_.apply(change, sequence).ok());
  }
  void remove(TypeId type, int64_t id, uint64_t sequence = 1) {
    ASSERT_TRUE(ledger_.apply(RowChange::removed(type, RowId{id}), sequence).ok());
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
  std::string dump() { return dump_of(connection_); }

  SimFiles files_;
  Connection connection_;
  Ledger ledger_{connection_};
};

}  // namespace duliang::test
