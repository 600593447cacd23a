#include "doors/city/city.h"
#include "doors/command_of.h"
#include "doors/sensorthings/sensorthings.h"

namespace duliang {
namespace {

Json version_json(const ReadingVersion& version, const Rendering& rendering) {
  Json json = Json::object();
  json["frame"] = Json(version.sequence);
  json["time"] = Json(to_text(version.time));
  json["actor"] = Json(version.actor);
  json["reason"] = Json(version.reason);
  if (!version.before) return json;
  std::string before;
  render_entity(before, to_row(*version.before), rendering, {});
  if (auto parsed = parse_json(before); parsed.ok()) json["before"] = std::move(parsed).value();
  return json;
}

Result<std::string> quality_of_reading(const View& view, ReadingId id, const Rendering& rendering) {
  TRY(const auto reading, view.series.find(id));
  TRY(const auto versions, versions_of(*view.lease, id));
  if (!reading && versions.empty()) {
    return Error{Code::not_found,
                 fmt::format("There is no Observation with id {}.", static_cast<int64_t>(id)), ""};
  }
  Json out = Json::object();
  const bool said = reading && reading->quality != Quality::unset;
  out["quality"] = said ? Json(name_of(reading->quality)) : Json();
  out["removed"] = Json(!reading.has_value());
  Json list = Json::array();
  for (const ReadingVersion& version : versions) list.push(version_json(version, rendering));
  out["versions"] = std::move(list);
  return out.dump();
}

// {"quality": "doubtful", "reason": "…", "result": 3.2}
Result<PatchReading> parse_quality(ReadingId id, const std::string& body) {
  PatchReading asked;
  asked.id = id;
  TRY(const Json json, parse_json(body));
  if (!json.is_object()) return Error{Code::bad_input, "A quality expects an object.", ""};
  for (const auto& [name, value] : json.members()) {
    if (name == "quality") {
      asked.patch.quality = value.is_string() ? quality_of(value.as_string()) : std::nullopt;
    } else if (name == "reason" && value.is_string()) {
      asked.reason = value.as_string();
    } else if (name == "result") {
      asked.patch.result = value.dump();
    } else {
      return Error{Code::bad_input,
                   fmt::format("A quality has no '{}', or not of this kind.", name.substr(0, 80)),
                   name.substr(0, 80)};
    }
  }
  if (!asked.patch.quality) {
    return Error{Code::bad_input, "quality expects good, doubtful, bad or corrected.", "quality"};
  }
  if (asked.patch.result && asked.patch.quality != Quality::corrected) {
    return Error{Code::bad_input, "A reading that gets another result is corrected.", "quality"};
  }
  return asked;
}

// Whoever finds fault with a reading says why and is a person of the house: what others leave out
// of account must be answered for. That it is good, or a word that is taken back, needs neither.
Status check_said(Engine& engine, const std::string& actor, Quality quality,
                  const std::string& reason) {
  if (quality == Quality::unset || quality == Quality::good) return {};
  if (reason.find_first_not_of(" \t\r\n") == std::string::npos) {
    return Error{Code::bad_input,
                 fmt::format("The quality {} needs a reason: a text that is not empty.",
                             name_of(quality)),
                 "reason"};
  }
  TRY(const View view, engine.view());
  TRY(const auto person, view.ledger.find_by(TypeId::person, "key", actor));
  if (person) return {};
  return Error{Code::forbidden,
               actor.empty() ? fmt::format("The quality {} needs an actor: name a person by key in "
                                           "X-Duliang-Actor.",
                                           name_of(quality))
                             : fmt::format("There is no person with the key '{}'.", actor),
               "X-Duliang-Actor"};
}

// The id in `Observations(1)/Quality`, of a set by name.
std::optional<int64_t> rated(std::string_view path, std::string_view set) {
  path.remove_prefix(std::min(path.size(), kCityRoot.size() + 1));
  const size_t slash = path.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto segment = parse_segment(path.substr(0, slash));
  if (!segment.ok() || segment->name != set || !segment->id) return std::nullopt;
  if (path.substr(slash + 1) != "Quality") return std::nullopt;
  return number(*segment->id);
}

Result<Time> time_in(const std::string& name, const Json* value) {
  const Error expected{Code::bad_input, name + " expects a time, such as 2026-11-24T06:00:00Z.",
                       name};
  if (value == nullptr || !value->is_string()) return expected;
  auto time = parse_time(value->as_string());
  return time.ok() ? time : Result<Time>(expected);
}

// {"from": "…", "to": "…", "quality": "bad", "reason": "…"}; quality null takes back what was said.
Result<FlagReadings> parse_span(StreamId stream, const std::string& body) {
  TRY(const Json json, parse_json(body));
  if (!json.is_object()) return Error{Code::bad_input, "A quality expects an object.", ""};
  for (const auto& [name, value] : json.members()) {
    const bool known = name == "from" || name == "to" || name == "quality" || name == "reason";
    if (known && (name != "reason" || value.is_string())) continue;
    return Error{Code::bad_input,
                 fmt::format("A span has no '{}', or not of this kind.", name.substr(0, 80)),
                 name.substr(0, 80)};
  }
  FlagReadings asked;
  asked.stream = stream;
  TRY(asked.from, time_in("from", json.find("from")));
  TRY(asked.to, time_in("to", json.find("to")));
  if (asked.from >= asked.to) {
    return Error{Code::bad_input, "to expects a time behind from.", "to"};
  }
  const Json* quality = json.find("quality");
  std::optional<Quality> said;
  if (quality != nullptr && quality->is_null()) said = Quality::unset;
  if (quality != nullptr && quality->is_string()) said = quality_of(quality->as_string());
  if (!said || *said == Quality::corrected) {
    return Error{Code::bad_input, "quality expects good, doubtful, bad or null.", "quality"};
  }
  asked.quality = *said;
  if (const Json* reason = json.find("reason")) asked.reason = reason->as_string();
  return asked;
}

}  // namespace

void GetQuality::operator()(const Request& request, Reply reply, ReadingId reading) const {
  auto view = engine->view();
  if (!view.ok()) return reply.send(error_response(view.error()));
  auto json = quality_of_reading(*view, reading, rendering_of(request.host, Face::city));
  if (!json.ok()) return reply.send(error_response(json.error()));
  reply.send(json_response(200, std::move(json).value()));
}

void ChangeQuality::operator()(const Request& request, Reply reply) const {
  const auto row = rated(request.path, "Observations");
  if (!row) {
    return reply.send(error_response(
        {Code::not_found, "This is offered for Observations(id)/Quality only.", ""}));
  }
  const ReadingId id{*row};
  PatchReading asked;
  asked.id = id;
  asked.patch.quality = Quality::unset;
  if (request.method == Method::put) {
    auto parsed = parse_quality(id, request.body);
    if (!parsed.ok()) return reply.send(error_response(parsed.error()));
    asked = std::move(parsed).value();
    const auto said = check_said(*engine, request.actor, *asked.patch.quality, asked.reason);
    if (!said.ok()) return reply.send(error_response(said.error()));
  }
  Command command = command_of(request, "city", std::move(asked));
  engine->submit(std::move(command), [reply = std::move(reply), engine = engine, id,
                                      host = request.host](const Result<Outcome>& outcome) {
    if (!outcome.ok()) return reply.send(error_response(outcome.error()));
    reply.send(show_entity(*engine, TypeId::observation, RowId{number(id)},
                           rendering_of(host, Face::city)));
  });
}

void FlagStream::operator()(const Request& request, Reply reply) const {
  const auto row = rated(request.path, "Datastreams");
  if (!row) {
    return reply.send(error_response(
        {Code::not_found, "PATCH is offered for Datastreams(id)/Quality only.", ""}));
  }
  auto asked = parse_span(StreamId{*row}, request.body);
  if (!asked.ok()) return reply.send(error_response(asked.error()));
  const auto said = check_said(*engine, request.actor, asked->quality, asked->reason);
  if (!said.ok()) return reply.send(error_response(said.error()));
  engine->submit(LongCommand{request.actor, "city", std::move(asked).value()},
                 [reply = std::move(reply)](const Result<Outcome>& outcome) {
                   if (!outcome.ok()) return reply.send(error_response(outcome.error()));
                   std::string body = fmt::format(R"({{"changed":{}}})", outcome->changed);
                   reply.send(json_response(200, std::move(body)));
                 });
}

}  // namespace duliang
