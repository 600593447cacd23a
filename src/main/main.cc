// The program's table of contents: its commands, and which room does each.
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>

#include "base/os/os_clock.h"
#include "base/os/os_files.h"
#include "base/version.h"
#include "main/folder.h"
#include "main/live_backup.h"
#include "main/serve.h"
#include "main/sql.h"
#include "main/terminal.h"
#include "main/transfer.h"
#include "review/review.h"

namespace duliang {
namespace {

constexpr int kUsage = 2;

constexpr int kKeepJournalDaysMost = 100'000;

struct ReviewCommand {
  std::string data;
  std::string to;
  std::string from;
};

template <typename Review>
int review(const std::string& folder, const Review& run) {
  OsFiles files;
  OsClock clock;
  const auto report = run(ReviewInput{folder, &files, &clock, ""});
  if (!report.ok()) return tell(report.error());
  return report->well ? kWell : kNotWell;
}

// Adds a command that works on a folder and returns its exit code.
template <typename Review>
void add_review(CLI::App& app, int& exit_code, const char* name, const char* what, Review run) {
  CLI::App* command = app.add_subcommand(name, what);
  auto given = std::make_shared<ReviewCommand>();
  command->add_option("--data", given->data, "The data folder")->required();
  const std::string_view command_name(name);
  if (command_name == "replay") {
    command->add_option("--to", given->to, "The folder to build")->required();
  }
  if (command_name == "restore") {
    command->add_option("--from", given->from, "The folder of the backup")->required();
  }
  command->callback([given, &exit_code, run] {
    exit_code = review(given->data, [&](const ReviewInput& input) { return run(input, *given); });
  });
}

void add_serve(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("serve", "Run the server");
  // Given twice, the last counts: what follows `./dev up` overrides what it says itself.
  command->option_defaults()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
  auto options = std::make_shared<ServeOptions>();
  auto listen = std::make_shared<std::string>("127.0.0.1:8080");
  auto durability = std::make_shared<std::string>("power");
  command->add_option("--data", options->data, "The data folder; created where there is none")
      ->required();
  command->add_option("--listen", *listen, "HOST:PORT, loopback only")->capture_default_str();
  command->add_option("--packs", options->packs, "The folder of packs")->capture_default_str();
  command
      ->add_option("--durability", *durability,
                   "What readings survive before they are acknowledged: power or process")
      ->check(CLI::IsMember({"power", "process"}))
      ->capture_default_str();
  command->add_flag("--demo", options->demo, "Play the demo, in a data folder of its own");
  command->add_flag("--trust-clock", options->trust_clock,
                    "The clock is right, however long the house was shut");
  command
      ->add_option("--keep-journal", options->keep_journal_days,
                   "Days after which old segments of the journal are retired to their hashes; 0: "
                   "never")
      ->check(CLI::Range(0, kKeepJournalDaysMost))
      ->capture_default_str();
  command->add_flag("--open", options->open,
                    "Accept that nobody is asked who they are: there are no accounts yet, so "
                    "every door on loopback is open, with or without this");
  command->callback([options, listen, durability, &exit_code] {
    options->readings_durability =
        *durability == "process" ? Durability::process : Durability::power;
    if (auto parsed = parse_listen(*listen, *options); !parsed.ok()) {
      tell(parsed.error());
      exit_code = kUsage;
      return;
    }
    if (auto served = serve(*options); !served.ok()) exit_code = tell(served.error());
  });
}

// --data and --url: one of them.
void add_place(CLI::App& command, TransferPlace& place) {
  auto* group = command.add_option_group("place");
  group->add_option("--data", place.data, "The data folder, without a server that runs on it");
  group->add_option("--url", place.url, "A running server: http://127.0.0.1:8080");
  group->require_option(1);
}

void add_backup_command(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("backup", "Copy a folder, each file with its hash");
  auto place = std::make_shared<TransferPlace>();
  auto to = std::make_shared<std::string>();
  add_place(*command, *place);
  command->add_option("--to", *to, "The folder to build")->required();
  command->callback([place, to, &exit_code] {
    const bool running = !place->url.empty();
    exit_code = review(running ? *to : place->data, [&](const ReviewInput& input) {
      return running ? backup_of_server(place->url, input, print_line)
                     : backup(input, *to, print_line);
    });
  });
}

void add_import(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("import", "Take readings in from CSV files");
  auto given = std::make_shared<ImportCommand>();
  add_place(*command, given->place);
  command->add_option("--mapping", given->mapping, "What the columns mean; docs/import-export.md")
      ->required();
  command->add_option("--rejects", given->rejects, "A file for all bad lines, with reasons");
  command->add_option("--actor", given->actor, "Key of the person who imports, for the journal");
  command->add_option("files", given->files, "CSV files, also packed with gzip")->required();
  command->callback([given, &exit_code] { exit_code = import_files(*given); });
}

void add_export(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("export", "Write readings as CSV");
  auto given = std::make_shared<ExportCommand>();
  add_place(*command, given->place);
  command->add_option("--stream", given->streams, "Id, NAME or THING/NAME; several; none: all")
      ->allow_extra_args(false);
  command->add_option("--from", given->from, "Readings from this time on");
  command->add_option("--until", given->to_time, "Readings before this time");
  command->add_option("--zone", given->zone, "Show times in this zone: +08:00; else UTC");
  command->add_flag("--wide", given->wide, "A column for each stream");
  command->add_option("--to", given->to, "The file to write; else the standard output");
  command->callback([given, &exit_code] { exit_code = export_readings(*given); });
}

void add_sql(CLI::App& app, int& exit_code) {
  CLI::App* command = app.add_subcommand("sql", "Ask a folder questions in SQL; docs/sql.md");
  auto given = std::make_shared<SqlCommand>();
  command->add_option("--data", given->data, "The data folder, without a server that runs on it")
      ->required();
  command->add_option("sql", given->sql, "Statements; none: they are read from the input");
  command->callback([given, &exit_code] { exit_code = ask_sql(*given); });
}

// The folder is of the kind of the one that it was built from. Marked at the end, as replay wants
// an empty folder.
Result<Report> replay_marked(const ReviewInput& input, const std::string& to) {
  TRY(const Report report, replay(input, to, print_line));
  TRY_DO(copy_mark(*input.files, input.folder, to));
  return report;
}

// Many systems start a program with 1024 files, fewer than limits::kConnections and the parts of a
// folder need. Where it is refused, who wants a file beyond is told so.
void raise_open_files() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

int run(int argc, char** argv) {
  CLI::App app("Duliang, the open operations centre of a district", "duliang");
  app.set_version_flag("--version", std::string("duliang ") + kVersion);
  app.require_subcommand(1);
  int exit_code = kWell;
  add_serve(app, exit_code);
  add_review(
      app, exit_code, "verify", "Check everything that a folder holds",
      [](const ReviewInput& input, const ReviewCommand&) { return verify(input, print_line); });
  add_review(
      app, exit_code, "rejudge", "Judge the past anew and compare with what was decided",
      [](const ReviewInput& input, const ReviewCommand&) { return rejudge(input, print_line); });
  add_review(app, exit_code, "replay", "Build a folder from the journal of another",
             [](const ReviewInput& input, const ReviewCommand& command) {
               return replay_marked(input, command.to);
             });
  add_backup_command(app, exit_code);
  add_review(app, exit_code, "restore", "Build a folder from a backup, and verify it",
             [](const ReviewInput& input, const ReviewCommand& command) {
               return restore(input, command.from, print_line);
             });
  add_review(
      app, exit_code, "dump", "Print everything that a folder holds, a line each",
      [](const ReviewInput& input, const ReviewCommand&) { return dump(input, print_line); });
  add_import(app, exit_code);
  add_export(app, exit_code);
  add_sql(app, exit_code);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kWell : kUsage;
  }
  return exit_code;
}

}  // namespace
}  // namespace duliang

int main(int argc, char** argv) {
  try {
    duliang::raise_open_files();
    return duliang::run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << "duliang: " << error.what() << '\n';
    return 1;
  }
}
