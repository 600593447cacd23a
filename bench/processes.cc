#include "bench/processes.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <fstream>
#include <thread>

namespace duliang::bench {
namespace {

sockaddr_in loopback(unsigned short port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

bool listens(unsigned short port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  const sockaddr_in address = loopback(port);
  const bool connected =
      connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  close(fd);
  return connected;
}

// Each request of the load has one fixed body, so its end is where its last bytes are.
constexpr std::string_view kRequestEnd = "}";
constexpr std::string_view kBareAnswer =
    "HTTP/1.1 201 Created\r\nLocation: http://127.0.0.1/v1.1/Observations(1)\r\nContent-Length: "
    "0\r\n\r\n";

void serve_bare(unsigned short port) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  const int on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  const sockaddr_in address = loopback(port);
  if (bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) _exit(1);
  listen(listener, 512);
  const int poll = epoll_create1(0);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = listener;
  epoll_ctl(poll, EPOLL_CTL_ADD, listener, &event);
  std::array<epoll_event, 256> ready{};
  std::array<char, 16384> buffer{};
  while (true) {
    const int count = epoll_wait(poll, ready.data(), static_cast<int>(ready.size()), -1);
    for (int i = 0; i < count; ++i) {
      const int fd = ready[static_cast<size_t>(i)].data.fd;
      if (fd == listener) {
        const int client = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK);
        setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        event.data.fd = client;
        epoll_ctl(poll, EPOLL_CTL_ADD, client, &event);
        continue;
      }
      const ssize_t got = read(fd, buffer.data(), buffer.size());
      if (got <= 0) {
        close(fd);
      } else if (std::string_view(buffer.data(), static_cast<size_t>(got)).ends_with(kRequestEnd)) {
        if (write(fd, kBareAnswer.data(), kBareAnswer.size()) < 0) close(fd);
      }
    }
  }
}

Result<Process*> wait_until_listening(Process* process, unsigned short port) {
  for (int i = 0; i < 200; ++i) {
    if (listens(port)) return process;
    std::this_thread::sleep_for(std::chrono::milliseconds{50});
  }
  return Error{Code::unavailable, "A server under measurement does not listen.", ""};
}

}  // namespace

unsigned short free_port() {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = loopback(0);
  bind(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  socklen_t size = sizeof address;
  getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  close(fd);
  return ntohs(address.sin_port);
}

Result<Process> Process::start(const std::vector<std::string>& arguments, unsigned short port) {
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  const pid_t pid = fork();
  if (pid == 0) {
    if (freopen("/dev/null", "w", stdout) == nullptr) _exit(126);
    execv(argv[0], argv.data());
    _exit(127);
  }
  Process process(pid);
  TRY([[maybe_unused]] Process * listening, wait_until_listening(&process, port));
  return process;
}

Result<Process> Process::start_bare(unsigned short port) {
  const pid_t pid = fork();
  if (pid == 0) {
    serve_bare(port);
    _exit(0);
  }
  Process process(pid);
  TRY([[maybe_unused]] Process * listening, wait_until_listening(&process, port));
  return process;
}

Process::~Process() {
  if (pid_ <= 0) return;
  kill(pid_, SIGKILL);
  waitpid(pid_, nullptr, 0);
}

double Process::cpu_seconds() const {
  std::ifstream stat("/proc/" + std::to_string(pid_) + "/stat");
  std::string text;
  std::getline(stat, text);
  text = text.substr(text.rfind(')') + 2);  // the name may hold anything
  unsigned long user = 0;
  unsigned long system = 0;
  // state ppid pgrp session tty tpgid flags minflt cminflt majflt cmajflt utime stime
  std::sscanf(text.c_str(), "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
  return static_cast<double>(user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace duliang::bench
