#include "sqlite/virtual_table.h"

#include <gtest/gtest.h>

#include "base/sim/sim_clock.h"
#include "base/sim/sim_files.h"
#include "sqlite/vfs.h"

namespace duliang {
namespace {

using Op = TableCondition::Op;

// The squares of 1 to 9, and what was asked of them.
struct Squares {
  std::vector<TableQuestion> planned;
  std::vector<std::vector<TableCondition>> opened;
  TablePlan plan;
  int fails_at = 100;

  VirtualTable table() {
    return {"root INTEGER, square INTEGER, word TEXT",
            [this](const TableQuestion& question) {
              planned.push_back(question);
              TablePlan made = plan;
              for (size_t i = 0; i < question.conditions.size(); ++i) made.used.push_back(i);
              return made;
            },
            [this](int, const std::vector<TableCondition>& used) -> Result<TableCursor> {
              opened.push_back(used);
              const auto at = std::make_shared<int64_t>(0);
              return TableCursor{
                  [this, at]() -> Result<bool> {
                    if (++*at == fails_at) return Error{Code::corrupt, "The ninth is broken.", ""};
                    return *at < 10;
                  },
                  [at](int column) {
                    if (column == 2) return *at == 2 ? SqlValue{std::string("two")} : SqlValue{};
                    return SqlValue{column == 0 ? *at : *at * *at};
                  },
                  [at] { return *at; }};
            }};
  }
};

class VirtualTables : public ::testing::Test {
 protected:
  VirtualTables() {
    connection_ = Connection::open(":memory:", {}).value();
    EXPECT_TRUE(add_table(connection_, "squares", squares_.table()).ok());
  }
  // The first column of all rows, with spaces between; or the error.
  std::string answer(std::string_view sql) {
    auto statement = connection_.prepare(sql);
    if (!statement.ok()) return statement.error().message;
    std::string out;
    for (;;) {
      const auto row = statement->step();
      if (!row.ok()) return row.error().message;
      if (!*row) return out;
      if (!out.empty()) out += ' ';
      out += statement->is_null(0) ? "null" : statement->text(0);
    }
  }
  Squares squares_;
  Connection connection_;
};

TEST_F(VirtualTables, AreReadAsTables) {
  EXPECT_EQ(answer("SELECT square FROM squares"), "1 4 9 16 25 36 49 64 81");
  EXPECT_EQ(answer("SELECT word FROM squares WHERE root < 4"), "null two null");
  EXPECT_EQ(answer("SELECT count(*), sum(square) FROM squares WHERE square > 50"), "2");
  ASSERT_TRUE(connection_.execute("CREATE TABLE names (root INTEGER, name TEXT);"
                                  "INSERT INTO names VALUES (3, 'three'), (7, 'seven')")
                  .ok());
  EXPECT_EQ(answer("SELECT name || square FROM names JOIN squares USING (root)"),
            "three9 seven49");
  EXPECT_NE(answer("INSERT INTO squares VALUES (1, 1, '')").find("may not be modified"),
            std::string::npos);
}

TEST_F(VirtualTables, TellTheMakerWhatIsAsked) {
  EXPECT_EQ(answer("SELECT root FROM squares WHERE square >= 4.5 AND root < 7 AND word IS NULL "
                   "ORDER BY root DESC"),
            "6 5 4 3");
  const TableQuestion& question = squares_.planned.front();
  ASSERT_EQ(question.conditions.size(), 2U) << "IS NULL is SQLite's own";
  EXPECT_EQ(question.conditions[0].column, 1);
  EXPECT_EQ(question.conditions[0].op, Op::ge);
  EXPECT_EQ(question.conditions[0].value, SqlValue(4.5)) << "a constant is known to the planner";
  ASSERT_EQ(question.order.size(), 1U);
  EXPECT_TRUE(question.order[0].descending);
  const auto& used = squares_.opened.front();
  ASSERT_EQ(used.size(), 2U);
  EXPECT_EQ(used[0].op, Op::ge);
  EXPECT_EQ(used[1].column, 0);
  EXPECT_EQ(used[1].op, Op::lt);
  EXPECT_EQ(used[1].value, SqlValue(int64_t{7}));
}

TEST_F(VirtualTables, AreTakenAtTheirWordAboutTheOrder) {
  squares_.plan.in_order = true;
  EXPECT_EQ(answer("SELECT root FROM squares ORDER BY root DESC"), "1 2 3 4 5 6 7 8 9");
}

TEST_F(VirtualTables, NothingEqualsNull) {
  EXPECT_EQ(answer("SELECT root FROM squares WHERE root = NULL"), "");
  EXPECT_TRUE(squares_.opened.empty());
}

TEST_F(VirtualTables, ErrorsEndTheStatement) {
  squares_.fails_at = 9;
  EXPECT_NE(answer("SELECT root FROM squares").find("The ninth is broken."), std::string::npos);
  EXPECT_EQ(answer("SELECT root FROM squares LIMIT 3"), "1 2 3") << "a limit ends the reading";
}

// As a damaged file would be.
TEST_F(VirtualTables, ErrorsOfThemAndOfStatementsNameNotTheFile) {
  SimFiles files;
  register_vfs("virtual_table_test", files);
  {
    connection_ = Connection::open("/db", {.vfs = "virtual_table_test"}).value();
    ASSERT_TRUE(add_table(connection_, "squares", squares_.table()).ok());
    squares_.fails_at = 2;
    auto rows = connection_.prepare("SELECT root FROM squares").value();
    ASSERT_TRUE(rows.step().ok());
    const auto failed = rows.step();
    EXPECT_EQ(failed.error().code, Code::corrupt);
    EXPECT_EQ(failed.error().field, "");
    EXPECT_EQ(connection_.prepare("SELECT nothing").error().field, "");
  }
  connection_ = {};
  unregister_vfs("virtual_table_test");
}

TEST_F(VirtualTables, FunctionsOfOneArgument) {
  ASSERT_TRUE(add_function(connection_, "twice", [](const SqlValue& value) -> Result<SqlValue> {
                if (const auto* number = std::get_if<int64_t>(&value)) return SqlValue{*number * 2};
                return Error{Code::bad_input, "Only whole numbers can be doubled.", ""};
              }).ok());
  EXPECT_EQ(answer("SELECT twice(root) FROM squares WHERE root > twice(4)"), "18");
  EXPECT_NE(answer("SELECT twice('a')").find("Only whole numbers"), std::string::npos);
}

TEST_F(VirtualTables, WhoOnlyAsksCanNotWrite) {
  ASSERT_TRUE(connection_.execute("CREATE TABLE t (a)").ok());
  connection_.only_ask();
  for (const char* sql : {"INSERT INTO t VALUES (1)", "DROP TABLE t", "CREATE TABLE u (a)",
                          "ATTACH '/tmp/x' AS x", "VACUUM INTO '/tmp/x'", "BEGIN",
                          "PRAGMA journal_mode = DELETE", "CREATE TEMP TABLE u (a)"}) {
    EXPECT_EQ(answer(sql), "Only questions are answered here, and nothing is ever written.") << sql;
  }
  EXPECT_NE(answer("UPDATE sqlite_master SET sql = ''").find("may not be modified"),
            std::string::npos);
  EXPECT_EQ(answer("WITH w AS (SELECT root FROM squares) SELECT max(root) FROM w"), "9");
  EXPECT_EQ(answer("SELECT name FROM pragma_table_info('t')"), "a");
}

TEST_F(VirtualTables, BehindItsDeadlineAConnectionAnswersNothing) {
  SimClock clock{Time{}};
  const std::string endless =
      "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
  auto prepared = connection_.prepare(endless).value();
  connection_.expire({&clock, clock.since_boot() + std::chrono::seconds{30}});
  EXPECT_EQ(answer("SELECT 1"), "1");
  clock.advance(std::chrono::seconds{30});
  EXPECT_EQ(prepared.step().error().code, Code::unavailable);
  EXPECT_EQ(connection_.prepare("SELECT 1").error().code, Code::unavailable);
  EXPECT_EQ(connection_.lease("SELECT 1").error().code, Code::unavailable);
  connection_.expire({});
  EXPECT_EQ(answer("SELECT 1"), "1");
}

TEST_F(VirtualTables, TextsOfSeveralStatementsAreCutApart) {
  std::string_view sql = "SELECT 1 AS one, 2 AS two; -- more\n ; SELECT 'a;b' ;";
  auto first = connection_.prepare_first(sql).value();
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(first->columns(), 2);
  EXPECT_EQ(first->name(1), "two");
  std::vector<std::string> texts;
  while (!sql.empty()) {
    auto next = connection_.prepare_first(sql).value();
    if (!next) continue;
    ASSERT_TRUE(next->step().value());
    texts.emplace_back(next->text(0));
  }
  EXPECT_EQ(texts, std::vector<std::string>{"a;b"});
}

}  // namespace
}  // namespace duliang
