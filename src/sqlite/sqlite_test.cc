#include "sqlite/sqlite.h"

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "base/limits.h"
#include "base/sim/sim_files.h"
#include "sqlite/connection_for_test.h"
#include "sqlite/vfs.h"

namespace duliang {
namespace {

class Sqlite : public ::testing::Test {
 protected:
  Sqlite() {
    EXPECT_TRUE(files_.make_folder("/data").ok());
    register_vfs("sqlite_test", files_);
  }
  ~Sqlite() override { unregister_vfs("sqlite_test"); }

  Result<Connection> open(bool read_only = false) {
    return Connection::open("/data/db", {read_only, "sqlite_test", 10});
  }

  SimFiles files_;
};

std::string text_of(Connection& connection, std::string_view sql) {
  auto statement = connection.prepare(sql).value();
  EXPECT_TRUE(statement.step().value());
  return std::string(statement.text(0));
}

TEST_F(Sqlite, OpensAsPromised) {
  auto connection = open().value();
  EXPECT_EQ(text_of(connection, "PRAGMA journal_mode"), "wal");
  EXPECT_EQ(integer_of(connection, "PRAGMA synchronous"), 1);  // NORMAL
  EXPECT_EQ(integer_of(connection, "PRAGMA foreign_keys"), 0);
  EXPECT_EQ(integer_of(connection, "PRAGMA temp_store"), 2);  // MEMORY
  EXPECT_FALSE(connection.in_transaction());
}

TEST_F(Sqlite, EveryKindOfValueGoesInAndOut) {
  using Kind = Statement::Kind;
  auto connection = open().value();
  ASSERT_TRUE(connection.execute("CREATE TABLE t (a, b, c, d, e)").ok());
  auto insert = connection.prepare("INSERT INTO t VALUES (?1, ?2, ?3, ?4, ?5)").value();
  const std::string text("a\0'\"都", 7), bytes("\xff\x00", 2);
  insert.bind(1, INT64_MIN).bind(2, 0.1).bind(3, text).bind_blob(4, bytes).bind_null(5);
  ASSERT_TRUE(insert.run().ok());
  EXPECT_EQ(connection.changes(), 1);
  insert.bind(1, int64_t{2}).bind(3, std::string_view{}).bind_blob(4, {});
  ASSERT_TRUE(insert.run().ok());

  auto select = connection.prepare("SELECT a, b, c, d, e FROM t ORDER BY rowid").value();
  ASSERT_TRUE(select.step().value());
  EXPECT_EQ(select.integer(0), INT64_MIN);
  EXPECT_EQ(select.real(1), 0.1);
  EXPECT_EQ(select.text(2), text);
  EXPECT_EQ(select.blob(3), bytes);
  EXPECT_TRUE(select.is_null(4));
  const Kind kinds[] = {Kind::integer, Kind::real, Kind::text, Kind::blob, Kind::null};
  for (int i = 0; i < 5; ++i) EXPECT_EQ(select.kind(i), kinds[i]);
  ASSERT_TRUE(select.step().value());
  EXPECT_TRUE(select.is_null(1)) << "a reset clears the parameters";
  EXPECT_EQ(select.kind(2), Kind::text) << "an empty text is not null";
  EXPECT_EQ(select.kind(3), Kind::blob);
  EXPECT_FALSE(select.step().value());
}

TEST_F(Sqlite, CachedStatementsComeBackReady) {
  auto connection = open().value();
  ASSERT_TRUE(connection.execute("CREATE TABLE t (a); INSERT INTO t VALUES (1), (2)").ok());
  constexpr std::string_view kSql = "SELECT a, ?1 FROM t ORDER BY a";
  Statement* first = connection.cached(kSql).value();
  first->bind(1, int64_t{7});
  ASSERT_TRUE(first->step().value());
  Statement* again = connection.cached(kSql).value();
  EXPECT_EQ(again, first);
  ASSERT_TRUE(again->step().value());
  EXPECT_EQ(again->integer(0), 1);
  EXPECT_TRUE(again->is_null(1));
  Connection moved = std::move(connection);
  EXPECT_EQ(moved.cached(kSql).value(), first);
}

TEST_F(Sqlite, LeasedStatementsStandWithinOneAnother) {
  auto connection = open().value();
  ASSERT_TRUE(connection.execute("CREATE TABLE t (a); INSERT INTO t VALUES (1), (2), (3)").ok());
  constexpr std::string_view kSql = "SELECT a FROM t ORDER BY a";
  int64_t sum = 0;
  auto outer = connection.lease(kSql).value();
  while (outer->step().value()) {
    auto inner = connection.lease(kSql).value();
    while (inner->step().value()) sum += 10 * outer->integer(0) + inner->integer(0);
  }
  EXPECT_EQ(sum, 3 * 60 + 3 * 6);
}

TEST_F(Sqlite, OnlySoManyStatementsAreKept) {
  auto connection = open().value();
  for (size_t i = 0; i < limits::kStatementsKept + 50; ++i) {
    auto lease = connection.lease(fmt::format("SELECT {}", i)).value();
    ASSERT_TRUE(lease->step().value());
    EXPECT_EQ(lease->integer(0), static_cast<int64_t>(i));
  }
  size_t kept = 0;
  sqlite3_stmt* statement = nullptr;
  while ((statement = sqlite3_next_stmt(connection.handle(), statement)) != nullptr) ++kept;
  EXPECT_EQ(kept, limits::kStatementsKept);
}

TEST_F(Sqlite, ErrorsAreToldByKind) {
  auto connection = open().value();
  ASSERT_TRUE(connection.execute("CREATE TABLE t (a PRIMARY KEY); INSERT INTO t VALUES (1)").ok());
  EXPECT_EQ(connection.execute("INSERT INTO t VALUES (1)").error().code, Code::conflict);
  EXPECT_EQ(connection.prepare("SELECT b FROM t").error().code, Code::io);

  auto other = open().value();
  ASSERT_TRUE(connection.execute("BEGIN IMMEDIATE").ok());
  EXPECT_TRUE(connection.in_transaction());
  EXPECT_EQ(other.execute("BEGIN IMMEDIATE").error().code, Code::unavailable);

  ASSERT_TRUE(replace_file(files_, "/data/garbage", std::string(4096, 'x')).ok());
  const auto garbage = Connection::open("/data/garbage", {false, "sqlite_test", 10});
  EXPECT_EQ(garbage.error().code, Code::corrupt);
  EXPECT_EQ(Connection::open("/none/db", {false, "sqlite_test", 10}).error().code, Code::io);
}

TEST_F(Sqlite, AReaderCannotWriteAndFindsNothingWhereNothingIs) {
  EXPECT_EQ(open(true).error().code, Code::io);
  auto connection = open().value();
  ASSERT_TRUE(connection.execute("CREATE TABLE t (a); INSERT INTO t VALUES (5)").ok());
  auto reader = open(true).value();
  EXPECT_EQ(integer_of(reader, "SELECT a FROM t"), 5);
  EXPECT_EQ(reader.execute("INSERT INTO t VALUES (6)").error().code, Code::io);
}

TEST_F(Sqlite, ClosingWritesNothing) {
  uint64_t before = 0;
  {
    auto connection = open().value();
    ASSERT_TRUE(connection.execute("CREATE TABLE t (a); INSERT INTO t VALUES (1)").ok());
    before = files_.changing_calls();
  }
  EXPECT_EQ(files_.changing_calls(), before);
  auto again = open().value();
  EXPECT_EQ(integer_of(again, "SELECT count(*) FROM t"), 1);
}

constexpr size_t kPage = 4096;
constexpr size_t kLong = static_cast<size_t>(limits::kWalPages) * kPage;
constexpr size_t kTooLong = static_cast<size_t>(limits::kWalPagesInCommit) * kPage;

class LongLog : public Sqlite {
 protected:
  LongLog() { EXPECT_TRUE(writer_.execute("CREATE TABLE t (a)").ok()); }
  ~LongLog() override { writer_ = Connection(); }

