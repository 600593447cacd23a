#include "doors/sensorthings/deep_insert.h"

#include <deque>

#include "base/limits.h"

namespace duliang {
namespace {

// Rows come out in an order in which each stands before those that point to it: what a row points
// to is read before the row, what points to the row after it.
class DeepInsert {
 public:
  Result<RowId> entity(TypeId type, const Json& json, const std::string& path,
                       const std::map<std::string, RowId, std::less<>>& given) {
    CHECK(type_of(type).face == Face::sensorthings, "nobody writes the city's entities from here");
    if (!json.is_object()) return at(path, "expects an object");
    if (++rows_ > limits::kDeepInsertRows) {
      return Error{Code::too_large,
                   fmt::format("One request creates at most {} entities.", limits::kDeepInsertRows),
                   path};
    }
    Row row = make_row(type, rows_ == 1 ? kAskedRow : RowId{-static_cast<int64_t>(rows_)});
    for (const auto& [relation, target] : given) row.link(relation) = target;
    TRY_DO(properties(row, json, path));
    TRY_DO(outward(row, json, path));
    const RowId id = row.id;
    TRY_DO(complete(row, path));
    put_.changes.push_back(RowChange::put(std::move(row)));
    TRY_DO(inward(type, id, json, path));
    return id;
  }

  void link(TypeId owner, int relation, RowId from, RowId to) {
    put_.changes.push_back(RowChange::linked(owner, relation, from, to));
  }

  PutRows take() { return std::move(put_); }

 private:
  static Error at(const std::string& path, const std::string& what) {
    return {Code::bad_input, fmt::format("{} {}.", path.empty() ? "The body" : path, what), path};
  }
  static std::string below(const std::string& path, std::string_view name) {
    return path.empty() ? std::string(name) : path + "." + std::string(name);
  }

  // From the readings; whoever sends them has only read them here before.
  static bool is_computed(TypeId type, std::string_view name) {
    return type == TypeId::datastream &&
           (name == "phenomenonTime" || name == "resultTime" || name == "observedArea");
  }

  // What 18-088 says of a property beyond its kind, and the limits of names.
  static Status check_property(std::string_view name, const Json& value, const std::string& path) {
    if ((name == "unitOfMeasurement" || name == "properties") && !value.is_object() &&
        !value.is_null()) {
      return at(path, "expects an object");
    }
    const Json* english = name == "properties" ? value.find("nameEn") : nullptr;
    const Json& text = english != nullptr ? *english : value;
    const bool is_name = name == "name" || english != nullptr;
    if (is_name && text.is_string() && text.as_string().size() > limits::kNameBytes) {
      return Error{Code::too_large, fmt::format("A name has at most {} bytes.", limits::kNameBytes),
                   english != nullptr ? below(path, "nameEn") : path};
    }
    return {};
  }

  static Status properties(Row& row, const Json& json, const std::string& path) {
    const EntityType& type = type_of(row.type);
    for (const auto& [name, value] : json.members()) {
      const int index = type.property_index(name);
      if (index < 0) {
        const bool known = shown_step(Face::sensorthings, row.type, name) != nullptr ||
                           name == "@iot.id" || name == "id";
        if (known) continue;
        return at(below(path, name), fmt::format("is unknown: {} has no such property", type.name));
      }
      if (is_computed(row.type, name)) continue;
      TRY_DO(check_property(name, value, below(path, name)));
      const Property& property = type.properties[static_cast<size_t>(index)];
      auto parsed = to_value(value, property);
      if (!parsed.ok()) {
        return Error{Code::bad_input, parsed.error().message, below(path, name)};
      }
      row.values[static_cast<size_t>(index)] = std::move(parsed).value();
    }
    return {};
  }

  static Status complete(const Row& row, const std::string& path) {
    const EntityType& type = type_of(row.type);
    for (size_t i = 0; i < type.properties.size(); ++i) {
      if (type.properties[i].required && is_null(row.values[i])) {
        return at(below(path, type.properties[i].name), "is missing");
      }
    }
    for (size_t i = 0; i < row.links.size(); ++i) {
      if (type.relations[i].required && row.links[i] == kNoRow) {
        return at(below(path, type.relations[i].name), "is missing");
      }
    }
    return {};
  }

  // {"@iot.id": 5} names an entity that exists; anything else is a new one.
  static std::optional<RowId> reference(const Json& json) {
    const Json* id = json.find("@iot.id");
    if (id == nullptr || json.members().size() != 1 || !id->is_number()) return std::nullopt;
    const auto number = id->as_integer();
    return number && *number > 0 ? std::optional(RowId{*number}) : std::nullopt;
  }

  // What this row points to: to-one relations.
  Status outward(Row& row, const Json& json, const std::string& path) {
    const EntityType& type = type_of(row.type);
    for (size_t i = 0; i < type.to_one_count(); ++i) {
      const Relation& relation = type.relations[i];
      const Json* value = json.find(relation.name);
      if (value == nullptr) continue;
      const std::string where = below(path, relation.name);
      if (row.links[i] != kNoRow) return at(where, "is already given by the place of this entity");
      if (const auto existing = reference(*value)) {
        row.links[i] = *existing;
        continue;
      }
      TRY(row.links[i], entity(relation.target, *value, where, {}));
    }
    return {};
  }

  // What points to this row, or is linked with it: to-many relations.
  Status inward(TypeId type, RowId id, const Json& json, const std::string& path) {
    for (const NamedStep& step : steps_of(type)) {
      if (!step.step.many() || !is_shown(Face::sensorthings, step.step.target)) continue;
      const Json* value = json.find(step.name);
      if (value == nullptr) continue;
      const std::string where = below(path, step.name);
      if (!value->is_array()) return at(where, "expects an array");
      for (size_t i = 0; i < value->items().size(); ++i) {
        TRY_DO(related(step.step, id, value->items()[i], fmt::format("{}[{}]", where, i)));
      }
    }
    return {};
  }

  Status related(const Step& step, RowId id, const Json& json, const std::string& where) {
    const Relation& relation = type_of(step.owner).relations[static_cast<size_t>(step.relation)];
    if (step.kind == Step::Kind::to_many_inverse) {
      if (step.target == TypeId::observation) return at(where, "is not created with its stream");
      if (reference(json)) return at(where, "can't move an entity that exists");
      TRY_DO(entity(step.target, json, where, {{std::string(relation.name), id}}));
      return {};
    }
    RowId other = kNoRow;
    if (const auto existing = reference(json)) {
      other = *existing;
    } else {
      TRY(other, entity(step.target, json, where, {}));
    }
    const bool owner_first = step.kind == Step::Kind::many_to_many;
    link(step.owner, step.relation, owner_first ? id : other, owner_first ? other : id);
    return {};
  }

  PutRows put_;
  size_t rows_ = 0;
};

}  // namespace

Result<PutRows> parse_deep_insert(TypeId type, const Json& body, const std::optional<Step>& by,
                                  RowId parent) {
  DeepInsert insert;
  std::map<std::string, RowId, std::less<>> given;
  if (by && by->kind == Step::Kind::to_many_inverse) {
    given.emplace(type_of(by->owner).relations[static_cast<size_t>(by->relation)].name, parent);
  }
  TRY_DO(insert.entity(type, body, "", given));
  if (by && by->kind == Step::Kind::many_to_many) {
    insert.link(by->owner, by->relation, parent, kAskedRow);
  }
  if (by && by->kind == Step::Kind::many_to_many_inverse) {
    insert.link(by->owner, by->relation, kAskedRow, parent);
  }
  return insert.take();
}

}  // namespace duliang
