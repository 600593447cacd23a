// Questions to a house with ten million readings of a thousand streams, in a dozen parts of which
// none is worth merging, and one reading in a hundred corrected since. A question whose answer is
// not the one that must come counts as not measured.
#include <chrono>
#include <filesystem>

#include "bench/house.h"
#include "bench/load.h"
#include "sqlite/sqlite.h"

namespace duliang::bench {
namespace {

constexpr int kStreams = 1000;
constexpr int kClients = 16;
constexpr size_t kExpandedStreams = 400;

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

// The p99 of all answers; where runs differ much, the note's p50 tells.
Status ask(const Load& load, int pairs, BenchRow& row) {
  std::vector<double> latencies;
  double per_second = 0;
  for (int i = 0; i < pairs; ++i) {
    TRY(const LoadResult result, run_load(load));
    if (result.refused > 0) return row.missing = "refused: " + result.first_refusal, Status();
    row.ours_runs.push_back(quantile(result.latencies_ms, 0.99));
    latencies.insert(latencies.end(), result.latencies_ms.begin(), result.latencies_ms.end());
    per_second += static_cast<double>(result.answered) / result.seconds / pairs;
  }
  row.ours = quantile(latencies, 0.99);
  row.note += fmt::format("p99 of {} (p50 {:.2f}); {:.0f} answers/s", latencies.size(),
                          median(latencies), per_second);
  return {};
}

Result<Json> answer_of(unsigned short port, const std::string& path) {
  TRY(const std::string text, request(port, get_text(path)));
  return parse_json(text);
}

// How many a collection has; 0 where it is none.
size_t size_of(const Json& answer, std::string_view name) {
  const Json* const value = answer.find(name);
  return value != nullptr && value->is_array() ? value->items().size() : 0;
}

size_t answers_in(const Json& answer) { return size_of(answer, "value"); }

// What was to be asked is no longer what is there: nothing has been measured.
std::string merged_away(const Settings& settings, const Unmerged& found) {
  constexpr int64_t kParts = 10;
  if (found.parts >= kParts && found.corrections >= static_cast<int64_t>(settings.readings / 100))
    return {};
  return fmt::format("of the parts {} are left, of the corrections {}", found.parts,
                     found.corrections);
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
    posts.next = readings_of_now();
    TRY(posts, at_half_of_peak(std::move(posts)));
    row.note = fmt::format("{:.0f} POST/s meanwhile, half of peak; {} clients; ", posts.per_second,
                           kClients);
    ingest.emplace(posts);
  }
  TRY_DO(ask(load, settings.pairs, row));
  ingest.reset();
  TRY(const Unmerged after, unmerged(folder));
  row.note += fmt::format("; {} parts, {} corrections, at the end {} and {}", before.parts,
                          before.corrections, after.parts, after.corrections);
  if (row.missing.empty()) row.missing = merged_away(settings, before);
  if (row.missing.empty()) row.missing = merged_away(settings, after);
  return Rows{row};
}

Result<Rows> expand(const Settings& settings) {
  TRY(const std::string folder, asked_folder(settings, "expand"));
  const unsigned short port = free_port();
  TRY(const Process ours, serve_asked(settings, folder, port));
  const std::string path =
      fmt::format("/v1.1/Datastreams?$top={}&$expand=Observations($orderby=phenomenonTime "
                  "desc;$top=1)",
                  kExpandedStreams);
  Load load;
  load.port = port;
  load.connections = 1;
  load.seconds = settings.seconds;
  load.next = always(get_text(path));
  BenchRow row;
  row.name = "expand";
  row.unit = "ms";
  row.gate = Gate{20, false};
  TRY_DO(ask(load, settings.pairs, row));
  TRY(const Json answer, answer_of(port, path));
  size_t newest = 0;
  if (answers_in(answer) == kExpandedStreams) {
    for (const Json& stream : answer.find("value")->items())
      newest += size_of(stream, "Observations");
  }
  if (newest != kExpandedStreams)
    row.missing = fmt::format("{} streams with {} readings came", answers_in(answer), newest);
  return Rows{row};
}

struct Question {
  const char* name;
  double gate_ms;
  std::string path;
  size_t answers = 0;                  // that come with the answer; 0: as many as are counted
  std::optional<uint64_t> count = {};  // that it says; none: any but nothing
};

// `end` is when the newest reading was.
std::vector<Question> questions(Time end, uint64_t readings) {
  const auto window = [end](int from, int to) {
    return fmt::format("phenomenonTime ge {} and phenomenonTime lt {}",
                       to_text(end - std::chrono::minutes{from}),
                       to_text(end - std::chrono::minutes{to}));
  };
  return {
      {"count", 1, "/v1.1/Observations?$count=true&$top=1", 1, readings},
      {"count in an hour", 100,
       "/v1.1/Observations?$filter=" + window(180, 120) + "&$count=true&$top=1", 1},
      {"result gt x", 250, "/v1.1/Observations?$filter=result gt 55&$count=true&$top=100", 100},
      {"newest 100 of all", 400,
       "/v1.1/Observations?$orderby=phenomenonTime desc&$count=true&$top=100", 100, readings},
      {"highest 100 of all", 400, "/v1.1/Observations?$orderby=result desc&$count=true&$top=100",
       100, readings},
      {"through to-many", 50,
       "/v1.1/Datastreams?$filter=Observations/result gt 55&$count=true&$top=1000"},
  };
}

// What is wrong with an answer; empty where nothing is.
std::string fault_of(const Question& question, const Json& answer) {
  const Json* const said = answer.find("@iot.count");
  const auto count = said == nullptr ? 0 : static_cast<uint64_t>(said->as_integer().value_or(0));
  const bool counted = question.count ? count == *question.count : count > 0;
  const uint64_t answers = question.answers > 0 ? question.answers : count;
  if (counted && answers_in(answer) == answers) return {};
  return fmt::format("{} answers came, of {} counted", answers_in(answer), count);
}

Result<Time> newest_time(unsigned short port) {
  TRY(const Json answer,
      answer_of(port, "/v1.1/Observations?$orderby=phenomenonTime desc&$top=1"));
  if (answers_in(answer) != 1) return Error{Code::not_found, "There are no readings.", ""};
  return parse_time(answer.find("value")->items()[0].find("phenomenonTime")->as_string());
}

Result<Rows> over_ten_million(const Settings& settings) {
  TRY(const std::string folder, asked_folder(settings, "questions"));
  const unsigned short port = free_port();
  TRY(const Process ours, serve_asked(settings, folder, port));
  TRY(const Time end, newest_time(port));
  Rows rows;
  for (const Question& question : questions(end, settings.readings)) {
    BenchRow row;
    row.name = question.name;
    row.unit = "ms";
    row.gate = Gate{question.gate_ms, false};
    const auto answer = answer_of(port, question.path);  // once, and nobody counts it
    row.missing = answer.ok() ? fault_of(question, *answer) : answer.error().message;
    Load load;
    load.port = port;
    load.connections = 1;
    load.requests = 1;
    load.next = always(get_text(question.path));
    for (int i = 0; i < settings.pairs && row.missing.empty(); ++i) {
      TRY(const LoadResult result, run_load(load));
      if (result.refused > 0) row.missing = "refused: " + result.first_refusal;
      if (result.refused == 0) row.ours_runs.push_back(result.latencies_ms[0]);
    }
    row.settle();
    row.note = fmt::format("worst {:.1f}; {}", quantile(row.ours_runs, 1), question.path);
    rows.push_back(std::move(row));
  }
  return rows;
}

constexpr uint64_t kYear = 365 * 24 * 60;  // minutes

// One stream with so many readings as a year has minutes.
HousePlan plan_of_year() {
  HousePlan plan;
  plan.streams = 1;
  plan.parts.push_back(kYear);
  return plan;
}

// What is asked of that year: so many rows must come.
struct OfYear {
  const char* name;
  double gate;  // ms
  std::string path;
  size_t rows;
};

Result<Rows> of_year(const Settings& settings, const OfYear& asked) {
  const std::string folder = settings.folder + "/" + asked.name;
  TRY_DO(build_house(settings, folder, plan_of_year()));
  const unsigned short port = free_port();
  TRY(const Process ours, serve_asked(settings, folder, port));
  const std::string& path = asked.path;
  BenchRow row;
  row.name = asked.name;
  row.unit = "ms";
  row.gate = Gate{asked.gate, false};
  TRY(const Json answer, answer_of(port, path));
  const Json* groups = answer.find("value");
  const bool is_grouped = groups != nullptr && groups->items().size() == 1;
  const size_t rows = size_of(is_grouped ? groups->items().front() : answer, "dataArray");
  if (rows != asked.rows) row.missing = fmt::format("{} rows came", rows);
  Load load;
  load.port = port;
  load.connections = 1;
  load.requests = 1;
  load.next = always(get_text(path));
  for (int i = 0; i < settings.pairs && row.missing.empty(); ++i) {
    TRY(const LoadResult result, run_load(load));
    if (result.refused > 0) row.missing = "refused: " + result.first_refusal;
    if (result.refused == 0) row.ours_runs.push_back(result.latencies_ms[0]);
  }
  row.settle();
  row.note = fmt::format("worst {:.1f}; {}", quantile(row.ours_runs, 1), path);
  return Rows{row};
}

// A year of minutes of one stream in one answer.
Result<Rows> year_array(const Settings& settings) {
  return of_year(settings, {"year-array", 150,
                            fmt::format("/v1.1/Datastreams(1)/Observations?$resultFormat=dataArray&"
                                        "$orderby=phenomenonTime&$top={}",
                                        kYear),
                            kYear});
}

// The same year as a chart shows it.
Result<Rows> year_buckets(const Settings& settings) {
  return of_year(settings, {"year-buckets", 20,
                            "/city/v1/Datastreams(1)/Buckets?count=2000&$select=min,max", 2000});
}

}  // namespace

void add_questions(std::vector<Measurement>& all) {
  all.push_back({"newest", "newest 100 of a stream among ten million, during ingest",
                 [](const Settings& settings) { return newest(settings, false); }});
  all.push_back({"newest-idle", "the same, one client and nothing else",
                 [](const Settings& settings) { return newest(settings, true); }});
  all.push_back({"expand", "the newest of each of 400 streams by $expand", expand});
  all.push_back({"year-array", "a year of minutes of one stream as a dataArray", year_array});
  all.push_back({"year-buckets", "the same year as 2,000 buckets of min and max", year_buckets});
  all.push_back({"questions", "counts, filters and orders over ten million", over_ten_million});
}

}  // namespace duliang::bench
