#include "doors/http/loop.h"

#include <boost/asio/post.hpp>

#include "doors/http/live_stream.h"
#include "doors/http/session.h"

namespace duliang {

namespace {

// Above the limit of connections so many more are taken at a time, only to be told 503.
constexpr size_t kRefusedAtOnce = 64;
constexpr std::chrono::milliseconds kSweepEvery{1000};

uint64_t ticks_between_sweeps(const ServerOptions& options) {
  const auto shortest = std::min({kSweepEvery, options.idle_connection, options.slow_request,
                                  options.linger_close});
  return std::max<uint64_t>(1, static_cast<uint64_t>(shortest / options.tick));
}

// Closes the stream if what would have started it is thrown away unrun, at the end of the server.
struct StreamStart {
  explicit StreamStart(std::shared_ptr<LiveStream> started) : stream(std::move(started)) {}
  StreamStart(StreamStart&&) = default;
  ~StreamStart() {
    if (stream) stream->close();
  }
  std::shared_ptr<LiveStream> stream;
};

}  // namespace

Loop::Loop(const ServerOptions& options, const Router& router)
    : options_(options),
      router_(router),
      io_(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO),  // sockets are used on the loop only
      timer_(io_),
      sweep_ticks_(ticks_between_sweeps(options)),
      workers_(static_cast<size_t>(std::max(1, options.workers))) {}

Loop::~Loop() {
  workers_.stop();
  workers_.join();
}

Status Loop::run(const Server::Hooks& hooks) {
  CHECK(hooks.has_work && hooks.turn && hooks.tick, "a server has hooks");
  CHECK(hooks_ == nullptr, "a server runs once");
  hooks_ = &hooks;
  thread_ = std::this_thread::get_id();
  arm_tick();
  io_.run();
  workers_.stop();
  workers_.join();
  while (ended_.ok() && hooks.has_work()) ended_ = hooks.turn();
  for (const auto& session : sessions_) session->close();
  return ended_;
}

void Loop::begin_stop() {
  if (stopping_) return;
  stopping_ = true;
  stop_at_tick_ = ticks_ + static_cast<uint64_t>(options_.stop_grace / options_.tick) + 1;
  for (const auto& session : sessions_) session->stop();
  finish_when_empty();
}

void Loop::finish_when_empty() {
  if (stopping_ && open_ == 0) io_.stop();
}

void Loop::fail(Status status) {
  if (ended_.ok()) ended_ = std::move(status);
  io_.stop();
}

void Loop::post(std::function<void()> task) {
  boost::asio::post(io_, [this, task = std::move(task)] {
    task();
    after_work();
  });
}

Session& Loop::free_session() {
  if (free_slots_.empty()) {
    const auto slot = static_cast<uint32_t>(sessions_.size());
    sessions_.push_back(std::make_unique<Session>(*this, slot));
    return *sessions_.back();
  }
  const uint32_t slot = free_slots_.back();
  free_slots_.pop_back();
  return *sessions_[slot];
}

void Loop::accept(Socket socket) {
  add(connections_);
  if (stopping_ || open_ >= options_.connections + kRefusedAtOnce) {
    count_refused();
    return;  // which closes it
  }
  const bool full = open_ >= options_.connections;
  add(open_);
  Session& session = free_session();
  session.start(std::move(socket));
  if (full) {
    session.refuse(error_response(
        {Code::unavailable,
         "All " + std::to_string(options_.connections) + " connections are in use.", ""}));
  } else {
    session.proceed();
  }
}

void Loop::session_closed(uint32_t slot) {
  open_.store(open_.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
  free_slots_.push_back(slot);
  finish_when_empty();
}

Session& Loop::session_of(Ticket ticket) {
  CHECK(ticket.slot < sessions_.size());
  return *sessions_[ticket.slot];
}

void Loop::dispatch(Request& request, Ticket ticket) {
  add(requests_);
  if (const auto foreign = refuse_foreign(request)) {
    count_refused();
    return session_of(ticket).answer(ticket, *foreign);
  }
  const Route* const route = router_.find(request.method, request.path, no_route_);
  if (route == nullptr) {
    count_refused();
    session_of(ticket).answer(ticket, no_route_);
  } else if (route->where == Where::loop) {
    run_endpoint(*route, request, ticket);
    after_work();
  } else {
    boost::asio::post(workers_, [this, route, ticket, taken = std::move(request)] {
      run_endpoint(*route, taken, ticket);
    });
  }
}

void Loop::run_endpoint(const Route& route, const Request& request, Ticket ticket) {
  // Both functions fit into std::function without memory of their own; that is why Ticket is small.
  Reply reply{[this, ticket](Response response) { answer(ticket, std::move(response)); },
              [this, ticket]() -> std::shared_ptr<EventStream> { return open_stream(ticket); }};
  try {
    route.endpoint(request, std::move(reply));
  } catch (const std::exception&) {  // of a library; its text may hold what is not the client's
    answer_if_owed(ticket, error_response({Code::io, "The server failed at this request.", ""}));
  }
}

// The endpoint may have answered before it failed. A worker's answer was posted before this, so it
// is known here.
void Loop::answer_if_owed(Ticket ticket, Response response) {
  if (!on_loop()) {
    boost::asio::post(io_, [this, ticket, response = std::move(response)]() mutable {
      answer_if_owed(ticket, std::move(response));
    });
  } else if (session_of(ticket).owes(ticket)) {
    session_of(ticket).answer(ticket, response);
  }
}

void Loop::answer(Ticket ticket, Response response) {
  if (on_loop()) return session_of(ticket).answer(ticket, response);
  boost::asio::post(io_, [this, ticket, response = std::move(response)] {
    session_of(ticket).answer(ticket, response);
  });
}

std::shared_ptr<EventStream> Loop::open_stream(Ticket ticket) {
  if (event_streams_.fetch_add(1, std::memory_order_relaxed) >= options_.feed_readers) {
    stream_ended();
    answer(ticket,
           error_response({Code::unavailable,
                           "All " + std::to_string(options_.feed_readers) +
                               " streams of live events are in use.",
                           ""}));
    return std::make_shared<LiveStream>(nullptr, ticket.slot);
  }
  auto stream = std::make_shared<LiveStream>(this, ticket.slot);
  if (on_loop()) {
    session_of(ticket).answer_with_stream(ticket, stream);
  } else {
    boost::asio::post(io_, [this, ticket, start = StreamStart(stream)]() mutable {
      session_of(ticket).answer_with_stream(ticket, std::move(start.stream));
    });
  }
  return stream;
}

void Loop::stream_written(std::shared_ptr<LiveStream> stream) {
  boost::asio::post(io_, [this, stream = std::move(stream)] {
    sessions_[stream->slot()]->flush_stream(*stream);
  });
}

// Two hops: the first one comes behind all connections that the reactor found ready together, and
// the reactor looks once more before it; the second one comes behind those.
void Loop::after_work() {
  if (turn_posted_ || !hooks_->has_work()) return;
  turn_posted_ = true;
  boost::asio::post(io_, [this] { boost::asio::post(io_, [this] { turn(); }); });
}

void Loop::turn() {
  turn_posted_ = false;
  if (Status status = hooks_->turn(); !status.ok()) return fail(std::move(status));
  after_work();
}

void Loop::arm_tick() {
  timer_.expires_after(options_.tick);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) tick();
  });
}

void Loop::tick() {
  ++ticks_;
  if (Status status = hooks_->tick(); !status.ok()) return fail(std::move(status));
  if (ticks_ % sweep_ticks_ == 0)
    for (const auto& session : sessions_) session->sweep();
  after_work();
  if (stopping_ && ticks_ >= stop_at_tick_) return io_.stop();
  arm_tick();
}

Server::Counts Loop::counts() const {
  Server::Counts counts;
  counts.requests = requests_.load(std::memory_order_relaxed);
  counts.refused = refused_.load(std::memory_order_relaxed);
  counts.connections = connections_.load(std::memory_order_relaxed);
  counts.open = open_.load(std::memory_order_relaxed);
  counts.event_streams = event_streams_.load(std::memory_order_relaxed);
  return counts;
}

}  // namespace duliang
