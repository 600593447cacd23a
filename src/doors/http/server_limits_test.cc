// Each limit exceeded on a real socket, and the server alive behind it. What counts as malformed
// has its table in request_parser_test.cc.
#include <deque>

#include "doors/http/server_for_test.h"

namespace duliang {
namespace {

class ServerLimits : public ServerFixture {
 protected:
  // Sends, expects the refusal with a body that says so, and the end of the connection.
  void expect_refused(std::string_view text, int status) {
    Peer peer(port_);
    peer.send(text);
    const Response response = peer.receive();
    EXPECT_EQ(response.status, status) << text.substr(0, 80);
    EXPECT_TRUE(response.body.starts_with("{\"code\":" + std::to_string(status))) << response.body;
    EXPECT_FALSE(peer.keep_alive());
    peer.close();
    expect_alive();
  }
};

TEST_F(ServerLimits, BodyIsRefusedBeforeItIsRead) {
  start();
  expect_refused("POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: " +
                     std::to_string(limits::kBodyBytes + 1) + "\r\n\r\n",
                 413);
  expect_refused(
      "POST /echo HTTP/1.1\r\nHost: localhost\r\n"
      "Expect: 100-continue\r\nContent-Length: " +
          std::to_string(limits::kBodyBytes + 1) + "\r\n\r\n",
      413);
}

TEST_F(ServerLimits, ASentBodyDoesNotDestroyTheRefusal) {
  start();
  expect_refused(post_text("/echo", std::string(4 * limits::kBodyBytes, 'x')), 413);
}

TEST_F(ServerLimits, WhoDoesNotCloseAfterARefusalIsNotWaitedForLong) {
  options_.linger_close = std::chrono::milliseconds(20);
  start();
  Peer peer(port_);
  peer.send("nonsense\r\n\r\n");
  EXPECT_EQ(peer.receive().status, 400);
  wait_until_open(0);
}

TEST_F(ServerLimits, ChunkedBody) {
  start();
  std::string text = "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (size_t sent = 0; sent <= limits::kBodyBytes; sent += 0x10000)
    text += "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
  expect_refused(text, 413);
}

TEST_F(ServerLimits, HeaderAndUrl) {
  start();
  expect_refused("GET /ping HTTP/1.1\r\nHost: localhost\r\nX: " +
                     std::string(limits::kHeaderBytes, 'x') + "\r\n\r\n",
                 431);
  expect_refused(get_text("/" + std::string(limits::kUrlBytes, 'x')), 414);
  expect_refused(get_text("/" + std::string(8 * limits::kUrlBytes, 'x')), 414);
}

TEST_F(ServerLimits, MalformedOrSmuggled) {
  start();
  expect_refused("\x16\x03\x01 hello of TLS\r\n\r\n", 400);
  expect_refused("GET /ping\r\n\r\n", 400);
  expect_refused(
      "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n"
      "Transfer-Encoding: chunked\r\n\r\n"
      "0\r\n\r\nGET /ping HTTP/1.1\r\n\r\n",
      400);
  expect_refused("GET /ping HTTP/1.1\r\nHost: localhost\r\nX: a\r\n folded\r\n\r\n", 400);
  EXPECT_EQ(server_->counts().refused, 4U);
}

TEST_F(ServerLimits, WhatCameBeforeTheMalformedIsAnswered) {
  start();
  Peer peer(port_);
  peer.send(get_text("/ping") + "nonsense\r\n\r\n");
  EXPECT_EQ(peer.receive().status, 200);
  EXPECT_EQ(peer.receive().status, 400);
  EXPECT_TRUE(peer.sees_end());
}

TEST_F(ServerLimits, Connections) {
  options_.connections = 8;
  start();
  std::deque<Peer> peers;
  for (size_t i = 0; i < options_.connections; ++i) peers.emplace_back(port_);
  wait_until_open(options_.connections);
  Peer refused(port_);
  refused.send(get_text("/ping"));
  EXPECT_EQ(refused.receive().status, 503);
  EXPECT_FALSE(refused.keep_alive());
  peers.back().send(get_text("/ping"));
  EXPECT_EQ(peers.back().receive().status, 200);
  peers.clear();
  refused.close();
  wait_until_open(0);
  expect_alive();
}

TEST_F(ServerLimits, IdleConnection) {
  options_.idle_connection = std::chrono::milliseconds(200);
  start();
  Peer fresh(port_);
  EXPECT_TRUE(fresh.sees_end());
  Peer used(port_);
  used.send(get_text("/ping"));
  EXPECT_EQ(used.receive().status, 200);
  EXPECT_TRUE(used.sees_end());
  expect_alive();
}

TEST_F(ServerLimits, SlowRequest) {
  options_.slow_request = std::chrono::milliseconds(20);
  start();
  for (const char* begun :
       {"G", "POST /echo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nab"}) {
    Peer peer(port_);
    peer.send(begun);
    EXPECT_EQ(peer.receive().status, 408);
    EXPECT_TRUE(peer.sees_end());
  }
  expect_alive();
}

TEST_F(ServerLimits, WhoDoesNotReadIsCutOff) {
  options_.idle_connection = std::chrono::milliseconds(50);
  start();
  Peer peer(port_);
  // Asks on without reading; the sends end when the server, its writes stuck, closes.
  const std::string request = post_text("/echo", std::string(limits::kBodyBytes, 'x'));
  int sent = 0;
  while (sent < 1000 && peer.send(request)) ++sent;
  EXPECT_LT(sent, 1000);
  wait_until_open(0);
  expect_alive();
}

TEST_F(ServerLimits, AnAnswerThatIsOwedHasNoTimeLimit) {
  options_.idle_connection = options_.slow_request = std::chrono::milliseconds(100);
  start();
  Peer peer(port_);
  peer.send(get_text("/hold"));
  wait_for_held(1);
  // Another connection idles out meanwhile, which shows that the time has passed.
  EXPECT_TRUE(Peer(port_).sees_end());
  on_loop([&] { held_[0].send(json_response(200, "\"owed\"")); });
  EXPECT_EQ(peer.receive().body, "\"owed\"");
}

}  // namespace
}  // namespace duliang
