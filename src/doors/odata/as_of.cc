#include "doors/odata/as_of.h"

namespace duliang {
namespace {

Result<std::optional<Time>> as_of(std::string_view query) {
  TRY(const auto pairs, parse_query(query));
  for (const auto& [name, value] : pairs) {
    if (name != kAsOf) continue;
    auto time = parse_time(value);
    if (!time.ok()) {
      return Error{Code::bad_input, "as_of expects a time, as 2026-11-24T06:00:00Z.", name};
    }
    return std::optional<Time>(*time);
  }
  return std::optional<Time>();
}

struct Named {
  TypeId type{};
  RowId id = kNoRow;
};

// What `Cases(5)` and its like name, where that is a row.
std::optional<Named> row_named(Face face, std::string_view path) {
  const auto segment = parse_segment(path);
  if (!segment.ok() || !segment->id) return std::nullopt;
  const EntityType* type = type_by_set(segment->name);
  if (type == nullptr || !is_shown(face, type->id) || type->id == TypeId::observation) {
    return std::nullopt;
  }
  return Named{type->id, *segment->id};
}

struct NamedThen {
  Named row;
  Time then{};
};

// The row as one of its versions; none where the question is of more than the row.
Result<std::optional<std::string>> answer_row(Engine& engine, const Rendering& rendering,
                                              const NamedThen& asked, std::string_view query) {
  const auto& [type, id] = asked.row;
  TRY(const uint64_t sequence, engine.sequence_at(asked.then));
  TRY(const View view, engine.view());
  Resource resource;
  resource.type = type;
  TRY(resource.entity, view.ledger.find_as_of(type, id, sequence));
  if (!resource.entity) {
    const auto number = static_cast<int64_t>(id);
    return Error{Code::not_found,
                 fmt::format("There was no {}({}) then.", type_of(type).set, number), ""};
  }
  TRY(const Options options, parse_options(resource, rendering.face, query));
  if (!options.expand.empty()) return std::optional<std::string>();
  std::string out;
  render_entity(out, *resource.entity, rendering, options.select);
  return std::optional<std::string>(std::move(out));
}

}  // namespace

Result<View> view_for(Engine& engine, std::string_view query) {
  TRY(const auto then, as_of(query));
  return then ? engine.view_as_of(*then) : engine.view();
}

Result<std::string> answer_get(Engine& engine, const Rendering& rendering, std::string_view path,
                               std::string_view query) {
  TRY(const auto then, as_of(query));
  if (then) {
    if (const auto named = row_named(rendering.face, path)) {
      TRY(auto answer, answer_row(engine, rendering, {*named, *then}, query));
      if (answer) return std::move(*answer);
    }
  }
  TRY(const View view, then ? engine.view_as_of(*then) : engine.view());
  return answer_get(view, rendering, path, query);
}

}  // namespace duliang
