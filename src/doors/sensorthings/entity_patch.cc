#include "doors/sensorthings/entity_patch.h"

#include "base/limits.h"
#include "doors/sensorthings/members.h"

namespace duliang {
namespace {

constexpr const char* kReference = R"(expects a reference, {"@iot.id": 1}: what exists is changed)";

Result<RowId> parse_reference(const Json& json, const std::string& path) {
  if (const auto id = reference(json)) return *id;
  return member_error(path, kReference);
}

Status add_links(ChangeRow& change, const NamedStep& named, const Json& json) {
  const std::string name(named.name);
  if (!named.step.many()) {
    TRY(const RowId to, parse_reference(json, name));
    change.links.push_back({name, to});
    return {};
  }
  if (named.step.target == TypeId::observation) {
    return member_error(name, "are not changed from here: an Observation is, by itself");
  }
  if (!json.is_array()) return member_error(name, "expects an array");
  if (json.items().size() > limits::kDeepInsertRows) {
    return Error{Code::too_large,
                 fmt::format("One request links at most {} entities.", limits::kDeepInsertRows),
                 name};
  }
  for (size_t i = 0; i < json.items().size(); ++i) {
    TRY(const RowId to, parse_reference(json.items()[i], fmt::format("{}[{}]", name, i)));
    change.links.push_back({name, to});
  }
  return {};
}

Status add_member(ChangeRow& change, const std::string& name, const Json& json) {
  const EntityType& type = type_of(change.type);
  if (name == "id" || name.find("@iot.") != std::string::npos) return {};
  if (is_computed(type.id, name)) return {};
  if (const int index = type.property_index(name); index >= 0) {
    const Property& property = type.properties[static_cast<size_t>(index)];
    TRY_DO(check_member(name, json, name));
    if (const auto value = to_value(json, property); !value.ok()) {
      return Error{Code::bad_input, value.error().message, name};
    }
    if (json.is_null() && property.required) return member_error(name, "can't be null");
    change.values[name] = json;
    return {};
  }
  for (const NamedStep& named : steps_of(type.id)) {
    if (named.name != name || !is_shown(Face::sensorthings, named.step)) continue;
    return add_links(change, named, json);
  }
  return member_error(name, fmt::format("is unknown: {} has no such property", type.name));
}

}  // namespace

Result<ChangeRow> parse_entity_patch(TypeId type, RowId id, const Json& body) {
  CHECK(type_of(type).face == Face::sensorthings, "nobody writes the city's entities from here");
  if (!body.is_object()) return member_error("", "expects an object");
  ChangeRow change{type, id, Json::object(), {}};
  for (const auto& [name, json] : body.members()) TRY_DO(add_member(change, name, json));
  return change;
}

Result<ChangeRow> parse_entity_put(TypeId type, RowId id, const Json& body) {
  TRY(ChangeRow change, parse_entity_patch(type, id, body));
  for (const Property& property : type_of(type).properties) {
    if (is_computed(type, property.name) || change.values.find(property.name) != nullptr) continue;
    const std::string name(property.name);
    if (property.required) return member_error(name, "is missing");
    change.values[name] = Json();
  }
  return change;
}

}  // namespace duliang
