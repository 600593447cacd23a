#include "doors/http/http.h"

#include "base/limits.h"
#include "base/text.h"

namespace duliang {

namespace {

bool matches(std::string_view pattern, std::string_view path) {
  if (pattern.ends_with("/*")) return path.starts_with(pattern.substr(0, pattern.size() - 1));
  return path == pattern;
}

Response method_not_allowed(std::string allowed) {
  Response response = refusal(405, "method_not_allowed",
                              "This path answers to " + allowed + ", not to the method asked.");
  response.headers.emplace_back("Allow", std::move(allowed));
  return response;
}

std::optional<std::string> decode_option(std::string_view text) {
  std::string spaced(text);
  std::replace(spaced.begin(), spaced.end(), '+', ' ');
  auto decoded = decode_percent(spaced);
  if (decoded && (!is_utf8(*decoded) || decoded->find('\0') != std::string::npos)) return {};
  return decoded;
}

Error malformed_option(std::string_view option) {
  return {Code::bad_input,
          "The option " + quoted(option) +
              " is malformed; expected name=value, percent-encoded UTF-8.",
          ""};
}

}  // namespace

const char* name_of(Method method) {
  switch (method) {
    case Method::get:
      return "GET";
    case Method::post:
      return "POST";
    case Method::patch:
      return "PATCH";
    case Method::put:
      return "PUT";
    case Method::del:
      return "DELETE";
    case Method::options:
      return "OPTIONS";
    case Method::other:
      break;
  }
  return "";
}

void Router::add(Route route) {
  CHECK(route.pattern.starts_with("/"), "a pattern is a path");
  CHECK(route.endpoint != nullptr, "a route has an endpoint");
  for (const Route& known : routes_)
    CHECK(known.method != route.method || known.pattern != route.pattern, "a route is added once");
  const auto shorter = std::find_if(routes_.begin(), routes_.end(), [&](const Route& known) {
    return known.pattern.size() < route.pattern.size();
  });
  routes_.insert(shorter, std::move(route));
}

const Route* Router::find(Method method, std::string_view path, Response& refused) const {
  std::string allowed;
  for (const Route& route : routes_) {
    if (!matches(route.pattern, path)) continue;
    if (route.method == method) return &route;
    const char* const name = name_of(route.method);
    if (allowed.find(name) != std::string::npos) continue;
    allowed += (allowed.empty() ? "" : ", ") + std::string(name);
  }
  if (allowed.empty())
    refused = error_response({Code::not_found, "There is nothing at " + quoted(path) + ".", ""});
  else
    refused = method_not_allowed(std::move(allowed));
  return nullptr;
}

Response refusal(int status, std::string_view type, std::string_view message,
                 std::string_view field) {
  std::string body = "{\"code\":" + std::to_string(status) + ",\"type\":";
  append_json_string(body, type);
  body += ",\"message\":";
  append_json_string(body, message);
  if (!field.empty()) {
    body += ",\"field\":";
    append_json_string(body, field);
  }
  body += "}";
  return json_response(status, std::move(body));
}

Response error_response(const Error& error) {
  const CodeInfo& code = info(error.code);
  return refusal(code.http_status, code.name, error.message, error.field);
}

Response json_response(int status, std::string body) {
  Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

Result<std::vector<std::pair<std::string, std::string>>> parse_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> options;
  if (query.empty()) return options;
  for (const std::string_view option : split(query, '&')) {
    if (option.empty()) continue;  // "a=1&" and "a=1&&b=2" are harmless
    const size_t equals = std::min(option.find('='), option.size());
    auto name = decode_option(option.substr(0, equals));
    auto value = decode_option(option.substr(std::min(equals + 1, option.size())));
    if (!name || !value || name->empty()) return malformed_option(option);
    for (const auto& known : options)
      if (known.first == *name)
        return Error{Code::bad_input, "The option " + quoted(*name) + " is given twice.", *name};
    if (options.size() == limits::kQueryOptions)
      return Error{Code::bad_input,
                   "At most " + std::to_string(limits::kQueryOptions) + " options are taken.", ""};
    options.emplace_back(std::move(*name), std::move(*value));
  }
  return options;
}

}  // namespace duliang
