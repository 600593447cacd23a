#include "doors/odata/options.h"

#include "base/limits.h"
#include "base/text.h"
#include "query/related.h"

namespace duliang {
namespace {

Error expected(const std::string& option, const std::string& what) {
  return {Code::bad_input, fmt::format("{} expects {}.", option, what), option};
}

Result<size_t> parse_count(const std::string& option, const std::string& value, size_t most) {
  const auto number = parse_integer(value);
  if (!number || *number < 0) return expected(option, "a whole number of 0 or more");
  if (static_cast<uint64_t>(*number) > most) {
    if (option == "$top") return most;
    return expected(option, fmt::format("at most {}", most));
  }
  return static_cast<size_t>(*number);
}

Status parse_select(const EntityType& type, Face face, const std::string& value, Options& options) {
  for (std::string_view name : split(value, ',')) {
    name = trim(name);
    const bool known = name == "id" || name == "@iot.id" || type.property_index(name) >= 0 ||
                       shown_step(face, type.id, name) != nullptr;
    if (!known) {
      return Error{Code::bad_input, fmt::format("{} has no '{}'.", type.name, name), "$select"};
    }
    options.select.emplace_back(name == "id" ? "@iot.id" : name);
  }
  return {};
}

// "120" in an order by id, "2026-11-24T06:00:00Z,120" in one by time.
std::string token_of(const PlaceInOrder& place) {
  const std::string id = std::to_string(number(place.id));
  return place.begin ? to_text(*place.begin) + "," + id : id;
}

Result<PlaceInOrder> parse_token(const std::string& name, const std::string& value) {
  const Error refused = expected(name, "what a next link has there");
  const size_t comma = value.find(',');
  const bool has_time = comma != std::string::npos;
  const auto id = parse_integer(std::string_view(value).substr(has_time ? comma + 1 : 0));
  if (!id) return refused;
  PlaceInOrder place{std::nullopt, RowId{*id}};
  if (!has_time) return place;
  const auto begin = parse_time(std::string_view(value).substr(0, comma));
  if (!begin.ok()) return refused;
  place.begin = *begin;
  return place;
}

Status parse_format(const std::string& name, const std::string& value, Options& options) {
  if (value != "dataArray") {
    return Error{Code::unsupported, "The format offered is dataArray.", name};
  }
  if (options.question.type != TypeId::observation) {
    return Error{Code::bad_input, name + " is an option of sets of Observations.", name};
  }
  options.as_array = true;
  return {};
}

// Those of a set: which of its entities, in which order.
Status parse_set_option(const std::string& name, const std::string& value, Options& options) {
  Question& question = options.question;
  if (name == "$filter") {
    TRY(const Expression filter, parse_expression(value));
    TRY(question.filter, through_relations(filter, question.type));
    return {};
  }
  if (name == "$orderby") {
    TRY(question.order, parse_order(value));
    for (const OrderTerm& term : question.order) TRY_DO(check_names(term.by, question.type));
    return {};
  }
  if (name == "$top") {
    TRY(question.top, parse_count(name, value, limits::kArrayTopMax));
    return {};
  }
  if (name == "$skip") {
    TRY(question.skip, parse_count(name, value, limits::kSkipMax));
    return {};
  }
  if (name == "$skiptoken") {
    TRY(question.after, parse_token(name, value));
    return {};
  }
  if (name == "$resultFormat") return parse_format(name, value, options);
  CHECK(name == "$count", "the caller knows the options of a set");
  if (value != "true" && value != "false") return expected(name, "true or false");
  question.count = value == "true";
  return {};
}

bool is_set_option(std::string_view name) {
  return name == "$filter" || name == "$orderby" || name == "$top" || name == "$skip" ||
         name == "$count" || name == "$skiptoken" || name == "$resultFormat";
}

Error unknown_option(const std::string& name) {
  const std::string shown = name.substr(0, 40);
  if (name.starts_with('$')) {
    return {Code::unsupported, fmt::format("The option {} is not offered.", shown), shown};
  }
  return {Code::bad_input,
          fmt::format("There is no option '{}'; but for as_of, they begin with '$'.", shown),
          shown};
}

// Of what follows, at the top or in the brackets of an $expand.
struct Place {
  Face face{};
  bool many = false;  // a set; else one entity
  size_t depth = 0;   // of $expand
};

Status parse_expand(std::string_view text, const Place& place, Options& options);

Status parse_option(const std::string& name, const std::string& value, const Place& place,
                    Options& options) {
  if (name == "$expand") return parse_expand(value, place, options);
  for (const auto& [earlier, unused] : options.given) {
    if (earlier == name) return Error{Code::bad_input, name + " is given twice.", name};
  }
  options.given.emplace_back(name, value);
  if (name == "$select") {
    return parse_select(type_of(options.question.type), place.face, value, options);
  }
  if (!is_set_option(name)) return unknown_option(name);
  if (!place.many) {
    return Error{Code::bad_input, name + " is an option of sets; this is one entity.", name};
  }
  if (name == "$resultFormat" && place.depth > 0) {
    return Error{Code::bad_input, name + " is an option of the whole answer.", name};
  }
  return parse_set_option(name, value, options);
}

// The pieces between separators that stand outside of brackets and quotes.
std::vector<std::string_view> split_outside(std::string_view text, char separator) {
  std::vector<std::string_view> pieces;
  size_t begin = 0, brackets = 0;
  bool quoted = false;
  for (size_t at = 0; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '\'') quoted = !quoted;
    if (quoted) continue;
    if (c == '(') ++brackets;
    if (c == ')' && brackets > 0) --brackets;
    if (c != separator || brackets > 0) continue;
    pieces.push_back(text.substr(begin, at - begin));
    begin = at + 1;
  }
  pieces.push_back(text.substr(begin));
  return pieces;
}

// The relation of this name, expanded from now on.
Result<Expand*> expanded(std::string_view name, Face face, Options& options) {
  const TypeId type = options.question.type;
  const Step* step = shown_step(face, type, name);
  if (step == nullptr) {
    return Error{Code::bad_input,
                 fmt::format("{} has no relation '{}'.", type_of(type).name, name.substr(0, 80)),
                 "$expand"};
  }
  for (Expand& there : options.expand) {
    if (there.step.name == name) return &there;
  }
  const auto steps = steps_of(type);
  Expand expand{*std::ranges::find(steps, name, &NamedStep::name), {}};
  expand.options.question.type = step->target;
  expand.options.question.top = limits::kTopDefault;
  options.expand.push_back(std::move(expand));
  return &options.expand.back();
}

// "Datastreams/Observations($orderby=phenomenonTime desc;$top=1)"
Status parse_expanded(std::string_view item, const Place& place, Options& options) {
  const size_t bracket = item.find('(');
  std::string_view inner;
  if (bracket != std::string_view::npos) {
    inner = item.substr(bracket + 1);
    if (!inner.ends_with(')')) return expected("$expand", "')' behind the options of a relation");
    inner.remove_suffix(1);
  }
  Place at = place;
  Options* of = &options;
  for (const std::string_view name : split(item.substr(0, bracket), '/')) {
    if (++at.depth > limits::kExpandDepth) {
      return expected("$expand",
                      fmt::format("at most {} relations in a row", limits::kExpandDepth));
    }
    TRY(Expand * step, expanded(trim(name), place.face, *of));
    at.many = step->step.step.many();
    of = &step->options;
  }
  for (const std::string_view option : split_outside(inner, ';')) {
    const size_t equals = option.find('=');
    if (trim(option).empty()) continue;
    if (equals == std::string_view::npos) return expected("$expand", "options as $top=1");
    TRY_DO(parse_option(std::string(trim(option.substr(0, equals))),
                        std::string(option.substr(equals + 1)), at, *of));
  }
  return {};
}

Status parse_expand(std::string_view text, const Place& place, Options& options) {
  for (const std::string_view item : split_outside(text, ',')) {
    TRY_DO(parse_expanded(trim(item), place, options));
  }
  return {};
}

// "Datastreams($top=1;$expand=Sensor),Thing"
std::string expand_text(const std::vector<Expand>& expand) {
  std::string text;
  for (const Expand& one : expand) {
    std::string inner;
    for (const auto& [name, value] : one.options.given) {
      inner += fmt::format("{}{}={}", inner.empty() ? "" : ";", name, value);
    }
    if (!one.options.expand.empty()) {
      inner += fmt::format("{}$expand={}", inner.empty() ? "" : ";",
                           expand_text(one.options.expand));
    }
    text += fmt::format("{}{}", text.empty() ? "" : ",", one.step.name);
    if (!inner.empty()) text += fmt::format("({})", inner);
  }
  return text;
}

}  // namespace

