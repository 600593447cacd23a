#include "base/text.h"
#include "query/evaluate.h"
#include "query/names.h"

namespace duliang {
namespace {

constexpr size_t kKeptRows = 4096;  // more are forgotten and read again

using Path = std::span<const std::string>;

// Into an object by name, into an array by number from 0.
const Json* member(const Json& json, const std::string& name) {
  if (!json.is_array()) return json.find(name);
  const auto index = parse_integer(name);
  if (!index || *index < 0 || static_cast<uint64_t>(*index) >= json.items().size()) return nullptr;
  return &json.items()[static_cast<size_t>(*index)];
}

Value value_within(const Value& value, Path path) {
  if (path.empty()) return value;
  const Json* json = std::get_if<Json>(&value);
  for (size_t i = 0; json != nullptr && i < path.size(); ++i) json = member(*json, path[i]);
  return json != nullptr ? to_value(*json) : Value{};
}

Error no_such_name(const Expression& path, std::string_view name, const EntityType& type) {
  std::vector<std::string> known{"id"};
  for (const Property& property : type.properties) known.emplace_back(property.name);
  for (const NamedStep& named : steps_of(type.id))
    if (!named.step.many()) known.emplace_back(named.name);
  const std::string near = nearest(name, known);
  std::string hint = near.empty() ? "" : fmt::format(" Did you mean {}?", quoted(near));
  return {Code::bad_input,
          fmt::format("At position {}: {} has no {}.{}", path.position, type.name, quoted(name),
                      hint),
          ""};
}

Status check_path(const Expression& path, const EntityType& type, size_t at) {
  const std::string& name = path.path[at];
  const bool last = at + 1 == path.path.size();
  if (is_id_name(name)) {
    if (last) return {};
    return Error{Code::bad_input,
                 fmt::format("At position {}: nothing can follow the id in a path.",
                             path.position),
                 ""};
  }
  if (const int index = type.property_index(name); index >= 0) {
    const PropertyType kind = type.properties[static_cast<size_t>(index)].type;
    if (last || kind == PropertyType::json) return {};
    return Error{Code::bad_input,
                 fmt::format("At position {}: {} of {} is not JSON and has no parts.",
                             path.position, name, type.name),
                 ""};
  }
  const Step* step = find_step(type.id, name);
  if (step == nullptr) return no_such_name(path, name, type);
  if (step->many())
    return Error{Code::unsupported,
                 fmt::format("At position {}: {} leads to many entities; a path may only follow "
                             "relations to one.",
                             path.position, quoted(name)),
                 ""};
  if (last) return {};
  return check_path(path, type_of(step->target), at + 1);
}

}  // namespace

bool is_id_name(std::string_view name) { return name == "id" || name == "@iot.id"; }

Result<Value> Names::resolve(const Row& row, Path path) {
  const EntityType& type = type_of(row.type);
  const std::string& name = path.front();
  if (is_id_name(name)) return Value{static_cast<int64_t>(row.id)};
  if (const int index = type.property_index(name); index >= 0)
    return value_within(row.values[static_cast<size_t>(index)], path.subspan(1));
  const int index = type.relation_index(name);
  if (index < 0 || type.relations[static_cast<size_t>(index)].many) return Value{};
  const auto place = static_cast<size_t>(index);
  return resolve_linked(type.relations[place].target, row.links[place], path.subspan(1));
}

Result<Value> Names::resolve_linked(TypeId type, RowId id, Path path) {
  if (id == kNoRow) return Value{};
  if (path.empty() || (path.size() == 1 && is_id_name(path.front())))
    return Value{static_cast<int64_t>(id)};
  TRY(const Row* row, linked_row(type, id));
  return row != nullptr ? resolve(*row, path) : Value{};
}

Result<const Row*> Names::linked_row(TypeId type, RowId id) {
  const std::pair key{type, id};
  auto kept = rows_.find(key);
  if (kept == rows_.end()) {
    TRY(auto row, ledger_.find(type, id));
    if (rows_.size() >= kKeptRows) rows_.clear();
    kept = rows_.emplace(key, std::move(row)).first;
  }
  return kept->second ? &*kept->second : nullptr;
}

Scope scope_of(const Ledger& ledger, const Row& row, Time now) {
  return {.resolve = [names = Names(ledger), row](Path path) mutable {
            return names.resolve(row, path);
          },
          .now = now};
}

Status check_names(const Expression& expression, TypeId type) {
  return visit_paths(expression, [type](const Expression& path) {
    return check_path(path, type_of(type), 0);
  });
}

}  // namespace duliang
