#include "doors/odata/options.h"

#include "base/limits.h"
#include "base/text.h"
#include "query/evaluate.h"

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

// Those of a set: which of its entities, in which order.
Status parse_set_option(const std::string& name, const std::string& value, Options& options) {
  Question& question = options.question;
  if (name == "$filter") {
    TRY(question.filter, parse_expression(value));
    return check_names(*question.filter, question.type);
  }
  if (name == "$orderby") {
    TRY(question.order, parse_order(value));
    for (const OrderTerm& term : question.order) TRY_DO(check_names(term.by, question.type));
    return {};
  }
  if (name == "$top") {
    TRY(question.top, parse_count(name, value, limits::kTopMax));
    return {};
  }
  if (name == "$skip") {
    TRY(question.skip, parse_count(name, value, limits::kSkipMax));
    return {};
  }
  CHECK(name == "$count", "the caller knows the options of a set");
  if (value != "true" && value != "false") return expected(name, "true or false");
  question.count = value == "true";
  return {};
}

bool is_set_option(std::string_view name) {
  return name == "$filter" || name == "$orderby" || name == "$top" || name == "$skip" ||
         name == "$count";
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

}  // namespace

Result<Options> parse_options(const Resource& resource, Face face, std::string_view query) {
  Options options;
  options.question.type = resource.type;
  options.question.by = resource.by;
  options.question.from = resource.from;
  options.question.top = limits::kTopDefault;
  TRY(const auto pairs, parse_query(query));
  for (const auto& [name, value] : pairs) {
    if (name == kAsOf) continue;
    Status parsed;
    if (name == "$select") {
      parsed = parse_select(type_of(resource.type), face, value, options);
    } else if (!is_set_option(name)) {
      parsed = unknown_option(name);
    } else if (resource.entity) {
      parsed = Error{Code::bad_input, name + " is an option of sets; this is one entity.", name};
    } else {
      parsed = parse_set_option(name, value, options);
    }
    if (!parsed.ok()) {
      Error error = std::move(parsed).error();
      if (error.field.empty()) error.field = name;
      return error;
    }
  }
  return options;
}

std::optional<std::string> next_query(std::string_view query, size_t skip) {
  if (skip > limits::kSkipMax) return std::nullopt;
  std::string next;
  for (const std::string_view pair : split(query, '&')) {
    if (pair.empty() || decode_percent(pair.substr(0, pair.find('='))) == "$skip") continue;
    next.append(next.empty() ? "" : "&").append(pair);
  }
  next.append(next.empty() ? "" : "&").append("$skip=").append(std::to_string(skip));
  return next;
}

}  // namespace duliang
