#include "sqlite/vfs.h"

#include <gtest/gtest.h>

#include "base/sim/sim_files.h"
#include "sqlite/connection_for_test.h"
#include "sqlite/sqlite.h"

namespace duliang {
namespace {

constexpr const char* kVfs = "vfs_test";
constexpr int kCommits = 12;

Status run(Connection& connection, std::string_view sql, std::initializer_list<int64_t> values) {
  TRY(Statement * statement, connection.cached(sql));
  int at = 0;
  for (const int64_t value : values) statement->bind(++at, value);
  return statement->run();
}

class Vfs : public ::testing::Test {
 protected:
  Vfs() { set_up(); }
  ~Vfs() override { unregister_vfs(kVfs); }

  void set_up() {
    files_ = std::make_unique<SimFiles>();
    EXPECT_TRUE(files_->make_folder("/data").ok());
    EXPECT_TRUE(files_->sync_folder("/").ok());
    register_vfs(kVfs, *files_);
  }
  void fresh() {
    unregister_vfs(kVfs);
    set_up();
  }
  Result<Connection> open() { return Connection::open("/data/db", {false, kVfs, 10}); }
  Status with_table(Connection& connection) {
    return connection.execute("CREATE TABLE IF NOT EXISTS t (a INTEGER PRIMARY KEY, b, c)");
  }

  // Commit number n adds 20 rows that hold n and changes all that were there, so that every page of
  // the table must be of the same commit. Counts what is committed, and what is safe from a crash.
  struct Done {
    int committed = 0;
    int safe = 0;
  };
  Status commit(Connection& connection, int n) {
    TRY_DO(connection.execute("BEGIN IMMEDIATE"));
    for (int64_t i = 0; i < 20; ++i)
      TRY_DO(run(connection, "INSERT INTO t VALUES (?1, ?2, zeroblob(200))", {n * 20 + i, n}));
    TRY_DO(run(connection, "UPDATE t SET b = ?1", {n}));
    return connection.execute("COMMIT");
  }
  // A commit is counted as begun, too: one whose COMMIT failed may be there or not.
  Status work(Done& done, Random& random) {
    TRY(auto connection, open());
    TRY_DO(with_table(connection));
    for (int n = 1; n <= kCommits; ++n) {
      TRY_DO(commit(connection, n));
      done.committed = n;
      if (random.chance(0.7)) continue;
      TRY_DO(connection.execute("PRAGMA wal_checkpoint(PASSIVE)"));
      done.safe = n;
    }
    return {};
  }

  // Opens again; the content is what some commit between the two numbers left.
  void expect_whole(int least, int most, const std::string& what) {
    auto connection = open();
    ASSERT_TRUE(connection.ok()) << what << ": " << connection.error().message;
    auto check = connection->prepare("PRAGMA integrity_check").value();
    const auto row = check.step();
    ASSERT_TRUE(row.ok()) << what;
    ASSERT_EQ(check.text(0), "ok") << what;
    check.reset();
    ASSERT_TRUE(with_table(*connection).ok()) << what;
    const int64_t last = integer_of(*connection, "SELECT coalesce(max(b), 0) FROM t");
    EXPECT_GE(last, least) << what;
    EXPECT_LE(last, most) << what;
    EXPECT_EQ(integer_of(*connection, "SELECT count(*) FROM t"), last * 20) << what;
    EXPECT_EQ(integer_of(*connection, "SELECT count(DISTINCT b) FROM t"), last > 0) << what;
  }

