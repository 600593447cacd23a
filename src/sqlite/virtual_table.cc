#include "sqlite/virtual_table.h"

#include <sqlite3.h>

namespace duliang {
namespace {

using Op = TableCondition::Op;

// SQLite has its own structs at the beginning of ours; it fills them and gives them back.
struct Table : sqlite3_vtab {
  const VirtualTable* made = nullptr;
};

struct Cursor : sqlite3_vtab_cursor {
  TableCursor rows;
  bool at_end = true;
};

int code_for(const Error& error) {
  if (error.code == Code::corrupt) return SQLITE_CORRUPT_VTAB;
  return error.code == Code::unavailable ? SQLITE_INTERRUPT : SQLITE_ERROR;
}

int fail(sqlite3_vtab* table, const Error& error) {
  sqlite3_free(table->zErrMsg);
  table->zErrMsg = sqlite3_mprintf("%s", error.message.c_str());
  return code_for(error);
}

SqlValue value_of(sqlite3_value* value) {
  switch (sqlite3_value_type(value)) {
    case SQLITE_NULL: return {};
    case SQLITE_INTEGER: return int64_t{sqlite3_value_int64(value)};
    case SQLITE_FLOAT: return sqlite3_value_double(value);
    default: break;
  }
  const void* bytes = sqlite3_value_blob(value);
  const auto size = static_cast<size_t>(sqlite3_value_bytes(value));
  return bytes == nullptr ? std::string() : std::string(static_cast<const char*>(bytes), size);
}

void answer(sqlite3_context* context, const SqlValue& value) {
  if (const auto* integer = std::get_if<int64_t>(&value)) {
    sqlite3_result_int64(context, *integer);
  } else if (const auto* real = std::get_if<double>(&value)) {
    sqlite3_result_double(context, *real);
  } else if (const auto* text = std::get_if<std::string>(&value)) {
    sqlite3_result_text64(context, text->data(), text->size(), SQLITE_TRANSIENT, SQLITE_UTF8);
  } else {
    sqlite3_result_null(context);
  }
}

std::optional<Op> op_of(unsigned char op) {
  switch (op) {
    case SQLITE_INDEX_CONSTRAINT_EQ: return Op::eq;
    case SQLITE_INDEX_CONSTRAINT_GT: return Op::gt;
    case SQLITE_INDEX_CONSTRAINT_GE: return Op::ge;
    case SQLITE_INDEX_CONSTRAINT_LT: return Op::lt;
    case SQLITE_INDEX_CONSTRAINT_LE: return Op::le;
    default: return std::nullopt;
  }
}

int connect(sqlite3* database, void* made, int, const char* const*, sqlite3_vtab** out, char**) {
  const auto* table = static_cast<const VirtualTable*>(made);
  const std::string declared = "CREATE TABLE t(" + table->columns + ")";
  const int result = sqlite3_declare_vtab(database, declared.c_str());
  if (result != SQLITE_OK) return result;
  sqlite3_vtab_config(database, SQLITE_VTAB_INNOCUOUS);
  auto connected = std::make_unique<Table>();
  connected->made = table;
  *out = connected.release();
  return SQLITE_OK;
}

int disconnect(sqlite3_vtab* table) {
  const std::unique_ptr<Table> owned(static_cast<Table*>(table));
  return SQLITE_OK;
}

// Conditions as two characters each, so that filter() can tell the cursor what its arguments mean.
constexpr char kFirstColumn = 'A';
constexpr char kFirstOp = 'a';

int best_index(sqlite3_vtab* table, sqlite3_index_info* info) {
  TableQuestion question;
  std::vector<int> places;  // of the conditions among SQLite's
  for (int i = 0; i < info->nConstraint; ++i) {
    const auto& constraint = info->aConstraint[i];
    const auto op = op_of(constraint.op);
    // Below 0 is the row's own id, which has no name here.
    if (!op || constraint.usable == 0 || constraint.iColumn < 0) continue;
    TableCondition condition{constraint.iColumn, *op, {}};
    sqlite3_value* value = nullptr;
    if (sqlite3_vtab_rhs_value(info, i, &value) == SQLITE_OK && value != nullptr) {
      condition.value = value_of(value);
    }
    question.conditions.push_back(std::move(condition));
    places.push_back(i);
  }
  for (int i = 0; i < info->nOrderBy; ++i) {
    question.order.push_back({info->aOrderBy[i].iColumn, info->aOrderBy[i].desc != 0});
  }
  const TablePlan plan = static_cast<Table*>(table)->made->plan(question);
  std::string used;
  for (const size_t at : plan.used) {
    const TableCondition& condition = question.conditions[at];
    used += static_cast<char>(kFirstColumn + condition.column);
    used += static_cast<char>(kFirstOp + static_cast<char>(condition.op));
    info->aConstraintUsage[places[at]].argvIndex = static_cast<int>(used.size() / 2);
  }
  info->idxNum = plan.way;
  info->idxStr = sqlite3_mprintf("%s %s", used.c_str(), plan.says.c_str());
  if (info->idxStr == nullptr) return SQLITE_NOMEM;
  info->needToFreeIdxStr = 1;
  info->orderByConsumed = plan.in_order && info->nOrderBy > 0 ? 1 : 0;
  info->estimatedCost = plan.cost;
  info->estimatedRows = static_cast<sqlite3_int64>(plan.rows);
  if (plan.at_most_one) info->idxFlags = SQLITE_INDEX_SCAN_UNIQUE;
  return SQLITE_OK;
}

int open(sqlite3_vtab*, sqlite3_vtab_cursor** out) {
  *out = std::make_unique<Cursor>().release();
  return SQLITE_OK;
}

int close(sqlite3_vtab_cursor* cursor) {
  const std::unique_ptr<Cursor> owned(static_cast<Cursor*>(cursor));
  return SQLITE_OK;
}

int next(sqlite3_vtab_cursor* cursor) {
  auto& ours = *static_cast<Cursor*>(cursor);
  const Result<bool> row = ours.rows.next();
  if (!row.ok()) return fail(cursor->pVtab, row.error());
  ours.at_end = !*row;
  return SQLITE_OK;
}

int filter(sqlite3_vtab_cursor* cursor, int way, const char* used, int count,
           sqlite3_value** values) {
  auto& ours = *static_cast<Cursor*>(cursor);
  ours.rows = {};
  ours.at_end = true;
  std::vector<TableCondition> conditions;
  for (int i = 0; i < count; ++i) {
    conditions.push_back({used[2 * i] - kFirstColumn, static_cast<Op>(used[2 * i + 1] - kFirstOp),
                          value_of(values[i])});
    if (std::holds_alternative<std::monostate>(*conditions.back().value)) return SQLITE_OK;
  }
  auto opened = static_cast<Table*>(cursor->pVtab)->made->open(way, conditions);
  if (!opened.ok()) return fail(cursor->pVtab, opened.error());
  ours.rows = std::move(opened).value();
  return next(cursor);
}

int at_end(sqlite3_vtab_cursor* cursor) { return static_cast<Cursor*>(cursor)->at_end ? 1 : 0; }

int column(sqlite3_vtab_cursor* cursor, sqlite3_context* context, int at) {
  answer(context, static_cast<Cursor*>(cursor)->rows.column(at));
  return SQLITE_OK;
}

int row_id(sqlite3_vtab_cursor* cursor, sqlite3_int64* id) {
  *id = static_cast<Cursor*>(cursor)->rows.row_id();
  return SQLITE_OK;
}

// Without xCreate it stands under the name of its module; without xUpdate it is read-only.
const sqlite3_module& module() {
  static const sqlite3_module made = [] {
    sqlite3_module module{};
    module.xConnect = connect;
    module.xBestIndex = best_index;
    module.xDisconnect = disconnect;
    module.xOpen = open;
    module.xClose = close;
    module.xFilter = filter;
    module.xNext = next;
    module.xEof = at_end;
    module.xColumn = column;
    module.xRowid = row_id;
    return module;
  }();
  return made;
}

void call(sqlite3_context* context, int, sqlite3_value** arguments) {
  const auto& function = *static_cast<const SqlFunction*>(sqlite3_user_data(context));
  const auto result = function(value_of(arguments[0]));
  if (result.ok()) return answer(context, *result);
  sqlite3_result_error(context, result.error().message.c_str(), -1);
}

template <typename T>
void forget(void* owned) {
  const std::unique_ptr<T> gone(static_cast<T*>(owned));
}

Status as_status(Connection& connection, int result) {
  if (result == SQLITE_OK) return {};
  return Error{Code::io, fmt::format("SQLite: {}.", sqlite3_errmsg(connection.handle())), ""};
}

}  // namespace

Status add_table(Connection& connection, const std::string& name, VirtualTable table) {
  auto made = std::make_unique<VirtualTable>(std::move(table));
  // SQLite forgets it also where this fails.
  return as_status(connection,
                   sqlite3_create_module_v2(connection.handle(), name.c_str(), &module(),
                                            made.release(), forget<VirtualTable>));
}

Status add_function(Connection& connection, const std::string& name, SqlFunction function) {
  auto made = std::make_unique<SqlFunction>(std::move(function));
  const int flags = SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS;
  return as_status(connection, sqlite3_create_function_v2(
                                   connection.handle(), name.c_str(), 1, flags, made.release(),
                                   call, nullptr, nullptr, forget<SqlFunction>));
}

}  // namespace duliang
