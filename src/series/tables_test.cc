// The virtual tables beside the same rows in stored tables: every question must have the same
// answer. And how SQLite goes about it, and what it costs.
#include "series/tables.h"

#include "series/model_for_test.h"

namespace duliang {
namespace {

std::string value_text(const Statement& row, int column) {
  if (row.is_null(column)) return "null";
  const bool text = row.kind(column) == Statement::Kind::text;
  return (text ? "'" : "") + std::string(row.text(column));
}

// All rows, a line each; or the error.
std::vector<std::string> rows_of(Connection& connection, const std::string& sql) {
  auto statement = connection.prepare(sql);
  if (!statement.ok()) return {statement.error().message};
  std::vector<std::string> rows;
  for (;;) {
    const auto row = statement->step();
    if (!row.ok()) return {row.error().message};
    if (!*row) return rows;
    rows.emplace_back();
    for (int column = 0; column < statement->columns(); ++column) {
      rows.back() += (column > 0 ? " " : "") + value_text(*statement, column);
    }
  }
}

std::string plan_of(Connection& connection, const std::string& sql) {
  auto statement = connection.prepare("EXPLAIN QUERY PLAN " + sql).value();
  std::string plan;
  while (statement.step().value()) plan += std::string(statement.text(3)) + "\n";
  return plan;
}

// The columns of readings, out of the table itself into a stored one.
void store_copy(Connection& connection) {
  ASSERT_TRUE(connection
                  .execute("DROP TABLE IF EXISTS copied; CREATE TABLE copied (id INTEGER, stream "
                           "INTEGER, begin INTEGER, end INTEGER, result TEXT, number NUMERIC, "
                           "quality TEXT, feature INTEGER, result_time INTEGER, extras TEXT, "
                           "arrived INTEGER); INSERT INTO copied SELECT * FROM readings")
                  .ok());
}

std::string random_condition(Random& random) {
  static const std::vector<std::string> ops{"=", "<", "<=", ">", ">="};
  const std::string op = ops[random.below(ops.size())];
  const auto below = [&](uint64_t bound) { return static_cast<int64_t>(random.below(bound)); };
  switch (random.below(10)) {
    case 0: return fmt::format("id {} {}", op, below(2000));
    case 1: return fmt::format("stream {} {}", op, below(8));
    case 2: return fmt::format("stream = {}", 1 + below(6));
    case 3: return fmt::format("number {} {}", op, below(500));
    case 4: return fmt::format("number {} 21.5", op);
    case 5: return fmt::format("stream {} {}.5", op, below(7));
    case 6: return fmt::format("stream {} '{}'", op, below(7));
    case 7: return fmt::format("id {} '{}'", op, below(2000));
    case 8: return fmt::format("number {} '{}'", op, below(500));
    default:
      return fmt::format("begin {} {}", op,
                         number(kExampleStart + std::chrono::seconds{below(900)}));
  }
}

std::string random_question(Random& random) {
  static const std::vector<std::string> orders{
      "begin, id", "begin DESC, id DESC", "id", "id DESC", "stream, begin, id", "stream DESC, id",
      "number, id", "begin DESC, id"};
  std::string sql = " WHERE " + random_condition(random);
  for (uint64_t more = random.below(3); more > 0; --more) {
    sql += (random.chance(0.8) ? " AND " : " OR ") + random_condition(random);
  }
  sql += " ORDER BY " + orders[random.below(orders.size())];
  if (random.chance(0.5)) sql += fmt::format(" LIMIT {}", 1 + random.below(10));
  return sql;
}

TEST(Tables, AnswerAsStoredOnesDo) {
  for (uint64_t seed = 1; seed <= 4; ++seed) {
    Random random(seed);
    SeriesModel test("tables");
    ASSERT_TRUE(live(test, random, true).ok());
    auto connection = Connection::open(":memory:", {}).value();
    ASSERT_TRUE(add_reading_tables(connection, test.series->view()).ok());
    ASSERT_NO_FATAL_FAILURE(store_copy(connection));
    ASSERT_EQ(rows_of(connection, "SELECT count(*) FROM copied").front(),
              std::to_string(test.model.size()));
    size_t with_rows = 0;
    for (int round = 0; round < 250; ++round) {
      const std::string question = random_question(random);
      const auto rows = rows_of(connection, "SELECT * FROM readings" + question);
      ASSERT_EQ(rows, rows_of(connection, "SELECT * FROM copied" + question)) << question;
      with_rows += rows.empty() ? 0 : 1;
    }
    EXPECT_GT(with_rows, 100U);
    EXPECT_EQ(rows_of(connection, "SELECT * FROM streams WHERE readings > 0"),
              rows_of(connection, "SELECT stream, count(*), min(begin), max(end) FROM copied "
                                  "GROUP BY stream ORDER BY stream"));
  }
}

// What bounds by id, stream or time must let through, whichever way and order it is written in.
TEST(Tables, KnowTheEndsOfWholeNumbersAndTexts) {
  SeriesModel test("ends");
  std::vector<Reading> readings;
  for (int64_t at = 0; at < 8; ++at) {
    readings.push_back(example_reading(0, 1, at, std::to_string(at)));
  }
  ASSERT_TRUE(test.post(std::move(readings)).ok());
  auto connection = Connection::open(":memory:", {}).value();
  ASSERT_TRUE(add_reading_tables(connection, test.series->view()).ok());
  ASSERT_NO_FATAL_FAILURE(store_copy(connection));
  const char* const whole[] = {"9223372036854775807", "-9223372036854775808", "-10", "7", "8"};
  for (const char* column : {"id", "stream", "begin"}) {
    for (const char* a : whole) {
      for (const char* b : whole) {
        for (const char* condition :
             {"{0} > {1} AND {0} < {2}", "{0} < {1} AND {0} > {2}", "{0} >= {1} AND {0} <= {2}",
              "{0} = '{1}' AND {0} >= {2}", "{0} = '{1}' AND {0} < {2}", "{0} = {1}"}) {
          const std::string question =
              " WHERE " + fmt::format(fmt::runtime(condition), column, a, b);
          ASSERT_EQ(rows_of(connection, "SELECT * FROM readings" + question),
                    rows_of(connection, "SELECT * FROM copied" + question))
              << question;
        }
      }
    }
  }
  EXPECT_EQ(rows_of(connection, "SELECT result FROM readings WHERE id = '7' AND id > 6"),
            std::vector<std::string>{"'6"});
}

TEST(Tables, ColumnsAreTheReadings) {
  SeriesModel test("columns");
  Reading reading = example_reading(0, 3, 0, "21.50");
  reading.phenomenon_time.end += std::chrono::minutes{1};
  reading.result_time = reading.phenomenon_time.end;
  reading.feature = RowId{7};
  reading.extras = R"({"parameters":{"depth":2}})";
  const std::string results[] = {"9007199254740993", R"("a")", "true", "1e3", "null"};
  std::vector<Reading> readings{reading};
  for (const std::string& result : results) {
    readings.push_back(example_reading(0, 4, static_cast<int64_t>(readings.size()), result));
  }
  ASSERT_TRUE(test.post(readings).ok());
  Reading flagged = test.model.rbegin()->second;
  flagged.quality = Quality::doubtful;
  ASSERT_TRUE(test.post({}, {ReadingChange::replaced(flagged, "")}).ok());
  auto connection = Connection::open(":memory:", {}).value();
  ASSERT_TRUE(add_reading_tables(connection, test.series->view()).ok());
  EXPECT_EQ(rows_of(connection,
                    "SELECT stream, time_text(begin), (end - begin) / 1000000, result, number, "
                    "quality, feature, time_text(result_time), extras, time_text(arrived) "
                    "FROM readings WHERE stream = 3"),
            std::vector<std::string>{"3 '2026-11-24T13:20:40Z 60 '21.50 21.5 null 7 "
                                     "'2026-11-24T13:21:40Z '{\"parameters\":{\"depth\":2}} "
                                     "'2026-11-24T13:21:40Z"});
  EXPECT_EQ(rows_of(connection, "SELECT result, number, quality FROM readings WHERE stream = 4 "
                                "ORDER BY begin"),
            (std::vector<std::string>{"'9007199254740993 9007199254740993 null", "'\"a\" null null",
                                      "'true null null", "'1e3 1000.0 null",
                                      "'null null 'doubtful"}));
  EXPECT_EQ(rows_of(connection, "SELECT id FROM readings WHERE number > 9007199254740992").size(),
            1U);
  EXPECT_EQ(rows_of(connection, "SELECT time_of('2026-11-24T21:20:40+08:00') = begin FROM readings "
                                "WHERE stream = 3"),
            std::vector<std::string>{"1"});
  EXPECT_NE(rows_of(connection, "SELECT time_of('yesterday')").front().find("yesterday"),
            std::string::npos);
}

// 40 streams with 50 readings each, a minute apart, in one part with pages of 4 (500 pages), as
// rows of a table beside them.
class PlannedTables : public ::testing::Test {
 protected:
  void SetUp() override {
    for (int64_t at = 0; at < 50; ++at) {
      std::vector<Reading> readings;
      for (int64_t stream = 1; stream <= 40; ++stream) {
        readings.push_back(example_reading(0, stream, 60 * at, std::to_string(at + 100 * stream)));
      }
      ASSERT_TRUE(test_.post(std::move(readings)).ok());
    }
    ASSERT_TRUE(test_.checkpoint().ok());
    connection_ = Connection::open(":memory:", {}).value();
    ASSERT_TRUE(add_reading_tables(connection_, test_.series->view()).ok());
    ASSERT_TRUE(connection_
                    .execute("CREATE TABLE gauges (id INTEGER PRIMARY KEY, place TEXT);"
                             "INSERT INTO gauges SELECT stream, 'place ' || stream FROM streams")
                    .ok());
    ASSERT_TRUE(connection_.learn_sizes().ok());
  }
  struct Cost {
    uint64_t rows, pages;
  };
  Cost cost(const std::string& sql) {
    const SeriesCounts& counts = test_.series->counts();
    const Cost before{counts.part_rows, counts.pages};
    rows_of(connection_, sql);
    return {counts.part_rows - before.rows, counts.pages - before.pages};
  }
  SeriesModel test_{"planned"};
  Connection connection_;
};

TEST_F(PlannedTables, FewPagesAreRead) {
  struct Line {
    const char* sql;
    uint64_t rows, pages;  // at most
  };
  const Line lines[] = {
      {"SELECT * FROM readings WHERE id = 300", 1, 1},
      {"SELECT * FROM readings WHERE stream = 7 ORDER BY begin DESC LIMIT 3", 3, 2},
      {"SELECT * FROM readings WHERE stream = 7 ORDER BY stream, begin LIMIT 3", 3, 2},
      {"SELECT * FROM readings WHERE stream IN (7, 9)", 100, 28},
      {"SELECT max(begin) FROM readings WHERE stream = 7", 50, 14},
      {"SELECT * FROM readings WHERE number > 4045", 8, 2},
      {"SELECT * FROM readings WHERE stream = 7 AND begin >= time_of('2026-11-24T14:00:00Z')", 16,
       4},
      {"SELECT * FROM readings WHERE begin >= time_of('2026-11-24T14:09:00Z')", 80, 80},
      {"SELECT * FROM readings LIMIT 5", 5, 2},
      {"SELECT place, (SELECT result FROM readings WHERE stream = gauges.id ORDER BY begin DESC "
       "LIMIT 1) FROM gauges WHERE place = 'place 7'",
       1, 1},
      {"SELECT place, number FROM gauges JOIN readings ON stream = gauges.id "
       "WHERE place = 'place 7' ORDER BY begin LIMIT 4",
       50, 14},
      {"SELECT place, number FROM readings JOIN gauges ON stream = gauges.id "
       "WHERE begin = time_of('2026-11-24T14:00:40Z') AND place = 'place 7'",
       4, 2},
  };
  for (const Line& line : lines) {
    const Cost looked_at = cost(line.sql);
    EXPECT_LE(looked_at.rows, line.rows) << line.sql;
    EXPECT_LE(looked_at.pages, line.pages) << line.sql;
    EXPECT_FALSE(rows_of(connection_, line.sql).empty()) << line.sql;
  }
}

// What costs are for: whichever way a question is written, the few rows of the small table are
// looked at first, and the readings by stream. The other way round all 2,000 readings would be.
TEST_F(PlannedTables, ThePlannerKnowsWhatReadingsCost) {
  for (const char* sql :
       {"SELECT count(*) FROM readings, gauges WHERE stream = gauges.id AND place = 'place 7'",
        "SELECT count(*) FROM gauges, readings WHERE place = 'place 7' AND gauges.id = stream"}) {
    const std::string plan = plan_of(connection_, sql);
    EXPECT_LT(plan.find("gauges"), plan.find("readings")) << plan;
    EXPECT_EQ(rows_of(connection_, sql), std::vector<std::string>{"50"});
    EXPECT_LE(cost(sql).pages, 14U) << sql;
  }
  const std::string no_sort =
      plan_of(connection_, "SELECT * FROM readings WHERE stream = 7 ORDER BY begin DESC");
  EXPECT_EQ(no_sort.find("TEMP B-TREE"), std::string::npos) << no_sort;
  const std::string sorted = plan_of(connection_, "SELECT * FROM readings ORDER BY number");
  EXPECT_NE(sorted.find("TEMP B-TREE"), std::string::npos) << sorted;
}

}  // namespace
}  // namespace duliang
