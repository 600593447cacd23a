#include "doors/odata/resource.h"

#include "base/text.h"

namespace duliang {
namespace {

Error nothing(std::string_view segment) {
  return {Code::not_found, fmt::format("'{}' names nothing here.", segment.substr(0, 80)), ""};
}

// From one entity along a relation, to another entity or to a set.
Result<Resource> step_on(const View& view, const Resource& at, const Segment& segment,
                         std::string_view text) {
  if (!at.entity) return nothing(text);
  const Step* step = find_step(at.type, segment.name);
  if (step == nullptr) return nothing(text);
  Resource next;
  next.type = step->target;
  if (!step->many()) {
    if (segment.id) return nothing(text);
    TRY(next.entity, follow_to_one(view, *at.entity, *step));
    if (!next.entity) return nothing(text);
    return next;
  }
  if (!segment.id) {
    next.by = *step;
    next.from = at.entity->id;
    return next;
  }
  TRY(next.entity, find_entity(view, step->target, *segment.id));
  if (!next.entity) return nothing(text);
  if (step->kind == Step::Kind::to_many_inverse) {
    const auto& relation = type_of(step->owner).relations[static_cast<size_t>(step->relation)];
    if (next.entity->link(relation.name) != at.entity->id) return nothing(text);
    return next;
  }
  TRY(const bool reached, view.ledger.reaches(*step, at.entity->id, *segment.id));
  if (!reached) return nothing(text);
  return next;
}

}  // namespace

Result<Segment> parse_segment(std::string_view text) {
  const size_t bracket = text.find('(');
  if (bracket == std::string_view::npos) return Segment{text, std::nullopt};
  if (text.back() != ')') return nothing(text);
  const auto id = parse_integer(text.substr(bracket + 1, text.size() - bracket - 2));
  if (!id) return nothing(text);
  return Segment{text.substr(0, bracket), RowId{*id}};
}

Result<Resource> resolve(const View& view, Face face, std::string_view path) {
  const auto segments = split(path, '/');
  if (segments.size() > kPathSegments) {
    return Error{Code::bad_input, fmt::format("A path has at most {} segments.", kPathSegments),
                 ""};
  }
  TRY(const Segment first, parse_segment(segments.front()));
  const EntityType* type = type_by_set(first.name);
  if (type == nullptr || type->face != face) return nothing(segments.front());
  Resource at;
  at.type = type->id;
  if (first.id) {
    TRY(at.entity, find_entity(view, type->id, *first.id));
    if (!at.entity) return nothing(segments.front());
  }
  for (size_t i = 1; i < segments.size(); ++i) {
    TRY(const Segment segment, parse_segment(segments[i]));
    TRY(at, step_on(view, at, segment, segments[i]));
  }
  return at;
}

}  // namespace duliang
