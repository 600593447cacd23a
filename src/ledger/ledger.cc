#include "ledger/ledger.h"

#include "base/check.h"
#include "ledger/tables.h"

namespace duliang {
namespace {

// The layout of the file. A higher one was written by a later program; lower ones by none that was
// released.
constexpr int64_t kLayout = 3;

std::string_view sign_of(Narrow::Op op) {
  switch (op) {
    case Narrow::Op::eq: return "=";
    case Narrow::Op::ne: return "<>";
    case Narrow::Op::lt: return "<";
    case Narrow::Op::le: return "<=";
    case Narrow::Op::gt: return ">";
    case Narrow::Op::ge: return ">=";
  }
  return "=";
}

// What follows WHERE, and the values of its parameters in order.
struct Condition {
  std::string sql;
  std::vector<Value> parameters;

  void add(std::string_view before, Value value, std::string_view behind = "") {
    parameters.push_back(std::move(value));
    sql += fmt::format("{}{}?{}{}", sql.empty() ? " WHERE " : " AND ", before, parameters.size(),
                       behind);
  }

  void bind(Statement& statement) const {
    for (size_t i = 0; i < parameters.size(); ++i) {
      const int at = static_cast<int>(i) + 1;
      if (const auto* integer = std::get_if<int64_t>(&parameters[i])) {
        statement.bind(at, *integer);
      } else if (const auto* text = std::get_if<std::string>(&parameters[i])) {
        statement.bind(at, std::string_view(*text));
      } else {
        statement.bind_null(at);
      }
    }
  }
};

std::string relation_column(const Step& step) {
  return quoted(type_of(step.owner).relations[static_cast<size_t>(step.relation)].name);
}

void add_step(Condition& condition, const Step& step, RowId from) {
  const int64_t id = number(from);
  switch (step.kind) {
    case Step::Kind::to_one:
      condition.add(fmt::format("\"id\" = (SELECT {} FROM {} WHERE \"id\" = ",
                                relation_column(step), table_of(step.owner)),
                    id, ")");
      return;
    case Step::Kind::to_many_inverse:
      condition.add(relation_column(step) + " = ", id);
      return;
    case Step::Kind::many_to_many:
      condition.add(fmt::format("\"id\" IN (SELECT \"to\" FROM {} WHERE \"from\" = ",
                                link_table_of(step.owner, step.relation)),
                    id, ")");
      return;
    case Step::Kind::many_to_many_inverse:
      condition.add(fmt::format("\"id\" IN (SELECT \"from\" FROM {} WHERE \"to\" = ",
                                link_table_of(step.owner, step.relation)),
                    id, ")");
      return;
  }
}

enum class ColumnKind { none, integer, text };

ColumnKind kind_of(const EntityType& type, std::string_view column) {
  if (column == "id") return ColumnKind::integer;
  if (const int at = type.property_index(column); at >= 0) {
    const PropertyType property = type.properties[static_cast<size_t>(at)].type;
    if (property == PropertyType::text) return ColumnKind::text;
    return property == PropertyType::integer ? ColumnKind::integer : ColumnKind::none;
  }
  const int relation = type.relation_index(column);
  return relation >= 0 && static_cast<size_t>(relation) < type.to_one_count()
             ? ColumnKind::integer
             : ColumnKind::none;
}

// SQLite compares values of different kinds by the kind, which the question language does not.
bool comparable(const EntityType& type, const Narrow& narrow) {
  if (is_null(narrow.value)) return kind_of(type, narrow.column) != ColumnKind::none;
  switch (kind_of(type, narrow.column)) {
    case ColumnKind::integer: return std::holds_alternative<int64_t>(narrow.value);
    case ColumnKind::text: return std::holds_alternative<std::string>(narrow.value);
    case ColumnKind::none: return false;
  }
  return false;
}

Result<Condition> condition_of(const Selection& selection) {
  const EntityType& type = type_of(selection.type);
  Condition condition;
  if (selection.by) {
    CHECK(selection.by->target == selection.type, "a step leads to what is selected");
    add_step(condition, *selection.by, selection.from_row);
  }
  for (const Narrow& narrow : selection.where) {
    if (!comparable(type, narrow))
      return Error{Code::bad_input,
                   fmt::format("{} of {} is nothing that the ledger compares with such a value.",
                               narrow.column, type.set),
                   std::string(narrow.column)};
    condition.add(fmt::format("{} {} ", quoted(narrow.column), sign_of(narrow.op)), narrow.value);
  }
  if (selection.after)
    condition.add(selection.descending ? "\"id\" < " : "\"id\" > ", number(*selection.after));
  return condition;
}

Status create_all(Connection& connection) {
  TRY(auto version, connection.prepare("PRAGMA user_version"));
  TRY_DO(version.step());
  const int64_t layout = version.integer(0);
  version.reset();
  if (layout != 0 && layout != kLayout)
    return Error{Code::unsupported,
                 fmt::format("The ledger has layout {}, of {} program; this one knows {}.", layout,
                             layout > kLayout ? "a later" : "an earlier", kLayout),
                 ""};
  TRY_DO(connection.execute(create_statements()));
  TRY_DO(connection.execute(create_index_statements()));
  if (layout == kLayout) return {};
  return connection.execute(fmt::format("PRAGMA user_version = {}", kLayout));
}

}  // namespace

Status Ledger::create_tables(Connection& connection) {
  TRY_DO(connection.execute("SAVEPOINT create_tables"));
  const Status created = create_all(connection);
  if (created.ok()) return connection.execute("RELEASE create_tables");
  (void)connection.execute("ROLLBACK TO create_tables; RELEASE create_tables");
  return created;
}

Result<std::optional<Row>> Ledger::find(TypeId type, RowId id) const {
  TRY(auto statement, connection_->lease(statements_of(type).find));
  statement->bind(1, number(id));
  return next_row(*statement, type);
}

Result<std::optional<Row>> Ledger::find_by(TypeId type, std::string_view property,
                                           std::string_view text) const {
  CHECK(property != "id" && kind_of(type_of(type), property) == ColumnKind::text, property);
  const std::string sql = fmt::format("{} WHERE {} = ?1 ORDER BY \"id\" LIMIT 1",
                                      statements_of(type).select, quoted(property));
  TRY(auto statement, connection_->lease(sql));
  statement->bind(1, text);
  return next_row(*statement, type);
}

Status Ledger::each(const Selection& selection, const std::function<bool(const Row&)>& each) const {
  TRY(const Condition condition, condition_of(selection));
  TRY(auto statement, connection_->lease(fmt::format(
                          "{}{} ORDER BY \"id\"{}", statements_of(selection.type).select,
                          condition.sql, selection.descending ? " DESC" : "")));
  condition.bind(*statement);
  while (true) {
    TRY(const bool found, statement->step());
    if (!found) return {};
    TRY(const Row row, row_at(*statement, selection.type));
    if (!each(row)) return {};
  }
}

Result<std::vector<Row>> Ledger::rows(const Selection& selection, size_t most) const {
  std::vector<Row> rows;
  if (most == 0) return rows;
  TRY_DO(each(selection, [&](const Row& row) {
    rows.push_back(row);
    return rows.size() < most;
  }));
  return rows;
}

Result<uint64_t> Ledger::count(const Selection& selection) const {
  TRY(const Condition condition, condition_of(selection));
  TRY(auto statement, connection_->lease(fmt::format("SELECT count(*) FROM {}{}",
                                                     table_of(selection.type), condition.sql)));
  condition.bind(*statement);
  TRY_DO(statement->step());
  return static_cast<uint64_t>(statement->integer(0));
}

Result<bool> Ledger::reaches(const Step& step, RowId from, RowId to) const {
  const bool inverse = step.kind == Step::Kind::to_many_inverse ||
                       step.kind == Step::Kind::many_to_many_inverse;
  const bool linked = step.kind == Step::Kind::many_to_many ||
                      step.kind == Step::Kind::many_to_many_inverse;
  const std::string sql =
      linked ? fmt::format("SELECT 1 FROM {} WHERE \"from\" = ?1 AND \"to\" = ?2",
                           link_table_of(step.owner, step.relation))
             : fmt::format("SELECT 1 FROM {} WHERE \"id\" = ?1 AND {} = ?2", table_of(step.owner),
                           relation_column(step));
  TRY(auto statement, connection_->lease(sql));
  statement->bind(1, number(inverse ? to : from)).bind(2, number(inverse ? from : to));
  return statement->step();
}

Result<RowId> Ledger::last_id(TypeId type) const {
  TRY(auto statement, connection_->lease("SELECT last FROM counters WHERE type = ?1"));
  statement->bind(1, type_of(type).name);
  TRY(const bool found, statement->step());
  return found ? static_cast<RowId>(statement->integer(0)) : kNoRow;
}

Status Ledger::end(const Ending& ending, uint64_t sequence, RowId id, RowId other) {
  for (const std::string* sql : {&ending.keep, &ending.remove}) {
    TRY(auto statement, connection_->lease(*sql));
    statement->bind(1, static_cast<int64_t>(sequence)).bind(2, number(id));
    if (other != kNoRow) statement->bind(3, number(other));
    TRY_DO(statement->run());
  }
  return {};
}

Status Ledger::remove(TypeId type, RowId id, uint64_t sequence) {
  TRY_DO(end(statements_of(type).ending, sequence, id));
  for (const NamedStep& named : steps_of(type)) {
    const Step& step = named.step;
    const bool inverse = step.kind == Step::Kind::many_to_many_inverse;
    if (!inverse && step.kind != Step::Kind::many_to_many) continue;
    TRY_DO(end(ending_of(link_table_of(step.owner, step.relation), kLinkColumns,
                         inverse ? "\"to\" = ?2" : "\"from\" = ?2"),
               sequence, id));
  }
  return {};
}

Status Ledger::put(const Row& row, uint64_t sequence) {
  CHECK(number(row.id) > 0, "a row is given its id before it is applied");
  const TypeStatements& statements = statements_of(row.type);
  TRY(auto counter, connection_->lease(
                        "INSERT INTO counters VALUES (?1, ?2) ON CONFLICT (type) DO UPDATE "
                        "SET last = excluded.last WHERE excluded.last > last"));
  counter->bind(1, type_of(row.type).name).bind(2, number(row.id));
  TRY_DO(counter->run());
  if (connection_->changes() == 0) {  // an id below the highest: the row may have been there before
    TRY(auto keep, connection_->lease(statements.ending.keep));
    keep->bind(1, static_cast<int64_t>(sequence)).bind(2, number(row.id));
    TRY_DO(keep->run());
  }
  TRY(auto put, connection_->lease(statements.put));
  bind_row(*put, row, sequence);
  return put->run();
}

Status Ledger::link(const RowChange& change, uint64_t sequence) {
  TRY(auto statement,
      connection_->lease(fmt::format("INSERT OR IGNORE INTO {} VALUES (?1, ?2, ?3)",
                                     link_table_of(change.owner, change.relation))));
  statement->bind(1, number(change.from)).bind(2, number(change.to));
  statement->bind(3, static_cast<int64_t>(sequence));
  return statement->run();
}

Status Ledger::apply(const RowChange& change, uint64_t sequence) {
  switch (change.kind) {
    case RowChange::Kind::put: return put(change.row, sequence);
    case RowChange::Kind::remove: return remove(change.row.type, change.row.id, sequence);
    case RowChange::Kind::link: return link(change, sequence);
    case RowChange::Kind::unlink:
      return end(ending_of(link_table_of(change.owner, change.relation), kLinkColumns,
                           "\"from\" = ?2 AND \"to\" = ?3"),
                 sequence, change.from, change.to);
  }
  return {};
}

}  // namespace duliang
