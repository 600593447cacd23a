#include "bench/load.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstring>
#include <deque>

namespace duliang::bench {
namespace {

using Steady = std::chrono::steady_clock;

double since(Steady::time_point start) {
  return std::chrono::duration<double>(Steady::now() - start).count();
}

Status write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t wrote = write(fd, text.data(), text.size());
    if (wrote <= 0) return Error{Code::unavailable, "The load can't send.", ""};
    text.remove_prefix(static_cast<size_t>(wrote));
  }
  return {};
}

// How long the answer at the beginning of `text` is; 0 while its head is not whole. An answer
// without a length has no body: so VictoriaMetrics says that it took everything.
size_t answer_bytes(std::string_view text) {
  const size_t end = text.find("\r\n\r\n");
  if (end == std::string_view::npos) return 0;
  const std::string_view head = text.substr(0, end);
  constexpr std::string_view kLength = "Content-Length: ";
  const size_t at = head.find(kLength);
  const size_t body = at == std::string_view::npos
                          ? 0
                          : std::strtoull(head.data() + at + kLength.size(), nullptr, 10);
  return end + 4 + body;
}

// What an answer says in a line: its status and its body.
std::string said(std::string_view answer) {
  const std::string_view status = answer.substr(0, answer.find("\r\n"));
  constexpr size_t kShown = 300;
  return fmt::format("{} {}", status,
                     answer.substr(std::min(answer.size(), answer.find("\r\n\r\n") + 4), kShown));
}

bool is_good(std::string_view answer) { return answer.starts_with("HTTP/1.1 2"); }

class LoadRun {
 public:
  explicit LoadRun(const Load& load) : load_(load), poll_(epoll_create1(0)) {}
  ~LoadRun() {
    for (const Client& client : clients_) close(client.fd);
    close(poll_);
  }

  Result<LoadResult> run() {
    for (int i = 0; i < load_.connections; ++i) TRY_DO(open());
    start_ = Steady::now();
    for (size_t i = 0; i < clients_.size(); ++i) idle_.push_back(i);
    std::array<epoll_event, 256> ready{};
    while (load_.requests > 0 ? result_.answered + result_.refused < load_.requests
                              : since(start_) < load_.seconds) {
      TRY_DO(send_due());
      const int count = epoll_wait(poll_, ready.data(), static_cast<int>(ready.size()), 1);
      for (int i = 0; i < count; ++i) TRY_DO(receive(ready[static_cast<size_t>(i)].data.u64));
    }
    result_.seconds = since(start_);
    return std::move(result_);
  }

 private:
  struct Client {
    int fd = -1;
    std::string in;
    Steady::time_point sent{};
  };

  Status open() {
    const int fd = connect_to(load_.port);
    if (fd < 0) return Error{Code::unavailable, "The load can't connect.", ""};
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = clients_.size();
    epoll_ctl(poll_, EPOLL_CTL_ADD, fd, &event);
    clients_.push_back({fd, {}, {}});
    return {};
  }

  Status send_due() {
    const double due = load_.per_second > 0 ? load_.per_second * since(start_) : 1e18;
    while (!idle_.empty() && static_cast<double>(sent_) < due) {
      Client& client = clients_[idle_.front()];
      idle_.pop_front();
      load_.next(request_);
      client.sent = Steady::now();
      TRY_DO(write_all(client.fd, request_));
      ++sent_;
    }
    return {};
  }

  Status receive(size_t index) {
    Client& client = clients_[index];
    std::array<char, 65536> buffer;
    const ssize_t got = read(client.fd, buffer.data(), buffer.size());
    if (got <= 0) return Error{Code::unavailable, "A server closed a connection of the load.", ""};
    client.in.append(buffer.data(), static_cast<size_t>(got));
    const size_t whole = answer_bytes(client.in);
    if (whole == 0 || client.in.size() < whole) return {};
    if (is_good(client.in)) {
      ++result_.answered;
      result_.latencies_ms.push_back(since(client.sent) * 1000);
    } else {
      if (result_.refused++ == 0) result_.first_refusal = said(client.in);
    }
    client.in.clear();
    idle_.push_back(index);
    return {};
  }

  const Load& load_;
  std::string request_;
  int poll_;
  std::vector<Client> clients_;
  std::deque<size_t> idle_;
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

std::function<void(std::string&)> always(std::string request) {
  return [request = std::move(request)](std::string& text) {
    if (text.empty()) text = request;
  };
}

std::string post_text(std::string_view path, std::string_view body) {
  return fmt::format(
      "POST {} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
      "Content-Length: {}\r\n\r\n{}",
      path, body.size(), body);
}

std::string get_text(std::string_view path) {
  std::string encoded;
  for (const char c : path) encoded += c == ' ' ? std::string("%20") : std::string(1, c);
  return fmt::format("GET {} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", encoded);
}

std::function<void(std::string&)> single_posts() {
  return always(post_text("/v1.1/Datastreams(1)/Observations",
                          R"({"phenomenonTime":"2026-11-24T06:00:00.000Z",)"
                          R"("resultTime":"2026-11-24T06:00:01Z","result":3.14})"));
}

Result<std::string> request(unsigned short port, const std::string& text) {
  const int fd = connect_to(port);
  if (fd < 0) return Error{Code::unavailable, "nobody listens", ""};
  std::string answer;
  Status sent = write_all(fd, text);
  std::array<char, 65536> buffer;
  while (sent.ok() && (answer_bytes(answer) == 0 || answer.size() < answer_bytes(answer))) {
    const ssize_t got = read(fd, buffer.data(), buffer.size());
    if (got <= 0) sent = Error{Code::unavailable, "no answer", ""};
    if (got > 0) answer.append(buffer.data(), static_cast<size_t>(got));
  }
  close(fd);
  TRY_DO(std::move(sent));
  if (!is_good(answer)) return Error{Code::conflict, said(answer), ""};
  return answer.substr(answer.find("\r\n\r\n") + 4);
}

Result<LoadResult> run_load(const Load& load) { return LoadRun(load).run(); }

Result<Load> at_half_of_peak(Load load) {
  load.seconds = 2;
  TRY(const LoadResult peak, run_load(load));
  load.per_second = static_cast<double>(peak.answered) / peak.seconds / 2;
  return load;
}

BackgroundLoad::BackgroundLoad(Load load) : process_(fork()) {
  if (process_ != 0) return;
  load.seconds = 24 * 3600;
  (void)run_load(load).ok();
  _exit(0);
}

BackgroundLoad::~BackgroundLoad() {
  kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
}

}  // namespace duliang::bench
