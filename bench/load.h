// The load: connections that each keep one POST in flight, from one thread.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace duliang::bench {

struct Load {
  unsigned short port = 0;
  int connections = 64;
  std::string path = "/v1.1/Datastreams(1)/Observations";
  double seconds = 1;
  double per_second = 0;  // 0: as many as the server answers
};

struct LoadResult {
  uint64_t answered = 0;  // with 201
  uint64_t refused = 0;
  double seconds = 0;
};

Result<LoadResult> run_load(const Load& load);
std::string observation_request(const std::string& path, const std::string& result);

// One request on a connection of its own; the body of the answer.
Result<std::string> request(unsigned short port, const std::string& head, const std::string& body);
int connect_to(unsigned short port);

}  // namespace duliang::bench
