// HTTP/1.1 on sockets: keep-alive, limits, timeouts, live events. Everything that the net sends is
// refused here when it is too long, too slow or malformed. Endpoints marked `loop` run on the one
// ingest thread, which is also the engine's; `worker` endpoints on threads of their own.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/limits.h"
#include "doors/http/http.h"

namespace duliang {

struct ServerOptions {
  std::string address = "127.0.0.1";
  unsigned short port = 8080;          // 0: any free one
  int workers = 2;
  // As limits.h has them; a test shortens them. Timeouts are kept to about one tick.
  size_t connections = limits::kConnections;
  size_t feed_readers = limits::kFeedReaders;
  size_t feed_backlog_bytes = limits::kFeedBacklogBytes;
  std::chrono::milliseconds idle_connection = limits::kIdleConnection;
  std::chrono::milliseconds slow_request = limits::kSlowRequest;
  std::chrono::milliseconds linger_close = limits::kLingerClose;
  std::chrono::milliseconds stop_grace = limits::kStopGrace;
  std::chrono::milliseconds tick{100};
};

class Server {
 public:
  // The port is open when this returns; io where it cannot be had. The router must outlive the
  // server.
  static Result<std::unique_ptr<Server>> listen(const ServerOptions& options, const Router& router);
  ~Server();
  unsigned short port() const;

  // All are called on the loop. When has_work() after an endpoint, a posted task or a tick, `turn`
  // follows as soon as every request that has arrived by then is with its endpoint, so that one
  // turn takes them all. An error of turn or tick stops the server at once and is returned by
  // run().
  struct Hooks {
    std::function<bool()> has_work;    // is there something for a turn?
    std::function<Status()> turn;
    std::function<Status()> tick;      // each ServerOptions::tick
  };
  // Until stop(), SIGTERM or SIGINT: then no new connections, what is in flight is answered (at
  // most stop_grace), the turn is emptied, and it returns. Once in the life of a server.
  Status run(const Hooks& hooks);
  void stop();                          // any thread
  void post(std::function<void()> task);  // runs it on the loop; any thread

  struct Counts {
    uint64_t requests = 0, refused = 0, connections = 0, open = 0, event_streams = 0;
  };
  Counts counts() const;

 private:
  struct State;

 public:
  explicit Server(std::unique_ptr<State> state);  // for listen(): nobody else has a State

 private:
  std::unique_ptr<State> state_;
};

}  // namespace duliang
