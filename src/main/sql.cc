#include "main/sql.h"

#include <unistd.h>

#include <iostream>

#include "base/os/os_clock.h"
#include "base/os/os_files.h"
#include "engine/engine.h"
#include "main/terminal.h"
#include "series/tables.h"
#include "sqlite/answers.h"

namespace duliang {
namespace {

Result<std::unique_ptr<Engine>> open_folder(const std::string& folder, Clock& clock,
                                            Files& files) {
  TRY(const bool exists, files.exists(ledger_path(folder)));
  if (!exists) {
    return Error{Code::not_found, fmt::format("{} is no data folder, or has no ledger.", folder),
                 "data"};
  }
  EngineOptions options;
  options.folder = folder;
  options.read_only = true;
  options.untouched = true;
  auto opened = Engine::open(options, clock, files, random_from_system());
  if (!opened.ok() && opened.error().code == Code::conflict) {
    return Error{Code::conflict, opened.error().message + " SQL is asked of a folder at rest.",
                 "data"};
  }
  return opened;
}

// Statement by statement. Who types may go on behind an error, a script may not.
int ask_input(Connection& connection) {
  const bool typed = isatty(STDIN_FILENO) != 0;
  int exit_code = kWell;
  std::string sql;
  const auto run = [&] {
    const Status answered = print_answers(connection, sql, print_line);
    std::fflush(stdout);
    sql.clear();
    if (!answered.ok()) exit_code = tell(answered.error());
    return answered.ok() || typed;
  };
  const auto prompt = [&] {
    if (typed) fmt::print(stderr, "{}", sql.empty() ? "sql> " : "...> ");
  };
  prompt();
  for (std::string line; std::getline(std::cin, line); prompt()) {
    sql += line + "\n";
    if (ends_statement(sql) && !run()) return exit_code;
  }
  run();
  return exit_code;
}

}  // namespace

int ask_sql(const SqlCommand& command) {
  OsFiles files;
  OsClock clock;
  const auto engine = open_folder(command.data, clock, files);
  if (!engine.ok()) return tell(engine.error());
  const auto view = (*engine)->view();
  if (!view.ok()) return tell(view.error());
  Connection& connection = *view->lease;
  if (auto added = add_reading_tables(connection, view->series); !added.ok()) {
    return tell(added.error());
  }
  connection.only_ask();
  if (command.sql.empty()) return ask_input(connection);
  const Status answered = print_answers(connection, command.sql, print_line);
  return answered.ok() ? kWell : tell(answered.error());
}

}  // namespace duliang
