// SQLite as the rooms use it: connections, statements, and nothing that throws. The production
// program uses SQLite's own file access; tests put it on a simulated disk by a VFS over Files
// (vfs.h), so that one loss of power drops from journal, parts and SQLite together. One thread at a
// time; what can fail is told as io, corrupt, unavailable (locked) or conflict (a constraint). Each
// page of a file has a checksum (checked_pages.h), so that a damaged one is told and not served.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/deadline.h"
#include "base/result.h"

struct sqlite3;
struct sqlite3_stmt;

namespace duliang {

// A prepared statement. Parameters are numbered from 1, columns from 0, as SQLite has it. What
// writes must be stepped to its end: outside a transaction it is committed, and can fail, only
// there.
class Statement {
 public:
  Statement() = default;
  ~Statement();
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;

  Statement& bind(int at, int64_t value);
  Statement& bind(int at, double value);
  Statement& bind(int at, std::string_view text);       // copied
  Statement& bind_blob(int at, std::string_view bytes);  // copied
  Statement& bind_null(int at);

  // Every reset, also the one at the end, clears the parameters.
  Result<bool> step();   // true: a row stands; false: done (and reset)
  Status run();          // steps to the end and resets
  void reset();          // also clears the parameters

  enum class Kind : uint8_t { null, integer, real, text, blob };
  Kind kind(int column) const;  // as it is stored
  bool is_null(int column) const;
  int64_t integer(int column) const;
  double real(int column) const;
  std::string_view text(int column) const;  // good until the next step
  std::string_view blob(int column) const;
  int columns() const;  // 0: it gives no rows
  std::string_view name(int column) const;

 private:
  friend class Connection;
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
  sqlite3_stmt* statement_ = nullptr;
};

class Lease;

// The moves of the log into the database, since the connection was opened.
struct LogMoves {
  uint64_t moves = 0;
  uint64_t pages = 0;      // moved by all of them
  int most_pages = 0;      // by one of them
  int log_pages = 0;       // in the log at the last commit; many while others read
};

// Not for several threads at once; statements and leases must end before it does.
class Connection {
 public:
  struct Options {
    bool read_only = false;
    std::string vfs;              // empty: the default one, with a check for each page
    int busy_timeout_ms = 5000;
    // A file that nobody misses: it has no log, is never synced, and is broken by an error.
    bool scratch = false;
  };
  // Opens with write-ahead log, synchronous=NORMAL (the journal makes durable, a lost commit is
  // applied again), foreign keys off, and memory for temporary tables. Closing writes nothing.
  static Result<Connection> open(const std::string& path, const Options& options);
  Connection();
  ~Connection();
  Connection(Connection&& other) noexcept;
  Connection& operator=(Connection&& other) noexcept;

  Status execute(const std::string& sql);  // one or more statements without result
  Result<Statement> prepare(std::string_view sql);
  // The first statement of the text, which is cut off it; none where only space and comments are
  // left.
  Result<std::optional<Statement>> prepare_first(std::string_view& sql);
  // A statement kept by its text, reset and ready; it belongs to the connection.
  // Asking again for the same text resets it: not for questions that may stand within one another.
  Result<Statement*> cached(std::string_view sql);
  // A kept statement that nobody else has until the lease ends, so that a walk over rows may ask
  // the same question again for each of them.
  Result<Lease> lease(std::string_view sql);
  // Moves the log into the database when it grew by limits::kWalPages: for between the turns, so
  // that no commit waits for it. Who reads an old snapshot keeps pages in the log; then it moves
  // what it may, and again only after as much growth, so that a slow reader costs no syncs. An
  // error must end the writer: a sync that failed once may succeed the next time without having
  // written (Linux drops the pages). A commit that finds the log far longer moves it itself.
  Status tend_log();
  // Writes down how large tables are, so that whoever opens the database joins them in a good
  // order: without it SQLite takes each for a million rows. A bounded piece of work.
  Status learn_sizes();
  const LogMoves& log_moves() const;
  // Behind it nothing is prepared or lent any more, and what runs is ended: unavailable.
  void expire(Deadline deadline);
  // From now on it prepares what asks, and refuses (forbidden) whatever could write anything,
  // anywhere: for SQL that a person types.
  void only_ask();
  bool read_only() const;
  bool in_transaction() const;
  int64_t changes() const;
  sqlite3* handle() const;  // for what only SQLite's own interface has: limits, virtual tables

 private:
  friend class Lease;
  struct State;
  std::unique_ptr<State> state_;
};

// A statement lent by its connection; goes back, reset, at the end.
class Lease {
 public:
  ~Lease();
  Lease(Lease&& other) noexcept = default;
  Lease& operator=(Lease&&) = delete;
  Statement* operator->() { return statement_.get(); }
  Statement& operator*() { return *statement_; }

 private:
  friend class Connection;
  Lease(Connection::State* owner, std::string sql, std::unique_ptr<Statement> statement);
  Connection::State* owner_;
  std::string sql_;
  std::unique_ptr<Statement> statement_;
};

}  // namespace duliang
