#include "doors/sensorthings/links.h"

#include "base/text.h"
#include "doors/http/http.h"
#include "doors/sensorthings/members.h"

namespace duliang {
namespace {

// `Things(1)/Locations(2)`
struct LinkPath {
  TypeId type{};
  RowId id = kNoRow;
  std::string relation;
  const Step* step = nullptr;
  std::optional<RowId> to;
};

Error no_link(std::string_view path) {
  return {Code::not_found,
          fmt::format("'{}' names no link: expected Set(id)/Relation/$ref.", path.substr(0, 80)),
          ""};
}

Result<LinkPath> parse_link_path(std::string_view path) {
  const std::string_view below = path.substr(0, path.size() - std::min(path.size(), kRef.size()));
  const auto segments = split(below, '/');
  if (segments.size() != 2) return no_link(path);
  TRY(const NamedSet from, named_set(Face::sensorthings, segments[0]));
  TRY(const Segment relation, parse_segment(segments[1]));
  const Step* step = shown_step(Face::sensorthings, from.type, relation.name);
  if (!from.id || step == nullptr) return no_link(path);
  if (relation.id && !step->many()) return no_link(path);
  return LinkPath{from.type, *from.id, relation.name, step, relation.id};
}

LinkBody change_of(const LinkPath& path, RowId to, bool off) {
  if (path.type != TypeId::observation) {
    return ChangeRow{path.type, path.id, Json::object(), {{path.relation, to, off}}};
  }
  PatchReading patch;
  patch.id = ReadingId{number(path.id)};
  if (path.step->target == TypeId::feature_of_interest) {
    patch.patch.feature = off ? kNoRow : to;
  } else {
    patch.patch.stream = StreamId{off ? 0 : number(to)};
  }
  return patch;
}

// Behind the last slash, as an address has it.
Result<RowId> parse_address(std::string_view address) {
  const std::string_view last = address.substr(address.rfind('/') + 1);
  const auto segment = parse_segment(last);
  if (segment.ok() && segment->id) return *segment->id;
  return Error{Code::bad_input, "$id expects the address of an entity, as Locations(2).", "$id"};
}

}  // namespace

std::string_view below_root(std::string_view path, std::string_view root) {
  path.remove_prefix(std::min(path.size(), root.size()));
  while (path.starts_with('/')) path.remove_prefix(1);
  while (path.ends_with('/')) path.remove_suffix(1);
  return path;
}

Result<RowId> parse_link(std::string_view body) {
  TRY(const Json json, parse_json(body));
  if (const auto to = reference(json)) return *to;
  return member_error("", R"(expects a reference: {"@iot.id": 1})");
}

ChangeRow link_to(const Resource& set, RowId to) {
  CHECK(set.by.has_value(), "a set that some entity has");
  const Relation& relation =
      type_of(set.by->owner).relations[static_cast<size_t>(set.by->relation)];
  const bool from_owner = set.by->kind == Step::Kind::many_to_many;
  const TypeId type = from_owner ? set.by->owner : relation.target;
  const std::string_view name = from_owner ? relation.name : relation.inverse;
  return {type, set.from, Json::object(), {{std::string(name), to}}};
}

Result<LinkBody> parse_link_to_one(std::string_view path, std::string_view body) {
  TRY(const LinkPath link, parse_link_path(path));
  if (link.step->many()) {
    return Error{Code::unsupported,
                 fmt::format("{} are linked by POST and taken off by DELETE.", link.relation), ""};
  }
  TRY(const RowId to, parse_link(body));
  return change_of(link, to, false);
}

Result<LinkBody> parse_unlink(std::string_view path, std::string_view query) {
  TRY(LinkPath link, parse_link_path(path));
  TRY(const auto options, parse_query(query));
  for (const auto& [name, value] : options) {
    if (name != "$id" || link.to) {
      return Error{Code::bad_input, fmt::format("A link is not asked for by {}.", name), name};
    }
    TRY(link.to, parse_address(value));
  }
  if (link.step->many() && !link.to) return no_link(path);
  if (link.step->target == TypeId::observation) {
    return Error{Code::conflict, "An Observation needs its Datastream; take its FeatureOfInterest "
                 "off by Observations(id)/FeatureOfInterest/$ref.", link.relation};
  }
  return change_of(link, link.to.value_or(kNoRow), true);
}

}  // namespace duliang
