// Questions to a house with ten million readings of a thousand streams, in eleven parts of which
// none is worth merging, and one reading in a hundred corrected since.
#include <chrono>
#include <filesystem>

#include "bench/house.h"
#include "bench/load.h"
#include "sqlite/sqlite.h"

namespace duliang::bench {
namespace {

constexpr int kStreams = 1000;
constexpr int kClients = 16;
constexpr int kExpandedStreams = 400;

// Sizes of which no six are of one tier (series/tiers.h), so that all stay as they are.
HousePlan plan_of(const Settings& settings) {
  HousePlan plan;
  plan.streams = kStreams;
  for (const int thousandths : {170, 170, 170, 170, 170, 30, 30, 30, 30, 15, 15}) {
    plan.parts.push_back(settings.readings * static_cast<uint64_t>(thousandths) / 1000);
  }
  plan.corrections = settings.readings / 100;
  return plan;
}

// The folder is built once in a run of the benchmark; each measurement has a copy of its own.
Result<std::string> asked_folder(const Settings& settings, const std::string& name) {
  const std::string built = settings.folder + "/ten-million";
  if (!std::filesystem::exists(built)) TRY_DO(build_house(settings, built, plan_of(settings)));
  const std::string folder = settings.folder + "/" + name;
  TRY_DO(copy_folder(built, folder));
  return folder;
}

Result<Process> serve_asked(const Settings& settings, const std::string& folder,
                            unsigned short port) {
  TRY(Process process, serve(settings, folder, port));
  TRY([[maybe_unused]] const std::string ready, request(port, get_text("/readyz")));
  return process;
}

// Parts and corrections that nothing has merged yet.
struct Unmerged {
  int64_t parts = 0, corrections = 0;
};

Result<Unmerged> unmerged(const std::string& folder) {
  Connection::Options options;
  options.read_only = true;
  TRY(auto ledger, Connection::open(ledger_path(folder), options));
  Unmerged found;
  TRY(Statement parts, ledger.prepare("SELECT count(*) FROM part"));
  TRY([[maybe_unused]] const bool one, parts.step());
  found.parts = parts.integer(0);
  TRY(Statement overlay, ledger.prepare("SELECT count(*) FROM overlay"));
  TRY([[maybe_unused]] const bool other, overlay.step());
  found.corrections = overlay.integer(0);
  return found;
}

std::function<void(std::string&)> newest_of_any(uint64_t seed) {
  auto random = std::make_shared<Random>(seed);
  return [random](std::string& text) {
    text = get_text(fmt::format(
        "/v1.1/Datastreams({})/Observations?$orderby=phenomenonTime desc&$top=100",
        1 + random->below(kStreams)));
  };
}

// Readings of now, of each stream in its turn.
std::function<void(std::string&)> readings_of_now() {
  auto stream = std::make_shared<int>(0);
  return [stream](std::string& text) {
    *stream = *stream % kStreams + 1;
    text = post_text(fmt::format("/v1.1/Datastreams({})/Observations", *stream),
                     R"({"result":21.5})");
  };
}

// p99 of each run, their median as the figure.
Status ask(const Load& load, int pairs, BenchRow& row) {
  std::vector<double> middle;
  double per_second = 0;
  for (int i = 0; i < pairs; ++i) {
    TRY(const LoadResult result, run_load(load));
    if (result.refused > 0) return row.missing = "refused: " + result.first_refusal, Status();
    row.ours_runs.push_back(quantile(result.latencies_ms, 0.99));
    middle.push_back(median(result.latencies_ms));
    per_second += static_cast<double>(result.answered) / result.seconds / pairs;
  }
  row.settle();
  row.note += fmt::format("p99 (p50 {:.2f}); {:.0f} answers/s", median(middle), per_second);
  return {};
}

Result<Rows> newest(const Settings& settings, bool idle) {
  TRY(const std::string folder, asked_folder(settings, idle ? "newest-idle" : "newest"));
  const unsigned short port = free_port();
  TRY(const Process ours, serve_asked(settings, folder, port));
  TRY(const Unmerged before, unmerged(folder));
  Load load;
  load.port = port;
  load.connections = idle ? 1 : kClients;
  load.seconds = settings.seconds;
  load.next = newest_of_any(7);
  BenchRow row;
  row.name = idle ? "newest-idle" : "newest";
  row.unit = "ms";
  row.gate = Gate{idle ? 1.0 : 2.0, false};
  std::optional<BackgroundLoad> ingest;
  if (!idle) {
    Load posts;
    posts.port = port;
    posts.seconds = 2;
    posts.next = readings_of_now();
    TRY(const LoadResult peak, run_load(posts));
    posts.per_second = static_cast<double>(peak.answered) / peak.seconds / 2;
    row.note = fmt::format("{:.0f} POST/s meanwhile, half of peak; {} clients; ", posts.per_second,
                           kClients);
    ingest.emplace(posts);
  }
  TRY_DO(ask(load, settings.pairs, row));
  ingest.reset();
  TRY(const Unmerged after, unmerged(folder));
  row.note += fmt::format("; {} parts, {} corrections, at the end {} and {}", before.parts,
                          before.corrections, after.parts, after.corrections);
  return Rows{row};
}

Result<Rows> expand(const Settings& settings) {
  TRY(const std::string folder, asked_folder(settings, "expand"));
  const unsigned short port = free_port();
  TRY(const Process ours, serve_asked(settings, folder, port));
  Load load;
  load.port = port;
  load.connections = 1;
  load.seconds = settings.seconds;
  load.next = always(get_text(
      fmt::format("/v1.1/Datastreams?$top={}&$expand=Observations($orderby=phenomenonTime "
                  "desc;$top=1)",
                  kExpandedStreams)));
  BenchRow row;
  row.name = "expand";
  row.unit = "ms";
  row.gate = Gate{20, false};
  TRY_DO(ask(load, settings.pairs, row));
  return Rows{row};
}

struct Question {
  const char* name;
  double gate_ms;
  std::string path;
};

std::vector<Question> questions(Time end) {
  const auto window = [end](int from, int to) {
    return fmt::format("phenomenonTime ge {} and phenomenonTime lt {}",
                       to_text(end - std::chrono::minutes{from}),
                       to_text(end - std::chrono::minutes{to}));
  };
  return {
      {"count", 1, "/v1.1/Observations?$count=true&$top=1"},
      {"count in an hour", 100,
       "/v1.1/Observations?$filter=" + window(180, 120) + "&$count=true&$top=1"},
      {"result gt x", 250, "/v1.1/Observations?$filter=result gt 55&$count=true&$top=100"},
      {"newest 100 of all", 400, "/v1.1/Observations?$orderby=phenomenonTime desc&$top=100"},
      {"highest 100 of all", 400, "/v1.1/Observations?$orderby=result desc&$top=100"},
      {"through to-many", 50, "/v1.1/Datastreams?$filter=Observations/result gt 55&$top=100"},
  };
}

Result<Rows> over_ten_million(const Settings& settings) {
  TRY(const std::string folder, asked_folder(settings, "questions"));
  const unsigned short port = free_port();
  TRY(const Process ours, serve_asked(settings, folder, port));
  Rows rows;
  const auto end = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  for (const Question& question : questions(end)) {
    BenchRow row;
    row.name = question.name;
    row.unit = "ms";
    row.gate = Gate{question.gate_ms, false};
    Load load;
    load.port = port;
    load.connections = 1;
    load.requests = 1;
    load.next = always(get_text(question.path));
    // One before, which nobody counts.
    for (int i = -1; i < settings.pairs && row.missing.empty(); ++i) {
      TRY(const LoadResult result, run_load(load));
      if (result.refused > 0) row.missing = "refused: " + result.first_refusal;
      if (i >= 0 && result.refused == 0) row.ours_runs.push_back(result.latencies_ms[0]);
    }
    row.settle();
    row.note = fmt::format("worst {:.1f}; {}", quantile(row.ours_runs, 1), question.path);
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace

void add_questions(std::vector<Measurement>& all) {
  all.push_back({"newest", "newest 100 of a stream among ten million, during ingest",
                 [](const Settings& settings) { return newest(settings, false); }});
  all.push_back({"newest-idle", "the same, one client and nothing else",
                 [](const Settings& settings) { return newest(settings, true); }});
  all.push_back({"expand", "the newest of each of 400 streams by $expand", expand});
  all.push_back({"questions", "counts, filters and orders over ten million", over_ten_million});
}

}  // namespace duliang::bench
