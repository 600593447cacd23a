#include "doors/odata/resource.h"

#include "base/limits.h"
#include "base/text.h"

namespace duliang {
namespace {

// From one entity along a relation, to another entity or to a set.
Result<Resource> step_on(const View& view, Face face, const Resource& at, std::string_view text) {
  TRY(const Segment segment, parse_segment(text));
  if (!at.entity) return names_nothing(text);
  const Step* step = shown_step(face, at.type, segment.name);
  if (step == nullptr) return names_nothing(text);
  Resource next;
  next.type = step->target;
  if (!step->many()) {
    if (segment.id) return names_nothing(text);
    const RowId target = at.entity->links[static_cast<size_t>(step->relation)];
    if (target == kNoRow) return names_nothing(text);
    TRY(next.entity, find_stored(view, step->target, target));
    if (!next.entity) return names_nothing(text);
    return next;
  }
  if (!segment.id) {
    next.by = *step;
    next.from = at.entity->id;
    return next;
  }
  TRY(next.entity, find_stored(view, step->target, *segment.id));
  if (!next.entity) return names_nothing(text);
  if (step->kind == Step::Kind::to_many_inverse) {
    const auto& relation = type_of(step->owner).relations[static_cast<size_t>(step->relation)];
    if (next.entity->link(relation.name) != at.entity->id) return names_nothing(text);
    return next;
  }
  TRY(const bool reached, view.ledger.reaches(*step, at.entity->id, *segment.id));
  if (!reached) return names_nothing(text);
  return next;
}

}  // namespace

Error names_nothing(std::string_view segment) {
  return {Code::not_found, fmt::format("'{}' names nothing here.", segment.substr(0, 80)), ""};
}

bool is_shown(Face face, TypeId type) {
  return face == Face::city || type_of(type).face == Face::sensorthings;
}

bool is_shown(Face face, const Step& step) {
  const Relation& relation = type_of(step.owner).relations[static_cast<size_t>(step.relation)];
  return is_shown(face, step.target) && (face == Face::city || !relation.city_only);
}

bool is_shown_null(TypeId type, std::string_view property) {
  return type == TypeId::observation && property == "resultTime";
}

const Step* shown_step(Face face, TypeId from, std::string_view name) {
  const Step* step = find_step(from, name);
  return step != nullptr && is_shown(face, *step) ? step : nullptr;
}

// Decoded behind the split, so that an encoded slash is part of a name and no slash of the path.
Result<Segment> parse_segment(std::string_view text) {
  const auto decoded = decode_percent(text);
  if (!decoded) {
    return Error{Code::bad_input, fmt::format("'{}' is badly percent-encoded.", text.substr(0, 80)),
                 ""};
  }
  const std::string_view plain = *decoded;
  const size_t bracket = plain.find('(');
  if (bracket == std::string_view::npos) return Segment{std::string(plain), std::nullopt};
  if (plain.back() != ')') return names_nothing(text);
  const auto id = parse_integer(plain.substr(bracket + 1, plain.size() - bracket - 2));
  if (!id) return names_nothing(text);
  return Segment{std::string(plain.substr(0, bracket)), RowId{*id}};
}

Result<NamedSet> named_set(Face face, std::string_view text) {
  TRY(const Segment segment, parse_segment(text));
  const EntityType* type = type_by_set(segment.name);
  if (type == nullptr || !is_shown(face, type->id)) return names_nothing(text);
  return NamedSet{type->id, segment.id};
}

Result<std::vector<std::string_view>> segments_of(std::string_view path) {
  auto segments = split(path, '/');
  if (segments.size() <= limits::kPathSegments) return segments;
  return Error{Code::bad_input,
               fmt::format("A path has at most {} segments.", limits::kPathSegments), ""};
}

Result<Resource> resolve(const View& view, Face face, std::string_view path) {
  TRY(const auto segments, segments_of(path));
  TRY(const NamedSet first, named_set(face, segments.front()));
  Resource at;
  at.type = first.type;
  if (first.id) {
    TRY(at.entity, find_stored(view, first.type, *first.id));
    if (!at.entity) return names_nothing(segments.front());
  }
  for (size_t i = 1; i < segments.size(); ++i) {
    TRY(at, step_on(view, face, at, segments[i]));
  }
  if (at.entity) TRY_DO(add_extent(view, *at.entity));
  return at;
}

}  // namespace duliang
