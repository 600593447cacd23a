// What a busy house does in time: from a reading to its alarm on the live feed, and the CPU time of
// one turn.
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <thread>

#include "bench/house.h"
#include "bench/load.h"

namespace duliang::bench {
namespace {

constexpr int kAlarms = 200;

// With a level that has a limit, which a rule of the packs judges.
std::string gauge(int number) {
  return fmt::format(
      R"({{"name":"gauge {0}","description":"d","properties":{{"town":"500155114"}},
"Locations":[{{"name":"l","description":"d","encodingType":"application/geo+json",
"location":{{"type":"Point","coordinates":[107.48,30.53]}}}}],
"Datastreams":[{{"name":"level","description":"d","observationType":"o",
"unitOfMeasurement":{{"name":"m","symbol":"m","definition":null}},
"properties":{{"guaranteed_m":3.6}},
"Sensor":{{"name":"s","description":"d","encodingType":"text/html","metadata":"m"}},
"ObservedProperty":{{"name":"water_level","definition":"u","description":"d"}}}}]}})",
      number);
}

// Listens to the live events; when one with an alarm comes, says when.
class FeedReader {
 public:
  using Steady = std::chrono::steady_clock;
  explicit FeedReader(unsigned short port) : fd_(connect_to(port)) {
    const std::string head = get_text("/city/v1/Events?types=Alarm");
    if (write(fd_, head.data(), head.size()) < 0) close(fd_);
    thread_ = std::thread([this] { read_all(); });
  }
  ~FeedReader() {
    shutdown(fd_, SHUT_RDWR);
    thread_.join();
    close(fd_);
  }
  int alarms() const { return alarms_; }
  Steady::time_point last() const { return Steady::time_point(Steady::duration(last_.load())); }

 private:
  void read_all() {
    std::array<char, 65536> buffer{};
    for (ssize_t got = 0; (got = read(fd_, buffer.data(), buffer.size())) > 0;) {
      const std::string_view text(buffer.data(), static_cast<size_t>(got));
      if (text.find("\"set\":\"Alarms\"") == std::string_view::npos) continue;
      last_ = Steady::now().time_since_epoch().count();
      ++alarms_;
    }
  }
  int fd_;
  std::atomic<int> alarms_{0};
  std::atomic<Steady::rep> last_{0};
  std::thread thread_;
};

// Two readings over the limit, five seconds apart in their own time, raise the alarm of this
// stream.
Result<double> one_alarm(unsigned short port, const FeedReader& feed, int stream) {
  const std::string path = fmt::format("/v1.1/Datastreams({})/Observations", stream);
  const int before = feed.alarms();
  const auto post = [&](const char* time) {
    return request(port, post_text(path, fmt::format(R"({{"phenomenonTime":"{}","result":4}})",
                                                     time)));
  };
  TRY([[maybe_unused]] const std::string first, post("2026-11-24T06:00:00Z"));
  const auto start = FeedReader::Steady::now();
  TRY([[maybe_unused]] const std::string second, post("2026-11-24T06:00:05Z"));
  for (int i = 0; i < 20000 && feed.alarms() == before; ++i) {
    std::this_thread::sleep_for(std::chrono::microseconds{100});
  }
  if (feed.alarms() == before) return Error{Code::unavailable, "An alarm never came.", ""};
  return std::chrono::duration<double, std::milli>(feed.last() - start).count();
}

Load posts_to(unsigned short port) {
  Load load;
  load.port = port;
  load.next = single_posts();
  return load;
}

Result<Rows> alarm_latency(const Settings& settings) {
  const unsigned short port = free_port();
  TRY(const Process ours, serve_new(settings, "alarm", port, "power", 1));
  for (int i = 0; i < kAlarms; ++i) {
    TRY([[maybe_unused]] const std::string made,
        request(port, post_text("/v1.1/Things", gauge(i))));
  }
  TRY(const Load half, at_half_of_peak(posts_to(port)));
  BenchRow row;
  row.name = "alarm";
  row.unit = "ms";
  row.gate = Gate{50, false};
  {
    const BackgroundLoad others(half);
    const FeedReader feed(port);
    for (int i = 0; i < kAlarms; ++i) {
      TRY(const double took, one_alarm(port, feed, i + 2));
      row.ours_runs.push_back(took);
    }
  }
  row.ours = quantile(row.ours_runs, 0.99);
  row.note = fmt::format("p99 of {} alarms (p50 {:.2f}); {:.0f} POST/s meanwhile, half of peak",
                         kAlarms, median(row.ours_runs), half.per_second);
  return Rows{row};
}

