// A ledger in memory for the tests of watch/ and cases/, with the few rows that they need.
#pragma once

#include <string>

#include "base/check.h"
#include "ledger/ledger.h"

namespace duliang {

class LedgerForTest {
 public:
  LedgerForTest() : connection_(open()), ledger_(connection_) {}

  const Ledger& ledger() const { return ledger_; }

  RowId next_id(TypeId type) {
    const Result<RowId> last = ledger_.last_id(type);
    CHECK(last.ok(), last.error().message);
    return RowId{static_cast<int64_t>(*last) + 1};
  }
  RowId add(Row row) {
    row.id = next_id(row.type);
    put(row);
    return row.id;
  }
  void put(const Row& row) { apply(RowChange::put(row)); }
  void apply(const RowChange& change) {
    const Status applied = ledger_.apply(change, ++sequence_);
    CHECK(applied.ok(), applied.ok() ? "" : applied.error().message);
  }
  Row row(TypeId type, RowId id) const {
    const Result<std::optional<Row>> found = ledger_.find(type, id);
    CHECK(found.ok() && found->has_value(), "the row is there");
    return **found;
  }

  // A station and what it measures; `properties` are JSON texts.
  RowId add_thing(const std::string& name, const std::string& properties = "{}") {
    Row thing = described(TypeId::thing, name);
    thing["properties"] = *parse_json(properties);
    return add(std::move(thing));
  }
  RowId add_stream(RowId thing, const std::string& observed, const std::string& properties = "{}") {
    Row sensor = described(TypeId::sensor, "gauge");
    sensor["encodingType"] = std::string("application/pdf");
    sensor["metadata"] = std::string("none");
    Row property = described(TypeId::observed_property, observed);
    property["definition"] = "http://example.org/" + observed;
    Row stream = described(TypeId::datastream, observed);
    stream["unitOfMeasurement"] = *parse_json(R"({"name":"metre","symbol":"m"})");
    stream["observationType"] = std::string("OM_Measurement");
    stream["properties"] = *parse_json(properties);
    stream.link("Thing") = thing;
    stream.link("Sensor") = add(std::move(sensor));
    stream.link("ObservedProperty") = add(std::move(property));
    return add(std::move(stream));
  }
  RowId add_town(const std::string& code, const std::string& location = "null") {
    Row town = make_row(TypeId::town);
    town["code"] = code;
    town["name"] = "town " + code;
    town["location"] = to_value(*parse_json(location));
    return add(std::move(town));
  }
  // The thing stands at a point, given as GeoJSON.
  void place(RowId thing, const std::string& point) {
    Row location = described(TypeId::location, "here");
    location["encodingType"] = std::string("application/geo+json");
    location["location"] = *parse_json(point);
    const RowId id = add(std::move(location));
    const int relation = type_of(TypeId::thing).relation_index("Locations");
    apply(RowChange::linked(TypeId::thing, relation, thing, id));
  }

  static Row described(TypeId type, const std::string& name) {
    Row row = make_row(type);
    row["name"] = name;
    row["description"] = name;
    return row;
  }

 private:
  static Connection open() {
    Result<Connection> connection = Connection::open(":memory:", {});
    CHECK(connection.ok(), "a database in memory opens");
    const Status tables = Ledger::create_tables(*connection);
    CHECK(tables.ok(), "its tables are made");
    return std::move(*connection);
  }

  Connection connection_;
  Ledger ledger_;
  uint64_t sequence_ = 0;
};

}  // namespace duliang
