// How long a house takes to come back after a kill with ten million readings behind the checkpoint.
#include <chrono>
#include <filesystem>

#include "bench/house.h"
#include "bench/load.h"

namespace duliang::bench {
namespace {

// Each start writes the readings to parts afterwards, so each has a copy of the folder; of a
// gigabyte nine are too many.
constexpr int kStarts = 3;

Result<Rows> restart(const Settings& settings) {
  const std::string built = settings.folder + "/killed";
  HousePlan plan;
  plan.behind = settings.readings;
  TRY_DO(build_house(settings, built, plan));
  BenchRow row;
  row.name = "restart";
  row.unit = "s";
  row.gate = Gate{5, false};
  double cpu = 0;
  for (int i = 0; i < std::min(settings.pairs, kStarts); ++i) {
    const std::string folder = settings.folder + "/restart";
    TRY_DO(copy_folder(built, folder));
    const unsigned short port = free_port();
    const auto start = std::chrono::steady_clock::now();
    {
      TRY(const Process ours, serve(settings, folder, port));
      TRY([[maybe_unused]] const std::string ready, request(port, get_text("/readyz")));
      row.ours_runs.push_back(
          std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
      cpu = std::max(cpu, ours.cpu_seconds());
      TRY(const std::string count,
          request(port, get_text("/v1.1/Observations?$count=true&$top=1")));
      if (count.find(fmt::format(":{}", settings.readings)) == std::string::npos) {
        return Error{Code::corrupt, "After the restart not all readings are there.", ""};
      }
    }
    std::filesystem::remove_all(folder);
  }
  std::filesystem::remove_all(built);
  row.settle();
  row.note = fmt::format(
      "from the start of the program to its first answer, the files in the page cache; {:.2f} "
      "CPU-s; {} readings, a fifth in frames alone",
      cpu, settings.readings);
  return Rows{row};
}

}  // namespace

void add_restart(std::vector<Measurement>& all) {
  all.push_back({"restart", "start after a kill, ten million readings behind the checkpoint",
                 restart});
}

}  // namespace duliang::bench
