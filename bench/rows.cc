#include "bench/rows.h"

#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <filesystem>
#include <thread>

#include "bench/load.h"
#include "bench/processes.h"

namespace duliang::bench {
namespace {

constexpr int kAlarms = 200;

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[values.size() / 2];
}

std::string station(int number) {
  return fmt::format(
      R"({{"name":"bench {0}","description":"d","properties":{{"town":"500155114"}},
"Datastreams":[{{"name":"s","description":"d","observationType":"o",
"unitOfMeasurement":{{"name":"m","symbol":"m","definition":null}},"properties":{1},
"Sensor":{{"name":"s","description":"d","encodingType":"text/html","metadata":"m"}},
"ObservedProperty":{{"name":"{2}","definition":"u","description":"d"}}}}]}})",
      number, number == 1 ? "{}" : R"({"guaranteed_m":3.6})",
      number == 1 ? "quiet" : "water_level");
}

// A server of ours with its stations: number 1 is without a rule, the others have one.
Result<Process> start_ours(const Settings& settings, const std::string& durability,
                           unsigned short port, int stations) {
  const std::string data = settings.folder + "/" + durability + std::to_string(port);
  TRY(Process process, Process::start({settings.duliang, "serve", "--data", data, "--listen",
                                       "127.0.0.1:" + std::to_string(port), "--open", "--packs",
                                       settings.packs, "--durability", durability},
                                      port));
  for (int i = 1; i <= stations; ++i) {
    TRY([[maybe_unused]] const std::string made, request(port, "POST /v1.1/Things", station(i)));
  }
  return process;
}

// Answers of 201 per CPU-second of the server.
Result<double> measure(const Process& process, unsigned short port, double seconds) {
  const double before = process.cpu_seconds();
  Load load;
  load.port = port;
  load.seconds = seconds;
  TRY(const LoadResult result, run_load(load));
  if (result.refused > 0 || result.answered == 0) {
    return Error{Code::conflict, fmt::format("{} requests were refused.", result.refused), ""};
  }
  return static_cast<double>(result.answered) / (process.cpu_seconds() - before);
}

Result<double> metric(unsigned short port, const std::string& name) {
  TRY(const std::string text, request(port, "GET /metrics", ""));
  const size_t at = text.find("\n" + name + " ");
  if (at == std::string::npos) return Error{Code::not_found, "no metric " + name, ""};
  return std::strtod(text.c_str() + at + name.size() + 2, nullptr);
}

// Listens to the live events; when one with an alarm comes, says when.
class FeedReader {
 public:
  using Steady = std::chrono::steady_clock;
  explicit FeedReader(unsigned short port) : fd_(connect_to(port)) {
    const std::string head = "GET /city/v1/Events?types=Alarm HTTP/1.1\r\nHost: localhost\r\n\r\n";
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
  const std::string path = fmt::format("POST /v1.1/Datastreams({})/Observations", stream);
  const int before = feed.alarms();
  TRY([[maybe_unused]] const std::string first,
      request(port, path, R"({"phenomenonTime":"2026-11-24T06:00:00Z","result":4})"));
  const auto start = FeedReader::Steady::now();
  TRY([[maybe_unused]] const std::string second,
      request(port, path, R"({"phenomenonTime":"2026-11-24T06:00:05Z","result":4})"));
  for (int i = 0; i < 20000 && feed.alarms() == before; ++i) {
    std::this_thread::sleep_for(std::chrono::microseconds{100});
  }
  if (feed.alarms() == before) return Error{Code::unavailable, "An alarm never came.", ""};
  return std::chrono::duration<double, std::milli>(feed.last() - start).count();
}

}  // namespace

Json BenchRow::to_json() const {
  const auto list = [](const std::vector<double>& values) {
    Json json = Json::array();
    for (const double value : values) json.push(Json(value));
    return json;
  };
  Json json = Json::object();
  json["name"] = Json(name);
  json["unit"] = Json(unit);
  json["ours"] = Json(ours);
  json["baseline"] = baseline > 0 ? Json(baseline) : Json();
  json["ratio"] = Json(ratio);
  json["gate"] = Json(gate);
  json["pass"] = Json(pass());
  json["note"] = Json(note);
  json["runs"] = list(ours_runs);
  json["baselineRuns"] = list(baseline_runs);
  return json;
}

Result<BenchRow> single_posts(const Settings& settings, const std::string& durability,
                              double gate) {
  const unsigned short bare_port = free_port();
  TRY(const Process bare, Process::start_bare(bare_port));
  const unsigned short port = free_port();
  TRY(const Process ours, start_ours(settings, durability, port, 1));
  BenchRow row;
  row.name = "single POST, 64 connections, " + durability;
  row.unit = "per CPU-s";
  row.gate = gate;
  TRY([[maybe_unused]] const double warm, measure(ours, port, settings.seconds));
  TRY(const double syncs_before, metric(port, "duliang_journal_syncs_total"));
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < settings.pairs; ++i) {
    TRY(const double bare_run, measure(bare, bare_port, settings.seconds));
    TRY(const double our_run, measure(ours, port, settings.seconds));
    row.baseline_runs.push_back(bare_run);
    row.ours_runs.push_back(our_run);
  }
  TRY(const double syncs_after, metric(port, "duliang_journal_syncs_total"));
  const double busy =
      std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() / 2;
  row.note =
      fmt::format("{:.0f} syncs of the journal per second", (syncs_after - syncs_before) / busy);
  std::vector<double> ratios;
  for (size_t i = 0; i < row.ours_runs.size(); ++i) {
    ratios.push_back(row.ours_runs[i] / row.baseline_runs[i]);
  }
  row.ours = median(row.ours_runs);
  row.baseline = median(row.baseline_runs);
  row.ratio = median(ratios);
  return row;
}

Result<BenchRow> alarm_latency(const Settings& settings) {
  const unsigned short port = free_port();
  TRY(const Process ours, start_ours(settings, "power", port, kAlarms + 1));
  Load peak;
  peak.port = port;
  peak.seconds = 2;
  TRY(const LoadResult full, run_load(peak));
  Load half = peak;
  half.per_second = static_cast<double>(full.answered) / full.seconds / 2;
  half.seconds = 3600;
  BenchRow row;
  row.name = "reading in to alarm on the feed, half of peak, p99";
  row.unit = "ms";
  row.gate = 50;
  row.at_least = false;
  row.note = fmt::format("{:.0f} POST/s meanwhile, {} alarms", half.per_second, kAlarms);
  const pid_t loader = fork();
  if (loader == 0) {
    (void)run_load(half).ok();
    _exit(0);
  }
  {
    const FeedReader feed(port);
    for (int i = 0; i < kAlarms; ++i) {
      auto took = one_alarm(port, feed, i + 2);
      if (!took.ok()) {
        kill(loader, SIGKILL);
        return std::move(took).error();
      }
      row.ours_runs.push_back(*took);
    }
  }
  kill(loader, SIGKILL);
  auto sorted = row.ours_runs;
  std::sort(sorted.begin(), sorted.end());
  row.ours = row.ratio = sorted[sorted.size() * 99 / 100];
  return row;
}

}  // namespace duliang::bench
