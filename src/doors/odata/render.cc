#include "doors/odata/render.h"

#include <algorithm>

namespace duliang {
namespace {

// Properties that an answer leaves out where they are null; the others are shown as null.
bool left_out(const EntityType& type, const Property& property, const Value& value) {
  if (!is_null(value) || property.required) return false;
  return !(type.id == TypeId::observation && property.name == "resultTime") &&
         type.face == Face::sensorthings;
}

// Large, and asked for by name only: the files of a pack.
bool only_when_selected(const EntityType& type, const Property& property) {
  return type.id == TypeId::pack && property.name == "files";
}

class EntityWriter {
 public:
  EntityWriter(std::string& out, const Rendering& rendering, const std::vector<std::string>& select)
      : out_(out), rendering_(rendering), select_(select) {}

  void write(const Row& row) {
    const EntityType& type = type_of(row.type);
    const std::string self = self_link(rendering_, row.type, row.id);
    out_ += '{';
    if (wanted("@iot.id")) member("@iot.id", std::to_string(static_cast<int64_t>(row.id)));
    if (select_.empty()) text_member("@iot.selfLink", self);
    for (size_t i = 0; i < type.properties.size(); ++i) {
      const Property& property = type.properties[i];
      if (property.city_only && rendering_.face != Face::city) continue;
      if (select_.empty() ? only_when_selected(type, property) : !selected(property.name)) continue;
      if (select_.empty() && left_out(type, property, row.values[i])) continue;
      name(property.name);
      to_json(row.values[i]).dump_to(out_);
    }
    for (const NamedStep& step : steps_of(row.type)) {
      if (!is_shown(rendering_.face, step.step.target)) continue;
      if (!wanted(step.name)) continue;
      text_member(std::string(step.name) + "@iot.navigationLink",
                  self + "/" + std::string(step.name));
      if (rendering_.link_ids && !step.step.many()) link_id(row, step);
    }
    out_ += '}';
  }

 private:
  bool selected(std::string_view shown) const {
    return std::find(select_.begin(), select_.end(), shown) != select_.end();
  }
  bool wanted(std::string_view name_shown) const { return select_.empty() || selected(name_shown); }
  void name(std::string_view member_name) {
    if (out_.back() != '{') out_ += ',';
    out_ += '"';
    out_ += member_name;
    out_ += "\":";
  }
  void member(std::string_view member_name, std::string_view json) {
    name(member_name);
    out_ += json;
  }
  void text_member(std::string_view member_name, std::string_view text) {
    name(member_name);
    append_json_string(out_, text);
  }
  void link_id(const Row& row, const NamedStep& step) {
    const RowId id = row.links[static_cast<size_t>(step.step.relation)];
    member(std::string(step.name) + "@iot.id",
           id == kNoRow ? "null" : std::to_string(static_cast<int64_t>(id)));
  }

  std::string& out_;
  const Rendering& rendering_;
  const std::vector<std::string>& select_;
};

}  // namespace

std::string_view root_of(Face face) { return face == Face::city ? kCityRoot : kSensorThingsRoot; }

std::string Rendering::root() const { return server + std::string(root_of(face)); }

Rendering rendering_of(std::string_view host, Face face) {
  return {"http://" + std::string(host), face, face == Face::city};
}

void render_entity(std::string& out, const Row& row, const Rendering& rendering,
                   const std::vector<std::string>& select) {
  EntityWriter(out, rendering, select).write(row);
}

std::string self_link(const Rendering& rendering, TypeId type, RowId id) {
  const EntityType& entity = type_of(type);
  return fmt::format("{}{}/{}({})", rendering.server, root_of(entity.face), entity.set,
                     static_cast<int64_t>(id));
}

std::string render_root(const Rendering& rendering) {
  std::string out = R"({"value":[)";
  for (const EntityType& type : all_types()) {
    if (type.face != rendering.face) continue;
    if (out.back() != '[') out += ',';
    out += R"({"name":")";
    out += type.set;
    out += R"(","url":)";
    append_json_string(out, rendering.root() + "/" + std::string(type.set));
    out += '}';
  }
  return out + "]}";
}

Result<std::string> answer_get(const View& view, const Rendering& rendering, std::string_view path,
                               std::string_view query) {
  TRY(const Resource resource, resolve(view, rendering.face, path));
  TRY(const Options options, parse_options(resource, rendering.face, query));
  std::string out;
  if (resource.entity) {
    render_entity(out, *resource.entity, rendering, options.select);
    return out;
  }
  TRY(const Answer answer, ask(view, options.question));
  out = "{";
  if (answer.count) out += fmt::format("\"@iot.count\":{},", *answer.count);
  out += "\"value\":[";
  for (const Row& row : answer.rows) {
    if (out.back() != '[') out += ',';
    render_entity(out, row, rendering, options.select);
  }
  out += ']';
  const auto next = next_query(query, options.question.skip + options.question.top);
  if (answer.more && next) {
    out += ",\"@iot.nextLink\":";
    append_json_string(out, fmt::format("{}/{}?{}", rendering.root(), path, *next));
  }
  return out + "}";
}

}  // namespace duliang
