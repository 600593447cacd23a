#include "ledger/ledger.h"
#include "ledger/tables.h"

namespace duliang {
namespace {

constexpr const char* kWritePosition = "INSERT OR REPLACE INTO positions VALUES (?1, ?2)";

void add_until(Json& line, int64_t until) {
  if (until != kStands) line["until"] = until;
}

Json row_line(const Row& row, int64_t until) {
  const EntityType& type = type_of(row.type);
  Json line;
  line["type"] = type.name;
  line["id"] = static_cast<int64_t>(row.id);
  line["sequence"] = row.sequence;
  add_until(line, until);
  for (size_t i = 0; i < row.values.size(); ++i)
    if (!is_null(row.values[i])) line["values"][type.properties[i].name] = to_json(row.values[i]);
  for (size_t i = 0; i < row.links.size(); ++i)
    if (row.links[i] != kNoRow)
      line["links"][type.relations[i].name] = static_cast<int64_t>(row.links[i]);
  return line;
}

using Line = std::function<void(std::string_view line)>;

Status dump_type(Connection& connection, TypeId type, const Line& line) {
  const TypeStatements& statements = statements_of(type);
  TRY(auto generations, connection.prepare(statements.generations));
  while (true) {
    TRY(const auto row, next_row(generations, type));
    if (!row) return {};
    line(row_line(*row, generations.integer(statements.column_count)).dump());
  }
}

Status dump_links(Connection& connection, const EntityType& type, int relation, const Line& line) {
  const std::string table = link_table_of(type.id, relation);
  TRY(auto links,
      connection.prepare(fmt::format("SELECT {0}, {1} AS \"until\" FROM {2} UNION ALL "
                                     "SELECT {0}, \"until\" FROM {3} "
                                     "ORDER BY \"from\", \"to\", \"until\"",
                                     kLinkColumns, kStands, table, past_of(table))));
  const auto name =
      fmt::format("{}/{}", type.name, type.relations[static_cast<size_t>(relation)].name);
  while (true) {
    TRY(const bool found, links.step());
    if (!found) return {};
    Json shown;
    shown["link"] = name;
    shown["from"] = links.integer(0);
    shown["to"] = links.integer(1);
    shown["sequence"] = links.integer(2);
    add_until(shown, links.integer(3));
    line(shown.dump());
  }
}

}  // namespace

Result<Positions> read_positions(Connection& connection) {
  Positions positions;
  TRY(auto statement, connection.lease("SELECT name, value FROM positions"));
  while (true) {
    TRY(const bool found, statement->step());
    if (!found) return positions;
    if (statement->text(0) == "rows_applied")
      positions.rows_applied = static_cast<uint64_t>(statement->integer(1));
    if (statement->text(0) == "rows_place")
      positions.rows_place = static_cast<uint64_t>(statement->integer(1));
    if (statement->text(0) == "readings_tail")
      positions.readings_tail = std::string(statement->blob(1));
  }
}

Status write_rows_applied(Connection& connection, uint64_t sequence, uint64_t place) {
  TRY(auto statement, connection.lease(kWritePosition));
  statement->bind(1, std::string_view("rows_applied")).bind(2, static_cast<int64_t>(sequence));
  TRY_DO(statement->run());
  statement->bind(1, std::string_view("rows_place")).bind(2, static_cast<int64_t>(place));
  return statement->run();
}

Status write_readings_tail(Connection& connection, std::string_view tail) {
  TRY(auto statement, connection.lease(kWritePosition));
  statement->bind(1, std::string_view("readings_tail")).bind_blob(2, tail);
  return statement->run();
}

Result<std::string> read_derived(Connection& connection, std::string_view name) {
  TRY(auto statement, connection.lease("SELECT state FROM derived WHERE name = ?1"));
  statement->bind(1, name);
  TRY(const bool found, statement->step());
  return found ? std::string(statement->blob(0)) : std::string();
}

Status write_derived(Connection& connection, std::string_view name, std::string_view state) {
  TRY(auto statement, connection.lease("INSERT OR REPLACE INTO derived VALUES (?1, ?2)"));
  statement->bind(1, name).bind_blob(2, state);
  return statement->run();
}

Status dump_rows(Connection& connection, const std::function<void(std::string_view line)>& line) {
  for (const EntityType& type : all_types())
    if (has_table(type.id)) TRY_DO(dump_type(connection, type.id, line));
  for (const EntityType& type : all_types())
    for (size_t i = type.to_one_count(); i < type.relations.size(); ++i)
      TRY_DO(dump_links(connection, type, static_cast<int>(i), line));
  return {};
}

}  // namespace duliang
