#include "sqlite/sqlite.h"

#include <sqlite3.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "base/check.h"
#include "base/limits.h"

namespace duliang {
namespace {

Code code_of(int result) {
  switch (result & 0xff) {  // the primary code; the rest says in which call
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Code::corrupt;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Code::unavailable;
    case SQLITE_CONSTRAINT:
      return Code::conflict;
    default:
      return Code::io;
  }
}

Error error_of(sqlite3* database, int result) {
  return {
      code_of(result),
      fmt::format("SQLite: {} ({}).",
                  database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(result), result),
      ""};
}

constexpr const char* kPragmas =
    "PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = OFF; PRAGMA temp_store = MEMORY;";

int length_of(std::string_view bytes) {
  CHECK(bytes.size() <= static_cast<size_t>(std::numeric_limits<int>::max()));
  return static_cast<int>(bytes.size());
}

// SQLite takes a null pointer for NULL, and an empty view may have one.
const char* start_of(std::string_view bytes) { return bytes.empty() ? "" : bytes.data(); }

}  // namespace

Statement::~Statement() { sqlite3_finalize(statement_); }
Statement::Statement(Statement&& other) noexcept
    : statement_(std::exchange(other.statement_, nullptr)) {}
Statement& Statement::operator=(Statement&& other) noexcept {
  std::swap(statement_, other.statement_);
  return *this;
}

Statement& Statement::bind(int at, int64_t value) {
  CHECK(sqlite3_bind_int64(statement_, at, value) == SQLITE_OK);
  return *this;
}

Statement& Statement::bind(int at, double value) {
  CHECK(sqlite3_bind_double(statement_, at, value) == SQLITE_OK);
  return *this;
}

Statement& Statement::bind(int at, std::string_view text) {
  CHECK(sqlite3_bind_text(statement_, at, start_of(text), length_of(text), SQLITE_TRANSIENT) ==
        SQLITE_OK);
  return *this;
}

Statement& Statement::bind_blob(int at, std::string_view bytes) {
  CHECK(sqlite3_bind_blob(statement_, at, start_of(bytes), length_of(bytes), SQLITE_TRANSIENT) ==
        SQLITE_OK);
  return *this;
}

Statement& Statement::bind_null(int at) {
  CHECK(sqlite3_bind_null(statement_, at) == SQLITE_OK);
  return *this;
}

Result<bool> Statement::step() {
  CHECK(statement_ != nullptr);
  const int result = sqlite3_step(statement_);
  if (result == SQLITE_ROW) return true;
  if (result == SQLITE_DONE) {
    reset();
    return false;
  }
  Error error = error_of(sqlite3_db_handle(statement_), result);
  reset();
  return error;
}

Status Statement::run() {
  while (true) {
    TRY(const bool row, step());
    if (!row) return {};
  }
}

void Statement::reset() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);  // tells once more of an error that step() has told
  sqlite3_clear_bindings(statement_);
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}
int64_t Statement::integer(int column) const { return sqlite3_column_int64(statement_, column); }
double Statement::real(int column) const { return sqlite3_column_double(statement_, column); }

Statement::Kind Statement::kind(int column) const {
  switch (sqlite3_column_type(statement_, column)) {
    case SQLITE_INTEGER:
      return Kind::integer;
    case SQLITE_FLOAT:
      return Kind::real;
    case SQLITE_TEXT:
      return Kind::text;
    case SQLITE_BLOB:
      return Kind::blob;
    default:
      return Kind::null;
  }
}

std::string_view Statement::text(int column) const {
  const auto* start = sqlite3_column_text(statement_, column);
  if (start == nullptr) return {};
  return {reinterpret_cast<const char*>(start),
          static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
}

std::string_view Statement::blob(int column) const {
  const void* start = sqlite3_column_blob(statement_, column);
  if (start == nullptr) return {};
  return {static_cast<const char*>(start),
          static_cast<size_t>(sqlite3_column_bytes(statement_, column))};
}

struct Connection::State {
  sqlite3* database = nullptr;
  std::map<std::string, Statement, std::less<>> cached;
  // Free ones by their text. The number of texts is bounded, since a filter can make endless many.
  std::multimap<std::string, std::unique_ptr<Statement>, std::less<>> lendable;
  LogMoves moves;
  int tried = 0;  // pages in the log at the last try to move it
  int moved = 0;  // of those, how many are in the database

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    cached.clear();
    lendable.clear();
    sqlite3_close_v2(database);
  }

  // SQLite's own hook keeps errors to itself, which is why there is this one.
  static int after_commit(void* self, sqlite3*, const char*, int pages) {
    auto& state = *static_cast<State*>(self);
    if (pages < state.tried) state.tried = state.moved = 0;  // the log began anew
    state.moves.log_pages = pages;
    return state.move_log_grown_by(limits::kWalPagesInCommit);
  }

  int move_log_grown_by(int least) {
    if (moves.log_pages - tried < least) return SQLITE_OK;
    int in_log = 0, in_database = 0;
    const int result = sqlite3_wal_checkpoint_v2(database, "main", SQLITE_CHECKPOINT_PASSIVE,
                                                 &in_log, &in_database);
    // Somebody moves it just now (busy), or this connection itself still reads or writes (locked):
    // nothing was done, the next time then.
    const int primary = result & 0xff;
    if (primary == SQLITE_BUSY || primary == SQLITE_LOCKED) return SQLITE_OK;
    if (result != SQLITE_OK) return result;
    ++moves.moves;
    moves.pages += static_cast<uint64_t>(in_database - moved);
    moves.most_pages = std::max(moves.most_pages, in_database - moved);
    tried = in_log;
    moved = in_database;
    return SQLITE_OK;
  }

  void give_back(std::string sql, std::unique_ptr<Statement> statement) {
    statement->reset();
    if (lendable.size() >= limits::kStatementsKept) lendable.erase(lendable.begin());
    lendable.emplace(std::move(sql), std::move(statement));
  }
};

