// A small blocking HTTP client with keep-alive, for the demo's player and for tests. One thread.
#pragma once

#include <memory>

#include "doors/http/http.h"

namespace duliang {

class Client {
 public:
  Client(std::string host, unsigned short port);
  ~Client();
  // Connects when needed; unavailable where nobody answers. Only method, path, query, body and actor are sent.
  Result<Response> send(const Request& request);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace duliang
