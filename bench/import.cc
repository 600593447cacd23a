// How fast `duliang import` takes a CSV file in.
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "bench/house.h"

namespace duliang::bench {
namespace {

constexpr int kColumns = 100;
constexpr int kLines = 10'000;
constexpr int kImports = 3;  // of a file of a million readings each

// A column for each stream, a line a minute.
Status write_files(const std::string& table, const std::string& mapping) {
  std::ofstream csv(table), yaml(mapping);
  csv << "time";
  yaml << "zone: \"+00:00\"\ntime: {column: time}\nreadings:\n";
  for (int column = 1; column <= kColumns; ++column) {
    csv << ",c" << column;
    yaml << fmt::format("  - {{column: c{0}, stream: {0}}}\n", column);
  }
  csv << '\n';
  City city(1, kColumns, Time{std::chrono::sys_days{std::chrono::year{2026} / 10 / 1}},
            std::chrono::minutes{1});
  for (int line = 0; line < kLines; ++line) {
    const Time time = Time{std::chrono::sys_days{std::chrono::year{2026} / 10 / 1}} +
                      std::chrono::minutes{line};
    std::array<std::string, kColumns> results;
    for (int i = 0; i < kColumns; ++i) {
      const Reading reading = city.next();
      results[static_cast<size_t>(reading.stream) - 1] = reading.result;
    }
    csv << to_text(time);
    for (const std::string& result : results) csv << ',' << result;
    csv << '\n';
  }
  csv.close();
  yaml.close();
  if (csv && yaml) return {};
  return Error{Code::io, "The files to import can't be written.", ""};
}

Result<Rows> import(const Settings& settings) {
  const std::string table = settings.folder + "/import.csv";
  const std::string mapping = settings.folder + "/import.yaml";
  TRY_DO(write_files(table, mapping));
  BenchRow row;
  row.name = "import";
  row.unit = "readings/s";
  for (int i = 0; i < std::min(settings.pairs, kImports); ++i) {
    const std::string folder = fmt::format("{}/import-{}", settings.folder, i);
    TRY_DO(build_house(settings, folder, {kColumns, {}, 0, 0}));
    const std::string command =
        fmt::format("'{}' import --data '{}' --mapping '{}' '{}' >/dev/null 2>&1",
                    settings.duliang, folder, mapping, table);
    const auto start = std::chrono::steady_clock::now();
    if (std::system(command.c_str()) != 0) {
      return Error{Code::unavailable, "duliang import failed: " + command, ""};
    }
    const double took =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    row.ours_runs.push_back(kColumns * kLines / took);
  }
  row.settle();
  row.note = fmt::format("{} lines of {} columns into a folder, from start to end", kLines,
                         kColumns);
  return Rows{row};
}

}  // namespace

void add_import(std::vector<Measurement>& all) {
  all.push_back({"import", "duliang import of a million readings from CSV", import});
}

}  // namespace duliang::bench
