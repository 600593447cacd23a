#include "doors/odata/render.h"

#include <algorithm>
#include <map>

#include "base/text.h"
#include "doors/odata/array_answer.h"
#include "doors/odata/target.h"
#include "model/version.h"

namespace duliang {
namespace {

std::string_view newest_root(Face face) {
  return face == Face::city ? kCityRoot : kSensorThingsRoot;
}

// Properties that an answer leaves out where they are null; the others are shown as null.
bool left_out(const EntityType& type, const Property& property, const Value& value) {
  if (!is_null(value) || property.required) return false;
  return !is_shown_null(type.id, property.name) && type.face == Face::sensorthings;
}

// What entities are expanded from, in one answer.
class Expansion {
 public:
  Expansion(const View& view, std::string_view query) : view_(view) {
    for (const std::string_view pair : split(query, '&')) {
      if (pair.substr(0, pair.find('=')) == kAsOf) moment_ = pair;
    }
  }

  Result<std::optional<Row>> one(const Row& row, const Step& step) {
    TRY_DO(take(1));
    const RowId target = row.links[static_cast<size_t>(step.relation)];
    // Many entities lead to the same few.
    const auto [found, is_new] = seen_.try_emplace({step.target, target});
    if (is_new) {
      TRY(found->second, follow_to_one(view_, row, step));
    }
    return found->second;
  }
  Result<Answer> many(const Row& row, const Expand& expand) {
    Question question = expand.options.question;
    question.by = expand.step.step;
    question.from = row.id;
    TRY(Answer answer, ask(view_, question));
    TRY_DO(take(answer.rows.size()));
    return answer;
  }
  // The query by which to go on behind `answer`; empty where there is no more.
  std::string rest(const Answer& answer, const Options& options) const {
    if (!answer.more) return {};
    std::string query(moment_);
    if (!query.empty() && !options.given.empty()) query += '&';
    query += query_of(options);
    return next_query(query, options.question, answer).value_or("");
  }

 private:
  Status take(size_t entities) {
    taken_ += entities;
    if (taken_ <= limits::kExpandedEntities) return {};
    return Error{Code::too_large,
                 fmt::format("An answer shows at most {} expanded entities; $top bounds them.",
                             limits::kExpandedEntities),
                 "$expand"};
  }

  const View& view_;
  std::string_view moment_;  // "as_of=…", or empty
  size_t taken_ = 0;
  std::map<std::pair<TypeId, RowId>, std::optional<Row>> seen_;
};

class EntityWriter {
 public:
  EntityWriter(std::string& out, const Rendering& rendering, const std::vector<std::string>& select)
      : out_(out), rendering_(rendering), select_(select) {}

  void write(const Row& row) {
    begin(row);
    for (const NamedStep& step : steps_of(row.type)) write_link(row, step);
    out_ += '}';
  }

  Status write(const Row& row, const std::vector<Expand>& expand, Expansion& from) {
    begin(row);
    for (const NamedStep& step : steps_of(row.type)) {
      const auto found = std::ranges::find(
          expand, step.name, [](const Expand& one) -> std::string_view { return one.step.name; });
      if (found == expand.end()) {
        write_link(row, step);
      } else {
        TRY_DO(step.step.many() ? write_many(row, *found, from) : write_one(row, *found, from));
      }
    }
    out_ += '}';
    return {};
  }

  // {"@iot.selfLink": …}
  void write_address(const Row& row) {
    out_ += '{';
    self_.clear();
    name("@iot.selfLink");
    link(row, "");
    out_ += '}';
  }

 private:
  void begin(const Row& row) {
    const EntityType& type = type_of(row.type);
    out_ += '{';
    self_.clear();
    if (wanted("@iot.id")) member("@iot.id", std::to_string(static_cast<int64_t>(row.id)));
    if (select_.empty()) {
      name("@iot.selfLink");
      link(row, "");
    }
    for (size_t i = 0; i < type.properties.size(); ++i) {
      const Property& property = type.properties[i];
      if (property.city_only && rendering_.face != Face::city) continue;
      if (select_.empty() ? property.when_selected : !selected(property.name)) continue;
      if (select_.empty() && left_out(type, property, row.values[i])) continue;
      name(property.name);
      append_json(out_, row.values[i]);
    }
  }
  void write_link(const Row& row, const NamedStep& step) {
    if (!is_shown(rendering_.face, step.step) || !wanted(step.name)) return;
    name(step.name, "@iot.navigationLink");
    link(row, step.name);
    if (rendering_.link_ids && !step.step.many()) link_id(row, step);
  }
  // As JSON; to the entity itself, or to what a relation of it leads to. An answer has thousands.
  void link(const Row& row, std::string_view relation) {
    if (self_.empty()) {
      append_json_string(self_, self_link(rendering_, row.type, row.id));
      self_.pop_back();
    }
    out_ += self_;
    if (!relation.empty()) out_ += '/';
    out_ += relation;
    out_ += '"';
  }
  std::string link_to(const Row& row, const NamedStep& step) const {
    return fmt::format("{}/{}", self_link(rendering_, row.type, row.id), step.name);
  }

