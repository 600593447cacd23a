// The tables of the ledger, as they follow from model/: names, columns and statements, and how a
// row goes into one and comes out. For the files of this room only; any thread. Only row_at() can
// fail: it meets what is in the file.
//
//   "Things" ("id" INTEGER PRIMARY KEY, "sequence", "name", …)   one a type but of readings
//   "Things_Locations" ("from", "to", "sequence")                one a many-to-many relation
//   "Things_past", "Things_Locations_past" (…, "until")          one for each of these
//
// `sequence` is the frame that wrote the row, and in a past table `until` the one that replaced or
// removed it: it stood from the one up to before the other. There is one past table for each table,
// with the same columns, and not one for all with encoded rows: so keeping a row, and copying the
// rows of a moment, is done by SQLite alone without looking into a row, the past reads by the same
// code as the present, and a record of SQLite is as compact as our own encoding.
//
// A time is microseconds since 1970, an interval two of them; an empty to-one relation is NULL. Of
// a number or JSON the storage class says what kind of Value it is, so that each comes out as it
// was: INTEGER an int64_t, REAL a computed Decimal, TEXT the JSON text of all else, and BLOB the
// bytes of model/value_bytes.cc for the few without such a text (a time in JSON, JSON nested too
// deep, a blob). What is sealed is such a BLOB in a column of any type.
#pragma once

#include <limits>
#include <optional>
#include <string>

#include "model/row.h"
#include "sqlite/sqlite.h"

namespace duliang {

// What a frame ends (?1 its sequence): kept in the past, then removed; and nothing that a later
// frame wrote. What began in the same frame is not kept: frames are whole, nobody can ask for what
// stood within one.
struct Ending {
  std::string keep;
  std::string remove;
};
// Of the rows of a quoted table that `where` names by ?2 and ?3.
Ending ending_of(std::string_view table, std::string_view columns, std::string_view where);
inline constexpr std::string_view kLinkColumns = R"("from", "to", "sequence")";

struct TypeStatements {
  std::string columns;      // their names; behind them `until` where it is selected
  int column_count = 0;
  std::string select;       // … FROM the table, without WHERE
  std::string find;         // by id
  std::string put;          // unless a later frame wrote the row
  Ending ending;            // of the row with the id ?2
  std::string as_of;        // the past row of the id ?1 that ended first behind frame ?2
  std::string past;         // all past rows of the id ?1 with `until`, newest first
  std::string generations;  // every row, past and present, with `until`, by id and age
};

// The `until` of what is not past, where both are selected.
inline constexpr int64_t kStands = std::numeric_limits<int64_t>::max();

bool has_table(TypeId type);
const TypeStatements& statements_of(TypeId type);
std::string quoted(std::string_view name);
std::string table_of(TypeId type);                      // quoted
std::string link_table_of(TypeId owner, int relation);  // quoted
std::string past_of(std::string_view table);            // the past table of a quoted one, quoted
std::string create_statements();                        // all tables, where missing
std::string create_index_statements();                  // and their indexes

void bind_row(Statement& put, const Row& row, uint64_t sequence);
// The row at which the statement stands after one more step; none at its end.
Result<std::optional<Row>> next_row(Statement& statement, TypeId type);
// Of the row at which `select` or `find` stands; corrupt names entity and property.
Result<Row> row_at(const Statement& select, TypeId type);

}  // namespace duliang
