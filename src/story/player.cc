#include "story/player.h"

#include "base/text.h"

namespace duliang {
namespace {

Error differs(const std::string& what, const std::string& expected, const std::string& found) {
  return {Code::conflict, fmt::format("{}: expected {}, found {}", what, expected, found), ""};
}

// The code whose status was answered; what no code stands for is wrong in a way of its own.
Code code_of(int status) {
  for (const Code code : {Code::forbidden, Code::not_found, Code::conflict, Code::too_large,
                          Code::too_many, Code::unsupported, Code::unavailable, Code::io}) {
    if (info(code).http_status == status) return code;
  }
  return Code::bad_input;
}

Error answered(const std::string& what, int expected, const Response& response) {
  Error error =
      differs(what, std::to_string(expected), fmt::format("{} {}", response.status, response.body));
  error.code = code_of(response.status);
  return error;
}

Json object(std::initializer_list<JsonMember> members) { return Json(Json::Object(members)); }

std::string in_quotes(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("''") : std::string(1, c);
  return out + "'";
}

std::string text_of(const Json& entity, std::string_view name) {
  const Json* value = entity.find(name);
  return value != nullptr && value->is_string() ? value->as_string() : "";
}

int64_t integer_of(const Json& entity, std::string_view name) {
  const Json* value = entity.find(name);
  return value != nullptr && value->is_number() ? value->as_integer().value_or(0) : 0;
}

}  // namespace

Status Player::tell(const TimelineEvent& event) {
  Status told;
  if (const auto* station = std::get_if<TellStation>(&event.telling)) told = tell_station(*station);
  if (const auto* stream = std::get_if<TellStream>(&event.telling)) told = tell_stream(*stream);
  if (const auto* reading = std::get_if<TellReading>(&event.telling)) told = tell_reading(*reading);
  if (const auto* act = std::get_if<TellAct>(&event.telling)) told = tell_act(*act);
  if (const auto* alarm = std::get_if<ExpectAlarm>(&event.telling)) told = expect_alarm(*alarm);
  if (const auto* one = std::get_if<ExpectCase>(&event.telling)) told = expect_case(*one);
  if (const auto* count = std::get_if<ExpectCount>(&event.telling)) told = expect_count(*count);
  if (told.ok()) return {};
  Error error = std::move(told).error();
  error.message = fmt::format("line {}: {}", event.line, error.message);
  return error;
}

Result<Json> Player::get(const std::string& path, const std::string& query) {
  Request request;
  request.method = Method::get;
  request.path = path;
  request.query = query;
  TRY(const Response response, send_(request));
  if (response.status != 200) return answered("GET " + path, 200, response);
  return parse_json(response.body);
}

Result<int64_t> Player::post_entity(const std::string& path, const Json& body) {
  Request request;
  request.method = Method::post;
  request.path = path;
  request.body = body.dump();
  TRY(const Response response, send_(request));
  const size_t open = response.location.rfind('(');
  const auto id = open == std::string::npos
                      ? std::nullopt
                      : parse_integer(std::string_view(response.location)
                                          .substr(open + 1, response.location.size() - open - 2));
  if (response.status != 201 || !id) return answered("POST " + path, 201, response);
  return *id;
}

Result<std::optional<Json>> Player::newest(const std::string& set, const std::string& filter) {
  TRY(const Json json,
      get(set, "$filter=" + encode_percent(filter) + "&$orderby=id%20desc&$top=1"));
  const Json* value = json.find("value");
  if (value == nullptr || value->items().empty()) return std::optional<Json>{};
  return std::optional<Json>(value->items().front());
}

Result<int64_t> Player::find_named(const std::string& set, const std::string& name) {
  TRY(const auto entity, newest("/v1.1/" + set, "name eq " + in_quotes(name)));
  return entity ? integer_of(*entity, "@iot.id") : 0;
}

Result<int64_t> Player::stream_id(const std::string& stream) const {
  const auto found = streams_.find(stream);
  if (found != streams_.end()) return found->second.id;
  return Error{Code::conflict, fmt::format("there is no stream '{}'", stream), ""};
}

Result<std::optional<Time>> Player::newest_reading(int64_t stream) {
  TRY(const Json json, get(fmt::format("/v1.1/Datastreams({})/Observations", stream),
                           "$orderby=phenomenonTime%20desc&$top=1"));
  const Json* value = json.find("value");
  if (value == nullptr || value->items().empty()) return std::optional<Time>{};
  TRY(const Interval when, parse_interval(text_of(value->items().front(), "phenomenonTime")));
  return std::optional<Time>(when.end);
}

Status Player::tell_station(const TellStation& station) {
  if (stations_.contains(station.key)) return {};
  TRY(int64_t id, find_named("Things", station.name));
  if (id == 0) {
    Json properties = object({{"nameEn", Json(station.name_en)}});
    if (!station.town.empty()) properties["town"] = Json(station.town);
    Json point =
        object({{"type", Json("Point")},
                {"coordinates",
                 Json(Json::Array{Json(station.point.longitude), Json(station.point.latitude)})}});
    Json location = object({{"name", Json(station.name)},
                            {"description", Json(station.name_en)},
                            {"encodingType", Json("application/geo+json")},
                            {"location", std::move(point)}});
    TRY(id, post_entity("/v1.1/Things",
                        object({{"name", Json(station.name)},
                                {"description", Json(station.name_en)},
                                {"properties", std::move(properties)},
                                {"Locations", Json(Json::Array{std::move(location)})}})));
  }
  stations_[station.key] = id;
  return {};
}

Status Player::tell_stream(const TellStream& stream) {
  const std::string key = stream.station + "/" + stream.key;
  if (streams_.contains(key)) return {};
  const auto station = stations_.find(stream.station);
  if (station == stations_.end()) {
    return Error{Code::conflict, fmt::format("there is no station '{}'", stream.station), ""};
  }
  const std::string path = fmt::format("/v1.1/Things({})/Datastreams", station->second);
  TRY(const auto known, newest(path, "name eq " + in_quotes(stream.name)));
  int64_t id = known ? integer_of(*known, "@iot.id") : 0;
  std::optional<Time> past_until;
  if (id != 0) {
    TRY(past_until, newest_reading(id));
  } else {
    TRY(const int64_t property, find_named("ObservedProperties", stream.property));
    Json observed = object({{"@iot.id", Json(property)}});
    if (property == 0) {
      observed = object({{"name", Json(stream.property)},
                         {"definition", Json("urn:duliang:property:" + stream.property)},
                         {"description", Json(stream.property)}});
    }
    Json properties = stream.properties.is_null() ? Json::object() : stream.properties;
    properties["nameEn"] = Json(stream.name_en);
    const std::string note = stream.note.empty() ? stream.name_en : stream.note;
    TRY(id, post_entity(path, object({{"name", Json(stream.name)},
                                      {"description", Json(note)},
                                      {"unitOfMeasurement", object({{"name", Json(stream.unit)},
                                                                    {"symbol", Json(stream.unit)},
                                                                    {"definition", Json()}})},
                                      {"observationType",
                                       Json("http://www.opengis.net/def/observationType/OGC-OM/2.0/"
                                            "OM_Measurement")},
                                      {"properties", std::move(properties)},
                                      {"Sensor", object({{"name", Json(stream.name)},
                                                         {"description", Json(note)},
                                                         {"encodingType", Json("text/html")},
                                                         {"metadata", Json(note)}})},
                                      {"ObservedProperty", std::move(observed)}})));
  }
  streams_[key] = {id, past_until};
  return {};
}

Status Player::tell_reading(const TellReading& reading) {
  TRY(const int64_t id, stream_id(reading.stream));
  const Time measured = start_ + reading.phenomenon;
  // Else a story that is told again in the same house would double its past.
  const auto past_until = streams_.at(reading.stream).past_until;
  if (reading.once && past_until && measured <= *past_until) return {};
  Request request;
  request.method = Method::post;
  request.path = fmt::format("/v1.1/Datastreams({})/Observations", id);
  request.body =
      fmt::format(R"({{"phenomenonTime":"{}","result":{}}})", to_text(measured), reading.result);
  TRY(const Response response, send_(request));
  if (response.status == 201) return {};
  return answered("the reading", 201, response);
}

Status Player::tell_act(const TellAct& act) {
  TRY(const int64_t id, stream_id(act.stream));
  TRY(const auto found, newest("/city/v1/Cases", fmt::format("Alarm/Datastream/id eq {}", id)));
  if (!found) return Error{Code::not_found, fmt::format("{} has no case", act.stream), ""};
  Request request;
  request.method = Method::post;
  request.path = fmt::format("/city/v1/Cases({})/Acts", integer_of(*found, "@iot.id"));
  request.actor = act.actor;
  request.body = object({{"act", Json(act.act)}, {"note", Json(act.note)}}).dump();
  TRY(const Response response, send_(request));
  if (response.status == act.expect_status) return {};
  return answered("act " + act.act, act.expect_status, response);
}

Status Player::expect_alarm(const ExpectAlarm& expected) {
  TRY(const int64_t id, stream_id(expected.stream));
  TRY(const auto alarm, newest("/city/v1/Alarms", fmt::format("Datastream/id eq {}", id)));
  if (expected.none) {
    return alarm ? Status(differs("alarm", "none", text_of(*alarm, "state"))) : Status{};
  }
  if (!alarm) return differs("alarm", "one", "none");
  const std::string state = text_of(*alarm, "state");
  if (expected.cleared && state != "cleared") return differs("alarm", "cleared", state);
  if (expected.level) {
    if (state != "active") return differs("alarm", "active", state);
    const int64_t level = integer_of(*alarm, "level");
    if (level != *expected.level) {
      return differs("level", std::to_string(*expected.level), std::to_string(level));
    }
  }
  const int64_t occurrences = integer_of(*alarm, "occurrences");
  if (expected.occurrences && occurrences != *expected.occurrences) {
    return differs("occurrences", std::to_string(*expected.occurrences),
                   std::to_string(occurrences));
  }
  return {};
}

// The key of the entity that a to-one relation of the case points to; empty where there is none.
Result<std::string> Player::key_of(const std::string& set, const Json& entity,
                                   const char* relation) {
  const int64_t id = integer_of(entity, std::string(relation) + "@iot.id");
  if (id == 0) return std::string();
  TRY(const Json json, get(fmt::format("/city/v1/{}({})", set, id), ""));
  return text_of(json, "key");
}

Status Player::expect_case(const ExpectCase& expected) {
  TRY(const int64_t id, stream_id(expected.stream));
  TRY(const auto found, newest("/city/v1/Cases", fmt::format("Alarm/Datastream/id eq {}", id)));
  if (expected.none) {
    return found ? Status(differs("case", "none", text_of(*found, "number"))) : Status{};
  }
  if (!found) return differs("case", "one", "none");
  for (const auto& [name, wanted] :
       {std::pair{"step", &expected.step}, {"state", &expected.state}}) {
    const std::string value = text_of(*found, name);
    if (!wanted->empty() && *wanted != value) return differs(name, *wanted, value);
  }
  struct Link {
    const char* set;
    const char* relation;
    const std::string* wanted;
  };
  for (const Link& link :
       {Link{"Units", "Unit", &expected.unit}, Link{"People", "Handler", &expected.handler},
        Link{"People", "Checker", &expected.checker}}) {
    if (link.wanted->empty()) continue;
    TRY(const std::string key, key_of(link.set, *found, link.relation));
    if (key != *link.wanted) return differs(link.relation, *link.wanted, key);
  }
  return {};
}

Status Player::expect_count(const ExpectCount& expected) {
  const std::string set = expected.set == "alarms" ? "/city/v1/Alarms" : "/city/v1/Cases";
  TRY(const Json json, get(set, "$count=true&$top=0"));
  const int64_t count = integer_of(json, "@iot.count");
  if (count == expected.count) return {};
  return differs(expected.set, std::to_string(expected.count), std::to_string(count));
}

}  // namespace duliang
