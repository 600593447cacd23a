#include "bench/postgres.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>

namespace duliang::bench {
namespace {

Status write_csv(const std::string& path, std::span<const Reading> readings) {
  std::ofstream out(path);
  for (const Reading& reading : readings) {
    out << static_cast<int64_t>(reading.id) << ',' << static_cast<int64_t>(reading.stream) << ','
        << to_text(reading.phenomenon_time.begin) << ',' << reading.result << '\n';
  }
  out.close();
  if (out) return {};
  return Error{Code::io, "The rows for PostgreSQL can't be written.", ""};
}

}  // namespace

std::optional<double> postgres_bytes(const std::string& folder, std::span<const Reading> readings) {
  std::filesystem::create_directories(folder);
  if (!write_csv(folder + "/readings.csv", readings).ok()) return std::nullopt;
  const std::string command = "sh bench/postgres.sh '" + folder + "' 2>/dev/null";
  double bytes = 0;
  {
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), &pclose);
    if (!pipe || std::fscanf(pipe.get(), "%lf", &bytes) != 1) bytes = 0;
  }
  std::filesystem::remove_all(folder);
  if (bytes <= 0) return std::nullopt;
  return bytes / static_cast<double>(readings.size());
}

}  // namespace duliang::bench
