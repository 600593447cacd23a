// `./dev bench`: what was promised, measured against baselines in the same run. A gate that is not
// met is printed as not met, a baseline that is not there as missing. docs/performance.md says what
// came out, and what each row is.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <unistd.h>

#include "bench/row.h"

namespace duliang::bench {
namespace {

constexpr const char* kHelp = R"(usage: ./dev bench [ROW…] [OPTION…]
  ROW…                only these; none: all
  --list              what there is
  --json FILE         the raw runs too
  --pairs N           of runs, ours and the baseline's in turns (9); fewer for a quick look
  --seconds S         of each run (1)
  --readings N        of the house that is asked and of the one that restarts (10000000); the gates
                      are for ten million
  --days-readings N   of the ninety days (20000000); the gate is for 200000000
)";

struct Arguments {
  Settings settings;
  std::string json_file;
  std::vector<std::string> rows;
  bool list = false;
};

std::optional<Arguments> parse(int argc, char** argv) {
  Arguments given;
  Settings& settings = given.settings;
  for (int i = 1; i < argc; ++i) {
    const std::string option = argv[i];
    if (option == "--list") {
      given.list = true;
      continue;
    }
    if (!option.starts_with("--")) {
      given.rows.push_back(option);
      continue;
    }
    if (++i == argc) return std::nullopt;
    const std::string value = argv[i];
    if (option == "--duliang") {
      settings.duliang = value;
    } else if (option == "--json") {
      given.json_file = value;
    } else if (option == "--pairs") {
      settings.pairs = std::max(1, std::atoi(value.c_str()));
    } else if (option == "--seconds") {
      settings.seconds = std::max(0.2, std::atof(value.c_str()));
    } else if (option == "--readings") {
      settings.readings = std::max(100'000ULL, std::strtoull(value.c_str(), nullptr, 10));
    } else if (option == "--days-readings") {
      settings.days_readings = std::max(1'000'000ULL, std::strtoull(value.c_str(), nullptr, 10));
    } else {
      return std::nullopt;
    }
  }
  return given;
}

std::vector<Measurement> all_measurements() {
  std::vector<Measurement> all;
  add_ingest(all);
  add_bytes(all);
  add_questions(all);
  add_live(all);
  add_restart(all);
  add_ninety_days(all);
  add_streams(all);
  add_moment(all);
  add_import(all);
  return all;
}

std::string figure(double value) {
  return value >= 1000 ? fmt::format("{:.0f}", value) : fmt::format("{:.2f}", value);
}

void print(const BenchRow& row) {
  std::string line = fmt::format("{:<24} {:>10} {}", row.name, figure(row.ours), row.unit);
  if (row.baseline) {
    line += fmt::format(", baseline {}, ratio {:.2f}", figure(*row.baseline), row.ratio);
  }
  if (row.gate) {
    line += fmt::format(", gate {} {:g}: {}", row.gate->at_least ? ">=" : "<=", row.gate->value,
                        row.pass() ? "met" : "NOT MET");
  }
  if (!row.missing.empty()) line += ", MISSING: " + row.missing;
  fmt::print("{}{}\n", line, row.note.empty() ? "" : "\n    " + row.note);
  std::fflush(stdout);
}

// The rows of those that were asked for; false where one could not be measured.
bool measure(const Arguments& given, const std::vector<Measurement>& all, Json& rows) {
  bool well = true;
  for (const Measurement& measurement : all) {
    if (!given.rows.empty() && std::ranges::find(given.rows, measurement.name) == given.rows.end())
      continue;
    const auto measured = measurement.run(given.settings);
    if (!measured.ok()) {
      fmt::print("{:<24} NOT MEASURED: {}\n", measurement.name, measured.error().message);
      well = false;
      continue;
    }
    for (const BenchRow& row : *measured) {
      print(row);
      rows.push(row.to_json());
    }
  }
  return well;
}

int run(int argc, char** argv) {
  auto given = parse(argc, argv);
  if (!given) return std::cerr << kHelp, 2;
  const std::vector<Measurement> all = all_measurements();
  if (given->list) {
    for (const Measurement& each : all) fmt::print("{:<16} {}\n", each.name, each.what);
    return 0;
  }
  for (const std::string& row : given->rows) {
    if (std::ranges::find(all, row, &Measurement::name) != all.end()) continue;
    return std::cerr << "bench: there is no row " << row << "; see --list\n", 2;
  }
  if (given->settings.duliang.empty()) return std::cerr << "bench: --duliang is needed\n", 2;
  std::string& folder = given->settings.folder;
  folder = (std::filesystem::temp_directory_path() / ("duliang-bench-" + std::to_string(getpid())))
               .string();
  std::filesystem::create_directories(folder);
  Json rows = Json::array();
  const bool well = measure(*given, all, rows);
  std::filesystem::remove_all(folder);
  if (!given->json_file.empty()) std::ofstream(given->json_file) << rows.dump() << '\n';
  return well ? 0 : 1;
}

}  // namespace
}  // namespace duliang::bench

int main(int argc, char** argv) { return duliang::bench::run(argc, argv); }
