#include "doors/odata/as_of.h"

#include "query/lost_plus.h"

namespace duliang {
namespace {

Result<std::optional<Time>> as_of(std::string_view query) {
  TRY(const auto pairs, parse_query(query));
  for (const auto& [name, value] : pairs) {
    if (name != kAsOf) continue;
    auto time = parse_time(with_plus(value));
    if (!time.ok()) {
      return Error{Code::bad_input, "as_of expects a time, as 2026-11-24T06:00:00Z.", name};
    }
    return std::optional<Time>(*time);
  }
  return std::optional<Time>();
}

// A row, and when.
struct RowThen {
  TypeId type{};
  RowId id = kNoRow;
  Time then{};
};

// The row as one of its versions; none where the question is of more than the row.
Result<std::optional<Shown>> answer_row(Engine& engine, const Rendering& rendering,
                                        const RowThen& asked, std::string_view query) {
  const auto& [type, id, then] = asked;
  TRY(const uint64_t sequence, engine.sequence_at(then));
  TRY(const View view, engine.view());
  Resource resource;
  resource.type = type;
  TRY(resource.entity, view.ledger.find_as_of(type, id, sequence));
  if (!resource.entity) {
    return Error{Code::not_found,
                 fmt::format("There was no {}({}) then.", type_of(type).set, number(id)), ""};
  }
  TRY(const Options options, parse_options(resource, rendering.face, query));
  if (!options.expand.empty()) return std::optional<Shown>();
  return std::optional(show(*resource.entity, rendering, options.select));
}

}  // namespace

Result<View> view_for(Engine& engine, std::string_view query) {
  TRY(const auto then, as_of(query));
  return then ? engine.view_as_of(*then) : engine.view();
}

Result<Shown> answer_get(Engine& engine, const Rendering& rendering, std::string_view path,
                         std::string_view query) {
  TRY(const auto then, as_of(query));
  const auto named = named_set(rendering.face, path);
  const bool is_row = named.ok() && named->id && named->type != TypeId::observation;
  if (then && is_row) {
    TRY(auto answer, answer_row(engine, rendering, {named->type, *named->id, *then}, query));
    if (answer) return std::move(*answer);
  }
  TRY(const View view, then ? engine.view_as_of(*then) : engine.view());
  return answer_get(view, rendering, path, query);
}

}  // namespace duliang
