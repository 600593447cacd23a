// The load: connections that each keep one request in flight, from one thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/result.h"

namespace duliang::bench {

struct Load {
  unsigned short port = 0;
  int connections = 64;
  double seconds = 1;
  uint64_t requests = 0;  // not 0: until so many are answered, however long it takes
  double per_second = 0;  // 0: as many as the server answers
  // Makes the next request in `text`, which holds the one before.
  std::function<void(std::string& text)> next;
};

struct LoadResult {
  uint64_t answered = 0;  // with 200 to 299
  uint64_t refused = 0;
  std::string first_refusal;  // its status and body
  double seconds = 0;
  std::vector<double> latencies_ms;  // of those answered
};

Result<LoadResult> run_load(const Load& load);
// The load that asks for half as much as the server answers of it in two seconds.
Result<Load> at_half_of_peak(Load load);
// The same in a process of its own until the object goes, so that this one can measure something
// else meanwhile.
class BackgroundLoad {
 public:
  explicit BackgroundLoad(Load load);
  ~BackgroundLoad();
  BackgroundLoad(const BackgroundLoad&) = delete;
  BackgroundLoad& operator=(const BackgroundLoad&) = delete;

 private:
  int process_;
};

// The same request again and again.
std::function<void(std::string&)> always(std::string request);
std::string post_text(std::string_view path, std::string_view body);
std::string get_text(std::string_view path);
// Posts one reading of the first stream again and again.
std::function<void(std::string&)> single_posts();

// One request on a connection of its own; the body of the answer. conflict where the status is not
// 200 to 299, with the answer as its text.
Result<std::string> request(unsigned short port, const std::string& text);
int connect_to(unsigned short port);

}  // namespace duliang::bench
