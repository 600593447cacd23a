#include "sqlite/checked_pages.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "base/sim/sim_files.h"
#include "sqlite/sqlite.h"
#include "sqlite/vfs.h"

namespace duliang {
namespace {

constexpr const char* kCheckedVfs = "checked_pages_test";
constexpr const char* kPath = "/db";
constexpr uint64_t kPageBytes = 4096;

class CheckedPages : public testing::Test {
 protected:
  CheckedPages() { register_vfs(kCheckedVfs, files_); }
  ~CheckedPages() override { unregister_vfs(kCheckedVfs); }

  Result<Connection> open(const char* path = kPath) {
    return Connection::open(path, {.vfs = kCheckedVfs});
  }

  // All that a table holds; the error that reading it met.
  Result<std::string> content() {
    TRY(Connection connection, open());
    TRY(Statement rows, connection.prepare("SELECT a, b FROM t ORDER BY a"));
    std::string text;
    while (true) {
      TRY(const bool more, rows.step());
      if (!more) return text;
      text += fmt::format("{} {}\n", rows.integer(0), rows.text(1));
    }
  }

  // Rows on several pages, one of them longer than a page, all in the file and none in the log.
  void make() {
    Connection connection = open().value();
    ASSERT_TRUE(connection.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b)").ok());
    for (int i = 0; i < 100; ++i) {
      const size_t length = i == 50 ? 10'000 : 200;
      ASSERT_TRUE(
          connection
              .execute(fmt::format("INSERT INTO t VALUES ({}, '{}')", i, std::string(length, 'x')))
              .ok());
    }
    ASSERT_TRUE(connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").ok());
  }

  void flip(uint64_t at) {
    File file = File::open(files_, kPath, OpenMode::write).value();
    char byte = 0;
    ASSERT_EQ(file.read_at(&byte, 1, at).value(), 1u);
    byte = static_cast<char>(byte ^ 1);
    ASSERT_TRUE(file.write_at({&byte, 1}, at).ok());
  }

  SimFiles files_;
};

TEST_F(CheckedPages, AnyFlippedBitOfAPageIsTold) {
  make();
  const std::string before = content().value();
  const uint64_t size = read_file(files_, kPath)->size();
  ASSERT_GT(size / kPageBytes, 8u);
  std::set<uint64_t> named;
  for (uint64_t at = 0; at < size; at += 97) {
    flip(at);
    const auto found = content();
    ASSERT_FALSE(found.ok()) << at;
    EXPECT_EQ(found.error().code, Code::corrupt) << found.error().message;
    EXPECT_EQ(found.error().field, kPath);
    if (found.error().message.find(fmt::format("Page {} ", at / kPageBytes + 1)) !=
        std::string::npos) {
      named.insert(at / kPageBytes);
    }
    flip(at);
  }
  EXPECT_EQ(named.size(), size / kPageBytes) << "each page is named";
  EXPECT_EQ(content().value(), before);
}

// A page that is whole, but another one, and one that was never written.
TEST_F(CheckedPages, APageInTheWrongPlaceIsTold) {
  make();
  const std::string bytes = read_file(files_, kPath).value();
  for (const std::string& page :
       {bytes.substr(3 * kPageBytes, kPageBytes), std::string(kPageBytes, '\0')}) {
    File file = File::open(files_, kPath, OpenMode::write).value();
    ASSERT_TRUE(file.write_at(page, 4 * kPageBytes).ok());
    const auto found = content();
    ASSERT_FALSE(found.ok());
    EXPECT_EQ(found.error().message, "Page 5 does not match its checksum.");
  }
}

// Pages come and go and are used again, are moved into the file and are not: none is taken for
// damaged, whatever SQLite left unwritten because nobody needed it.
TEST_F(CheckedPages, NoSoundPageIsTakenForDamaged) {
  Random random(1);
  Connection connection = open().value();
  ASSERT_TRUE(connection.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b)").ok());
  const auto execute = [&connection](const std::string& sql) {
    const Status done = connection.execute(sql);
    EXPECT_TRUE(done.ok()) << sql << done.error().message;
  };
  for (int round = 0; round < 300; ++round) {
    execute("BEGIN");
    for (uint64_t i = random.below(20); i > 0; --i) {
      const std::string id = std::to_string(random.below(60));
      const std::string length = std::to_string(random.below(30'000));
      if (random.chance(0.5)) execute("DELETE FROM t WHERE a = " + id);
      if (random.chance(0.5))
        execute("INSERT OR REPLACE INTO t VALUES (" + id + ", zeroblob(" + length + "))");
      if (random.chance(0.05)) execute("DELETE FROM t");
    }
    execute(random.chance(0.2) ? "ROLLBACK" : "COMMIT");
    if (random.chance(0.3)) execute("PRAGMA wal_checkpoint(TRUNCATE)");
    if (random.chance(0.1)) {
      connection = Connection();
      connection = open().value();
    }
    if (random.chance(0.1)) execute("SELECT sum(length(b)) FROM t; PRAGMA integrity_check");
  }
}

}  // namespace
}  // namespace duliang
