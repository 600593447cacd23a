// Streams of live events on real sockets.
#include "doors/http/server_for_test.h"

namespace duliang {
namespace {

class EventStreams : public ServerFixture {
 protected:
  void SetUp() override {
    ServerFixture::SetUp();
    for (const Where where : {Where::loop, Where::worker}) {
      router_.add({Method::get, where == Where::loop ? "/live" : "/live/worker", where,
                   [this](const Request&, const Reply& reply) {
                     auto stream = reply.stream();
                     on_stream(std::move(stream));
                   }});
    }
  }
  void on_stream(std::shared_ptr<EventStream> stream) {
    const std::lock_guard lock(mutex_);
    stream_ = std::move(stream);
    ++streams_;
    streams_.notify_all();
  }
  // Opens the next stream for `peer`.
  std::shared_ptr<EventStream> open(Peer& peer, std::string_view path = "/live") {
    const int before = streams_;
    peer.send(get_text(path));
    streams_.wait(before);
    const std::lock_guard lock(mutex_);
    return stream_;
  }
  static void wait_until_closed(const EventStream& stream) {
    while (!stream.closed()) std::this_thread::yield();
  }

  std::mutex mutex_;
  std::shared_ptr<EventStream> stream_;
  std::atomic<int> streams_ = 0;
};

constexpr std::string_view kHead =
    "HTTP/1.1 200 OK\r\nX-Content-Type-Options: nosniff\r\nContent-Type: text/event-stream\r\n"
    "Cache-Control: no-store\r\nConnection: close\r\n\r\n";

TEST_F(EventStreams, GoOutAsTheyAreWritten) {
  start();
  for (const char* path : {"/live", "/live/worker"}) {
    Peer peer(port_);
    const auto stream = open(peer, path);
    EXPECT_TRUE(peer.receive_text(kHead));
    for (int i = 0; i < 100; ++i) {
      const std::string event = "id: " + std::to_string(i) + "\ndata: x\n\n";
      stream->write(event);
      EXPECT_TRUE(peer.receive_text(event));
    }
    EXPECT_FALSE(stream->closed());
  }
}

TEST_F(EventStreams, ManyThreadsWriteToOne) {
  options_.feed_backlog_bytes = 64 * 1024 * 1024;
  start();
  Peer peer(port_);
  const auto stream = open(peer);
  constexpr int kThreads = 3, kEvents = 300;
  const std::string event(10'000, 'e');
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i)
    threads.emplace_back([&] {
      for (int n = 0; n < kEvents; ++n) stream->write(event);
    });
  EXPECT_TRUE(peer.receive_text(kHead));
  for (int n = 0; n < kThreads * kEvents; ++n) ASSERT_TRUE(peer.receive_text(event));
  for (std::thread& thread : threads) thread.join();
}

TEST_F(EventStreams, KnowThatThePeerIsGone) {
  start();
  Peer peer(port_);
  const auto stream = open(peer);
  EXPECT_TRUE(peer.receive_text(kHead));
  EXPECT_EQ(server_->counts().event_streams, 1U);
  peer.close();
  wait_until_closed(*stream);
  stream->write("into the void");
  wait_until_open(0);
  EXPECT_EQ(server_->counts().event_streams, 0U);
  expect_alive();
}

TEST_F(EventStreams, CutOffWhoLagsBehindTheBacklog) {
  options_.feed_backlog_bytes = 256 * 1024;
  start();
  Peer peer(port_);
  const auto stream = open(peer);
  // The sockets hold some megabytes before anything piles up here.
  int written = 0;
  for (; written < 10'000 && !stream->closed(); ++written) stream->write(std::string(16'384, 'b'));
  EXPECT_TRUE(stream->closed());
  EXPECT_GE(written, 16);
  peer.receive_all();  // ends
  wait_until_open(0);
  expect_alive();
}

TEST_F(EventStreams, CutOffWhoReadsNothingForLong) {
  options_.idle_connection = std::chrono::milliseconds(200);
  options_.feed_backlog_bytes = 64 * 1024 * 1024;
  start();
  Peer peer(port_);
  const auto stream = open(peer);
  stream->write(std::string(32 * 1024 * 1024, 'b'));
  wait_until_closed(*stream);
  expect_alive();
}

TEST_F(EventStreams, ThereAreOnlySoMany) {
  options_.feed_readers = 2;
  start();
  Peer first(port_), second(port_), third(port_);
  const auto one = open(first);
  const auto two = open(second);
  const auto three = open(third);
  EXPECT_TRUE(three->closed());
  three->write("dropped");
  EXPECT_EQ(third.receive().status, 503);
  EXPECT_FALSE(one->closed());
  first.close();
  wait_until_closed(*one);
  EXPECT_FALSE(open(third)->closed());  // the place is free again, on the connection that was kept
}

TEST_F(EventStreams, EndWithTheServer) {
  start();
  Peer peer(port_);
  const auto stream = open(peer);
  EXPECT_TRUE(peer.receive_text(kHead));
  stop();
  EXPECT_TRUE(stream->closed());
  EXPECT_TRUE(peer.sees_end());
  server_.reset();
  stream->write("after the end");
}

}  // namespace
}  // namespace duliang
