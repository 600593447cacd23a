#include "doors/sensorthings/json_patch.h"

#include <algorithm>

#include "base/limits.h"
#include "base/text.h"
#include "doors/odata/resource.h"
#include "doors/sensorthings/members.h"

namespace duliang {
namespace {

constexpr size_t kOperations = 1000;  // of one patch
// "/properties/a~1b/0": at least one name, since the entity itself is not patched away.
using Names = std::vector<std::string>;

std::optional<Names> parse_pointer(std::string_view text) {
  if (!text.starts_with('/')) return std::nullopt;
  Names names;
  for (const std::string_view token : split(text.substr(1), '/')) {
    std::string name;
    for (size_t i = 0; i < token.size(); ++i) {
      if (token[i] != '~') {
        name += token[i];
        continue;
      }
      if (++i == token.size() || (token[i] != '0' && token[i] != '1')) return std::nullopt;
      name += token[i] == '0' ? '~' : '/';
    }
    names.push_back(std::move(name));
  }
  return names;
}

// The place of an item: digits alone, none in front that says nothing.
std::optional<size_t> parse_place(std::string_view name) {
  const bool digits = !name.empty() && name.find_first_not_of("0123456789") == name.npos;
  if (!digits || (name.size() > 1 && name.starts_with('0'))) return std::nullopt;
  const auto place = parse_integer(name);
  return place ? std::optional(static_cast<size_t>(*place)) : std::nullopt;
}

Json* inside(Json& json, const std::string& name) {
  if (!json.is_array()) return json.find(name);
  const auto place = parse_place(name);
  return place && *place < json.items().size() ? &json.items()[*place] : nullptr;
}

std::vector<const JsonMember*> by_name(const Json& object) {
  std::vector<const JsonMember*> members;
  for (const JsonMember& member : object.members()) members.push_back(&member);
  std::ranges::sort(members, {}, &JsonMember::first);
  return members;
}

bool same_number(const Json& a, const Json& b) {
  const auto a_whole = a.as_integer();
  const auto b_whole = b.as_integer();
  if (a_whole && b_whole) return *a_whole == *b_whole;
  return a.as_double() == b.as_double();
}

// As RFC 6902 has it, 4.6: numbers by value, members in any order.
bool same_value(const Json& a, const Json& b) {
  if (a.is_number() && b.is_number()) return same_number(a, b);
  if (a.is_array() && b.is_array()) {
    return std::ranges::equal(a.items(), b.items(), same_value);
  }
  if (!a.is_object() || !b.is_object()) return a == b;
  return std::ranges::equal(by_name(a), by_name(b),
                            [](const JsonMember* one, const JsonMember* other) {
                              return one->first == other->first &&
                                     same_value(one->second, other->second);
                            });
}

struct Weight {
  size_t depth = 0;
  size_t bytes = 0;  // about, in memory
};
Weight weight_of(const Json& json) {
  Weight weight{0, sizeof(Json)};
  const auto add = [&weight](const Json& inner) {
    const Weight one = weight_of(inner);
    weight.depth = std::max(weight.depth, one.depth);
    weight.bytes += one.bytes;
  };
  if (json.is_string()) weight.bytes += json.as_string().size();
  if (json.is_array()) {
    for (const Json& item : json.items()) add(item);
  }
  if (json.is_object()) {
    for (const auto& [name, value] : json.members()) {
      weight.bytes += name.size();
      add(value);
    }
  }
  if (json.is_array() || json.is_object()) ++weight.depth;
  return weight;
}

class Patch {
 public:
  explicit Patch(Json document) : document_(std::move(document)) {}

  // `place` names the operation for the client: "[0]".
  Status apply(const Json& operation, const std::string& place) {
    TRY(const std::string name, text_of(operation, place, "op"));
    TRY(const Names path, pointer(operation, place, "path"));
    const std::string at_path = member_path(place, "path");
    if (name == "remove") return remove(path, at_path);
    if (name == "move" || name == "copy") {
      TRY(const Names from, pointer(operation, place, "from"));
      const std::string at_from = member_path(place, "from");
      TRY(const Json* found, find(from, at_from));
      Json value = *found;
      if (name == "move") TRY_DO(remove(from, at_from));
      return add(path, std::move(value), at_path);
    }
    if (name != "test" && name != "add" && name != "replace") {
      return member_error(member_path(place, "op"),
                          "expects add, remove, replace, move, copy or test");
    }
    const Json* value = operation.find("value");
    if (value == nullptr) return member_error(member_path(place, "value"), "is missing");
    if (name == "add") return add(path, *value, at_path);
    TRY(Json * found, find(path, at_path));
    if (name == "replace") {
      TRY_DO(take(*value, path, at_path));
      *found = *value;
      return {};
    }
    if (same_value(*found, *value)) return {};
    return Error{Code::conflict, fmt::format("{} has another value: nothing was changed.", at_path),
                 at_path};
  }

