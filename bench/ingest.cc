// Readings coming in by HTTP: one by one against a loop that parses nothing, by the thousand
// against simdjson that parses the same bytes and keeps nothing, and against VictoriaMetrics.
#include <simdjson.h>

#include <ctime>
#include <filesystem>

#include "bench/house.h"
#include "bench/load.h"

namespace duliang::bench {
namespace {

constexpr int kBatchStreams = 100;
constexpr int kBatchTimes = 10;  // of each stream in a body
constexpr int kBatchRows = kBatchStreams * kBatchTimes;
constexpr int kBatchConnections = 4;
constexpr const char* kVictoria = "/usr/bin/victoria-metrics";

// A server under measurement: what it answers, and the CPU-seconds that it needs for it.
struct Run {
  double per_cpu_second = 0;
  double per_second = 0;
};

Result<Run> measure(const Process& process, const Load& load, double each) {
  const double before = process.cpu_seconds();
  TRY(const LoadResult result, run_load(load));
  if (result.refused > 0 || result.answered == 0) {
    return Error{Code::conflict, "Requests of the load were refused: " + result.first_refusal, ""};
  }
  const double count = static_cast<double>(result.answered) * each;
  return Run{count / (process.cpu_seconds() - before), count / result.seconds};
}

Result<Rows> lone_posts(const Settings& settings, const std::string& durability, double gate) {
  const unsigned short bare_port = free_port();
  TRY(const Process bare, Process::start_bare(bare_port));
  const unsigned short port = free_port();
  TRY(const Process ours, serve_new(settings, "posts-" + durability, port, durability, 1));
  Load load;
  load.seconds = settings.seconds;
  load.next = single_posts();
  const auto with_port = [&load](unsigned short of) {
    Load there = load;
    there.port = of;
    return there;
  };
  BenchRow row;
  row.name = "posts-" + durability;
  row.unit = "POST/CPU-s";
  row.gate = Gate{gate};
  TRY([[maybe_unused]] const Run warm, measure(ours, with_port(port), 1));
  double seconds = 0, posts = 0;
  TRY(const double syncs_before, metric(port, "duliang_journal_syncs_total"));
  for (int i = 0; i < settings.pairs; ++i) {
    TRY(const Run bare_run, measure(bare, with_port(bare_port), 1));
    TRY(const Run our_run, measure(ours, with_port(port), 1));
    row.baseline_runs.push_back(bare_run.per_cpu_second);
    row.ours_runs.push_back(our_run.per_cpu_second);
    posts += our_run.per_second;
    seconds += settings.seconds;
  }
  TRY(const double syncs, metric(port, "duliang_journal_syncs_total"));
  row.settle();
  row.note = fmt::format("against a bare epoll loop; {:.0f} POST/s of the clock, {:.0f} syncs/s",
                         posts / settings.pairs, (syncs - syncs_before) / seconds);
  return Rows{row};
}

// A text with times in it, which can be set anew at little cost.
class TimedText {
 public:
  void add(std::string_view piece) { text_ += piece; }
  void add_time(size_t width, int64_t step) {
    times_.push_back({text_.size(), step});
    text_.append(width, '0');
  }
  template <typename Write>
  void set(const Write& write) {
    for (const auto& [at, step] : times_) write(text_.data() + at, step);
  }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::vector<std::pair<size_t, int64_t>> times_;
};

int64_t start_seconds() { return std::time(nullptr) - 3600; }

std::string result_text(int row) { return fmt::format("{}.{}", 10 + row % 17, row % 10); }

// "2026-11-24T06:00:00.000Z" of a body, ten times a second apart for each stream.
constexpr size_t kIsoWidth = 24;
TimedText batch_body() {
  TimedText body;
  body.add("[");
  for (int stream = 1; stream <= kBatchStreams; ++stream) {
    body.add(fmt::format(R"({}{{"Datastream":{{"@iot.id":{}}},"components":["phenomenonTime",)"
                         R"("result"],"dataArray":[)",
                         stream == 1 ? "" : ",", stream));
    for (int time = 0; time < kBatchTimes; ++time) {
      body.add(time == 0 ? "[\"" : ",[\"");
      body.add_time(kIsoWidth, time);
      body.add(fmt::format("\",{}]", result_text(stream * kBatchTimes + time)));
    }
    body.add("]}");
  }
  body.add("]");
  return body;
}

void write_iso(char* at, int64_t second) {
  std::tm parts{};
  const std::time_t time = second;
  gmtime_r(&time, &parts);
  std::array<char, kIsoWidth + 1> text;
  std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S.000Z", &parts);
  std::copy_n(text.data(), kIsoWidth, at);
}

// Bodies whose times go on from one to the next.
std::function<void(std::string&)> batches() {
  auto body = std::make_shared<TimedText>(batch_body());
  auto second = std::make_shared<int64_t>(start_seconds());
  return [body, second](std::string& text) {
    std::array<std::array<char, kIsoWidth>, kBatchTimes> times;
    for (auto& time : times) write_iso(time.data(), (*second)++);
    body->set([&times](char* at, int64_t step) {
      std::ranges::copy(times[static_cast<size_t>(step)], at);
    });
    text = post_text("/v1.1/CreateObservations", body->text());
  };
}

// The same series and values in the line protocol.
std::function<void(std::string&)> lines() {
  constexpr size_t kNanosecondsWidth = 19;
  auto body = std::make_shared<TimedText>();
  for (int stream = 1; stream <= kBatchStreams; ++stream) {
    for (int time = 0; time < kBatchTimes; ++time) {
      body->add(fmt::format("temperature,stream={} v={} ", stream,
                            result_text(stream * kBatchTimes + time)));
      body->add_time(kNanosecondsWidth, time);
      body->add("\n");
    }
  }
  auto second = std::make_shared<int64_t>(start_seconds());
  return [body, second](std::string& text) {
    body->set([&](char* at, int64_t step) {
      fmt::format_to_n(at, 10, "{:010}", *second + step);
    });
    *second += kBatchTimes;
    text = post_text("/write", body->text());
  };
}

double thread_cpu_seconds() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

// Seconds since 1970 of "2026-11-24T06:00:00.000Z", which is all that this parser knows.
int64_t fixed_time(std::string_view text) {
  const auto digits = [text](size_t at, size_t count) {
    int value = 0;
    for (size_t i = at; i < at + count; ++i) value = value * 10 + (text[i] - '0');
    return value;
  };
  const std::chrono::sys_days day = std::chrono::year{digits(0, 4)} /
                                    std::chrono::month{static_cast<unsigned>(digits(5, 2))} /
                                    std::chrono::day{static_cast<unsigned>(digits(8, 2))};
  return day.time_since_epoch().count() * int64_t{86'400} + digits(11, 2) * 3600 +
         digits(14, 2) * 60 + digits(17, 2);
}

// What the gate compares with: every result a number and every time too, and nothing done with
// them. `bare`: times stay text.
uint64_t parse_rows(simdjson::ondemand::parser& parser, const simdjson::padded_string& body,
                    bool bare) {
  uint64_t rows = 0;
  double sum = 0;
  simdjson::ondemand::document document = parser.iterate(body);
  for (simdjson::ondemand::object group : document.get_array()) {
    sum += static_cast<double>(group["Datastream"]["@iot.id"].get_uint64().value());
    for (const std::string_view name : group["components"]) sum += static_cast<double>(name.size());
    for (simdjson::ondemand::array cells : group["dataArray"]) {
      auto cell = cells.begin();
      const std::string_view time = (*cell).get_string();
      sum += static_cast<double>(bare ? static_cast<int64_t>(time.size()) : fixed_time(time));
      ++cell;
      sum += (*cell).get_double().value();
      ++cell;
      ++rows;
    }
  }
  CHECK(sum > 0, "the work is not optimised away");
  return rows;
}

double simdjson_rows_per_cpu_second(const std::string& body, double seconds, bool bare) {
  simdjson::ondemand::parser parser;
  const simdjson::padded_string padded(body);
  const double start = thread_cpu_seconds();
  uint64_t rows = 0;
  while (thread_cpu_seconds() - start < seconds) rows += parse_rows(parser, padded, bare);
  return static_cast<double>(rows) / (thread_cpu_seconds() - start);
}

Load batch_load(unsigned short port, double seconds, std::function<void(std::string&)> next) {
  Load load;
  load.port = port;
  load.connections = kBatchConnections;
  load.seconds = seconds;
  load.next = std::move(next);
  return load;
}

Result<Rows> batch_parse(const Settings& settings) {
  const unsigned short port = free_port();
  TRY(const Process ours, serve_new(settings, "array", port, "power", kBatchStreams));
  const auto next = batches();
  TRY([[maybe_unused]] const Run warm,
      measure(ours, batch_load(port, settings.seconds, next), kBatchRows));
  BenchRow row;
  row.name = "array-parse";
  row.unit = "rows/CPU-s";
  row.gate = Gate{0.2};
  std::string body;
  batches()(body);
  body = body.substr(body.find("\r\n\r\n") + 4);
  double per_second = 0;
  std::vector<double> bare_ratios;
  for (int i = 0; i < settings.pairs; ++i) {
    const double half = settings.seconds / 2;
    row.baseline_runs.push_back(simdjson_rows_per_cpu_second(body, half, false));
    const double bare = simdjson_rows_per_cpu_second(body, half, true);
    TRY(const Run run, measure(ours, batch_load(port, settings.seconds, next), kBatchRows));
    row.ours_runs.push_back(run.per_cpu_second);
    bare_ratios.push_back(run.per_cpu_second / bare);
    per_second += run.per_second / settings.pairs;
  }
  row.settle();
  row.note = fmt::format(
      "1,000 rows of 100 streams, synced (power), against simdjson parsing the same bytes, times "
      "to numbers; {:.2f} of it where it leaves them text; {:.0f} rows/s of the clock",
      median(bare_ratios), per_second);
  return Rows{row};
}

Result<Rows> batch_victoria(const Settings& settings) {
  const unsigned short port = free_port();
  TRY(const Process ours, serve_new(settings, "array-victoria", port, "process", kBatchStreams));
  BenchRow wall, cpu;
  wall.name = "array-victoria";
  wall.unit = "rows/s";
  wall.gate = Gate{2};
  cpu.name = "array-victoria, CPU";
  cpu.unit = "rows/CPU-s";
  const bool there = std::filesystem::exists(kVictoria);
  const unsigned short their_port = free_port();
  std::optional<Process> theirs;
  if (there) {
    TRY(Process started,
        Process::start({kVictoria, "-storageDataPath=" + settings.folder + "/victoria",
                        fmt::format("-httpListenAddr=127.0.0.1:{}", their_port),
                        "-retentionPeriod=100y", "-loggerLevel=ERROR"},
                       their_port));
    theirs.emplace(std::move(started));
  } else {
    wall.missing = cpu.missing = "victoria-metrics (Debian) is not installed";
  }
  const auto our_next = batches();
  const auto their_next = lines();
  // One turn of each before, which nobody counts.
  for (int i = -1; i < settings.pairs; ++i) {
    std::optional<Run> baseline;
    if (theirs) {
      TRY(baseline,
          measure(*theirs, batch_load(their_port, settings.seconds, their_next), kBatchRows));
    }
    TRY(const Run run, measure(ours, batch_load(port, settings.seconds, our_next), kBatchRows));
    if (i < 0) continue;
    wall.ours_runs.push_back(run.per_second);
    cpu.ours_runs.push_back(run.per_cpu_second);
    if (!baseline) continue;
    wall.baseline_runs.push_back(baseline->per_second);
    cpu.baseline_runs.push_back(baseline->per_cpu_second);
  }
  wall.settle();
  cpu.settle();
  wall.note = cpu.note =
      "1,000 rows of 100 streams a body, 4 connections, neither side syncs before it answers; "
      "theirs in the line protocol";
  return Rows{wall, cpu};
}

}  // namespace

void add_ingest(std::vector<Measurement>& all) {
  all.push_back({"posts-process", "single POSTs on 64 connections, written, against a bare loop",
                 [](const Settings& settings) { return lone_posts(settings, "process", 0.5); }});
  all.push_back({"posts-power", "single POSTs on 64 connections, synced, against a bare loop",
                 [](const Settings& settings) { return lone_posts(settings, "power", 0.4); }});
  all.push_back({"array-parse", "dataArrays against simdjson parsing the same bytes", batch_parse});
  all.push_back({"array-victoria", "dataArrays against VictoriaMetrics", batch_victoria});
}

}  // namespace duliang::bench
