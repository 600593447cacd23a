#include "doors/http/server.h"

#include <csignal>
#include <deque>

#include "doors/http/client.h"
#include "doors/http/server_for_test.h"

namespace duliang {
namespace {

using ServerTest = ServerFixture;

TEST_F(ServerTest, KeepsTheConnectionForFurtherRequests) {
  start();
  Peer peer(port_);
  for (int i = 0; i < 3; ++i) {
    peer.send(post_text("/echo", std::to_string(i)));
    EXPECT_EQ(peer.receive().body, std::to_string(i));
    EXPECT_TRUE(peer.keep_alive());
  }
  EXPECT_EQ(server_->counts().connections, 1U);
  EXPECT_EQ(server_->counts().requests, 3U);
}

TEST_F(ServerTest, AnswersPipelinedRequestsInTheirOrder) {
  start();
  Peer peer(port_);
  std::string requests;
  for (int i = 0; i < 50; ++i) {
    requests += post_text("/turn", std::to_string(i)) + get_text("/worker") + get_text("/ping") +
                post_text("/echo", std::string(1000, 'a'));
  }
  ASSERT_TRUE(peer.send(requests));
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(peer.receive().body, std::to_string(i));
    EXPECT_EQ(peer.receive().body, "true");
    EXPECT_EQ(peer.receive().body, "\"pong\"");
    EXPECT_EQ(peer.receive().body.size(), 1000U);
  }
}

TEST_F(ServerTest, TakesARequestByteByByteAndInChunks) {
  start();
  Peer peer(port_);
  const std::string text =
      "POST /echo HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: "
      "chunked\r\n\r\n2\r\nab\r\n1\r\nc\r\n"
      "0\r\n\r\n";
  for (const char c : text) ASSERT_TRUE(peer.send(std::string_view(&c, 1)));
  EXPECT_EQ(peer.receive().body, "abc");
}

TEST_F(ServerTest, TakesAndGivesLargeBodies) {
  start();
  Peer peer(port_);
  const std::string body(limits::kBodyBytes, 'b');
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(peer.send(post_text("/echo", body)));
    EXPECT_EQ(peer.receive().body, body);
  }
}

TEST_F(ServerTest, WritesToASlowReaderAllThatItAsked) {
  start();
  Peer peer(port_);
  // More than the socket buffers hold: the server has to wait for the reader, who reads at the end.
  const std::string body(limits::kBodyBytes, 'c');
  constexpr int kRequests = 10;
  std::thread sender([&] {
    for (int i = 0; i < kRequests; ++i) peer.send(post_text("/echo", body));
  });
  for (int i = 0; i < kRequests; ++i) EXPECT_EQ(peer.receive().body, body);
  sender.join();
}

TEST_F(ServerTest, SaysContinueToWhoWaitsForIt) {
  start();
  Peer peer(port_);
  peer.send(
      "POST /echo HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: "
      "2\r\n\r\n");
  EXPECT_TRUE(peer.receive_text("HTTP/1.1 100 Continue\r\n\r\n"));
  peer.send("ab");
  EXPECT_EQ(peer.receive().body, "ab");
}

TEST_F(ServerTest, AnswersHeadWithoutTheBody) {
  start();
  Peer peer(port_);
  peer.send("HEAD /ping HTTP/1.1\r\nHost: localhost\r\n\r\n");
  EXPECT_TRUE(peer.receive_text(
      "HTTP/1.1 200 OK\r\nX-Content-Type-Options: nosniff\r\nContent-Type: application/json\r\n"
      "Content-Length: 6\r\n\r\n"));
  peer.send(get_text("/ping"));
  EXPECT_EQ(peer.receive().body, "\"pong\"");
}

TEST_F(ServerTest, ClosesWhenAskedTo) {
  start();
  for (const char* request : {"GET /ping HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
                              "GET /ping HTTP/1.0\r\nHost: localhost\r\n\r\n"}) {
    Peer peer(port_);
    peer.send(request);
    EXPECT_EQ(peer.receive().body, "\"pong\"");
    EXPECT_FALSE(peer.keep_alive());
    EXPECT_TRUE(peer.sees_end());
  }
}

