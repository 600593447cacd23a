#include "main/transfer.h"

#include <unistd.h>

#include <condition_variable>
#include <mutex>

#include "base/limits.h"
#include "base/os/os_clock.h"
#include "base/os/os_files.h"
#include "base/text.h"
#include "doors/csv/csv.h"
#include "doors/csv/export.h"
#include "doors/csv/import.h"
#include "doors/http/client.h"
#include "main/terminal.h"

namespace duliang {
namespace {

constexpr int kNotAll = 1;
constexpr int kNothing = 2;

constexpr std::chrono::seconds kTryAgainAfter{1};
// A batch for streams with rules is many frames, each made durable before it is answered.
constexpr std::chrono::seconds kAnswerWithin{60};
// A line that is written over and over may change often; lines of a log are kept.
constexpr std::chrono::milliseconds kShowEvery{200};
constexpr std::chrono::seconds kLogEvery{10};

// A house that is opened or connected to, for as long as it is needed.
struct OpenedHouse {
  OsFiles files;
  OsClock clock;
  std::unique_ptr<Engine> engine;
  std::unique_ptr<Client> client;

  Result<HouseAccess> open(const TransferPlace& place, bool read_only, const std::string& actor);

 private:
  Status open_folder(const std::string& folder, bool read_only);
};

Status OpenedHouse::open_folder(const std::string& folder, bool read_only) {
  TRY(const bool exists, files.exists(folder + "/lock"));
  if (!exists) {
    return Error{Code::not_found, fmt::format("{} is no data folder.", folder), "data"};
  }
  EngineOptions options;
  options.folder = folder;
  // An import that is cut off is repeated; what it posted is made durable at its end.
  options.readings_durability = Durability::process;
  options.read_only = read_only;
  options.untouched = read_only;
  auto opened = Engine::open(options, clock, files, random_from_system());
  if (!opened.ok() && opened.error().code == Code::conflict) {
    return Error{Code::conflict, opened.error().message + " Name its address by --url instead.",
                 "data"};
  }
  TRY(engine, std::move(opened));
  return {};
}

Result<HouseAccess> OpenedHouse::open(const TransferPlace& place, bool read_only,
                                      const std::string& actor) {
  if (!place.data.empty()) {
    TRY_DO(open_folder(place.data, read_only));
    return access_to(*engine, actor);
  }
  TRY(client, client_of(place.url, kAnswerWithin));
  return access_to([this](const Request& request) { return client->send(request); }, actor);
}

// Text written to a file behind what was written before.
class TextFile {
 public:
  static Result<TextFile> create(Files& files, const std::string& path) {
    TRY(File file, File::open(files, path, OpenMode::write));
    TRY_DO(file.truncate(0));
    return TextFile(std::move(file));
  }
  Status write(std::string_view text) {
    TRY_DO(file_.write_at(text, at_));
    at_ += text.size();
    return {};
  }
  Status close() { return file_.sync(); }

 private:
  explicit TextFile(File file) : file_(std::move(file)) {}
  File file_;
  uint64_t at_ = 0;
};

// How far the import is, on stderr: one line that is written over on a terminal, else now and then
// a line of a log.
class Progress {
 public:
  explicit Progress(Clock& clock) : clock_(clock), begin_(clock.since_boot()), shown_(begin_) {}

  void show(const std::string& file, const ImportCounts& counts, double share) {
    const Duration now = clock_.since_boot();
    if (now - shown_ < (terminal_ ? Duration(kShowEvery) : Duration(kLogEvery))) return;
    shown_ = now;
    const std::string text = fmt::format(
        "{}: {:.0f} %, {} lines, {} added, {} there already, {} bad, {}", file, share * 100,
        counts.lines, counts.added, counts.present, counts.bad, rate(counts));
    fmt::print(stderr, fmt::runtime(terminal_ ? "\r{}\x1b[K" : "{}\n"), text);
    open_ = terminal_;
  }
  // Before anything else is written.
  void clear() {
    if (open_) fmt::print(stderr, "\r\x1b[K");
    open_ = false;
  }
  std::string rate(const ImportCounts& counts) const {
    const auto micros = std::max<int64_t>(1, (clock_.since_boot() - begin_).count());
    return fmt::format("{:.0f} lines/s",
                       static_cast<double>(counts.lines) * 1e6 / static_cast<double>(micros));
  }

 private:
  Clock& clock_;
  Duration begin_;
  Duration shown_;
  const bool terminal_ = isatty(STDERR_FILENO) == 1;
  bool open_ = false;
};

// The bad lines: the first are shown, all stand in the file of rejects.
class Rejects {
 public:
  Rejects(Progress& progress, std::optional<TextFile>& file) : progress_(progress), file_(file) {}

  Status begin() { return write({"file", "line", "reason", "text"}); }
  Status add(const ImportFault& fault) {
    if (shown_ < limits::kImportFaultsShown) {
      progress_.clear();
      fmt::print(stderr, "{}:{}: {}\n", fault.file, fault.line, fault.reason);
    }
    const bool last_shown = ++shown_ == limits::kImportFaultsShown;
    if (last_shown) fmt::print(stderr, "No more of them are shown here; --rejects has all.\n");
    return write({fault.file, std::to_string(fault.line), fault.reason, fault.text});
  }

