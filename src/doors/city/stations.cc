#include "base/geometry.h"
#include "doors/city/city.h"
#include "doors/odata/as_of.h"
#include "watch/alarms.h"

namespace duliang {
namespace {

Json lines_of(const std::vector<Watch::Line>& lines) {
  Json json = Json::array();
  for (const Watch::Line& line : lines) {
    Json one = Json::object();
    one["level"] = Json(line.level);
    one["name"] = Json(line.name.zh);
    one["nameEn"] = Json(line.name.en);
    one["threshold"] = to_json(line.threshold);
    json.push(std::move(one));
  }
  return json;
}

// A member that clients wrote as they liked: only a text is shown as one.
Json text_of(const Json* object, std::string_view name) {
  const Json* member = object == nullptr ? nullptr : object->find(name);
  return member != nullptr && member->is_string() ? *member : Json();
}

Result<Json> stream_json(const View& view, const Row& stream) {
  const StreamId id{static_cast<int64_t>(stream.id)};
  Json json = Json::object();
  json["@iot.id"] = Json(static_cast<int64_t>(stream.id));
  json["name"] = to_json(stream["name"]);
  const Json name_en = text_of(std::get_if<Json>(&stream["properties"]), "nameEn");
  json["nameEn"] = name_en.is_null() ? to_json(stream["name"]) : name_en;
  const auto* unit = std::get_if<Json>(&stream["unitOfMeasurement"]);
  json["unitSymbol"] = text_of(unit, "symbol");
  TRY(const auto property,
      view.ledger.find(TypeId::observed_property, stream.link("ObservedProperty")));
  json["observedProperty"] = property ? to_json((*property)["name"]) : Json();
  TRY(const auto newest, view.series.newest(id));
  if (newest) {
    Json latest = Json::object();
    latest["@iot.id"] = Json(static_cast<int64_t>(newest->id));
    latest["phenomenonTime"] = Json(to_text(newest->phenomenon_time));
    TRY(latest["result"], parse_json(newest->result));
    json["latest"] = std::move(latest);
  } else {
    json["latest"] = Json();
  }
  TRY(const auto lines, Watch::lines(view.ledger, id));
  json["lines"] = lines_of(lines);
  return json;
}

Json point_json(const Row& location) {
  const auto* geojson = std::get_if<Json>(&location["location"]);
  const auto point = geojson == nullptr ? std::nullopt : point_of(*geojson);
  if (!point) return Json();
  return Json(Json::Array{Json(point->longitude), Json(point->latitude)});
}

Result<Json> station_json(const View& view, const Row& thing, const Row& location) {
  Json json = Json::object();
  json["@iot.id"] = Json(static_cast<int64_t>(thing.id));
  json["name"] = to_json(thing["name"]);
  const auto* properties = std::get_if<Json>(&thing["properties"]);
  Json english = text_of(properties, "nameEn");
  json["nameEn"] = english.is_null() ? to_json(thing["name"]) : std::move(english);
  json["point"] = point_json(location);
  Selection selection;
  selection.type = TypeId::datastream;
  selection.where.push_back({"Thing", Narrow::Op::eq, static_cast<int64_t>(thing.id)});
  TRY(const auto streams, view.ledger.rows(selection, limits::kTopMax));
  json["Town@iot.id"] = Json();
  json["townSource"] = Json();
  Json shown = Json::array();
  for (const Row& stream : streams) {
    if (shown.items().empty()) {
      TRY(const StationPlace town,
          place_of(view.ledger, StreamId{static_cast<int64_t>(stream.id)}));
      if (town.town != kNoRow) json["Town@iot.id"] = Json(static_cast<int64_t>(town.town));
      if (!town.source.empty()) json["townSource"] = Json(town.source);
    }
    TRY(Json one, stream_json(view, stream));
    shown.push(std::move(one));
  }
  json["streams"] = std::move(shown);
  return json;
}

Result<std::string> stations(const View& view) {
  Selection things;
  things.type = TypeId::thing;
  TRY(const auto rows, view.ledger.rows(things, limits::kTopMax));
  std::string out = "{\"value\":[";
  for (const Row& thing : rows) {
    TRY(const auto location, location_of(view, thing.id));
    if (!location) continue;
    TRY(const Json json, station_json(view, thing, *location));
    if (out.back() != '[') out += ',';
    json.dump_to(out);
  }
  return out + "]}";
}

}  // namespace

Result<std::optional<Row>> location_of(const View& view, RowId thing) {
  Selection locations;
  locations.type = TypeId::location;
  locations.by = *find_step(TypeId::thing, "Locations");
  locations.from_row = thing;
  TRY(auto rows, view.ledger.rows(locations, 1));
  if (rows.empty()) return std::optional<Row>{};
  return std::optional<Row>(std::move(rows.front()));
}

void GetStations::operator()(const Request& request, Reply reply) const {
  auto view = view_for(*engine, request.query);
  if (!view.ok()) return reply.send(error_response(view.error()));
  auto json = stations(*view);
  if (!json.ok()) return reply.send(error_response(json.error()));
  reply.send(json_response(200, std::move(json).value()));
}

}  // namespace duliang
