// Requests and answers as the doors see them, and the table of routes. Knows no sockets: a test
// calls an endpoint like a function, server.h brings them to the net.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "base/result.h"

namespace duliang {

enum class Method : unsigned char { get, post, patch, put, del, options, other };
const char* name_of(Method method);  // "GET"; "" of other

// Valid during the call of the endpoint only; who answers later copies what it needs.
struct Request {
  Method method = Method::get;
  std::string path;   // as it came (not decoded), without the query
  std::string query;  // behind '?', as it came
  std::string body;
  std::string actor;   // X-Duliang-Actor, percent-decoded
  std::string host;    // Host, for absolute links; "127.0.0.1:8080"
  std::string origin;  // Origin: the page that asks, where a browser says it
  std::string idempotency_key;  // Idempotency-Key: a repeat of the same request has the same
  std::string last_event_id;
  std::string if_match;
  std::string if_none_match;
  bool accepts_gzip = false;
  bool is_json_patch = false;  // Content-Type: application/json-patch+json
};

struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::string location;  // header, when not empty
  std::vector<std::pair<std::string, std::string>> headers;
};

// A stream of live events: what is written goes out as it comes. Writing after the peer is gone
// does nothing; closed() tells. Any thread.
class EventStream {
 public:
  virtual ~EventStream() = default;
  virtual void write(std::string chunk) = 0;
  virtual bool closed() const = 0;  // the peer is gone, or too slow to be waited for
};

// How an endpoint answers: once (CHECK), now or later, from any thread, while the Server lives. It
// must answer; when the client has gone meanwhile, the answer is dropped.
struct Reply {
  std::function<void(Response)> send;
  // Starts text/event-stream instead. Never null: above limits::kFeedReaders the client gets 503
  // and the stream is closed from the start.
  std::function<std::shared_ptr<EventStream>()> stream;
};

enum class Where : unsigned char {
  loop,    // on the thread of the engine: must be short
  worker,  // on another thread: reads a View, renders
};

using Endpoint = std::function<void(const Request&, Reply)>;

struct Route {
  Method method;
  std::string pattern;  // "/healthz", or "/v1.1/*" for all below ("/v1.1/" too, "/v1.1" not)
  Where where;
  Endpoint endpoint;
};

class Router {
 public:
  void add(Route route);
  // The route for the request, longest pattern first; 404 or 405 as an answer where there is none.
  const Route* find(Method method, std::string_view path, Response& refusal) const;
  const std::vector<Route>& routes() const { return routes_; }

 private:
  std::vector<Route> routes_;  // longest pattern first
};

// {"code":404,"type":"not_found","message":"...","field":"..."}: the error body of sensorthings and
// city.
Response error_response(const Error& error);
Response json_response(int status, std::string body);
// 405, with the methods that the path answers to.
Response method_not_allowed(std::string allowed);

// A browser carries requests of any page to loopback. Refused with 403 is therefore a Host that is
// no loopback name or address (a foreign name that resolves to us), and an Origin that is not this
// Host's own (a page from elsewhere).
std::optional<Response> refuse_foreign(const Request& request);

// How many refusals were made since the start of the program, by type. The types are few and known:
// the codes of base/result.h and what HTTP adds to them. Any thread.
struct RefusalCount {
  std::string_view type;
  uint64_t count = 0;
};
std::vector<RefusalCount> refusal_counts();

// An answer that is no Error of ours: {"code":status,"type":type,"message":message}.
Response refusal(int status, std::string_view type, std::string_view message,
                 std::string_view field = {});

// Options behind '?', percent-decoded ('+' is a space), in their order. bad_input where malformed,
// named twice, or more than limits::kQueryOptions.
Result<std::vector<std::pair<std::string, std::string>>> parse_query(std::string_view query);

}  // namespace duliang