// A body with more rows than one turn takes.
std::string large_body() {
  constexpr int kRows = 10'000;
  std::string body =
      R"([{"Datastream":{"@iot.id":2},"components":["phenomenonTime","result"],"dataArray":[)";
  for (int i = 0; i < kRows; ++i) {
    body += fmt::format("{}[\"2026-11-24T{:02}:{:02}:{:02}Z\",{}]", i == 0 ? "" : ",", i / 3600,
                        i / 60 % 60, i % 60, 10 + i % 30);
  }
  return body + "]}]";
}

// The histogram of turns by their CPU time, as /metrics has it.
struct Turns {
  std::vector<std::pair<double, double>> below;  // seconds, turns up to it
};

Result<Turns> read_turns(unsigned short port) {
  TRY(const std::string text, request(port, get_text("/metrics")));
  constexpr std::string_view kBucket = "\nduliang_turn_cpu_seconds_bucket{le=\"";
  Turns turns;
  for (size_t at = 0; (at = text.find(kBucket, at)) != std::string::npos; ++at) {
    const char* bound = text.c_str() + at + kBucket.size();
    const char* count = std::strchr(bound, '}');
    turns.below.emplace_back(std::strtod(bound, nullptr), std::strtod(count + 1, nullptr));
  }
  if (turns.below.empty()) return Error{Code::not_found, "There is no histogram of turns.", ""};
  return turns;
}

// The bound in milliseconds that 999 of 1,000 turns between the two stay within.
double bound_of_turns(const Turns& before, const Turns& after) {
  const double all = after.below.back().second - before.below.back().second;
  for (size_t i = 0; i < after.below.size(); ++i) {
    if (after.below[i].second - before.below[i].second >= all * 0.999)
      return after.below[i].first * 1000;
  }
  return 0;
}

Result<Rows> turn_costs(const Settings& settings) {
  const unsigned short port = free_port();
  TRY(const Process ours, serve_new(settings, "turn", port, "power", 2));
  BenchRow row;
  row.name = "turn";
  row.unit = "ms";
  row.gate = Gate{5, false};
  const BackgroundLoad others(posts_to(port));
  Load large;
  large.port = port;
  large.connections = 2;
  large.seconds = settings.seconds;
  large.per_second = 20;  // each fills a turn; at full speed there would be no others
  large.next = always(post_text("/v1.1/CreateObservations", large_body()));
  TRY(const Turns first, read_turns(port));
  Turns before = first;
  double rows = 0;
  for (int i = 0; i < settings.pairs; ++i) {
    TRY(const LoadResult result, run_load(large));
    if (result.refused > 0) return Error{Code::conflict, result.first_refusal, ""};
    rows += static_cast<double>(result.answered) * 10'000;
    TRY(Turns after, read_turns(port));
    row.ours_runs.push_back(bound_of_turns(before, after));
    before = std::move(after);
  }
  row.ours = bound_of_turns(first, before);
  row.note = fmt::format(
      "p99.9 of {:.0f} turns by the buckets of /metrics; single POSTs on 64 connections as fast "
      "as they go, and {:.0f} rows in bodies of 10,000",
      before.below.back().second - first.below.back().second, rows);
  return Rows{row};
}

}  // namespace

void add_live(std::vector<Measurement>& all) {
  all.push_back({"alarm", "from a reading to its alarm on the live feed, at half of peak",
                 alarm_latency});
  all.push_back({"turn", "CPU time of a turn without its sync, under load", turn_costs});
}

}  // namespace duliang::bench
