// HTTP/1.1 on sockets: keep-alive, limits, timeouts, live events. Everything that the net sends is refused
// here when it is too long, too slow or malformed. Endpoints marked `loop` run on the one ingest thread,
// which is also the engine's; `worker` endpoints on threads of their own.
#pragma once

#include <functional>
#include <memory>

#include "doors/http/http.h"

namespace duliang {

struct ServerOptions {
  std::string address = "127.0.0.1";
  unsigned short port = 8080;          // 0: any free one
  int workers = 2;
};

class Server {
 public:
  // `turn` is called on the loop after requests have been handed to endpoints, once a round, and at least
  // every `tick`; an error of it stops the server and is returned by run().
  static Result<std::unique_ptr<Server>> listen(const ServerOptions& options, const Router& router);
  ~Server();
  unsigned short port() const;

  struct Hooks {
    std::function<bool()> has_work;    // is there something for a turn?
    std::function<Status()> turn;
    std::function<Status()> tick;      // some ten times a second
  };
  // Until stop(), SIGTERM or SIGINT: then no new connections, the turn is emptied, and it returns.
  Status run(const Hooks& hooks);
  void stop();                          // any thread
  void post(std::function<void()> task);  // runs it on the loop; any thread

  struct Counts {
    uint64_t requests = 0, refused = 0, connections = 0, open = 0, event_streams = 0;
  };
  Counts counts() const;

 private:
  struct State;
  explicit Server(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace duliang
