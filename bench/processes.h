// The servers under measurement, each a process of its own, so that its CPU time can be told from
// the load generator's. Linux only.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "base/result.h"

namespace duliang::bench {

class Process {
 public:
  // Runs the program until it listens on the port.
  static Result<Process> start(const std::vector<std::string>& arguments, unsigned short port);
  // A bare epoll loop in a forked process: it finds the end of a request and answers, and parses
  // nothing.
  static Result<Process> start_bare(unsigned short port);
  ~Process();
  Process(Process&& other) noexcept : pid_(other.pid_) { other.pid_ = -1; }
  Process& operator=(Process&&) = delete;

  // User and system time so far.
  double cpu_seconds() const;

 private:
  explicit Process(pid_t pid) : pid_(pid) {}
  pid_t pid_;
};

unsigned short free_port();

}  // namespace duliang::bench
