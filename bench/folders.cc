// What a reading costs in the whole data folder: each reading of a data set comes in by itself, in
// a frame of its own, at the time at which it arrived; then the months are over, the parts merged
// and the journal sealed. Beside it the rows of PostgreSQL.
#include <filesystem>

#include "bench/data_sets.h"
#include "bench/house.h"
#include "bench/postgres.h"

namespace duliang::bench {
namespace {

// The journal's segments are of 64 MiB, and the last is never sealed: of a small data set that
// would be most. So the journal is written again in small ones. The blocks in them are the same.
constexpr FileLogOptions kSmallSegments{4 << 20, 1 << 20};

Time arrival(const Reading& reading, Random& random) {
  return Time{std::chrono::seconds{reading.arrived_s}} + Duration{random.below(1'000'000)};
}

// Until nothing is left to do; a job of checkpoint or merge goes on by a step each time.
Status settle(BuiltHouse& house) {
  const auto done = [&house] {
    const EngineCounts& counts = house.engine().counts();
    return counts.checkpoints + counts.merges;
  };
  constexpr int kQuietTends = 1000;
  uint64_t last = done();
  for (int quiet = 0; quiet < kQuietTends; ++quiet) {
    TRY_DO(house.tend_until(house.clock().now() + std::chrono::milliseconds{100}));
    if (done() != last) last = done(), quiet = 0;
  }
  return {};
}

Status keep(const Settings& settings, const std::string& folder,
            const std::vector<Reading>& readings, int64_t streams) {
  const Time start = Time{std::chrono::seconds{readings.front().arrived_s}} - std::chrono::days{1};
  TRY(const auto house, BuiltHouse::open(settings, folder, start, limits::kTailReadings));
  TRY_DO(house->add_stations(static_cast<int>(streams)));
  Random random(5);
  const auto post = [&house](Reading reading) -> Status {
    reading.id = ReadingId{0};
    reading.arrived_s = 0;
    PostReadings command;
    command.readings.push_back(std::move(reading));
    TRY_DO(house->submit(std::move(command)));
    return house->turn_all();
  };
  Time now = start;
  for (const Reading& reading : readings) {
    now = std::max(now, arrival(reading, random));
    TRY_DO(house->tend_until(now));
    TRY_DO(post(reading));
  }
  // One of two months later, by which the house sees that the months before are over.
  Reading later = readings.back();
  now += std::chrono::days{60};
  later.phenomenon_time = {now, now};
  TRY_DO(house->tend_until(now));
  TRY_DO(post(later));
  TRY_DO(house->engine().checkpoint());
  return settle(*house);
}

uint64_t bytes_in(const std::string& folder) {
  uint64_t bytes = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) bytes += entry.file_size();
  }
  return bytes;
}

// All but the journal: parts, rows, and what the house notes for itself. SQLite's log is moved into
// the database first, since its length says only what came last.
Result<uint64_t> bytes_beside_journal(const std::string& folder) {
  TRY(auto ledger, Connection::open(ledger_path(folder), {}));
  TRY_DO(ledger.execute("PRAGMA wal_checkpoint(TRUNCATE)"));
  return bytes_in(folder) - bytes_in(journal_folder(folder));
}

// The journal again, in small segments that are all sealed but the last.
Result<double> sealed_bytes_each(const std::string& journal, const std::string& sealed) {
  UnsyncedFiles files;
  TRY(const auto from, FileLog::reader(files, journal));
  TRY(const auto log, FileLog::open(files, sealed, true, kSmallSegments));
  TRY(const Place end, from->end());
  bool good = true;
  for (Place at = 0; at < end && good;) {
    TRY(at, from->read(at, 1 << 20, [&](Place, std::string_view record) {
      log->append(record, Durability::process,
                  [&good](const AppendResult& result) { good = good && result.ok; });
      return good;
    }));
  }
  if (!good) return Error{Code::io, "The journal can't be written again.", ""};
  uint64_t bytes = 0, frames = 0;
  while (true) {
    TRY(const auto job, log->seal_next());
    if (!job) break;
    for (bool done = false; !done;) {
      TRY(done, job->step());
    }
    const std::string path = sealed + "/" + sealed_name(job->first());
    TRY(const SealedSegment segment, SealedSegment::open(files, path));
    bytes += std::filesystem::file_size(path);
    frames = segment.summary().tail.sequence;
  }
  if (frames == 0) return Error{Code::unavailable, "The journal is too short to be sealed.", ""};
  return static_cast<double>(bytes) / static_cast<double>(frames);
}

Result<Rows> measure(const Settings& settings, const DataSet& set) {
  BenchRow whole, pages;
  whole.name = "bytes-" + set.name;
  pages.name = whole.name + ", pages";
  whole.unit = pages.unit = "B/reading";
  whole.gate = Gate{set.gate, false};
  pages.gate = Gate{set.pages_gate, false};
  std::vector<Reading> readings = set.readings();
  if (readings.empty()) {
    whole.missing = pages.missing = "the data is not in DULIANG_DATA (../shared/data)";
    return Rows{whole, pages};
  }
  const int64_t streams = by_arrival(readings);
  const auto count = static_cast<double>(readings.size());
  const std::string empty = settings.folder + "/empty";
  const std::string folder = settings.folder + "/bytes-" + set.name;
  TRY_DO(in_child([&] { return keep(settings, folder, readings, streams); }));
  const std::string sealed = settings.folder + "/sealed-" + set.name;
  TRY(const double journal, sealed_bytes_each(journal_folder(folder), sealed));
  const double parts = static_cast<double>(bytes_in(parts_folder(folder))) / count;
  TRY(const uint64_t all, bytes_beside_journal(folder));
  TRY_DO(build_house(settings, empty, {static_cast<int>(streams), {}, 0, 0}));
  TRY(const uint64_t before, bytes_beside_journal(empty));
  const double rest = (static_cast<double>(all) - static_cast<double>(before)) / count - parts;
  const double house = static_cast<double>(before) / count;
  std::filesystem::remove_all(folder);
  std::filesystem::remove_all(sealed);
  std::filesystem::remove_all(empty);
  whole.ours = journal + parts + rest + house;
  pages.ours = parts;
  whole.note = fmt::format("{} readings, each in a frame alone: journal {:.2f}, pages {:.2f}, "
                           "manifest, lanes and index {:.2f}, and {:.2f} ({} KiB) that the house "
                           "of these {} streams takes without a reading",
                           readings.size(), journal, parts, rest, house, before >> 10, streams);
  const auto rows = postgres_bytes(settings.folder + "/postgres", readings);
  if (rows) {
    whole.note += fmt::format("; rows of PostgreSQL {:.1f}", *rows);
  } else {
    whole.note += "; PostgreSQL: MISSING, it is not installed or does not run here";
  }
  return Rows{whole, pages};
}

}  // namespace

void add_bytes(std::vector<Measurement>& all) {
  for (const DataSet& set : data_sets()) {
    all.push_back({"bytes-" + set.name, "bytes a reading of the whole data folder",
                   [set](const Settings& settings) { return measure(settings, set); }});
  }
}

}  // namespace duliang::bench
