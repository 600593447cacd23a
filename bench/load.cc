#include "bench/load.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <deque>

namespace duliang::bench {
namespace {

using Steady = std::chrono::steady_clock;

double since(Steady::time_point start) {
  return std::chrono::duration<double>(Steady::now() - start).count();
}

class LoadRun {
 public:
  explicit LoadRun(const Load& load)
      : load_(load), request_(observation_request(load.path, "3.14")), poll_(epoll_create1(0)) {}
  ~LoadRun() {
    for (const int fd : fds_) close(fd);
    close(poll_);
  }

  Result<LoadResult> run() {
    for (int i = 0; i < load_.connections; ++i) TRY_DO(open());
    start_ = Steady::now();
    for (const int fd : fds_) idle_.push_back(fd);
    std::array<epoll_event, 256> ready{};
    while (since(start_) < load_.seconds) {
      TRY_DO(send_due());
      const int count = epoll_wait(poll_, ready.data(), static_cast<int>(ready.size()), 1);
      for (int i = 0; i < count; ++i) TRY_DO(receive(ready[static_cast<size_t>(i)].data.fd));
    }
    result_.seconds = since(start_);
    return result_;
  }

 private:
  Status open() {
    const int fd = connect_to(load_.port);
    if (fd < 0) return Error{Code::unavailable, "The load can't connect.", ""};
    fcntl(fd, F_SETFL, O_NONBLOCK);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    epoll_ctl(poll_, EPOLL_CTL_ADD, fd, &event);
    fds_.push_back(fd);
    return {};
  }

  Status send_due() {
    const double due = load_.per_second > 0 ? load_.per_second * since(start_) : 1e18;
    while (!idle_.empty() && static_cast<double>(sent_) < due) {
      const int fd = idle_.front();
      idle_.pop_front();
      if (write(fd, request_.data(), request_.size()) != static_cast<ssize_t>(request_.size())) {
        return Error{Code::unavailable, "The load can't send.", ""};
      }
      ++sent_;
    }
    return {};
  }

  Status receive(int fd) {
    std::array<char, 4096> buffer{};
    const ssize_t got = read(fd, buffer.data(), buffer.size());
    if (got <= 0) return Error{Code::unavailable, "A server closed a connection of the load.", ""};
    const std::string_view answer(buffer.data(), static_cast<size_t>(got));
    if (answer.starts_with("HTTP/1.1 201")) {
      ++result_.answered;
    } else {
      ++result_.refused;
    }
    idle_.push_back(fd);
    return {};
  }

  const Load& load_;
  std::string request_;
  int poll_;
  std::vector<int> fds_;
  std::deque<int> idle_;
  uint64_t sent_ = 0;
  LoadResult result_;
  Steady::time_point start_;
};

}  // namespace

int connect_to(unsigned short port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    close(fd);
    return -1;
  }
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return fd;
}

std::string observation_request(const std::string& path, const std::string& result) {
  const std::string body = fmt::format(
      R"({{"phenomenonTime":"2026-11-24T06:00:00.000Z","resultTime":"2026-11-24T06:00:01Z",)"
      R"("result":{}}})",
      result);
  return fmt::format(
      "POST {} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: "
      "{}\r\n\r\n{}",
      path, body.size(), body);
}

Result<std::string> request(unsigned short port, const std::string& head, const std::string& body) {
  const int fd = connect_to(port);
  if (fd < 0) return Error{Code::unavailable, "nobody listens", ""};
  const std::string text = fmt::format(
      "{} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{}", head,
      body.size(), body);
  std::string answer;
  if (write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size())) {
    std::array<char, 65536> buffer{};
    for (ssize_t got = 0; (got = read(fd, buffer.data(), buffer.size())) > 0;) {
      answer.append(buffer.data(), static_cast<size_t>(got));
    }
  }
  close(fd);
  const size_t end = answer.find("\r\n\r\n");
  if (end == std::string::npos) return Error{Code::unavailable, "no answer", ""};
  return answer.substr(end + 4);
}

Result<LoadResult> run_load(const Load& load) { return LoadRun(load).run(); }

}  // namespace duliang::bench
