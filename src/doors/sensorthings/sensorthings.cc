#include "doors/sensorthings/sensorthings.h"

#include "doors/command_of.h"
#include "doors/odata/as_of.h"
#include "doors/sensorthings/conformance.h"
#include "doors/sensorthings/data_array.h"
#include "doors/sensorthings/deep_insert.h"
#include "doors/sensorthings/links.h"
#include "doors/sensorthings/members.h"
#include "doors/sensorthings/observation.h"

namespace duliang {
namespace {

constexpr StreamId kBodyNamesStream{0};

// `Observations` or `Datastreams(5)/Observations`, as nearly all are written: decided without a
// look at the ledger, which the engine does anyway. None: resolve() must say what the path names.
std::optional<StreamId> observation_target(std::string_view path) {
  if (path == "Observations") return kBodyNamesStream;
  constexpr std::string_view kBehind = "/Observations";
  if (!path.ends_with(kBehind)) return std::nullopt;
  auto segment = parse_segment(path.substr(0, path.size() - kBehind.size()));
  if (!segment.ok() || segment->name != "Datastreams") return std::nullopt;
  if (!segment->id || *segment->id <= kNoRow) return std::nullopt;
  return StreamId{static_cast<int64_t>(*segment->id)};
}

Response created(const std::string& link) {
  Response response;
  response.status = 201;
  response.location = link;
  response.content_type.clear();
  return response;
}

// Whether the Observation has an entity in it that is to be created.
bool brings_rows(std::string_view body) {
  const auto json = parse_json(body);
  if (!json.ok()) return false;
  return std::ranges::any_of(
      type_of(TypeId::observation).relations, [&json](const Relation& relation) {
        const Json* value = json->find(relation.name);
        return value != nullptr && value->is_object() && !reference(*value);
      });
}

// `Datastreams(5)/Observations`, or `Observations`.
Resource observations_of(StreamId stream) {
  Resource set;
  set.type = TypeId::observation;
  if (stream == kBodyNamesStream) return set;
  set.by = *find_step(TypeId::datastream, "Observations");
  set.from = RowId{number(stream)};
  return set;
}

// Answers with the address of the Observation. `named_by_body`: the URL is right, and what is not
// found stands in the body.
Done told_where(Reply reply, const Request& request, bool named_by_body = true) {
  return [reply = std::move(reply), rendering = rendering_of(request, Face::sensorthings),
          named_by_body](const Result<Outcome>& outcome) {
    if (!outcome.ok()) {
      Error error = outcome.error();
      if (named_by_body && error.code == Code::not_found) error.code = Code::bad_input;
      return reply.send(error_response(error));
    }
    const RowId id{number(outcome->readings.front())};
    reply.send(created(self_link(rendering, TypeId::observation, id)));
  };
}

}  // namespace

void GetEntities::operator()(const Request& request, Reply reply) const {
  const Rendering rendering = rendering_of(request, face);
  const std::string_view path = below_root(request.path, rendering.root_path);
  if (path.empty()) {
    return reply.send(json_response(200, render_root(rendering, server_settings(rendering))));
  }
  auto answer = answer_get(*engine, rendering, path, request.query);
  if (!answer.ok()) return reply.send(error_response(answer.error()));
  reply.send(shown_response(std::move(answer).value(), request.if_none_match));
}

void PostEntities::operator()(const Request& request, Reply reply) const {
  const std::string_view path = below_root(request.path, root_of(request, Face::sensorthings));
  if (path.ends_with(kRef)) {
    const auto to = parse_link(request.body);
    if (!to.ok()) return reply.send(error_response(to.error()));
    return post_below(request, std::move(reply), path.substr(0, path.size() - kRef.size()));
  }
  if (const auto stream = observation_target(path)) {
    return post_observation(request, std::move(reply), *stream);
  }
  post_below(request, std::move(reply), path);
}

void PostEntities::post_observation(const Request& request, Reply reply, StreamId stream) const {
  auto reading = parse_observation(*scanner, request.body, stream);
  if (!reading.ok()) {
    if (brings_rows(request.body)) {
      return post_with_rows(request, std::move(reply), observations_of(stream));
    }
    return reply.send(error_response(reading.error()));
  }
  PostReadings post;
  post.placed = true;
  post.readings.push_back(std::move(reading).value());
  Command command = command_of(request, "sensorthings", std::move(post));
  engine->submit(std::move(command),
                 told_where(std::move(reply), request, stream == kBodyNamesStream));
}

// An Observation of a FeatureOfInterest, or one that brings along what it is of.
void PostEntities::post_with_rows(const Request& request, Reply reply, const Resource& set) const {
  auto body = parse_json(request.body);
  if (!body.ok()) return reply.send(error_response(body.error()));
  if (bare_reference(*body)) {
    return reply.send(
        error_response({Code::unsupported, "An Observation is linked from its own side.", ""}));
  }
  auto put = parse_deep_insert(TypeId::observation, *body, set.by, set.from);
  if (!put.ok()) return reply.send(error_response(put.error()));
  Command command = command_of(request, "sensorthings", PostReadings{put->readings, false, true});
  if (!put->changes.empty()) command.body = std::move(put).value();
  engine->submit(std::move(command), told_where(std::move(reply), request));
}

void PostEntities::post_below(const Request& request, Reply reply, std::string_view path) const {
  auto view = engine->view();
  if (!view.ok()) return reply.send(error_response(view.error()));
  auto resource = resolve(*view, Face::sensorthings, path);
  if (!resource.ok()) return reply.send(error_response(resource.error()));
  if (resource->entity) return reply.send(method_not_allowed("GET"));
  if (resource->type != TypeId::observation) {
    return post_entity(request, std::move(reply), *resource);
  }
  const Step& stream_step = *find_step(TypeId::datastream, "Observations");
  if (resource->by && resource->by->relation != stream_step.relation) {
    return post_with_rows(request, std::move(reply), *resource);
  }
  post_observation(request, std::move(reply), StreamId{static_cast<int64_t>(resource->from)});
}

void PostEntities::post_entity(const Request& request, Reply reply, const Resource& set) const {
  auto body = parse_json(request.body);
  if (!body.ok()) return reply.send(error_response(body.error()));
  if (set.by) {
    const auto to = bare_reference(*body);
    if (to) return post_link(request, std::move(reply), set, *to);
  }
  auto put = parse_deep_insert(set.type, *body, set.by, set.from);
  if (!put.ok()) return reply.send(error_response(put.error()));
  size_t asked = 0;  // which of the new rows it is
  for (const RowChange& change : put->changes) {
    if (change.kind != RowChange::Kind::put) continue;
    if (change.row.id == kAskedRow) break;
    ++asked;
  }
  Command command = command_of(request, "sensorthings", std::move(put).value());
  engine->submit(std::move(command), [reply = std::move(reply),
                                      rendering = rendering_of(request, Face::sensorthings),
                                      type = set.type, asked](const Result<Outcome>& outcome) {
    if (!outcome.ok()) return reply.send(error_response(outcome.error()));
    reply.send(created(self_link(rendering, type, outcome->rows[asked])));
  });
}

// What exists is linked: nothing is created.
void PostEntities::post_link(const Request& request, Reply reply, const Resource& set,
                             RowId to) const {
  Command command = command_of(request, "sensorthings", link_to(set, to));
  engine->submit(std::move(command), [reply = std::move(reply)](const Result<Outcome>& outcome) {
    if (!outcome.ok()) return reply.send(error_response(outcome.error()));
    reply.send(json_response(200, ""));
  });
}

namespace {

// A link or an error for each row of the body, in its order.
std::string render_rows(const DataArray& asked, const Outcome& outcome,
                        const Rendering& rendering) {
  const std::string link = rendering.root() + "/Observations(";
  std::string out = "[";
  out.reserve(asked.faults.size() * (link.size() + 16));
  size_t taken = 0;
  auto refused = outcome.refused.begin();
  for (const std::string& fault : asked.faults) {
    if (out.back() != '[') out += ',';
    if (!fault.empty()) {
      append_json_string(out, "error: " + fault);
      continue;
    }
    const size_t place = taken++;
    if (refused != outcome.refused.end() && refused->first == place) {
      append_json_string(out, "error: " + refused->second.message);
      ++refused;
      continue;
    }
    const fmt::format_int id(static_cast<int64_t>(outcome.readings[place]));
    out.append("\"").append(link).append(id.data(), id.size()).append(")\"");
  }
  return out + "]";
}

}  // namespace

void CreateObservations::operator()(const Request& request, Reply reply) const {
  auto parsed = parser->parse(request.body);
  if (!parsed.ok()) return reply.send(error_response(parsed.error()));
  const Rendering rendering = rendering_of(request, Face::sensorthings);
  if (parsed->readings.empty()) {
    return reply.send(json_response(201, render_rows(*parsed, {}, rendering)));
  }
  PostReadings post{std::exchange(parsed->readings, {}), true};
  Command command = command_of(request, "sensorthings", std::move(post));
  engine->submit(std::move(command),
                 [reply = std::move(reply), rendering,
                  asked = std::move(parsed).value()](const Result<Outcome>& outcome) {
                   if (!outcome.ok()) return reply.send(error_response(outcome.error()));
                   reply.send(json_response(201, render_rows(asked, *outcome, rendering)));
                 });
}

void add_sensorthings(Router& router, Engine& engine) {
  const GetEntities get{&engine, Face::sensorthings};
  const auto scanner = std::make_shared<JsonScanner>();
  const auto parser = std::make_shared<DataArrayParser>();
  for (const std::string_view version : {kSensorThings10Root, kSensorThingsRoot}) {
    const std::string root(version);
    router.add({Method::get, root, Where::worker, get});
    router.add({Method::get, root + "/*", Where::worker, get});
    router.add({Method::post, root + "/CreateObservations", Where::loop,
                CreateObservations{&engine, parser}});
    router.add({Method::post, root + "/*", Where::loop, PostEntities{&engine, scanner}});
    router.add({Method::patch, root + "/*", Where::loop, ChangeEntity{&engine, scanner}});
    router.add({Method::put, root + "/*", Where::loop, ChangeEntity{&engine, scanner}});
    router.add({Method::del, root + "/*", Where::loop, DeleteEntity{&engine}});
  }
}

}  // namespace duliang