  Status write_one(const Row& row, const Expand& expand, Expansion& from) {
    TRY(const auto target, from.one(row, expand.step.step));
    name(expand.step.name);
    if (target) return write_inner(*target, expand, from);
    out_ += "null";
    return {};
  }
  Status write_many(const Row& row, const Expand& expand, Expansion& from) {
    const std::string_view shown = expand.step.name;
    TRY(const Answer answer, from.many(row, expand));
    if (answer.count) member(fmt::format("{}@iot.count", shown), std::to_string(*answer.count));
    name(shown);
    out_ += '[';
    for (const Row& inner : answer.rows) {
      if (out_.back() != '[') out_ += ',';
      TRY_DO(write_inner(inner, expand, from));
    }
    out_ += ']';
    if (const std::string rest = from.rest(answer, expand.options); !rest.empty()) {
      text_member(fmt::format("{}@iot.nextLink", shown),
                  fmt::format("{}?{}", link_to(row, expand.step), rest));
    }
    return {};
  }
  Status write_inner(const Row& row, const Expand& expand, Expansion& from) {
    return EntityWriter(out_, rendering_, expand.options.select)
        .write(row, expand.options.expand, from);
  }

  bool selected(std::string_view shown) const {
    return std::find(select_.begin(), select_.end(), shown) != select_.end();
  }
  bool wanted(std::string_view name_shown) const { return select_.empty() || selected(name_shown); }
  void name(std::string_view member_name, std::string_view annotation = {}) {
    if (out_.back() != '{') out_ += ',';
    out_ += '"';
    out_ += member_name;
    out_ += annotation;
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
    name(step.name, "@iot.id");
    out_ += id == kNoRow ? "null" : std::to_string(static_cast<int64_t>(id));
  }

  std::string& out_;
  const Rendering& rendering_;
  const std::vector<std::string>& select_;
  std::string self_;  // the link to the entity as JSON, without its last quote; empty: not yet made
};

}  // namespace

std::string_view root_of(const Request& request, Face face) {
  const bool is_version_before = request.path.starts_with(kSensorThings10Root);
  return is_version_before ? kSensorThings10Root : newest_root(face);
}

std::string Rendering::root() const { return server + std::string(root_path); }

Rendering rendering_of(std::string_view host, Face face) {
  return {"http://" + std::string(host), face, newest_root(face), face == Face::city};
}

Rendering rendering_of(const Request& request, Face face) {
  Rendering rendering = rendering_of(request.host, face);
  rendering.root_path = root_of(request, face);
  return rendering;
}

void render_entity(std::string& out, const Row& row, const Rendering& rendering,
                   const std::vector<std::string>& select) {
  EntityWriter(out, rendering, select).write(row);
}

Shown show(const Row& row, const Rendering& rendering, const std::vector<std::string>& select) {
  std::string out;
  render_entity(out, row, rendering, select);
  return {json_response(200, std::move(out)), version_of(row), row.type != TypeId::datastream};
}

std::string self_link(const Rendering& rendering, TypeId type, RowId id) {
  const EntityType& entity = type_of(type);
  const bool is_here = entity.face == rendering.face;
  return fmt::format("{}{}/{}({})", rendering.server,
                     is_here ? rendering.root_path : newest_root(entity.face), entity.set,
                     static_cast<int64_t>(id));
}

std::string render_root(const Rendering& rendering, std::string_view server_settings) {
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
  out += ']';
  if (!server_settings.empty()) out.append(R"(,"serverSettings":)").append(server_settings);
  return out + "}";
}

namespace {

// Addresses and properties come as they are: of an entity that shows nothing, nothing is selected.
Status check_options(const Target& target, const Options& options) {
  const bool of_set = target.part == Target::Part::addresses && !target.resource.entity;
  for (const auto& [name, value] : options.given) {
    if (of_set && name != "$select" && name != "$resultFormat") continue;
    return Error{Code::bad_input, name + " is no option of a property or of addresses.", name};
  }
  if (options.expand.empty()) return {};
  return Error{Code::bad_input, "Addresses and properties are not expanded.", "$expand"};
}

// What is written of each entity.
struct Writing {
  EntityWriter& writer;
  const Options& options;
  Expansion& expansion;
  bool addresses = false;

  Status write(const Row& row) const {
    if (!addresses) return writer.write(row, options.expand, expansion);
    writer.write_address(row);
    return {};
  }
};

}  // namespace

Result<Shown> answer_get(const View& view, const Rendering& rendering, std::string_view path,
                         std::string_view query) {
  TRY(const Target target, resolve_target(view, rendering.face, path));
  const Resource& resource = target.resource;
  TRY(const Options options, parse_options(resource, rendering.face, query));
  if (target.part != Target::Part::whole) TRY_DO(check_options(target, options));
  if (!target.names.empty()) {
    TRY(Response property, answer_property(target));
    return Shown{std::move(property)};
  }
  if (options.as_array) {
    TRY(Response array, answer_array(view, rendering, {path, query, options}));
    return Shown{std::move(array)};
  }
  Expansion expansion(view, query);
  std::string out;
  EntityWriter writer(out, rendering, options.select);
  const Writing writing{writer, options, expansion, target.part == Target::Part::addresses};
  if (resource.entity) {
    const bool whole = target.part == Target::Part::whole;
    if (whole && options.expand.empty()) {
      return show(*resource.entity, rendering, options.select);
    }
    TRY_DO(writing.write(*resource.entity));
    return Shown{json_response(200, std::move(out)),
                 whole ? version_of(*resource.entity) : std::string()};
  }
  TRY(const Answer answer, ask(view, options.question));
  out = "{";
  if (answer.count) out += fmt::format("\"@iot.count\":{},", *answer.count);
  out += "\"value\":[";
  for (const Row& row : answer.rows) {
    if (out.back() != '[') out += ',';
    TRY_DO(writing.write(row));
  }
  out += ']';
  if (const auto next = next_query(query, options.question, answer)) {
    out += ",\"@iot.nextLink\":";
    append_json_string(out, fmt::format("{}/{}?{}", rendering.root(), path, *next));
  }
  out += '}';
  return Shown{json_response(200, std::move(out))};
}

}  // namespace duliang