TEST_F(ServerTest, OneTurnTakesTheRequestsOfAllReadyConnections) {
  start();
  constexpr size_t kPeers = 64;
  std::deque<Peer> peers;
  for (size_t i = 0; i < kPeers; ++i) {
    peers.emplace_back(port_);
    peers.back().send(get_text("/ping"));
    peers.back().receive();
  }
  // While the loop is held up, all requests arrive.
  std::atomic<bool> all_sent = false;
  server_->post([&] { all_sent.wait(false); });
  for (Peer& peer : peers) peer.send(post_text("/turn", "1"));
  all_sent = true;
  all_sent.notify_all();
  for (Peer& peer : peers) EXPECT_EQ(peer.receive().status, 201);
  stop();
  EXPECT_LE(turns_, 2U);
  EXPECT_GE(largest_turn_, kPeers / 2);
}

TEST_F(ServerTest, RunsWorkerEndpointsOffTheLoop) {
  start();
  Peer peer(port_);
  peer.send(get_text("/worker"));
  EXPECT_EQ(peer.receive().body, "true");
}

TEST_F(ServerTest, RefusesUnknownPathsAndMethodsAndGoesOn) {
  start();
  Peer peer(port_);
  peer.send(get_text("/nowhere") + get_text("/echo") +
            "BREW /echo HTTP/1.1\r\nHost: localhost\r\n\r\n" + get_text("/ping"));
  EXPECT_EQ(peer.receive().status, 404);
  EXPECT_EQ(peer.receive().status, 405);
  EXPECT_EQ(peer.receive().status, 405);
  EXPECT_EQ(peer.receive().status, 200);
  EXPECT_EQ(server_->counts().refused, 3U);
}

TEST_F(ServerTest, ExceptionsOfLibrariesCostOneRequest) {
  router_.add({Method::get, "/throw", Where::loop,
               [](const Request&, const Reply&) { static_cast<void>(std::string().at(1)); }});
  start();
  Peer peer(port_);
  peer.send(get_text("/throw") + get_text("/ping"));
  EXPECT_EQ(peer.receive().status, 500);
  EXPECT_EQ(peer.receive().status, 200);
}

TEST_F(ServerTest, WhoFailsBehindTheAnswerDoesNotAnswerTwice) {
  for (const Where where : {Where::loop, Where::worker}) {
    router_.add({Method::get, where == Where::loop ? "/late" : "/late/worker", where,
                 [](const Request&, const Reply& reply) {
                   reply.send(json_response(200, "1"));
                   static_cast<void>(std::string().at(1));
                 }});
  }
  start();
  for (const char* path : {"/late", "/late/worker"}) {
    Peer peer(port_);
    peer.send(get_text(path) + get_text("/ping"));
    EXPECT_EQ(peer.receive().body, "1");
    EXPECT_EQ(peer.receive().body, "\"pong\"");
  }
}

TEST_F(ServerTest, RefusesPagesFromElsewhereBeforeAnyEndpoint) {
  start();
  Peer peer(port_);
  const std::string line = "POST /turn HTTP/1.1\r\nContent-Length: 1\r\n";
  peer.send(line + "Host: evil.example\r\n\r\nx");
  EXPECT_EQ(peer.receive().status, 403);
  peer.send(line + "Host: localhost\r\nOrigin: http://evil.example\r\n\r\nx");
  EXPECT_EQ(peer.receive().status, 403);
  on_loop([&] { EXPECT_EQ(turns_, 0U); });
  peer.send(line + "Host: localhost\r\nOrigin: http://localhost\r\n\r\nx");
  EXPECT_EQ(peer.receive().status, 201);
}

TEST_F(ServerTest, AnswersLateFromAnotherThread) {
  start();
  Peer peer(port_);
  peer.send(get_text("/hold") + get_text("/ping"));
  wait_for_held(1);
  Reply reply;
  on_loop([&] { reply = held_[0]; });
  std::thread([&] { reply.send(json_response(200, "\"late\"")); }).join();
  EXPECT_EQ(peer.receive().body, "\"late\"");
  EXPECT_EQ(peer.receive().body, "\"pong\"");
}

TEST_F(ServerTest, DropsTheAnswerWhenTheClientIsGone) {
  start();
  {
    Peer peer(port_);
    peer.send(get_text("/hold"));
    wait_for_held(1);
  }
  on_loop([&] { held_[0].send(json_response(200, std::string(1 << 20, 'x'))); });
  wait_until_open(0);
  expect_alive();
}

TEST_F(ServerTest, AReplyIsUsedOnce) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        router_.add({Method::get, "/twice", Where::loop, [](const Request&, const Reply& reply) {
                       reply.send({});
                       reply.send({});
                     }});
        start();
        Peer peer(port_);
        peer.send(get_text("/twice"));
        peer.receive_all();
      },
      "a Reply is used once");
}

