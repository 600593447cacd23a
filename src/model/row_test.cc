#include "model/row.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/bytes.h"
#include "base/limits.h"

namespace duliang {
namespace {

Value example(PropertyType type) {
  switch (type) {
    case PropertyType::text: return std::string("都梁 \"'\0", 10);
    case PropertyType::boolean: return true;
    case PropertyType::integer: return std::numeric_limits<int64_t>::min();
    case PropertyType::number: return Decimal{21.5, "21.50"};
    case PropertyType::time: return parse_time("2026-11-24T13:20:40.000001Z").value();
    case PropertyType::interval:
      return parse_interval("2026-11-24T13:00:00Z/2026-11-24T14:00:00Z").value();
    case PropertyType::json: return parse_json(R"({"z":[1,2.0,null],"a":{"b":"c"}})").value();
  }
  return {};
}

Row full_row(TypeId type) {
  Row row = make_row(type, RowId{12345});
  for (size_t i = 0; i < row.values.size(); ++i)
    row.values[i] = example(type_of(type).properties[i].type);
  for (size_t i = 0; i < row.links.size(); ++i) row.links[i] = static_cast<RowId>(100 + i);
  return row;
}

std::string encoded(const RowChange& change) {
  std::string out;
  encode(out, change);
  return out;
}

Result<RowChange> decoded(std::string_view bytes) {
  Reader in(bytes);
  return decode_row_change(in);
}

TEST(Row, ValuesAndLinksByName) {
  Row row = make_row(TypeId::case_file, RowId{7});
  row["number"] = std::string("2026-0001");
  row["level"] = int64_t{3};
  row["openedAt"] = parse_time("2026-11-24T13:20:40Z").value();
  row.link("Checker") = RowId{9};
  EXPECT_EQ(row.text("number"), "2026-0001");
  EXPECT_EQ(row.text("title"), "");
  EXPECT_EQ(row.integer("level"), 3);
  EXPECT_EQ(row.time("openedAt"), parse_time("2026-11-24T13:20:40Z").value());
  EXPECT_EQ(row.time("dueAt"), std::nullopt);
  EXPECT_EQ(row.link("Checker"), RowId{9});
  EXPECT_EQ(row.link("Handler"), kNoRow);
  EXPECT_DEATH(row["colour"] = true, "colour");
  EXPECT_DEATH(row.link("Tasks"), "Tasks");
  EXPECT_DEATH(row.integer("number"), "number");
}

TEST(Row, EveryTypeRoundTrips) {
  for (const EntityType& type : all_types()) {
    for (const Row& row : {full_row(type.id), make_row(type.id)}) {
      const RowChange change = RowChange::put(row);
      const std::string bytes = encoded(change);
      Reader in(bytes);
      const auto back = decode_row_change(in);
      ASSERT_TRUE(back.ok()) << type.name << ": " << back.error().message;
      EXPECT_TRUE(in.done());
      EXPECT_TRUE(same(change, *back)) << type.name;
      EXPECT_EQ(back->row.id, row.id);
      EXPECT_EQ(back->row.values, row.values) << type.name;
      EXPECT_EQ(back->row.links, row.links) << type.name;
    }
  }
}

TEST(Row, EveryKindOfValueRoundTripsInJson) {
  const Value values[] = {Value{}, true, false, int64_t{-1}, Decimal{0.1, ""}, Decimal{1, "1.0"},
                          std::string{}, Time{-kFarthest}, Interval{Time{}, Time{kFarthest}},
                          Duration{-5}, Json::array(), Sealed{"k", std::string("\0\xff", 2)},
                          Sealed{}, Blob{Hash{1, 2}, ~uint64_t{0}, "image/jpeg"}, Blob{}};
  for (const Value& value : values) {
    std::string bytes;
    encode(bytes, value);
    Reader in(bytes);
    const auto back = decode_value(in);
    ASSERT_TRUE(back.ok());
    EXPECT_TRUE(in.done());
    EXPECT_EQ(*back, value);
    EXPECT_EQ(to_json(*back).dump(), to_json(value).dump());
  }
}

TEST(Row, ASealedValueStandsForAnyAndSaysNothing) {
  const Sealed sealed{"person/7", "ciphertext"};
  for (const EntityType& type : all_types()) {
    Row row = make_row(type.id);
    for (Value& value : row.values) value = sealed;
    const std::string bytes = encoded(RowChange::put(row));
    EXPECT_EQ(decoded(bytes).value().row.values, row.values) << type.name;
  }
  Row row = make_row(TypeId::case_file);
  row["number"] = row["level"] = row["openedAt"] = sealed;
  EXPECT_EQ(row.text("number"), "");
  EXPECT_EQ(row.integer("level"), 0);
  EXPECT_EQ(row.time("openedAt"), std::nullopt);
  EXPECT_FALSE(fits(Blob{}, PropertyType::text));
  EXPECT_TRUE(fits(Blob{}, PropertyType::json));
}

TEST(Row, ABlobOrSealedValueThatIsCutIsRefused) {
  for (const Value& value : {Value{Sealed{"k", "c"}}, Value{Blob{Hash{}, 300, "image/png"}}}) {
    std::string bytes;
    encode(bytes, value);
    for (size_t length = 0; length < bytes.size(); ++length) {
      Reader in(std::string_view(bytes).substr(0, length));
      EXPECT_FALSE(decode_value(in).ok()) << length;
    }
  }
}

Json nested(size_t depth) {
  Json json = Json::array();
  for (size_t i = 1; i < depth; ++i) json = Json(Json::Array{std::move(json)});
  return json;
}

TEST(Row, JsonMayBeDeeperThanWhatComesIn) {
  const Value deepest = nested(limits::kStoredJsonDepth);
  std::string bytes;
  encode(bytes, deepest);
  Reader in(bytes);
  EXPECT_EQ(decode_value(in).value(), deepest);
  EXPECT_DEATH(encode(bytes, Value{nested(limits::kStoredJsonDepth + 1)}), "kStoredJsonDepth");
  // By hand: an array in an array, and so on.
  std::string deeper = "\x0a";
  for (size_t i = 0; i <= limits::kStoredJsonDepth; ++i) deeper += "\x05\x01";
  deeper += std::string(1, '\0');
  Reader too_deep(deeper);
  EXPECT_FALSE(decode_value(too_deep).ok());
}

TEST(Row, NumbersAreJsonNumbers) {
  for (const char* good : {"0", "-0", "10", "1.50", "1e3", "1E+3", "-1.5e-300", "1e400"}) {
    std::string bytes("\x04", 1);
    put_text(bytes, good);
    Reader in(bytes);
    const auto value = decode_value(in);
    ASSERT_TRUE(value.ok()) << good;
    EXPECT_EQ(std::get<Decimal>(*value).text, good);
  }
  for (const char* bad : {"", "-", "01", "1.", ".5", "1e", "1e+", "0x1", "1 ", "+1", "NaN"}) {
    for (const std::string tag : {"\x04", "\x0a\x03"}) {
      std::string bytes = tag;
      put_text(bytes, bad);
      Reader in(bytes);
      EXPECT_FALSE(decode_value(in).ok()) << bad;
    }
  }
  std::string out;
  EXPECT_DEATH(encode(out, Value{Decimal{1, "one"}}), "one");
}

TEST(Row, LinksRoundTrip) {
  RowChange change = RowChange::linked(TypeId::historical_location, 1, RowId{4}, RowId{5});
  for (const auto kind : {RowChange::Kind::link, RowChange::Kind::unlink}) {
    change.kind = kind;
    const auto back = decoded(encoded(change));
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(back->kind, kind);
    EXPECT_EQ(back->owner, TypeId::historical_location);
    EXPECT_EQ(back->relation, 1);
    EXPECT_EQ(back->from, RowId{4});
    EXPECT_EQ(back->to, RowId{5});
    EXPECT_TRUE(same(change, *back));
  }
}

TEST(Row, RemovalsRoundTrip) {
  for (const EntityType& type : all_types()) {
    if (type.id == TypeId::observation) continue;
    const RowChange change = RowChange::removed(type.id, RowId{int64_t{1} << 40});
    const std::string bytes = encoded(change);
    const auto back = decoded(bytes);
    ASSERT_TRUE(back.ok()) << type.name;
    EXPECT_EQ(back->kind, RowChange::Kind::remove);
    EXPECT_EQ(back->row.type, type.id);
    EXPECT_EQ(back->row.id, change.row.id);
    EXPECT_TRUE(same(change, *back));
    EXPECT_FALSE(same(change, RowChange::removed(type.id, RowId{1})));
    for (size_t length = 0; length < bytes.size(); ++length)
      EXPECT_FALSE(decoded(std::string_view(bytes).substr(0, length)).ok()) << length;
  }
  std::string out;
  EXPECT_DEATH(encode(out, RowChange::removed(TypeId::observation, RowId{1})), "ReadingChange");
}

TEST(Row, SameLooksAtTheTextOfNumbersAndNotAtTheSequence) {
  Row row = full_row(TypeId::alarm);
  const RowChange before = RowChange::put(row);
  row.sequence = 99;
  EXPECT_TRUE(same(before, RowChange::put(row)));
  row["threshold"] = Decimal{21.5, "21.5"};
  EXPECT_FALSE(same(before, RowChange::put(row)));
  row["threshold"] = Decimal{21.5, "21.50"};
  row.link("Town") = RowId{1};
  EXPECT_FALSE(same(before, RowChange::put(row)));
}

TEST(Row, EveryCutIsCorrupt) {
  for (const EntityType& type : all_types()) {
    const std::string bytes = encoded(RowChange::put(full_row(type.id)));
    for (size_t length = 0; length < bytes.size(); ++length) {
      const auto back = decoded(std::string_view(bytes).substr(0, length));
      ASSERT_FALSE(back.ok()) << type.name << " cut at " << length;
    }
  }
}

TEST(Row, EveryFlipIsRefusedOrDecodesToSomethingWhole) {
  for (const EntityType& type : all_types()) {
    const std::string bytes = encoded(RowChange::put(full_row(type.id)));
    for (size_t bit = 0; bit < bytes.size() * 8; ++bit) {
      std::string flipped = bytes;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ (1 << (bit % 8)));
      if (const auto back = decoded(flipped); back.ok()) {
        EXPECT_TRUE(decoded(encoded(*back)).ok()) << type.name << " bit " << bit;
      }
    }
  }
}

TEST(Row, UnknownTagsAndCountsAreCorrupt) {
  const auto refused = [](std::string bytes) {
    const auto back = decoded(bytes);
    return !back.ok() && back.error().code == Code::corrupt;
  };
  using namespace std::string_literals;
  EXPECT_TRUE(refused("\x04"s));                  // kind of change
  EXPECT_TRUE(refused("\x03\x11\x02"s));          // type of what is removed
  EXPECT_TRUE(refused("\x03\x06\x02"s));          // an Observation is no row
  EXPECT_FALSE(refused("\x03\x00\x02"s));
  EXPECT_TRUE(refused("\x00\x11"s));              // type
  EXPECT_TRUE(refused("\x00\x00\x02\x02\x00\x00\x00"s));     // two properties, a Thing has three
  EXPECT_TRUE(refused("\x00\x00\x02\x03\x00\x00\x0b\x00"s));  // kind of value
  EXPECT_TRUE(refused("\x00\x00\x02\x03\x02\x00\x00\x00"s));  // a name that is true
  EXPECT_TRUE(refused("\x00\x00\x02\x03\x00\x00\x00\x01\x00"s));  // one link, a Thing has none
  EXPECT_TRUE(refused("\x01\x00\x01\x02\x02"s));  // relation 1 of Thing
  EXPECT_TRUE(refused("\x01\x03\x00\x02\x02"s));  // Datastream.Thing is to-one
  EXPECT_FALSE(refused("\x01\x00\x00\x02\x02"s));
}

TEST(Row, AValueThatDoesNotFitIsNeverWritten) {
  Row row = make_row(TypeId::thing, RowId{1});
  row["name"] = int64_t{1};
  EXPECT_DEATH(encoded(RowChange::put(row)), "name");
}

}  // namespace
}  // namespace duliang