  std::unique_ptr<SimFiles> files_;
};

TEST_F(Vfs, WhatWasMovedIntoTheDatabaseSurvivesACrash) {
  for (uint64_t seed = 1; seed <= 20; ++seed, fresh()) {
    {
      auto connection = open().value();
      ASSERT_TRUE(with_table(connection).ok());
      ASSERT_TRUE(commit(connection, 1).ok());
      ASSERT_TRUE(connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").ok());
    }
    Random random(seed);
    files_->crash(random);
    expect_whole(1, 1, fmt::format("seed {}", seed));
  }
}

TEST_F(Vfs, ACrashLeavesTheStateOfSomeCommit) {
  int lost = 0;
  for (uint64_t seed = 1; seed <= 200; ++seed, fresh()) {
    Random random(seed);
    Done done;
    ASSERT_TRUE(work(done, random).ok());
    files_->crash(random);
    expect_whole(done.safe, done.committed, fmt::format("seed {}", seed));
    auto connection = open().value();
    lost += integer_of(connection, "SELECT coalesce(max(b), 0) FROM t") < done.committed;
  }
  EXPECT_GT(lost, 20) << "a crash must be able to take commits that were not synced";
}

TEST_F(Vfs, AKillLosesNothing) {
  Random random(1);
  Done done;
  ASSERT_TRUE(work(done, random).ok());
  files_->kill();
  expect_whole(kCommits, kCommits, "kill");
}

TEST_F(Vfs, ADeathAtAnyCallLeavesTheStateOfSomeCommit) {
  bool over = false;
  uint64_t k = 1;
  for (; !over; ++k, fresh()) {
    Random random(7);
    Done done;
    files_->fault_at(k, SimFiles::Fault::die);
    const Status status = work(done, random);
    over = !files_->dead();
    EXPECT_NE(status.ok(), files_->dead());
    if (!status.ok()) {
      EXPECT_EQ(status.error().code, Code::io);
    }
    Random dice(k);
    files_->crash(dice);
    expect_whole(done.safe, done.committed + 1, fmt::format("dead at call {}", k));
  }
  EXPECT_GT(k, 100U);
}

TEST_F(Vfs, AFailureOfAnyCallIsToldAndLeavesAllThatWasCommitted) {
  int told = 0;
  const uint64_t calls = [&] {
    Random random(7);
    Done done;
    EXPECT_TRUE(work(done, random).ok());
    return files_->changing_calls();
  }();
  for (uint64_t k = 1; k <= calls; ++k) {
    fresh();
    Random random(7);
    Done done;
    files_->fault_at(k, SimFiles::Fault::fail);
    const Status status = work(done, random);
    if (!status.ok()) {
      EXPECT_EQ(status.error().code, Code::io) << status.error().message;
      ++told;
    }
    files_->fault_at(0, SimFiles::Fault::fail);
    // The machine goes on, the program starts again.
    expect_whole(done.committed, done.committed + 1, fmt::format("failed at call {}", k));
  }
  EXPECT_GT(told, static_cast<int>(calls) * 9 / 10);
}

// The next sync after a failed one may say that all is well, although it did not write: nothing may
// then be moved on the strength of it.
TEST_F(Vfs, AfterAFailedSyncACrashStillLeavesTheStateOfSomeCommit) {
  for (uint64_t k = 1; k <= 250; ++k, fresh()) {
    Random random(k % 20);
    Done done;
    files_->fault_at(k, SimFiles::Fault::fail);
    const Status status = work(done, random);
    Random dice(k);
    files_->crash(dice);
    expect_whole(done.safe, done.committed + 1, fmt::format("failed at call {}", k));
  }
}

TEST_F(Vfs, AFullDiskIsToldAndUndone) {
  auto connection = open().value();
  ASSERT_TRUE(with_table(connection).ok());
  files_->set_capacity(300'000);
  int n = 0;
  Status status;
  while (status.ok() && n < 1000) status = commit(connection, ++n);
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, Code::io);
  if (connection.in_transaction()) {
    ASSERT_TRUE(connection.execute("ROLLBACK").ok());
  }
  EXPECT_EQ(integer_of(connection, "SELECT max(b) FROM t"), n - 1);
  files_->set_capacity(0);
  ASSERT_TRUE(commit(connection, n).ok());
  expect_whole(n, n, "after the disk was full");
}

TEST_F(Vfs, AReaderKeepsItsSnapshotWhileOthersCommit) {
  auto writer = open().value();
  ASSERT_TRUE(with_table(writer).ok());
  ASSERT_TRUE(commit(writer, 1).ok());
  auto reader = Connection::open("/data/db", {true, kVfs, 10}).value();
  ASSERT_TRUE(reader.execute("BEGIN").ok());
  EXPECT_EQ(integer_of(reader, "SELECT count(*) FROM t"), 20);
  for (int n = 2; n <= 5; ++n) {
    ASSERT_TRUE(commit(writer, n).ok());
    ASSERT_TRUE(writer.execute("PRAGMA wal_checkpoint(PASSIVE)").ok());
    EXPECT_EQ(integer_of(reader, "SELECT count(*) FROM t"), 20);
    EXPECT_EQ(integer_of(reader, "SELECT max(b) FROM t"), 1);
  }
  ASSERT_TRUE(reader.execute("COMMIT").ok());
  EXPECT_EQ(integer_of(reader, "SELECT count(*) FROM t"), 100);
}

TEST_F(Vfs, ConnectionsFromBeforeACrashDisturbNobody) {
  auto before = open().value();
  ASSERT_TRUE(with_table(before).ok());
  ASSERT_TRUE(commit(before, 1).ok());
  ASSERT_TRUE(before.execute("BEGIN IMMEDIATE; DELETE FROM t").ok());
  files_->kill();
  auto after = open().value();
  ASSERT_TRUE(commit(after, 2).ok());
  EXPECT_FALSE(before.execute("COMMIT").ok());
  before = Connection();
  ASSERT_TRUE(commit(after, 3).ok());
  after = Connection();
  expect_whole(3, 3, "after the kill");
}

TEST_F(Vfs, RollbackJournalsAndTemporaryFilesWorkToo) {
  auto connection = open().value();
  ASSERT_TRUE(connection.execute("PRAGMA journal_mode = DELETE; PRAGMA temp_store = FILE;"
                                 "PRAGMA cache_size = 5").ok());
  ASSERT_TRUE(with_table(connection).ok());
  for (int n = 1; n <= 5; ++n) ASSERT_TRUE(commit(connection, n).ok());
  ASSERT_TRUE(connection.execute("CREATE TEMP TABLE big AS SELECT x.a, randomblob(500) AS b "
                                 "FROM t x, t y").ok());
  EXPECT_EQ(integer_of(connection, "SELECT count(DISTINCT b) FROM big"), 10'000);
  EXPECT_FALSE(files_->exists("/data/db-journal").value());
  Random random(3);
  connection = Connection();
  files_->crash(random);
  // SQLite does not sync the folder after it deletes the journal: the last commit may be undone.
  expect_whole(4, 5, "with a rollback journal");
}

}  // namespace
}  // namespace duliang
