#include "doors/http/http.h"

#include <array>
#include <atomic>

#include "base/limits.h"
#include "base/text.h"

namespace duliang {

namespace {

bool matches(std::string_view pattern, std::string_view path) {
  if (pattern.ends_with("/*")) return path.starts_with(pattern.substr(0, pattern.size() - 1));
  return path == pattern;
}

std::optional<std::string> decode_option(std::string_view text) {
  std::string spaced(text);
  std::replace(spaced.begin(), spaced.end(), '+', ' ');
  auto decoded = decode_percent(spaced);
  if (decoded && (!is_utf8(*decoded) || decoded->find('\0') != std::string::npos)) return {};
  return decoded;
}

// The last takes what is not in the table, so that a forgotten type is counted all the same.
constexpr std::array<std::string_view, 15> kRefusalTypes{
    "bad_input",   "forbidden", "not_found", "conflict",           "precondition_failed",
    "too_large",   "too_many",  "unsupported", "unavailable",      "no_room",
    "io",          "corrupt",   "too_slow",  "method_not_allowed", "other"};
std::array<std::atomic<uint64_t>, kRefusalTypes.size()> refusals_made;

void count_refusal(std::string_view type) {
  size_t index = 0;
  while (index + 1 < kRefusalTypes.size() && kRefusalTypes[index] != type) ++index;
  refusals_made[index].fetch_add(1, std::memory_order_relaxed);
}

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 && text.find_first_not_of("0123456789") == text.npos;
}

// 127.0.0.0/8, in four numbers. Takes no memory: each request comes by here.
bool is_loopback_address(std::string_view name) {
  if (!name.starts_with("127.")) return false;
  for (int numbers = 1;; ++numbers) {
    const size_t dot = name.find('.');
    const std::string_view part = name.substr(0, dot);
    const auto number = is_port(part) ? parse_integer(part) : std::nullopt;
    if (!number || *number > 255) return false;
    if (dot == std::string_view::npos) return numbers == 4;
    name.remove_prefix(dot + 1);
  }
}

bool is_loopback(std::string_view host) {
  const size_t colon = host.find(':', host.starts_with('[') ? host.find(']') : 0);
  if (colon != std::string_view::npos && !is_port(host.substr(colon + 1))) return false;
  std::string name(host.substr(0, colon));
  for (char& c : name)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
  return name == "localhost" || name == "[::1]" || is_loopback_address(name);
}

Error malformed_option(std::string_view option) {
  return {
      Code::bad_input,
      "The option " + quoted(option) + " is malformed; expected name=value, percent-encoded UTF-8.",
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
  count_refusal(type);
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

Response method_not_allowed(std::string allowed) {
  Response response = refusal(405, "method_not_allowed",
                              "This path answers to " + allowed + ", not to the method asked.");
  response.headers.emplace_back("Allow", std::move(allowed));
  return response;
}

std::optional<Response> refuse_foreign(const Request& request) {
  if (!is_loopback(request.host)) {
    return error_response(
        {Code::forbidden,
         "Host expects a loopback name or address, not " + quoted(request.host) + ".", "Host"});
  }
  if (!request.origin.empty() && request.origin != "http://" + request.host) {
    return error_response(
        {Code::forbidden, "Pages from elsewhere may not ask this server.", "Origin"});
  }
  return std::nullopt;
}

std::vector<RefusalCount> refusal_counts() {
  std::vector<RefusalCount> counts;
  for (size_t i = 0; i < kRefusalTypes.size(); ++i) {
    counts.push_back({kRefusalTypes[i], refusals_made[i].load(std::memory_order_relaxed)});
  }
  return counts;
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
