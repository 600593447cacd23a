#include "ledger/tables.h"

#include <array>
#include <cmath>

#include "base/bytes.h"
#include "base/check.h"

namespace duliang {
namespace {

// Texts by which rows are looked for.
constexpr std::string_view kIndexedTexts[] = {"key", "code", "number", "state"};

std::string_view declared(PropertyType type) {
  switch (type) {
    case PropertyType::text: return " TEXT";
    case PropertyType::boolean:
    case PropertyType::integer:
    case PropertyType::time:
    case PropertyType::interval: return " INTEGER";
    case PropertyType::number:
    case PropertyType::json: return "";  // no affinity: what is stored is what was bound
  }
  return "";
}

std::string end_column(const Property& property) {
  return quoted(std::string(property.name) + "_end");
}

// All columns in the order of bind_row and row_at, each with `suffix(property type)` behind it.
template <typename Suffix>
std::string columns_of(const EntityType& type, Suffix suffix) {
  std::string columns = quoted("id") + suffix("id", PropertyType::integer) + ", " +
                        quoted("sequence") + suffix("sequence", PropertyType::integer);
  for (const Property& property : type.properties) {
    columns += ", " + quoted(property.name) + suffix(property.name, property.type);
    if (property.type == PropertyType::interval)
      columns += ", " + end_column(property) + suffix(property.name, property.type);
  }
  for (size_t i = 0; i < type.to_one_count(); ++i)
    columns += ", " + quoted(type.relations[i].name) +
               suffix(type.relations[i].name, PropertyType::integer);
  return columns;
}

TypeStatements make_statements(const EntityType& type) {
  std::string marks;
  int columns = 0;
  const std::string names = columns_of(type, [&](std::string_view, PropertyType) {
    marks += fmt::format("{}?{}", columns == 0 ? "" : ", ", columns + 1);
    ++columns;
    return std::string();
  });
  const std::string table = table_of(type.id);
  const std::string past = past_of(table);
  const auto behind_id = [](const std::string& list) { return list.substr(list.find(',') + 2); };
  TypeStatements made;
  made.columns = names;
  made.column_count = columns;
  made.select = fmt::format("SELECT {} FROM {}", names, table);
  made.find = made.select + " WHERE \"id\" = ?1";
  made.put = fmt::format(
      "INSERT INTO {0} ({1}) VALUES ({2}) ON CONFLICT (\"id\") DO UPDATE SET ({3}) = ({4}) "
      "WHERE excluded.\"sequence\" >= {0}.\"sequence\"",
      table, names, marks, behind_id(names), behind_id(marks));
  made.ending = ending_of(table, names, "\"id\" = ?2");
  made.as_of = fmt::format(
      "SELECT {} FROM {} WHERE \"id\" = ?1 AND \"until\" > ?2 ORDER BY \"until\" LIMIT 1", names,
      past);
  made.past = fmt::format(
      "SELECT {}, \"until\" FROM {} WHERE \"id\" = ?1 ORDER BY \"until\" DESC", names, past);
  made.generations = fmt::format(
      "SELECT {0}, {1} AS \"until\" FROM {2} UNION ALL SELECT {0}, \"until\" FROM {3} "
      "ORDER BY \"id\", \"until\"",
      names, kStands, table, past);
  return made;
}

std::string create_table(const EntityType& type) {
  const auto columns = [&type](std::string_view id) {
    return columns_of(type, [id](std::string_view name, PropertyType property) {
      return std::string(name == "id" ? id : declared(property));
    });
  };
  const std::string table = table_of(type.id);
  return fmt::format("CREATE TABLE IF NOT EXISTS {} ({});\n"
                     "CREATE TABLE IF NOT EXISTS {} ({}, \"until\" INTEGER);\n",
                     table, columns(" INTEGER PRIMARY KEY"), past_of(table), columns(" INTEGER"));
}

// The past of one row, and what ended behind a frame.
std::string create_past_indexes(const EntityType& type) {
  const auto index = [&type](std::string_view by) {
    return quoted(fmt::format("{}_past_by_{}", type.set, by));
  };
  return fmt::format("CREATE UNIQUE INDEX IF NOT EXISTS {1} ON {0} (\"id\", \"until\");\n"
                     "CREATE INDEX IF NOT EXISTS {2} ON {0} (\"until\", \"sequence\");\n",
                     past_of(table_of(type.id)), index("id"), index("until"));
}

std::string create_index(const EntityType& type, std::string_view column) {
  return fmt::format("CREATE INDEX IF NOT EXISTS {} ON {} ({});\n",
                     quoted(fmt::format("{}_by_{}", type.set, column)), table_of(type.id),
                     quoted(column));
}

std::string create_link_table(std::string_view table) {
  return fmt::format(
      "CREATE TABLE IF NOT EXISTS {0} (\"from\" INTEGER, \"to\" INTEGER, "
      "\"sequence\" INTEGER, PRIMARY KEY (\"from\", \"to\")) WITHOUT ROWID;\n"
      "CREATE TABLE IF NOT EXISTS {1} (\"from\" INTEGER, \"to\" INTEGER, "
      "\"sequence\" INTEGER, \"until\" INTEGER, "
      "PRIMARY KEY (\"from\", \"to\", \"until\")) WITHOUT ROWID;\n",
      table, past_of(table));
}

std::string create_link_indexes(const EntityType& type, const Relation& relation) {
  const std::string name = fmt::format("{}_{}", type.set, relation.name);
  return fmt::format(
      "CREATE UNIQUE INDEX IF NOT EXISTS \"{0}_back\" ON \"{0}\" (\"to\", \"from\");\n"
      "CREATE INDEX IF NOT EXISTS \"{0}_past_by_until\" ON \"{0}_past\" "
      "(\"until\", \"sequence\");\n",
      name);
}

// --- A value into columns ------------------------------------------------------------------------

// The JSON text of a value, where reading the text gives the same value again.
std::optional<std::string> exact_text(const Value& value) {
  if (const auto* decimal = std::get_if<Decimal>(&value))
    return decimal->text.empty() ? std::nullopt : std::optional(decimal->text);
  const auto* tree = std::get_if<Json>(&value);
  const bool scalar =
      std::holds_alternative<std::string>(value) || std::holds_alternative<bool>(value);
  if (!scalar && (tree == nullptr || !(tree->is_object() || tree->is_array())))
    return std::nullopt;
  const Json json = to_json(value);
  std::string text = json.dump();
  const auto back = parse_json(text);
  if (!back.ok() || *back != json) return std::nullopt;
  return text;
}

void bind_bytes(Statement& put, int at, const Value& value) {
  std::string bytes;
  encode(bytes, value);
  put.bind_blob(at, bytes);
}

void bind_any(Statement& put, int at, const Value& value) {
  if (is_null(value)) {
    put.bind_null(at);
    return;
  }
  if (const auto* integer = std::get_if<int64_t>(&value)) {
    put.bind(at, *integer);
    return;
  }
  const auto* decimal = std::get_if<Decimal>(&value);
  if (decimal != nullptr && decimal->text.empty() && !std::isnan(decimal->value)) {
    put.bind(at, decimal->value);
    return;
  }
  if (const auto text = exact_text(value)) {
    put.bind(at, std::string_view(*text));
    return;
  }
  bind_bytes(put, at, value);
}

// Returns the next column.
int bind_value(Statement& put, int at, const Value& value, PropertyType type) {
  if (type == PropertyType::json || type == PropertyType::number) {
    bind_any(put, at, value);
    return at + 1;
  }
  const bool two = type == PropertyType::interval;
  if (is_null(value) || std::holds_alternative<Sealed>(value)) {
    if (is_null(value)) {
      put.bind_null(at);
    } else {
      bind_bytes(put, at, value);
    }
    if (two) put.bind_null(at + 1);
  } else if (two) {
    put.bind(at, number(std::get<Interval>(value).begin));
    put.bind(at + 1, number(std::get<Interval>(value).end));
  } else if (type == PropertyType::text) {
    put.bind(at, std::string_view(std::get<std::string>(value)));
  } else if (type == PropertyType::time) {
    put.bind(at, number(std::get<Time>(value)));
  } else if (type == PropertyType::boolean) {
    put.bind(at, static_cast<int64_t>(std::get<bool>(value)));
  } else {
    put.bind(at, std::get<int64_t>(value));
  }
  return two ? at + 2 : at + 1;
}

// --- And out of them -----------------------------------------------------------------------------

Error broken(std::string_view what) {
  return {Code::corrupt, fmt::format("The ledger's file holds {}.", what), ""};
}

Result<Value> bytes_at(const Statement& select, int at) {
  Reader in(select.blob(at));
  return decode_value(in);
}

Result<Value> any_at(const Statement& select, int at) {
  switch (select.kind(at)) {
    case Statement::Kind::null: return Value{};
    case Statement::Kind::integer: return Value{select.integer(at)};
    case Statement::Kind::real: return Value{Decimal{select.real(at), ""}};
    case Statement::Kind::text: {
      const auto json = parse_json(select.text(at));
      if (!json.ok()) return broken("a text that is no JSON");
      if (!json->is_number()) return to_value(*json);
      return Value{Decimal{json->as_double(), json->number_text()}};
    }
    case Statement::Kind::blob: break;
  }
  return bytes_at(select, at);
}

Result<Value> value_at(const Statement& select, int at, PropertyType type) {
  using Kind = Statement::Kind;
  const Kind kind = select.kind(at);
  if (kind == Kind::null) return Value{};
  if (kind == Kind::blob) {
    TRY(Value value, bytes_at(select, at));
    return std::holds_alternative<Sealed>(value) ? Result<Value>(std::move(value))
                                                 : broken("a value of a wrong kind");
  }
  const Kind expected = type == PropertyType::text ? Kind::text : Kind::integer;
  if (kind != expected) return broken("a value of a wrong kind");
  switch (type) {
    case PropertyType::text: return Value{std::string(select.text(at))};
    case PropertyType::boolean: return Value{select.integer(at) != 0};
    case PropertyType::time: return Value{time_at(select.integer(at))};
    case PropertyType::interval:
      return Value{Interval{time_at(select.integer(at)), time_at(select.integer(at + 1))}};
    default: return Value{select.integer(at)};
  }
}

}  // namespace

bool has_table(TypeId type) { return type != TypeId::observation; }

std::string quoted(std::string_view name) { return fmt::format("\"{}\"", name); }

std::string table_of(TypeId type) {
  CHECK(has_table(type), "readings are in series/");
  return quoted(type_of(type).set);
}

std::string link_table_of(TypeId owner, int relation) {
  const EntityType& type = type_of(owner);
  return quoted(
      fmt::format("{}_{}", type.set, type.relations[static_cast<size_t>(relation)].name));
}

Ending ending_of(std::string_view table, std::string_view columns, std::string_view where) {
  return {fmt::format("INSERT OR IGNORE INTO {} SELECT {}, ?1 FROM {} "
                      "WHERE {} AND \"sequence\" < ?1",
                      past_of(table), columns, table, where),
          fmt::format("DELETE FROM {} WHERE {} AND \"sequence\" <= ?1", table, where)};
}

std::string past_of(std::string_view table) {
  CHECK(table.ends_with('"'), "a quoted name");
  return fmt::format("{}_past\"", table.substr(0, table.size() - 1));
}

const TypeStatements& statements_of(TypeId type) {
  static const std::array<TypeStatements, kTypeCount> all = [] {
    std::array<TypeStatements, kTypeCount> made;
    for (const EntityType& each : all_types())
      if (has_table(each.id)) made[static_cast<size_t>(each.id)] = make_statements(each);
    return made;
  }();
  CHECK(has_table(type), "readings are in series/");
  return all[static_cast<size_t>(type)];
}

std::string create_statements() {
  std::string sql =
      "CREATE TABLE IF NOT EXISTS counters (type TEXT PRIMARY KEY, last INTEGER) WITHOUT ROWID;\n"
      "CREATE TABLE IF NOT EXISTS positions (name TEXT PRIMARY KEY, value) WITHOUT ROWID;\n"
      "CREATE TABLE IF NOT EXISTS derived (name TEXT PRIMARY KEY, state BLOB) WITHOUT ROWID;\n";
  for (const EntityType& type : all_types()) {
    if (!has_table(type.id)) continue;
    sql += create_table(type);
    for (size_t i = type.to_one_count(); i < type.relations.size(); ++i)
      sql += create_link_table(link_table_of(type.id, static_cast<int>(i)));
  }
  return sql;
}

std::string create_index_statements() {
  std::string sql;
  for (const EntityType& type : all_types()) {
    if (!has_table(type.id)) continue;
    sql += create_past_indexes(type);
    for (const Property& property : type.properties)
      if (property.type == PropertyType::text &&
          std::ranges::find(kIndexedTexts, property.name) != std::end(kIndexedTexts))
        sql += create_index(type, property.name);
    for (const Relation& relation : type.relations)
      sql += relation.many ? create_link_indexes(type, relation)
                           : create_index(type, relation.name);
  }
  return sql;
}

void bind_row(Statement& put, const Row& row, uint64_t sequence) {
  const EntityType& type = type_of(row.type);
  CHECK(row.values.size() == type.properties.size() && row.links.size() == type.to_one_count());
  put.bind(1, static_cast<int64_t>(row.id)).bind(2, static_cast<int64_t>(sequence));
  int at = 3;
  for (size_t i = 0; i < row.values.size(); ++i) {
    const PropertyType property = type.properties[i].type;
    CHECK(fits(row.values[i], property), type.properties[i].name);
    at = bind_value(put, at, row.values[i], property);
  }
  for (const RowId link : row.links) {
    if (link == kNoRow) {
      put.bind_null(at++);
    } else {
      put.bind(at++, static_cast<int64_t>(link));
    }
  }
}

Result<Row> row_at(const Statement& select, TypeId type_id) {
  const EntityType& type = type_of(type_id);
  Row row = make_row(type_id, static_cast<RowId>(select.integer(0)));
  row.sequence = static_cast<uint64_t>(select.integer(1));
  int at = 2;
  for (size_t i = 0; i < row.values.size(); ++i) {
    const PropertyType property = type.properties[i].type;
    const bool any = property == PropertyType::json || property == PropertyType::number;
    auto value = any ? any_at(select, at) : value_at(select, at, property);
    if (!value.ok() || !fits(*value, property))
      return broken(fmt::format("in {}({}) a {} that is none", type.set,
                                static_cast<int64_t>(row.id), type.properties[i].name));
    row.values[i] = std::move(*value);
    at += property == PropertyType::interval ? 2 : 1;
  }
  for (RowId& link : row.links) link = static_cast<RowId>(select.integer(at++));  // NULL is 0
  return row;
}

Result<std::optional<Row>> next_row(Statement& statement, TypeId type) {
  TRY(const bool found, statement.step());
  if (!found) return std::optional<Row>();
  TRY(auto row, row_at(statement, type));
  return std::optional(std::move(row));
}

}  // namespace duliang