  const Json& document() const { return document_; }

 private:
  static Result<std::string> text_of(const Json& operation, const std::string& place,
                                     std::string_view name) {
    const Json* value = operation.find(name);
    if (value != nullptr && value->is_string()) return value->as_string();
    return member_error(member_path(place, name), "expects a text");
  }

  static Result<Names> pointer(const Json& operation, const std::string& place,
                               std::string_view name) {
    TRY(const std::string text, text_of(operation, place, name));
    auto names = parse_pointer(text);
    if (names && names->size() < limits::kJsonDepth) return *std::move(names);
    return member_error(member_path(place, name),
                        "expects a pointer to a member, as /properties/a");
  }

  Result<Json*> find(std::span<const std::string> names, const std::string& where) {
    Json* at = &document_;
    for (const std::string& name : names) {
      at = inside(*at, name);
      if (at == nullptr) return member_error(where, "names nothing");
    }
    return at;
  }
  Result<Json*> parent(const Names& names, const std::string& where) {
    return find(std::span(names).first(names.size() - 1), where);
  }

  // What is put in stays within what a body could have brought, though it may be copied.
  Status take(const Json& value, const Names& path, const std::string& where) {
    const Weight weight = weight_of(value);
    taken_ += weight.bytes;
    if (taken_ <= kTakenBytes && path.size() + weight.depth <= limits::kJsonDepth) return {};
    return Error{Code::too_large, "The operations put in more than an entity may have.", where};
  }

  Status add(const Names& path, Json value, const std::string& where) {
    TRY(Json * into, parent(path, where));
    TRY_DO(take(value, path, where));
    const std::string& last = path.back();
    if (into->is_object()) {
      (*into)[last] = std::move(value);
      return {};
    }
    if (!into->is_array()) return member_error(where, "names nothing");
    Json::Array& items = into->items();
    const auto place = last == "-" ? items.size() : parse_place(last);
    if (!place || *place > items.size()) return member_error(where, "names no place in the array");
    items.insert(items.begin() + static_cast<std::ptrdiff_t>(*place), std::move(value));
    return {};
  }

  Status remove(const Names& path, const std::string& where) {
    TRY_DO(find(path, where));
    TRY(Json * from, parent(path, where));
    if (from->is_array()) {
      from->items().erase(from->items().begin() +
                          static_cast<std::ptrdiff_t>(*parse_place(path.back())));
      return {};
    }
    std::erase_if(from->members(),
                  [&path](const JsonMember& member) { return member.first == path.back(); });
    return {};
  }

  static constexpr size_t kTakenBytes = 4 * limits::kBodyBytes;
  Json document_;
  size_t taken_ = 0;
};

// As an answer shows them, without links.
Json members_of(const Row& row) {
  const EntityType& type = type_of(row.type);
  Json members = Json::object();
  for (size_t i = 0; i < type.properties.size(); ++i) {
    const Property& property = type.properties[i];
    const bool is_shown =
        !is_null(row.values[i]) || property.required || is_shown_null(row.type, property.name);
    if (is_shown && !property.city_only) members[property.name] = to_json(row.values[i]);
  }
  return members;
}

}  // namespace

Result<Json> merge_of(const Json& operations, const Row& row) {
  if (!operations.is_array()) return member_error("", "expects an array of operations");
  if (operations.items().size() > kOperations) {
    return Error{Code::too_large,
                 fmt::format("A patch has at most {} operations.", kOperations), ""};
  }
  const Json before = members_of(row);
  Patch patch(before);
  for (size_t i = 0; i < operations.items().size(); ++i) {
    TRY_DO(patch.apply(operations.items()[i], fmt::format("[{}]", i)));
  }
  Json merge = Json::object();
  for (const auto& [name, value] : patch.document().members()) {
    const Json* was = before.find(name);
    if (was == nullptr || *was != value) merge[name] = value;
  }
  const EntityType& type = type_of(row.type);
  for (const auto& [name, value] : before.members()) {
    if (patch.document().find(name) != nullptr) continue;
    const int index = type.property_index(name);
    if (type.properties[static_cast<size_t>(index)].required) {
      return member_error(name, "can't be removed");
    }
    merge[name] = Json();
  }
  return merge;
}

}  // namespace duliang
