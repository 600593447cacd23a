#include "engine/whereabouts.h"

#include "base/limits.h"

namespace duliang {
namespace {

constexpr std::string_view kLocations = "Locations";

Selection behind(TypeId from, RowId id, std::string_view name) {
  const Step* step = find_step(from, name);
  CHECK(step != nullptr, name);
  Selection selection;
  selection.type = step->target;
  selection.by = *step;
  selection.from_row = id;
  return selection;
}

int relation_of(TypeId owner, std::string_view name) {
  const int relation = type_of(owner).relation_index(name);
  CHECK(relation >= 0, name);
  return relation;
}

bool is_link(const RowChange& change, TypeId owner) {
  return change.kind == RowChange::Kind::link && change.owner == owner &&
         change.relation == relation_of(owner, kLocations);
}

RowChange link(RowId thing, RowId location, RowChange::Kind kind) {
  RowChange change = RowChange::linked(
      TypeId::thing, relation_of(TypeId::thing, kLocations), thing, location);
  change.kind = kind;
  return change;
}

void add(std::vector<Move>& moves, RowId thing, RowId to) {
  for (Move& move : moves) {
    if (move.thing != thing) continue;
    if (std::ranges::find(move.to, to) == move.to.end()) move.to.push_back(to);
    return;
  }
  moves.push_back({thing, {to}});
}

bool has(const std::vector<RowId>& ids, RowId id) {
  return std::ranges::find(ids, id) != ids.end();
}

// What a client may call GeoJSON: as 18-088 has it, and as 15-078 had it.
bool is_geojson(const Row& location) {
  const std::string& encoding = location.text("encodingType");
  return encoding.starts_with("application/geo+json") ||
         encoding.starts_with("application/vnd.geo+json");
}

// It must fit beside the reading that needs it: what is larger is no feature of a reading.
bool fits(const Row& feature) {
  std::string bytes;
  encode(bytes, RowChange::put(feature));
  return bytes.size() <= limits::kDecisionBytes / 2;
}

Row feature_at(const Row& location) {
  Row feature = make_row(TypeId::feature_of_interest, kNoRow);
  feature["name"] = location["name"];
  feature["description"] = location["description"];
  feature["encodingType"] = location["encodingType"];
  feature["feature"] = location["location"];
  feature["properties"] = location["properties"];
  feature.link("Location") = location.id;
  return feature;
}

// Made of the Location as it is now: where its place was changed since, they are two places.
Result<RowId> feature_made_of(const Ledger& ledger, const Row& location) {
  TRY(const auto made, reached(ledger, TypeId::location, location.id, "FeaturesOfInterest"));
  for (const RowId id : made) {
    TRY(const auto feature, ledger.find(TypeId::feature_of_interest, id));
    if (feature && same((*feature)["feature"], location["location"])) return id;
  }
  return kNoRow;
}

}  // namespace

Result<std::vector<RowId>> reached(const Ledger& ledger, TypeId from, RowId id,
                                   std::string_view name) {
  std::vector<RowId> ids;
  TRY_DO(ledger.each(behind(from, id, name), [&ids](const Row& row) {
    ids.push_back(row.id);
    return true;
  }));
  return ids;
}

std::vector<Move> moves_of(const std::vector<RowChange>& written) {
  std::vector<Move> moves;
  for (const RowChange& change : written) {
    if (is_link(change, TypeId::thing)) add(moves, change.from, change.to);
  }
  return moves;
}

Result<std::vector<Move>> moves_of(const Ledger& ledger, const ChangeRow& asked) {
  std::vector<Move> moves;
  for (const ChangeLink& link : asked.links) {
    if (link.off) continue;
    if (asked.type == TypeId::thing && link.relation == kLocations) add(moves, asked.id, link.to);
    if (asked.type == TypeId::location && link.relation == "Things") add(moves, link.to, asked.id);
  }
  std::vector<Move> elsewhere;
  for (Move& move : moves) {
    TRY(const auto now, reached(ledger, TypeId::thing, move.thing, kLocations));
    std::vector<RowId> named = move.to;
    std::ranges::sort(named);
    if (named != now) elsewhere.push_back(std::move(move));
  }
  return elsewhere;
}

Result<std::vector<RowChange>> changes_of(const Ledger& ledger, const Move& move, RowId history,
                                          Time now) {
  std::vector<RowChange> changes;
  TRY(const auto before, reached(ledger, TypeId::thing, move.thing, kLocations));
  for (const RowId left : before) {
    if (!has(move.to, left)) changes.push_back(link(move.thing, left, RowChange::Kind::unlink));
  }
  Row remembered = make_row(TypeId::historical_location, history);
  remembered["time"] = now;
  remembered.link("Thing") = move.thing;
  changes.push_back(RowChange::put(std::move(remembered)));
  for (const RowId location : move.to) {
    changes.push_back(RowChange::linked(TypeId::historical_location,
                                        relation_of(TypeId::historical_location, kLocations),
                                        history, location));
  }
  return changes;
}

std::vector<std::pair<Row, std::vector<RowId>>> histories_of(
    const std::vector<RowChange>& written) {
  std::vector<std::pair<Row, std::vector<RowId>>> histories;
  for (const RowChange& put : written) {
    if (put.kind != RowChange::Kind::put || put.row.type != TypeId::historical_location) continue;
    histories.emplace_back(put.row, std::vector<RowId>());
    for (const RowChange& change : written) {
      if (!is_link(change, TypeId::historical_location) || change.from != put.row.id) continue;
      histories.back().second.push_back(change.to);
    }
  }
  return histories;
}

// One of the same time came later, and counts.
Result<std::vector<RowChange>> changes_by_history(const Ledger& ledger, const Row& history,
                                                  const std::vector<RowId>& locations) {
  const RowId thing = history.link("Thing");
  bool is_newest = true;
  TRY_DO(ledger.each(behind(TypeId::thing, thing, "HistoricalLocations"), [&](const Row& other) {
    is_newest = other.time("time") <= history.time("time");
    return is_newest;
  }));
  std::vector<RowChange> changes;
  if (!is_newest) return changes;
  TRY(const auto before, reached(ledger, TypeId::thing, thing, kLocations));
  for (const RowId left : before) {
    if (!has(locations, left)) changes.push_back(link(thing, left, RowChange::Kind::unlink));
  }
  for (const RowId location : locations) {
    if (!has(before, location)) changes.push_back(link(thing, location, RowChange::Kind::link));
  }
  return changes;
}

Result<DefaultFeature> default_feature(const Ledger& ledger, StreamId stream) {
  TRY(const auto datastream, ledger.find(TypeId::datastream, RowId{number(stream)}));
  CHECK(datastream.has_value(), "a stream of the house has a row");
  TRY(const auto places, reached(ledger, TypeId::thing, datastream->link("Thing"), kLocations));
  DefaultFeature found;
  for (const RowId place : places) {
    TRY(const auto location, ledger.find(TypeId::location, place));
    if (!location || !is_geojson(*location)) continue;
    TRY(found.stands, feature_made_of(ledger, *location));
    if (found.stands != kNoRow) return DefaultFeature{found.stands};
    if (found.made) continue;
    Row made = feature_at(*location);
    if (fits(made)) found.made = std::move(made);
  }
  return found;
}

Result<std::vector<StreamId>> streams_of(const Ledger& ledger, TypeId type, RowId id) {
  std::vector<RowId> things{id};
  if (type == TypeId::location) {
    TRY(things, reached(ledger, type, id, "Things"));
  }
  std::vector<StreamId> streams;
  for (const RowId thing : things) {
    TRY(const auto behind, reached(ledger, TypeId::thing, thing, "Datastreams"));
    for (const RowId row : behind) streams.push_back(StreamId{number(row)});
  }
  return streams;
}

}  // namespace duliang