namespace {

// What the options are together.
Status check_together(Options& options) {
  Question& question = options.question;
  if (!options.as_array) {
    question.top = std::min(question.top, limits::kTopMax);
    return {};
  }
  if (!options.expand.empty()) {
    return Error{Code::bad_input, "A dataArray has no entities to expand.", "$expand"};
  }
  for (const std::string& name : options.select) {
    if (find_step(question.type, name) == nullptr) continue;
    return Error{Code::bad_input, "The components of a dataArray are properties.", "$select"};
  }
  return {};
}

}  // namespace

Result<Options> parse_options(const Resource& resource, Face face, std::string_view query) {
  Options options;
  options.question.type = resource.type;
  options.question.by = resource.by;
  options.question.from = resource.from;
  options.question.top = limits::kTopDefault;
  TRY(const auto pairs, parse_query(query));
  const Place place{face, !resource.entity, 0};
  for (const auto& [name, value] : pairs) {
    if (name == kAsOf) continue;
    if (auto parsed = parse_option(name, value, place, options); !parsed.ok()) {
      Error error = std::move(parsed).error();
      if (error.field.empty()) error.field = name;
      return error;
    }
  }
  TRY_DO(check_together(options));
  return options;
}

std::string query_of(const Options& options) {
  std::string query;
  const auto add = [&query](std::string_view name, std::string_view value) {
    if (!query.empty()) query += '&';
    query.append(name).append("=").append(encode_percent(value));
  };
  for (const auto& [name, value] : options.given) add(name, value);
  if (!options.expand.empty()) add("$expand", expand_text(options.expand));
  return query;
}

std::optional<std::string> next_query(std::string_view query, const Question& asked,
                                      const Answer& answer) {
  const size_t skip = asked.skip + answer.shown;
  if (!answer.more || (!answer.last && skip > limits::kSkipMax)) return std::nullopt;
  std::string next;
  for (const std::string_view pair : split(query, '&')) {
    const auto name = decode_percent(pair.substr(0, pair.find('=')));
    if (pair.empty() || name == "$skip" || name == "$skiptoken") continue;
    next.append(next.empty() ? "" : "&").append(pair);
  }
  if (!next.empty()) next += '&';
  if (answer.last) return next + "$skiptoken=" + token_of(*answer.last);
  return next + "$skip=" + std::to_string(skip);
}

}  // namespace duliang
