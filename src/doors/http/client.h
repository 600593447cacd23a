// A small blocking HTTP client with keep-alive, for the demo's player and for tests. One thread.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "base/limits.h"
#include "doors/http/http.h"

namespace duliang {

class Client {
 public:
  Client(std::string host, unsigned short port,
         std::chrono::milliseconds timeout = limits::kClientTimeout);
  ~Client();
  // Connects when needed; unavailable where nobody answers in time. Only method, path, query, body
  // and actor are sent. A kept connection that the server has closed meanwhile is opened anew,
  // once; what may have been done already (a POST cut off while waiting) is not sent again.
  Result<Response> send(const Request& request);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// To "http://127.0.0.1:8080" or "http://[::1]:8080/"; bad_input where that is none.
Result<std::unique_ptr<Client>> client_of(std::string_view url, std::chrono::milliseconds timeout);

// What an answer that refuses says: the server's own words, with the code that a caller acts by.
Error refusal_of(const Response& response);

}  // namespace duliang
