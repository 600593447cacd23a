#include "doors/http/server.h"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>

#include "doors/http/loop.h"
#include "doors/http/session.h"

namespace duliang {

namespace {

using Acceptor = boost::asio::basic_socket_acceptor<Tcp, boost::asio::io_context::executor_type>;

constexpr std::chrono::milliseconds kAcceptAgain{100};

}  // namespace

struct Server::State {
  State(const ServerOptions& options, const Router& router)
      : loop(options, router),
        acceptor(loop.io()),
        signals(loop.io()),
        accept_again(loop.io()) {}

  Status open();
  void accept_next();
  void watch_signals();
  void stop();

  Loop loop;
  Acceptor acceptor;
  boost::asio::signal_set signals;
  boost::asio::steady_timer accept_again;
};

Status Server::State::open() {
  const ServerOptions& options = loop.options();
  boost::system::error_code error;
  const auto address = boost::asio::ip::make_address(options.address, error);
  if (error)
    return Error{Code::bad_input,
                 "The address to listen on must be numeric, like 127.0.0.1 or ::1.", "listen"};
  const Tcp::endpoint endpoint(address, options.port);
  acceptor.open(endpoint.protocol(), error);
  if (!error) acceptor.set_option(Acceptor::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(Acceptor::max_listen_connections, error);
  if (!error) return {};
  return Error{Code::io,
               "Cannot listen on " + options.address + " port " + std::to_string(options.port) +
                   ": " + error.message() + ".",
               "listen"};
}

void Server::State::accept_next() {
  acceptor.async_accept(loop.io(), [this](const boost::system::error_code& error, Socket socket) {
    if (!acceptor.is_open()) return;
    if (!error) {
      loop.accept(std::move(socket));
      return accept_next();
    }
    // Out of files, or a peer that went away at once: trying again at once could spin.
    accept_again.expires_after(kAcceptAgain);
    accept_again.async_wait([this](const boost::system::error_code& cancelled) {
      if (!cancelled && acceptor.is_open()) accept_next();
    });
  });
}

void Server::State::watch_signals() {
  boost::system::error_code ignored;  // a program that has no signals is stopped by stop()
  signals.add(SIGTERM, ignored);
  signals.add(SIGINT, ignored);
  signals.async_wait([this](const boost::system::error_code& cancelled, int) {
    if (!cancelled) stop();
  });
}

void Server::State::stop() {
  boost::system::error_code ignored;
  acceptor.close(ignored);
  accept_again.cancel();
  loop.begin_stop();
}

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}
Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::listen(const ServerOptions& options,
                                               const Router& router) {
  CHECK(options.tick.count() > 0);
  auto state = std::make_unique<State>(options, router);
  TRY_DO(state->open());
  return std::make_unique<Server>(std::move(state));
}

unsigned short Server::port() const {
  boost::system::error_code ignored;
  return state_->acceptor.local_endpoint(ignored).port();
}

Status Server::run(const Hooks& hooks) {
  state_->watch_signals();
  state_->accept_next();
  return state_->loop.run(hooks);
}

void Server::stop() {
  boost::asio::post(state_->loop.io(), [this] { state_->stop(); });
}

void Server::post(std::function<void()> task) { state_->loop.post(std::move(task)); }

Server::Counts Server::counts() const { return state_->loop.counts(); }

}  // namespace duliang
