// Of the SensorThings door: what stands is changed, or goes.
#include "doors/command_of.h"
#include "doors/sensorthings/entity_patch.h"
#include "doors/sensorthings/json_patch.h"
#include "doors/sensorthings/links.h"
#include "doors/sensorthings/observation.h"
#include "doors/sensorthings/sensorthings.h"
#include "engine/group.h"
#include "model/version.h"

namespace duliang {
namespace {

// `Things(5)`, as PATCH, PUT and DELETE name what they change.
struct Named {
  TypeId type{};
  RowId id = kNoRow;
};
Result<Named> named_by(std::string_view path) {
  TRY(const NamedSet named, named_set(Face::sensorthings, path));
  if (named.id) return Named{named.type, *named.id};
  return Error{Code::unsupported,
               fmt::format("This is offered for one entity: {}(id).", type_of(named.type).set), ""};
}

Done show_when_done(Reply reply, Engine* engine, const Named& named, Rendering rendering) {
  return [reply = std::move(reply), engine, named,
          rendering = std::move(rendering)](const Result<Outcome>& outcome) {
    if (!outcome.ok()) return reply.send(error_response(outcome.error()));
    reply.send(show_entity(*engine, named.type, named.id, rendering));
  };
}

Done say_when_done(Reply reply) {
  return [reply = std::move(reply)](const Result<Outcome>& outcome) {
    if (!outcome.ok()) return reply.send(error_response(outcome.error()));
    reply.send(json_response(200, ""));
  };
}

void submit_link(Engine* engine, const Request& request, Reply reply, Result<LinkBody> link) {
  if (!link.ok()) return reply.send(error_response(link.error()));
  auto body = std::visit([](auto&& one) { return decltype(Command::body)(std::move(one)); },
                         std::move(link).value());
  engine->submit(command_of(request, "sensorthings", std::move(body)),
                 say_when_done(std::move(reply)));
}

// A JSON Patch as the body of the merging PATCH that comes to the same, of the entity as it is.
struct PatchedBody {
  std::string text;
  std::string if_match;  // the version of which that is true
};
Result<PatchedBody> apply_json_patch(Engine& engine, const Named& named, const Request& request) {
  if (!request.idempotency_key.empty()) {
    // Asked again, its tests would be of what it has made itself.
    return Error{Code::bad_input, "A JSON Patch takes no Idempotency-Key.", "Idempotency-Key"};
  }
  TRY(const View view, engine.view());
  TRY(const auto row, find_entity(view, named.type, named.id));
  if (!row) {
    return Error{Code::not_found,
                 fmt::format("There is no {}({}).", type_of(named.type).set, number(named.id)), ""};
  }
  TRY_DO(check_match(*row, request.if_match));
  TRY(const Json operations, parse_json(request.body));
  TRY(const Json merge, merge_of(operations, *row));
  return PatchedBody{merge.dump(), "\"" + version_of(*row) + "\""};
}

// Who set no condition is not answered that one did not hold.
Done without_condition(Done done) {
  return [done = std::move(done)](const Result<Outcome>& outcome) {
    if (outcome.ok() || outcome.error().code != Code::outdated) return done(outcome);
    done(Error{Code::conflict, "The entity was changed at the same time; ask again.", ""});
  };
}

// What a PATCH or PUT says is to be different.
Result<decltype(Command::body)> change_of(JsonScanner& scanner, Method method, const Named& named,
                                          std::string_view text) {
  const bool whole = method == Method::put;
  if (named.type == TypeId::observation) {
    const auto parse = whole ? parse_observation_put : parse_observation_patch;
    TRY(ReadingPatch patch, parse(scanner, text));
    return decltype(Command::body)(
        PatchReading{ReadingId{number(named.id)}, std::move(patch), {}});
  }
  TRY(const Json body, parse_json(text));
  const auto parse = whole ? parse_entity_put : parse_entity_patch;
  TRY(ChangeRow change, parse(named.type, named.id, body));
  return decltype(Command::body)(std::move(change));
}

}  // namespace

void ChangeEntity::operator()(const Request& request, Reply reply) const {
  const std::string_view path = below_root(request.path, root_of(request, Face::sensorthings));
  if (path.ends_with(kRef)) {
    auto link = parse_link_to_one(path, request.body);
    return submit_link(engine, request, std::move(reply), std::move(link));
  }
  const auto named = named_by(path);
  if (!named.ok()) return reply.send(error_response(named.error()));
  const bool is_patched = request.is_json_patch && request.method == Method::patch;
  auto patched = is_patched ? apply_json_patch(*engine, *named, request)
                            : Result<PatchedBody>(PatchedBody{});
  if (!patched.ok()) return reply.send(error_response(patched.error()));
  auto change = change_of(*scanner, request.method, *named,
                          is_patched ? patched->text : request.body);
  if (!change.ok()) return reply.send(error_response(change.error()));
  Command command = command_of(request, "sensorthings", std::move(change).value());
  Done done = show_when_done(std::move(reply), engine, *named,
                             rendering_of(request, Face::sensorthings));
  if (is_patched) {
    command.if_match = std::move(patched->if_match);
    if (request.if_match.empty()) done = without_condition(std::move(done));
  }
  engine->submit(std::move(command), std::move(done));
}

void DeleteEntity::operator()(const Request& request, Reply reply) const {
  const std::string_view path = below_root(request.path, root_of(request, Face::sensorthings));
  if (path.ends_with(kRef)) {
    return submit_link(engine, request, std::move(reply), parse_unlink(path, request.query));
  }
  const auto named = named_by(path);
  if (!named.ok()) return reply.send(error_response(named.error()));
  const auto answer = say_when_done(std::move(reply));
  // Its readings may be any number of all that there are.
  if (named->type == TypeId::feature_of_interest) {
    return engine->submit(LongCommand{request.actor, "sensorthings", RemoveFeature{named->id, {}},
                                      request.if_match},
                          answer);
  }
  if (named->type == TypeId::observation) {
    const RemoveReading remove{ReadingId{number(named->id)}, {}};
    return engine->submit(command_of(request, "sensorthings", remove), answer);
  }
  const RemoveRow remove{named->type, named->id, {}};
  engine->submit(command_of(request, "sensorthings", remove), answer);
}

Response shown_response(Shown shown, std::string_view if_none_match) {
  Response response = std::move(shown.response);
  if (shown.version.empty()) return response;
  response.headers.emplace_back("ETag", "\"" + shown.version + "\"");
  if (!shown.is_all || !names_version(if_none_match, shown.version, Comparison::weak)) {
    return response;
  }
  response.status = 304;
  response.content_type.clear();
  response.body.clear();
  return response;
}

Response show_entity(Engine& engine, TypeId type, RowId id, const Rendering& rendering) {
  auto view = engine.view();
  if (!view.ok()) return error_response(view.error());
  auto row = find_entity(*view, type, id);
  if (!row.ok()) return error_response(row.error());
  if (!*row) {
    return error_response(
        {Code::not_found, fmt::format("The {} is gone.", type_of(type).name), ""});
  }
  return shown_response(show(**row, rendering, {}), "");
}

}  // namespace duliang