  Status insert(size_t bytes) { return insert(writer_, bytes); }
  static Status insert(Connection& into, size_t bytes) {
    TRY(auto insert, into.prepare("INSERT INTO t VALUES (?1)"));
    return insert.bind(1, std::string(bytes, 'x')).run();
  }
  // Another database, for what ends badly.
  Connection open_other(const std::string& path) {
    auto other = Connection::open(path, {false, "sqlite_test", 10}).value();
    EXPECT_TRUE(other.execute("CREATE TABLE t (a)").ok());
    return other;
  }
  size_t database_bytes() { return read_file(files_, "/data/db").value().size(); }

  Connection writer_ = open().value();
};

TEST_F(LongLog, IsMovedBetweenTurnsAndNotByTheCommit) {
  ASSERT_TRUE(insert(kLong).ok());
  EXPECT_LT(database_bytes(), kLong);
  EXPECT_EQ(writer_.log_moves().moves, 0U);
  ASSERT_TRUE(writer_.tend_log().ok());
  EXPECT_GT(database_bytes(), kLong);
  EXPECT_EQ(writer_.log_moves().moves, 1U);
  EXPECT_GE(writer_.log_moves().most_pages, limits::kWalPages);
  const uint64_t calls = files_.changing_calls();
  ASSERT_TRUE(writer_.tend_log().ok());
  EXPECT_EQ(files_.changing_calls(), calls) << "it did not grow";
  ASSERT_TRUE(insert(1).ok());  // the log begins anew
  EXPECT_LT(writer_.log_moves().log_pages, 10);
  ASSERT_TRUE(writer_.tend_log().ok());
  EXPECT_EQ(writer_.log_moves().moves, 1U);
  ASSERT_TRUE(insert(kLong).ok());
  ASSERT_TRUE(writer_.tend_log().ok());
  EXPECT_EQ(writer_.log_moves().moves, 2U);
}

TEST_F(LongLog, EveryErrorOfAMoveIsTold) {
  ASSERT_TRUE(insert(kLong).ok());
  const uint64_t begin = files_.changing_calls();
  ASSERT_TRUE(writer_.tend_log().ok());
  const uint64_t calls = files_.changing_calls() - begin;
  ASSERT_GE(calls, 3U) << "a sync of the log, pages, a sync of the database";
  for (const uint64_t at : {uint64_t{1}, uint64_t{2}, calls / 2, calls - 1, calls}) {
    auto other = open_other(fmt::format("/data/other{}", at));
    ASSERT_TRUE(insert(other, kLong).ok());
    files_.fault_at(at, SimFiles::Fault::fail);
    const Status failed = other.tend_log();
    ASSERT_FALSE(failed.ok()) << at;
    EXPECT_EQ(failed.error().code, Code::io);
  }
}

TEST_F(LongLog, ACommitMovesItWhereNobodyDidAndTellsItsError) {
  const uint64_t begin = files_.changing_calls();
  ASSERT_TRUE(insert(kTooLong).ok());
  EXPECT_GT(database_bytes(), kTooLong);
  const uint64_t calls = files_.changing_calls() - begin;
  {
    auto other = open_other("/data/other");
    files_.fault_at(calls, SimFiles::Fault::fail);
    const Status failed = insert(other, kTooLong);
    ASSERT_FALSE(failed.ok());
    EXPECT_EQ(failed.error().code, Code::io);
  }
  auto again = Connection::open("/data/other", {false, "sqlite_test", 10}).value();
  EXPECT_EQ(text_of(again, "PRAGMA integrity_check"), "ok");
  EXPECT_EQ(integer_of(again, "SELECT count(*) FROM t"), 1) << "the commit itself was good";
}

TEST_F(LongLog, WhoReadsItselfDelaysTheMoveAndNothingElse) {
  ASSERT_TRUE(insert(1).ok());
  auto reads = writer_.prepare("SELECT a FROM t").value();
  ASSERT_TRUE(reads.step().value());
  EXPECT_TRUE(insert(kTooLong).ok());
  EXPECT_TRUE(writer_.tend_log().ok());
  EXPECT_LT(database_bytes(), kTooLong);
  reads.reset();
  EXPECT_TRUE(writer_.tend_log().ok());
  EXPECT_GT(database_bytes(), kTooLong);
}

TEST_F(LongLog, AnOldSnapshotCostsNoSyncsAtEveryTurn) {
  ASSERT_TRUE(insert(1).ok());
  auto reader = open(true).value();
  ASSERT_TRUE(reader.execute("BEGIN").ok());
  EXPECT_EQ(integer_of(reader, "SELECT count(*) FROM t"), 1);
  constexpr int kTurns = 50;
  for (int turn = 0; turn < kTurns; ++turn) {
    ASSERT_TRUE(insert(kLong / 10).ok());
    ASSERT_TRUE(writer_.tend_log().ok());
  }
  EXPECT_GE(writer_.log_moves().moves, 1U);
  EXPECT_LE(writer_.log_moves().moves, kTurns / 10 + 2);
  EXPECT_LT(database_bytes(), kLong);
  EXPECT_GE(writer_.log_moves().log_pages, limits::kWalPages * kTurns / 10);
  ASSERT_TRUE(reader.execute("COMMIT").ok());
  ASSERT_TRUE(insert(kLong).ok());
  ASSERT_TRUE(writer_.tend_log().ok());
  EXPECT_GT(database_bytes(), kLong * kTurns / 10) << "all of it, once the reader is gone";
}

}  // namespace
}  // namespace duliang
