// What a reading costs in the sealed journal, and how fast segments are sealed and read again:
// `duliang_sealing < table.csv`. Each numeric column of the table is a stream and each line an hour
// of it; each value is posted alone, in a frame of its own, within a minute after the hour. Prints
// bytes a reading and MB a CPU-second, with times as the clock gives them (microseconds) and in
// milliseconds.
#include <algorithm>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

#include "base/os/os_files.h"
#include "base/random.h"
#include "base/text.h"
#include "journal/file_log.h"
#include "journal/journal.h"

namespace duliang {
namespace {

// Of this process: the machine has other things to do.
double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

struct Sample {
  Time arrived{};
  FrameBody body;
};

bool is_number(std::string_view cell) {
  return !cell.empty() && cell.find_first_not_of("-.0123456789") == std::string_view::npos;
}

FrameBody posted(int64_t stream, int64_t ordinal, Time hour, std::string_view result) {
  FrameBody body;
  CommandRecord command;
  command.kind = CommandKind::post_readings;
  command.door = "sensorthings";
  body.commands.push_back(command);
  Reading reading;
  reading.stream = StreamId{stream};
  // A stream takes ids in lanes of 256; this many streams take them in turns.
  reading.id = ReadingId{((ordinal / 256 * 64 + stream) << 8) | ordinal % 256};
  reading.phenomenon_time = {hour, hour};
  reading.feature = RowId{1};
  reading.result = result;
  body.readings.push_back({0, reading});
  return body;
}

std::vector<Sample> hour_of(const std::string& line, int64_t number, Duration tick,
                            Random& random) {
  const Time hour = Time{std::chrono::seconds{1'700'000'000}} + std::chrono::hours{number};
  std::vector<Sample> samples;
  int64_t stream = 0;
  for (const std::string_view cell : split(line, ',')) {
    ++stream;
    if (!is_number(cell)) continue;
    Sample sample{hour, posted(stream, number, hour, cell)};
    const auto in_ticks = [&](uint64_t below) {
      const Duration drawn{static_cast<int64_t>(random.below(below))};
      return drawn - drawn % tick;
    };
    sample.arrived += in_ticks(60'000'000);
    sample.body.time = sample.arrived;
    sample.body.commands[0].received = sample.arrived - in_ticks(400);
    samples.push_back(std::move(sample));
  }
  std::ranges::sort(samples, {}, &Sample::arrived);
  return samples;
}

struct Figures {
  uint64_t readings = 0, written = 0, sealed = 0;
  double seal_s = 0, read_s = 0;
};

Result<Figures> measure(const std::vector<std::string>& lines, Duration tick) {
  OsFiles files;
  const std::string folder =
      (std::filesystem::temp_directory_path() / ("duliang-sealing-" + std::to_string(tick.count())))
          .string();
  std::filesystem::remove_all(folder);
  // Blocks cost the same in a segment of any size; small ones, so that a short table fills some.
  TRY(auto log, FileLog::open(files, folder, true, {8 << 20, 1 << 20}));
  Journal journal(*log, {});
  TRY_DO(journal.claim(1, "bench", Time{}));
  Figures figures;
  Random random(1);
  for (size_t i = 0; i < lines.size(); ++i)
    for (const Sample& sample : hour_of(lines[i], static_cast<int64_t>(i), tick, random)) {
      TRY(const uint64_t sequence, journal.append(sample.body, Durability::process));
      figures.readings = sequence;
    }
  const double begin = cpu_seconds();
  uint64_t sealed_to = 0, readings = 0;
  while (true) {
    TRY(const auto job, log->seal_next());
    if (!job) break;
    for (bool done = false; !done;) {
      TRY(done, job->step());
    }
    TRY(const SealedSegment sealed,
        SealedSegment::open(files, folder + "/" + sealed_name(job->first())));
    sealed_to = sealed.summary().tail.place;
    readings = sealed.summary().tail.sequence;
    figures.sealed += std::filesystem::file_size(folder + "/" + sealed_name(job->first()));
  }
  figures.seal_s = cpu_seconds() - begin;
  const double read_from = cpu_seconds();
  Place at = 0;
  while (at < sealed_to) {
    TRY(at,
        log->read(at, 1 << 20, [&](Place place, std::string_view) { return place < sealed_to; }));
  }
  figures.read_s = cpu_seconds() - read_from;
  figures.readings = readings;
  figures.written = sealed_to;
  std::filesystem::remove_all(folder);
  return figures;
}

int run() {
  std::vector<std::string> lines;
  for (std::string line; std::getline(std::cin, line);) lines.push_back(line);
  for (const Duration tick : {Duration{1}, Duration{1000}}) {
    const auto figures = measure(lines, tick);
    if (!figures.ok()) return std::cerr << figures.error().message << "\n", 1;
    const auto count = static_cast<double>(figures->readings);
    const double megabytes = static_cast<double>(figures->written) / 1e6;
    std::cout << "times in " << (tick.count() == 1 ? "us" : "ms") << ": " << figures->readings
              << " readings, " << static_cast<double>(figures->written) / count
              << " B each, sealed " << static_cast<double>(figures->sealed) / count
              << " B each; sealing and comparing " << megabytes / figures->seal_s
              << " MB/CPU-s, reading again " << megabytes / figures->read_s << " MB/CPU-s\n";
  }
  return 0;
}

}  // namespace
}  // namespace duliang

int main() { return duliang::run(); }