TEST_F(ServerTest, AnErrorOfTheTurnEndsIt) {
  turn_status_ = Error{Code::io, "the disk is gone", ""};
  start();
  Peer peer(port_);
  peer.send(post_text("/turn", ""));
  thread_.join();
  ASSERT_FALSE(ended_.ok());
  EXPECT_EQ(ended_.error().message, "the disk is gone");
}

TEST_F(ServerTest, AnErrorOfTheTickEndsIt) {
  tick_status_ = Error{Code::io, "the clock is gone", ""};
  start();
  thread_.join();
  EXPECT_FALSE(ended_.ok());
}

TEST_F(ServerTest, StopAnswersWhatIsInFlight) {
  start();
  Peer idle(port_);
  Peer peer(port_);
  peer.send(get_text("/hold"));
  wait_for_held(1);
  server_->stop();
  EXPECT_TRUE(idle.sees_end());
  EXPECT_FALSE(Peer(port_).connected());
  on_loop([&] { held_[0].send(json_response(200, "\"in time\"")); });
  EXPECT_EQ(peer.receive().body, "\"in time\"");
  EXPECT_FALSE(peer.keep_alive());
  peer.close();
  thread_.join();
  EXPECT_TRUE(ended_.ok());
}

TEST_F(ServerTest, StopWaitsNoLongerThanItsGrace) {
  options_.stop_grace = std::chrono::milliseconds(20);
  start();
  Peer peer(port_);
  peer.send(get_text("/hold"));
  wait_for_held(1);
  server_->stop();
  thread_.join();
  EXPECT_TRUE(ended_.ok());
  EXPECT_TRUE(peer.sees_end());
}

TEST_F(ServerTest, SignalsStopIt) {
  for (const int signal : {SIGTERM, SIGINT}) {
    start();
    expect_alive();
    kill(getpid(), signal);
    thread_.join();
    EXPECT_TRUE(ended_.ok());
    server_.reset();
  }
}

TEST_F(ServerTest, APortInUseIsAnError) {
  start();
  options_.port = port_;
  const auto second = Server::listen(options_, router_);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, Code::io);
  options_.address = "not an address";
  EXPECT_EQ(Server::listen(options_, router_).error().code, Code::bad_input);
}

TEST_F(ServerTest, TheClientKeepsItsConnection) {
  start();
  Client client("127.0.0.1", port_);
  Request request;
  request.method = Method::post;
  request.path = "/echo";
  for (int i = 0; i < 3; ++i) {
    request.body = std::to_string(i);
    const auto response = client.send(request);
    ASSERT_TRUE(response.ok()) << response.error().message;
    EXPECT_EQ(response->body, request.body);
  }
  EXPECT_EQ(server_->counts().connections, 1U);
}

TEST_F(ServerTest, TheClientSendsQueryAndActor) {
  router_.add({Method::get, "/who", Where::loop, [](const Request& request, const Reply& reply) {
                 reply.send(json_response(200, request.query + " " + request.actor));
               }});
  start();
  Request request;
  request.path = "/who";
  request.query = "a=b";
  request.actor = "李 四";
  EXPECT_EQ(Client("localhost", port_).send(request)->body, "a=b 李 四");
  request.query = "a b";
  EXPECT_EQ(Client("localhost", port_).send(request).error().code, Code::bad_input);
}

TEST_F(ServerTest, TheClientOpensAnewWhatTheServerHasClosed) {
  options_.idle_connection = std::chrono::milliseconds(200);
  start();
  Client client("127.0.0.1", port_);
  Request request;
  request.method = Method::post;
  request.path = "/echo";
  ASSERT_TRUE(client.send(request).ok());
  wait_until_open(0);
  ASSERT_TRUE(client.send(request).ok());
  EXPECT_EQ(server_->counts().connections, 2U);
}

TEST_F(ServerTest, TheClientGivesUpInTime) {
  start();
  Request request;
  request.path = "/hold";
  Client client("127.0.0.1", port_, std::chrono::milliseconds(20));
  EXPECT_EQ(client.send(request).error().code, Code::unavailable);
  wait_for_held(1);
  on_loop([&] { held_[0].send({}); });
  stop();
  request.path = "/ping";
  EXPECT_EQ(client.send(request).error().code, Code::unavailable);
}

}  // namespace
}  // namespace duliang
