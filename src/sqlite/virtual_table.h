// Tables that are computed: read-only, their rows made as SQLite asks for them, so that one SQL
// question joins them with stored tables. Whoever makes one says what each way of answering costs;
// the planner believes it, and chooses what it asks for first by it. A table stands under its name
// on one connection, without CREATE, and its functions are called within calls of that connection,
// on their thread. A function of one argument is added likewise. What can fail is told by the
// statement that met it.
#pragma once

#include <functional>
#include <variant>
#include <vector>

#include "sqlite/sqlite.h"

namespace duliang {

// NULL, integer, real, text; also the bytes of a blob, which are compared with nothing of ours.
using SqlValue = std::variant<std::monostate, int64_t, double, std::string>;

struct TableCondition {
  enum class Op : uint8_t { eq, gt, ge, lt, le };
  int column = 0;  // from 0
  Op op = Op::eq;
  // What the column is compared with: when planning only where it is a constant, when opening
  // always. Nothing passes where it is NULL.
  std::optional<SqlValue> value;
};

struct TableOrder {
  int column = 0;
  bool descending = false;
};

struct TableQuestion {
  std::vector<TableCondition> conditions;  // all must hold
  std::vector<TableOrder> order;           // wanted of the rows; may be empty
};

struct TablePlan {
  int way = 0;               // the maker's own, given back to open
  std::string says;          // of the way, for who reads EXPLAIN QUERY PLAN
  std::vector<size_t> used;  // conditions that the cursor gets; SQLite checks them all the same
  bool in_order = false;     // rows come in the order that is wanted
  bool at_most_one = false;  // row
  double cost = 0;           // about 1 for each row that is made
  double rows = 0;           // that come
};

// `next` goes to the first row, then to each next one; false: there is none. The others are asked
// of the row at which it stands.
struct TableCursor {
  std::function<Result<bool>()> next;
  std::function<SqlValue(int column)> column;
  std::function<int64_t()> row_id;
};

struct VirtualTable {
  std::string columns;  // "id INTEGER, name TEXT"
  std::function<TablePlan(const TableQuestion&)> plan;
  std::function<Result<TableCursor>(int way, const std::vector<TableCondition>& used)> open;
};

Status add_table(Connection& connection, const std::string& name, VirtualTable table);

// Equal arguments give equal answers. An error ends the statement.
using SqlFunction = std::function<Result<SqlValue>(const SqlValue&)>;
Status add_function(Connection& connection, const std::string& name, SqlFunction function);

}  // namespace duliang
