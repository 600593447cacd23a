// The memory of a house in which ninety days pass: it must not grow with what it keeps. The whole
// house but the doors runs on a simulated clock, in a process of its own; each day it says how much
// memory it has.
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <numeric>

#include "bench/house.h"

namespace duliang::bench {
namespace {

constexpr int kDays = 90;
constexpr int kStreams = 1000;
constexpr uint64_t kGateReadings = 200'000'000;
constexpr size_t kCommandReadings = 500;
constexpr int kTends = 20;  // between two commands

double resident_mib() {
  std::ifstream statm("/proc/self/statm");
  double size = 0, resident = 0;
  statm >> size >> resident;
  return resident * static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 20);
}

Status live(const Settings& settings, const std::string& folder, const std::string& samples) {
  const Time start = Time{std::chrono::sys_days{std::chrono::year{2026} / 1 / 15}};
  TRY(const auto house, BuiltHouse::open(settings, folder, start, limits::kTailReadings));
  TRY_DO(house->add_stations(kStreams));
  const Duration step =
      Duration{std::chrono::days{kDays}} * kStreams / static_cast<int64_t>(settings.days_readings);
  City city(1, kStreams, start, step);
  std::ofstream out(samples);
  int day = 0;
  for (uint64_t done = 0; done < settings.days_readings; done += kCommandReadings) {
    PostReadings post;
    for (size_t i = 0; i < kCommandReadings; ++i) post.readings.push_back(city.next());
    TRY_DO(house->submit(std::move(post)));
    TRY_DO(house->turn_all());
    // A house tends some ten times a second, so between two commands of this one a hundred times
    // or more; each time a checkpoint or a merge goes on by a step of some 64,000 readings. With
    // fewer steps the tail would grow for as long as the merge of a month takes, as it never does
    // in life.
    const Duration since = city.now() - house->clock().now();
    for (int i = 1; i <= kTends; ++i) {
      TRY_DO(house->tend_until(city.now() - since * (kTends - i) / kTends));
    }
    if (city.now() < start + std::chrono::days{day + 1}) continue;
    ++day;
    out << resident_mib() << '\n' << std::flush;
  }
  return {};
}

double mean(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

Result<Rows> ninety_days(const Settings& settings) {
  const std::string folder = settings.folder + "/ninety-days";
  const std::string samples = settings.folder + "/ninety-days-memory";
  TRY_DO(in_child([&] { return live(settings, folder, samples); }));
  std::filesystem::remove_all(folder);
  BenchRow row;
  row.name = "ninety-days";
  row.unit = "% growth";
  std::ifstream in(samples);
  for (double mib = 0; in >> mib;) row.ours_runs.push_back(mib);
  // The first days, in which the house is empty, do not count.
  constexpr ptrdiff_t kEmptyDays = 5;
  if (std::ssize(row.ours_runs) <= 2 * kEmptyDays)
    return Error{Code::unavailable, "Hardly a day has passed.", ""};
  const std::span<const double> all = std::span(row.ours_runs).subspan(kEmptyDays);
  const size_t quarter = all.size() / 4;
  const std::span<const double> first = all.first(quarter), last = all.last(quarter);
  // The most that a quarter had, since a machine must have room for that, and its mean, since a
  // peak hides what grows below it: whichever grew more.
  const double most = std::ranges::max(last) / std::ranges::max(first);
  row.ours = (std::max(most, mean(last) / mean(first)) - 1) * 100;
  const bool whole = settings.days_readings >= kGateReadings;
  if (whole) row.gate = Gate{1, false};
  row.note = fmt::format(
      "{} readings in {} simulated days; resident at most {:.1f} MiB in the first quarter, {:.1f} "
      "in the last (in the mean {:.1f} and {:.1f}){}",
      settings.days_readings, kDays, std::ranges::max(first), std::ranges::max(last), mean(first),
      mean(last),
      whole ? "" : fmt::format("; the gate is for --days-readings {}", kGateReadings));
  return Rows{row};
}

}  // namespace

void add_ninety_days(std::vector<Measurement>& all) {
  all.push_back({"ninety-days", "memory over ninety simulated days, first against last quarter",
                 ninety_days});
}

}  // namespace duliang::bench