Connection::Connection() = default;
Connection::~Connection() = default;
Connection::Connection(Connection&& other) noexcept = default;
Connection& Connection::operator=(Connection&& other) noexcept = default;

Result<Connection> Connection::open(const std::string& path, const Options& options) {
  Connection connection;
  connection.state_ = std::make_unique<State>();
  const int access =
      options.read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  sqlite3*& database = connection.state_->database;
  const int result =
      sqlite3_open_v2(path.c_str(), &database, access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
                      options.vfs.empty() ? nullptr : options.vfs.c_str());
  if (result != SQLITE_OK) return error_of(database, result);
  sqlite3_busy_timeout(database, options.busy_timeout_ms);
  // The end of a connection must not write: it may end because writing failed.
  sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  sqlite3_wal_hook(database, State::after_commit, connection.state_.get());
  if (!options.read_only && !options.scratch) {
    TRY(auto mode, connection.prepare("PRAGMA journal_mode = WAL"));
    TRY(const bool row, mode.step());
    // A database in memory answers "memory"; everything else would be less safe than it looks.
    if (!row || (mode.text(0) != "wal" && mode.text(0) != "memory"))
      return Error{Code::io, fmt::format("SQLite gives no write-ahead log for {}.", path), ""};
    TRY_DO(mode.run());  // the change is committed, and can fail, only at the end
  }
  TRY_DO(connection.execute(kPragmas));
  if (options.scratch)
    TRY_DO(connection.execute("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF"));
  return connection;
}

Status Connection::execute(const std::string& sql) {
  sqlite3* database = state_->database;
  const int result = sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr);
  if (result != SQLITE_OK) return error_of(database, result);
  return {};
}

Result<Statement> Connection::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int result =
      sqlite3_prepare_v2(state_->database, sql.data(), length_of(sql), &statement, nullptr);
  if (result != SQLITE_OK) return error_of(state_->database, result);
  CHECK(statement != nullptr, "a statement without content");
  return Statement(statement);
}

Result<Statement*> Connection::cached(std::string_view sql) {
  auto at = state_->cached.find(sql);
  if (at == state_->cached.end()) {
    TRY(auto statement, prepare(sql));
    at = state_->cached.emplace(std::string(sql), std::move(statement)).first;
  }
  at->second.reset();
  return &at->second;
}

Result<Lease> Connection::lease(std::string_view sql) {
  if (const auto at = state_->lendable.find(sql); at != state_->lendable.end()) {
    auto node = state_->lendable.extract(at);
    return Lease(state_.get(), std::move(node.key()), std::move(node.mapped()));
  }
  TRY(auto statement, prepare(sql));
  return Lease(state_.get(), std::string(sql), std::make_unique<Statement>(std::move(statement)));
}

Status Connection::tend_log() {
  const int result = state_->move_log_grown_by(limits::kWalPages);
  if (result != SQLITE_OK) return error_of(state_->database, result);
  return {};
}

const LogMoves& Connection::log_moves() const { return state_->moves; }
bool Connection::in_transaction() const { return sqlite3_get_autocommit(state_->database) == 0; }
int64_t Connection::changes() const { return sqlite3_changes64(state_->database); }
sqlite3* Connection::handle() const { return state_->database; }

Lease::Lease(Connection::State* owner, std::string sql, std::unique_ptr<Statement> statement)
    : owner_(owner), sql_(std::move(sql)), statement_(std::move(statement)) {}

Lease::~Lease() {
  if (statement_ != nullptr) owner_->give_back(std::move(sql_), std::move(statement_));
}

}  // namespace duliang
