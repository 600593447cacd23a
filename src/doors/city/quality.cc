#include "doors/city/city.h"
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

std::optional<ReadingId> reading_of(std::string_view path) {
  path.remove_prefix(std::min(path.size(), kCityRoot.size() + 1));
  const size_t slash = path.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto segment = parse_segment(path.substr(0, slash));
  if (!segment.ok() || segment->name != "Observations" || !segment->id) return std::nullopt;
  if (path.substr(slash + 1) != "Quality") return std::nullopt;
  return ReadingId{static_cast<int64_t>(*segment->id)};
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
  const auto id = reading_of(request.path);
  if (!id) {
    return reply.send(error_response(
        {Code::not_found, "This is offered for Observations(id)/Quality only.", ""}));
  }
  PatchReading asked;
  asked.id = *id;
  asked.patch.quality = Quality::unset;
  if (request.method == Method::put) {
    auto parsed = parse_quality(*id, request.body);
    if (!parsed.ok()) return reply.send(error_response(parsed.error()));
    asked = std::move(parsed).value();
  }
  Command command;
  command.actor = request.actor;
  command.door = "city";
  command.body = std::move(asked);
  engine->submit(std::move(command), [reply = std::move(reply), engine = engine, id = *id,
                                      host = request.host](const Result<Outcome>& outcome) {
    if (!outcome.ok()) return reply.send(error_response(outcome.error()));
    reply.send(show_reading(*engine, id, rendering_of(host, Face::city)));
  });
}

}  // namespace duliang