 private:
  Status write(std::initializer_list<std::string> fields) {
    if (!file_) return {};
    std::string line;
    for (const std::string& field : fields) {
      if (&field != fields.begin()) line += ',';
      append_csv_field(line, field);
    }
    return file_->write(line.append(kCsvLineEnd));
  }

  Progress& progress_;
  std::optional<TextFile>& file_;
  size_t shown_ = 0;
};

bool wait_a_while() {
  std::mutex mutex;
  std::condition_variable never;
  std::unique_lock hold(mutex);
  never.wait_for(hold, kTryAgainAfter, [] { return false; });
  return true;
}

struct ImportRun {
  ImportCounts counts;
  bool all_files = true;
};

Status add_files(const ImportCommand& command, Import& import, Files& files, ImportRun& run) {
  for (const std::string& path : command.files) {
    Status added = import.add_file(files, path);
    if (added.ok()) continue;
    // A file that can't be read or does not fit spoils no other.
    if (added.error().field != path) return added;
    tell(added.error());
    run.all_files = false;
  }
  return {};
}

Status run_import(const ImportCommand& command, Progress& progress, OpenedHouse& house,
                  ImportRun& run) {
  TRY(const std::string text, read_file(house.files, command.mapping));
  TRY(const Mapping mapping, parse_mapping(command.mapping, text));
  TRY(HouseAccess access, house.open(command.place, false, command.actor));
  std::optional<TextFile> file;
  if (!command.rejects.empty()) {
    TRY(file, TextFile::create(house.files, command.rejects));
  }
  Rejects rejects(progress, file);
  TRY_DO(rejects.begin());
  ImportHooks hooks;
  hooks.fault = [&rejects](const ImportFault& fault) { return rejects.add(fault); };
  hooks.progress = [&progress](const std::string& path, const ImportCounts& counts, double share) {
    progress.show(path, counts, share);
  };
  hooks.wait = wait_a_while;
  TRY(Import import, Import::begin(std::move(access), mapping, std::move(hooks)));
  Status added = add_files(command, import, house.files, run);
  // What was posted counts, and is made safe, also where the import ends early.
  run.counts = import.counts();
  if (file) TRY_DO(file->close());
  const bool broken =
      !added.ok() && (added.error().code == Code::io || added.error().code == Code::corrupt);
  if (broken) return added;  // an engine that failed does nothing more
  TRY_DO(import.finish());
  return added;
}

Result<uint64_t> run_export(const ExportCommand& command, OpenedHouse& house) {
  ExportOptions options;
  options.streams = command.streams;
  options.wide = command.wide;
  if (!command.zone.empty()) {
    TRY(options.zone, parse_zone(command.zone));
  }
  const Zone zone = options.zone.value_or(Zone{});
  if (!command.from.empty()) {
    TRY(options.from, parse_moment(command.from, zone));
  }
  if (!command.to_time.empty()) {
    TRY(options.to, parse_moment(command.to_time, zone));
  }
  TRY(const HouseAccess access, house.open(command.place, true, ""));
  if (command.to.empty()) {
    TRY(const uint64_t count, export_csv(access, options, [](std::string_view text) -> Status {
          if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size()) return {};
          return Error{Code::io, "Cannot write to the standard output.", ""};
        }));
    if (std::fflush(stdout) != 0)
      return Error{Code::io, "Cannot write to the standard output.", ""};
    return count;
  }
  // Under another name until it is whole.
  const std::string unfinished = command.to + ".part";
  TRY(TextFile file, TextFile::create(house.files, unfinished));
  TRY(const uint64_t count,
      export_csv(access, options, [&file](std::string_view text) { return file.write(text); }));
  TRY_DO(file.close());
  TRY_DO(house.files.rename(unfinished, command.to));
  return count;
}

}  // namespace

int import_files(const ImportCommand& command) {
  OpenedHouse house;
  Progress progress(house.clock);
  ImportRun run;
  const Status done = run_import(command, progress, house, run);
  progress.clear();
  if (!done.ok()) tell(done.error());
  const ImportCounts& counts = run.counts;
  fmt::print(stderr,
             "{} lines: {} readings added, {} there already, {} cells without a value; {} bad "
             "lines; {}\n",
             counts.lines, counts.added, counts.present, counts.missing, counts.bad,
             progress.rate(counts));
  const bool well = done.ok() && run.all_files && counts.bad == 0;
  if (well) return kWell;
  return counts.added + counts.present > 0 ? kNotAll : kNothing;
}

int export_readings(const ExportCommand& command) {
  OpenedHouse house;
  const auto count = run_export(command, house);
  if (!count.ok()) {
    tell(count.error());
    const Code code = count.error().code;
    return code == Code::io || code == Code::corrupt || code == Code::unavailable ? kNotAll
                                                                                  : kNothing;
  }
  fmt::print(stderr, "{} readings\n", *count);
  return kWell;
}

}  // namespace duliang
