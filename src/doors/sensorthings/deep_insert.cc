#include "doors/sensorthings/deep_insert.h"

#include <deque>

#include "base/limits.h"
#include "doors/sensorthings/members.h"
#include "doors/sensorthings/observation.h"

namespace duliang {
namespace {

// Rows come out in an order in which each stands before those that point to it: what a row points
// to is read before the row, what points to the row after it.
class DeepInsert {
 public:
  // What an entity points to by its place in the body, by name of the relation.
  using Given = std::map<std::string, RowId, std::less<>>;

  Result<RowId> entity(TypeId type, const Json& json, const std::string& path,
                       const Given& given) {
    CHECK(type_of(type).face == Face::sensorthings, "nobody writes the city's entities from here");
    if (!json.is_object()) return member_error(path, "expects an object");
    if (++rows_ > limits::kDeepInsertRows) {
      return Error{Code::too_large,
                   fmt::format("One request creates at most {} entities.", limits::kDeepInsertRows),
                   path};
    }
    Row row = make_row(type, rows_ == 1 ? kAskedRow : RowId{-static_cast<int64_t>(rows_)});
    for (const auto& [relation, target] : given) row.link(relation) = target;
    TRY_DO(properties(row, json, path));
    TRY_DO(outward(row, json, path, given));
    const RowId id = row.id;
    TRY_DO(complete(row, path));
    put_.changes.push_back(RowChange::put(std::move(row)));
    TRY_DO(inward(type, id, json, path));
    return id;
  }

  // An Observation; `given` as of entity(). What it names is created before it, where it is new.
  Status reading(const Json& json, const std::string& path, const Given& given) {
    if (!json.is_object()) return member_error(path, "expects an object");
    const EntityType& type = type_of(TypeId::observation);
    std::vector<RowId> named(type.to_one_count(), kNoRow);
    Json own = Json::object();
    for (const auto& [name, value] : json.members()) {
      const int relation = type.relation_index(name);
      if (relation < 0) {
        own[name] = value;
        continue;
      }
      RowId& target = named[static_cast<size_t>(relation)];
      TRY_DO(one(target, type.relations[static_cast<size_t>(relation)], value,
                 member_path(path, name), given));
    }
    for (const auto& [relation, target] : given) {
      named[static_cast<size_t>(type.relation_index(relation))] = target;
    }
    const StreamId stream{number(named[static_cast<size_t>(type.relation_index("Datastream"))])};
    auto parsed = parse_observation(scanner_, own.dump(), stream);
    if (!parsed.ok()) {
      Error error = parsed.error();
      error.field = member_path(path, error.field);
      return error;
    }
    parsed->feature = named[static_cast<size_t>(type.relation_index("FeatureOfInterest"))];
    put_.readings.push_back(std::move(*parsed));
    return {};
  }

  void link(TypeId owner, int relation, RowId from, RowId to) {
    put_.changes.push_back(RowChange::linked(owner, relation, from, to));
  }

  PutRows take() { return std::move(put_); }

 private:
  static Status properties(Row& row, const Json& json, const std::string& path) {
    const EntityType& type = type_of(row.type);
    for (const auto& [name, value] : json.members()) {
      const int index = type.property_index(name);
      if (index < 0) {
        const bool known = shown_step(Face::sensorthings, row.type, name) != nullptr ||
                           name == "@iot.id" || name == "id";
        if (known) continue;
        return member_error(member_path(path, name),
                            fmt::format("is unknown: {} has no such property", type.name));
      }
      if (is_computed(row.type, name)) continue;
      TRY_DO(check_member(name, value, member_path(path, name)));
      const Property& property = type.properties[static_cast<size_t>(index)];
      auto parsed = to_value(value, property);
      if (!parsed.ok()) {
        return Error{Code::bad_input, parsed.error().message, member_path(path, name)};
      }
      row.values[static_cast<size_t>(index)] = std::move(parsed).value();
    }
    return {};
  }

  static Status complete(const Row& row, const std::string& path) {
    const EntityType& type = type_of(row.type);
    for (size_t i = 0; i < type.properties.size(); ++i) {
      if (type.properties[i].required && is_null(row.values[i])) {
        return member_error(member_path(path, type.properties[i].name), "is missing");
      }
    }
    for (size_t i = 0; i < row.links.size(); ++i) {
      if (type.relations[i].required && row.links[i] == kNoRow) {
        return member_error(member_path(path, type.relations[i].name), "is missing");
      }
    }
    return {};
  }

  // What this row points to: to-one relations.
  Status outward(Row& row, const Json& json, const std::string& path, const Given& given) {
    const EntityType& type = type_of(row.type);
    for (size_t i = 0; i < type.to_one_count(); ++i) {
      const Relation& relation = type.relations[i];
      const Json* value = json.find(relation.name);
      if (value == nullptr || relation.city_only) continue;
      TRY_DO(one(row.links[i], relation, *value, member_path(path, relation.name), given));
    }
    return {};
  }

  // What a to-one relation names: what exists, or an entity that is created before.
  Status one(RowId& target, const Relation& relation, const Json& value, const std::string& where,
             const Given& given) {
    if (given.contains(relation.name)) {
      return member_error(where, "is already given by the place of this entity");
    }
    if (const auto existing = reference(value)) {
      target = *existing;
      return {};
    }
    TRY(target, entity(relation.target, value, where, {}));
    return {};
  }

  // What points to this row, or is linked with it: to-many relations.
  Status inward(TypeId type, RowId id, const Json& json, const std::string& path) {
    for (const NamedStep& step : steps_of(type)) {
      if (!step.step.many() || !is_shown(Face::sensorthings, step.step)) continue;
      const Json* value = json.find(step.name);
      if (value == nullptr) continue;
      const std::string where = member_path(path, step.name);
      if (!value->is_array()) return member_error(where, "expects an array");
      for (size_t i = 0; i < value->items().size(); ++i) {
        TRY_DO(related(step.step, id, value->items()[i], fmt::format("{}[{}]", where, i)));
      }
    }
    return {};
  }

  Status related(const Step& step, RowId id, const Json& json, const std::string& where) {
    const Relation& relation = type_of(step.owner).relations[static_cast<size_t>(step.relation)];
    if (step.kind == Step::Kind::to_many_inverse) {
      if (bare_reference(json)) return member_error(where, "can't move an entity that exists");
      if (step.target == TypeId::observation) {
        return reading(json, where, {{std::string(relation.name), id}});
      }
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
  JsonScanner scanner_;
};

}  // namespace

Result<PutRows> parse_deep_insert(TypeId type, const Json& body, const std::optional<Step>& by,
                                  RowId parent) {
  DeepInsert insert;
  DeepInsert::Given given;
  if (by && by->kind == Step::Kind::to_many_inverse) {
    given.emplace(type_of(by->owner).relations[static_cast<size_t>(by->relation)].name, parent);
  }
  if (type == TypeId::observation) {
    TRY_DO(insert.reading(body, "", given));
    return insert.take();
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
