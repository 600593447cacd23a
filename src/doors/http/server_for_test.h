// For tests: a server on a free port in a thread of its own, and a peer on a raw socket that sees
// each byte. A peer waits ten seconds for what it expects, then the test fails.
#pragma once

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "doors/http/response_text.h"
#include "doors/http/server.h"

namespace duliang {

class Peer {
 public:
  explicit Peer(unsigned short port) : descriptor_(socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    timeval patience{};
    patience.tv_sec = 10;
    setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    connected_ = connect(descriptor_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~Peer() { close(); }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  bool connected() const { return connected_; }
  void close() {
    if (descriptor_ >= 0) ::close(descriptor_);
    descriptor_ = -1;
  }
  // False when the server has closed on us, which some tests expect.
  bool send(std::string_view text) {
    while (!text.empty()) {
      const auto sent = ::send(descriptor_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      text.remove_prefix(static_cast<size_t>(sent));
    }
    return true;
  }
  // The next response; fails the test where none comes.
  Response receive() {
    while (true) {
      auto read = read_response(received_, ended_);
      if (!read.ok()) {
        ADD_FAILURE() << read.error().message << " in: " << received_;
        return {};
      }
      if (read->has_value()) {
        received_.erase(0, (*read)->bytes);
        keep_alive_ = (*read)->keep_alive;
        return std::move((*read)->response);
      }
      if (!receive_more()) ended_ = true;
    }
  }
  // Takes `text` off the front of what comes, as it is.
  bool receive_text(std::string_view text) {
    while (received_.size() < text.size() && receive_more()) {
    }
    if (!received_.starts_with(text)) return false;
    received_.erase(0, text.size());
    return true;
  }
  // The server closes without a further byte.
  bool sees_end() { return received_.empty() && !receive_more(); }
  // All until the server closes.
  std::string receive_all() {
    while (receive_more()) {
    }
    return std::move(received_);
  }
  bool keep_alive() const { return keep_alive_; }  // of the last response

 private:
  bool receive_more() {
    char bytes[16 * 1024];
    const auto got = recv(descriptor_, bytes, sizeof bytes, 0);
    if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
      ADD_FAILURE() << "nothing came in time";
    if (got <= 0) return false;
    received_.append(bytes, static_cast<size_t>(got));
    return true;
  }

  int descriptor_;
  bool connected_ = false;
  bool ended_ = false;
  bool keep_alive_ = false;
  std::string received_;
};

inline std::string get_text(std::string_view path) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
}
inline std::string post_text(std::string_view path, std::string_view body) {
  return "POST " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

// GET /ping answers at once, POST /echo the body, POST /turn in the next turn, GET /worker on a
// worker, /hold keeps its Reply for the test.
class ServerFixture : public testing::Test {
 protected:
  void SetUp() override {
    options_.port = 0;
    options_.tick = std::chrono::milliseconds(5);
    router_.add({Method::get, "/ping", Where::loop, [](const Request&, const Reply& reply) {
                   reply.send(json_response(200, "\"pong\""));
                 }});
    router_.add({Method::post, "/echo", Where::loop,
                 [](const Request& request, const Reply& reply) {
                   reply.send(json_response(200, request.body));
                 }});
    router_.add({Method::post, "/turn", Where::loop, [this](const Request& request, Reply reply) {
                   for_turn_.emplace_back(std::move(reply), request.body);
                 }});
    router_.add({Method::get, "/worker", Where::worker, [this](const Request&, const Reply& reply) {
                   const bool off = std::this_thread::get_id() != loop_thread_;
                   reply.send(json_response(200, off ? "true" : "false"));
                 }});
    router_.add({Method::get, "/hold", Where::loop, [this](const Request&, Reply reply) {
                   held_.push_back(std::move(reply));
                   held_count_ = held_.size();
                   held_count_.notify_all();
                 }});
  }
  void TearDown() override { stop(); }

  void start() {
    auto server = Server::listen(options_, router_);
    ASSERT_TRUE(server.ok()) << server.error().message;
    server_ = std::move(*server);
    port_ = server_->port();
    thread_ = std::thread([this] {
      loop_thread_ = std::this_thread::get_id();
      ended_ = server_->run({[this] { return !for_turn_.empty(); }, [this] { return turn(); },
                             [this] { return tick_status_; }});
    });
  }
  void stop() {
    if (server_) server_->stop();
    if (thread_.joinable()) thread_.join();
  }
  void wait_for_held(size_t count) {
    for (size_t now = held_count_; now < count; now = held_count_) held_count_.wait(now);
  }
  // On the loop, and back when it is done.
  void on_loop(const std::function<void()>& task) {
    std::atomic<bool> done = false;
    server_->post([&] {
      task();
      done = true;
      done.notify_all();
    });
    done.wait(false);
  }
  void wait_until_open(uint64_t connections) {
    while (server_->counts().open != connections) std::this_thread::yield();
  }
  // On a busy machine a short timeout of the test may hit this peer too, so it may try again.
  void expect_alive() {
    for (int attempt = 0; attempt < 100; ++attempt) {
      Peer peer(port_);
      if (peer.send(get_text("/ping")) && peer.receive_text("HTTP/1.1 200 OK")) return;
    }
    FAIL() << "the server does not answer";
  }

  Status turn() {
    ++turns_;
    auto batch = std::move(for_turn_);
    for_turn_.clear();
    largest_turn_ = std::max(largest_turn_, batch.size());
    for (auto& [reply, body] : batch) reply.send(json_response(201, body));
    return turn_status_;
  }

  ServerOptions options_;
  Router router_;
  std::unique_ptr<Server> server_;
  unsigned short port_ = 0;
  std::thread thread_;
  std::thread::id loop_thread_;
  Status ended_;
  // Of the loop; a test looks at them by on_loop() or when it has stopped.
  std::vector<std::pair<Reply, std::string>> for_turn_;
  std::vector<Reply> held_;
  std::atomic<size_t> held_count_ = 0;
  size_t turns_ = 0;
  size_t largest_turn_ = 0;
  Status turn_status_;
  Status tick_status_;
};

}  // namespace duliang
