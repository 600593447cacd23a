// Inside of the server: what the connections share. The loop is one thread that reads, answers and
// turns the engine; workers only run endpoints. All is called on the loop but where it says so.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <thread>

#include "doors/http/server.h"

namespace duliang {

class LiveStream;
class Session;
using Tcp = boost::asio::ip::tcp;
// Bound to the type of its executor: the type-erased one costs a tenth of a request.
using Socket = boost::asio::basic_stream_socket<Tcp, boost::asio::io_context::executor_type>;

// Names one answer that is owed. Small and trivial, so that a Reply needs no memory of its own.
struct Ticket {
  uint32_t slot = 0;    // of the session
  uint32_t number = 0;  // of the request in the life of the slot
};

class Loop {
 public:
  Loop(const ServerOptions& options, const Router& router);
  ~Loop();

  boost::asio::io_context& io() { return io_; }
  const ServerOptions& options() const { return options_; }
  bool on_loop() const { return std::this_thread::get_id() == thread_; }
  bool stopping() const { return stopping_; }
  uint64_t ticks() const { return ticks_; }  // since the start; the only clock of the sessions

  // The life of the loop: until a stop, or an error of a hook. Once.
  Status run(const Server::Hooks& hooks);
  void begin_stop();
  void post(std::function<void()> task);  // any thread

  void accept(Socket socket);
  void session_closed(uint32_t slot);  // its slot may be used anew
  void count_refused() { add(refused_); }

  // Finds the route and runs its endpoint, here or on a worker. The request is the session's; a
  // worker takes it away.
  void dispatch(Request& request, Ticket ticket);

  // Any thread:
  void stream_written(std::shared_ptr<LiveStream> stream);
  void stream_ended() { event_streams_.fetch_sub(1, std::memory_order_relaxed); }
  Server::Counts counts() const;

 private:
  void run_endpoint(const Route& route, const Request& request, Ticket ticket);  // any thread
  void answer(Ticket ticket, Response response);                                 // any thread
  void answer_if_owed(Ticket ticket, Response response);                         // any thread
  std::shared_ptr<EventStream> open_stream(Ticket ticket);                       // any thread
  Session& session_of(Ticket ticket);
  Session& free_session();

  void after_work();
  void turn();
  void arm_tick();
  void tick();
  void sweep();
  void fail(Status status);
  void finish_when_empty();

  // A count that only the loop changes: no locked instruction on the hot path.
  static void add(std::atomic<uint64_t>& count) {
    count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }

  const ServerOptions options_;
  const Router& router_;
  std::atomic<uint64_t> requests_ = 0, refused_ = 0, connections_ = 0, open_ = 0;
  std::atomic<uint64_t> event_streams_ = 0;
  boost::asio::io_context io_;
  boost::asio::basic_waitable_timer<std::chrono::steady_clock,
                                    boost::asio::wait_traits<std::chrono::steady_clock>,
                                    boost::asio::io_context::executor_type>
      timer_;
  std::vector<std::unique_ptr<Session>> sessions_;  // by slot; kept and used again
  std::vector<uint32_t> free_slots_;
  const Server::Hooks* hooks_ = nullptr;
  std::thread::id thread_;
  uint64_t ticks_ = 0;
  uint64_t sweep_ticks_ = 1;  // between two sweeps
  uint64_t stop_at_tick_ = 0;
  bool stopping_ = false;
  bool turn_posted_ = false;
  Status ended_;
  Response no_route_;  // kept, so that it costs nothing where there is a route
  boost::asio::thread_pool workers_;  // last: it is gone before what its tasks use
};

}  // namespace duliang
