#include "doors/odata/target.h"

#include "base/text.h"
#include "query/names.h"

namespace duliang {
namespace {

constexpr std::string_view kAddresses = "$ref";
constexpr std::string_view kText = "$value";

bool shows_property(Face face, TypeId type, std::string_view name) {
  if (is_id_name(name)) return true;
  const int index = type_of(type).property_index(name);
  if (index < 0) return false;
  const Property& property = type_of(type).properties[static_cast<size_t>(index)];
  return face == Face::city || !property.city_only;
}

// How many of the segments name entities and sets, by the model alone. What follows is a property;
// where it can't be one either, all are taken, and resolve() says what names nothing.
Result<size_t> entity_segments(Face face, std::span<const std::string_view> segments) {
  TRY(const NamedSet first, named_set(face, segments.front()));
  TypeId type = first.type;
  bool is_entity = first.id.has_value();
  for (size_t i = 1; i < segments.size(); ++i) {
    TRY(const Segment segment, parse_segment(segments[i]));
    if (const Step* step = shown_step(face, type, segment.name)) {
      type = step->target;
      is_entity = !step->many() || segment.id;
      continue;
    }
    const bool is_property = is_entity && !segment.id && shows_property(face, type, segment.name);
    return is_property ? i : segments.size();
  }
  return segments.size();
}

// Takes the last segment off where it is this word, however it is encoded.
bool take_last(std::vector<std::string_view>& segments, std::string_view word) {
  if (segments.size() < 2 || decode_percent(segments.back()) != word) return false;
  segments.pop_back();
  return true;
}

std::string_view up_to(std::string_view path, std::string_view last_segment) {
  return path.substr(0, static_cast<size_t>(last_segment.data() - path.data()) +
                            last_segment.size());
}

Json property_of(const Row& row, std::string_view name) {
  if (is_id_name(name)) return number(row.id);
  return to_json(row[name]);
}

// A member of an object, an item of an array; null where there is none.
const Json* inside(const Json& json, const std::string& name) {
  if (!json.is_array()) return json.find(name);
  const auto place = parse_integer(name);
  if (!place || *place < 0 || static_cast<size_t>(*place) >= json.items().size()) return nullptr;
  return &json.items()[static_cast<size_t>(*place)];
}

}  // namespace

Result<Target> resolve_target(const View& view, Face face, std::string_view path) {
  TRY(auto segments, segments_of(path));
  Target target;
  if (take_last(segments, kAddresses)) {
    target.part = Target::Part::addresses;
    TRY(target.resource, resolve(view, face, up_to(path, segments.back())));
    return target;
  }
  const std::string_view last = segments.back();
  const bool is_text = take_last(segments, kText);
  TRY(const size_t entities, entity_segments(face, segments));
  TRY(target.resource, resolve(view, face, up_to(path, segments[entities - 1])));
  for (size_t i = entities; i < segments.size(); ++i) {
    const auto name = decode_percent(segments[i]);
    if (!name) return names_nothing(segments[i]);
    target.names.push_back(*name);
  }
  if (is_text && target.names.empty()) return names_nothing(last);
  if (!target.names.empty()) target.part = is_text ? Target::Part::text : Target::Part::property;
  return target;
}

Result<Response> answer_property(const Target& target) {
  const std::string& property = target.names.front();
  const Json whole = property_of(*target.resource.entity, property);
  const Json* value = &whole;
  for (size_t i = 1; i < target.names.size(); ++i) {
    value = inside(*value, target.names[i]);
    if (value == nullptr) return names_nothing(target.names[i]);
  }
  Response response;
  if (value->is_null() && !is_shown_null(target.resource.type, property)) {
    response.status = 204;
    response.content_type.clear();
    return response;
  }
  if (target.part == Target::Part::text) {
    response.content_type = "text/plain; charset=utf-8";
    response.body = value->is_string() ? value->as_string() : value->dump();
    return response;
  }
  const bool is_id = target.names.size() == 1 && is_id_name(property);
  response.body = "{";
  append_json_string(response.body, is_id ? "@iot.id" : target.names.back());
  response.body += ':';
  value->dump_to(response.body);
  response.body += '}';
  return response;
}

}  // namespace duliang
