// `./dev bench`: what was promised, measured against baselines in the same run. A gate that is not
// met is printed as not met. Options: --duliang PROGRAM, --json FILE, --pairs N, --seconds S.
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>

#include "bench/rows.h"

namespace duliang::bench {
namespace {

void print(const BenchRow& row) {
  if (row.baseline > 0) {
    std::printf("%-52s %10.0f %s, baseline %10.0f, ratio %5.2f, gate >= %.2f: %s (%s)\n",
                row.name.c_str(), row.ours, row.unit.c_str(), row.baseline, row.ratio, row.gate,
                row.pass() ? "met" : "NOT MET", row.note.c_str());
  } else {
    std::printf("%-52s %10.2f %s, gate <= %.0f: %s (%s)\n", row.name.c_str(), row.ours,
                row.unit.c_str(), row.gate, row.pass() ? "met" : "NOT MET", row.note.c_str());
  }
  std::fflush(stdout);
}

int run(int argc, char** argv) {
  Settings settings;
  std::string json_file;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view option = argv[i];
    if (option == "--duliang") settings.duliang = argv[i + 1];
    if (option == "--json") json_file = argv[i + 1];
    if (option == "--pairs") settings.pairs = std::max(1, std::atoi(argv[i + 1]));
    if (option == "--seconds") settings.seconds = std::max(0.2, std::atof(argv[i + 1]));
  }
  if (settings.duliang.empty()) {
    std::cerr << "bench: --duliang PROGRAM is needed\n";
    return 2;
  }
  settings.folder = (std::filesystem::temp_directory_path() / "duliang-bench").string();
  std::filesystem::remove_all(settings.folder);
  std::filesystem::create_directories(settings.folder);
  Json rows = Json::array();
  int failed = 0;
  const std::function<Result<BenchRow>()> all[] = {
      [&] { return single_posts(settings, "process", 0.5); },
      [&] { return single_posts(settings, "power", 0.4); },
      [&] { return alarm_latency(settings); },
  };
  for (const auto& measure : all) {
    const auto row = measure();
    if (!row.ok()) {
      std::cerr << "bench: " << row.error().message << '\n';
      failed = 1;
      continue;
    }
    print(*row);
    rows.push(row->to_json());
  }
  std::filesystem::remove_all(settings.folder);
  if (!json_file.empty()) std::ofstream(json_file) << rows.dump() << '\n';
  return failed;
}

}  // namespace
}  // namespace duliang::bench

int main(int argc, char** argv) { return duliang::bench::run(argc, argv); }
