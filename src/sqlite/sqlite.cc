#include "sqlite/sqlite.h"

#include <sqlite3.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "base/check.h"
#include "base/limits.h"
#include "sqlite/checked_pages.h"

namespace duliang {
namespace {

Code code_of(int result) {
  if (result == SQLITE_IOERR_DATA) return Code::corrupt;
  switch (result & 0xff) {  // the primary code; the rest says in which call
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return Code::corrupt;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return Code::unavailable;
    case SQLITE_CONSTRAINT:
      return Code::conflict;
    case SQLITE_INTERRUPT:
      return Code::unavailable;
    case SQLITE_AUTH:
      return Code::forbidden;
    default:
      return Code::io;
  }
}

// A file that is damaged or can't be used is named; not where the statement is wrong, or a computed
// table tells of what it is made of.
Error error_of(sqlite3* database, int result) {
  const Code code = code_of(result);
  const bool of_file = (code == Code::corrupt && result != SQLITE_CORRUPT_VTAB) ||
                       (code == Code::io && (result & 0xff) != SQLITE_ERROR);
  const char* file =
      database != nullptr && of_file ? sqlite3_db_filename(database, "main") : nullptr;
  const auto page = result == SQLITE_IOERR_DATA ? damaged_page(database) : std::nullopt;
  if (page) return {code, fmt::format("Page {} does not match its checksum.", *page), file};
  return {
      code,
      fmt::format("SQLite: {} ({}).",
                  database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(result), result),
      file != nullptr ? file : ""};
}

// Steps of SQLite's machine between two looks at the clock: some tenths of a millisecond.
constexpr int kStepsBetweenLooks = 10'000;

// What a question may do: SELECT and what stands in one, and PRAGMAs that only tell.
int only_asks(void*, int action, const char* first, const char* second, const char*,
              const char*) {
  switch (action) {
    // So a computed table declares its columns when it is first asked; a statement that would
    // really change this table is refused by SQLite itself.
    case SQLITE_UPDATE: return first == std::string_view("sqlite_master") ? SQLITE_OK : SQLITE_DENY;
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_RECURSIVE: return SQLITE_OK;
    case SQLITE_FUNCTION:
      return second != std::string_view("load_extension") ? SQLITE_OK : SQLITE_DENY;
    case SQLITE_PRAGMA: {
      static constexpr std::string_view kTelling[] = {
          "table_info",  "table_xinfo",   "table_list",    "index_list",      "index_info",
          "index_xinfo", "database_list", "function_list", "compile_options", "module_list"};
      return std::ranges::find(kTelling, first) != std::end(kTelling) ? SQLITE_OK : SQLITE_DENY;
    }
    default: return SQLITE_DENY;
  }
}

Error only_asked_error() {
  return {Code::forbidden, "Only questions are answered here, and nothing is ever written.", ""};
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
  sqlite3* database = sqlite3_db_handle(statement_);
  Error error = error_of(database, result);
  if (result == SQLITE_INTERRUPT) error = Deadline::error();
  if (result == SQLITE_AUTH) error = only_asked_error();
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

int Statement::columns() const { return sqlite3_column_count(statement_); }

std::string_view Statement::name(int column) const {
  const char* name = sqlite3_column_name(statement_, column);
  return name != nullptr ? name : "";
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
  Deadline deadline;

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

  static int deadline_passed(void* self) {
    return static_cast<const State*>(self)->deadline.passed() ? 1 : 0;
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
  const std::string& vfs = options.vfs.empty() ? checked_vfs() : options.vfs;
  const int result =
      sqlite3_open_v2(path.c_str(), &database, access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
                      vfs.c_str());
  if (result != SQLITE_OK) return error_of(database, result);
  if (!options.read_only) reserve_room_for_checks(database);
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

Result<std::optional<Statement>> Connection::prepare_first(std::string_view& sql) {
  TRY_DO(state_->deadline.go_on());
  sqlite3_stmt* statement = nullptr;
  const char* behind = nullptr;
  const int result =
      sqlite3_prepare_v2(state_->database, sql.data(), length_of(sql), &statement, &behind);
  if (result == SQLITE_AUTH) return only_asked_error();
  if (result != SQLITE_OK) return error_of(state_->database, result);
  sql.remove_prefix(static_cast<size_t>(behind - sql.data()));
  if (statement == nullptr) return std::optional<Statement>();
  return std::optional<Statement>(Statement(statement));
}

Result<Statement> Connection::prepare(std::string_view sql) {
  TRY(auto statement, prepare_first(sql));
  CHECK(statement.has_value(), "a statement without content");
  return *std::move(statement);
}

void Connection::expire(Deadline deadline) {
  state_->deadline = deadline;
  const bool ever = deadline.clock != nullptr;
  sqlite3_progress_handler(state_->database, ever ? kStepsBetweenLooks : 0,
                           ever ? State::deadline_passed : nullptr, state_.get());
}

void Connection::only_ask() { sqlite3_set_authorizer(state_->database, only_asks, nullptr); }
bool Connection::read_only() const { return sqlite3_db_readonly(state_->database, "main") == 1; }

Result<Statement*> Connection::cached(std::string_view sql) {
  TRY_DO(state_->deadline.go_on());
  auto at = state_->cached.find(sql);
  if (at == state_->cached.end()) {
    TRY(auto statement, prepare(sql));
    at = state_->cached.emplace(std::string(sql), std::move(statement)).first;
  }
  at->second.reset();
  return &at->second;
}

Result<Lease> Connection::lease(std::string_view sql) {
  TRY_DO(state_->deadline.go_on());
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

Status Connection::learn_sizes() {
  // Of each index so many rows are looked at.
  return execute("PRAGMA analysis_limit = 400; ANALYZE");
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
