// The tables of the ledger, as they follow from model/: names, columns and statements, and how a
// row goes into one and comes out. For the files of this room only; any thread. Only row_at() can
// fail: it meets what is in the file.
//
//   "Things" ("id" INTEGER PRIMARY KEY, "sequence", "name", …)   one a type but of readings
//   "Things_Locations" ("from", "to")                            one a many-to-many relation
//
// A time is microseconds since 1970, an interval two of them; an empty to-one relation is NULL. Of
// a number or JSON the storage class says what kind of Value it is, so that each comes out as it
// was: INTEGER an int64_t, REAL a computed Decimal, TEXT the JSON text of all else, and BLOB the
// bytes of model/value_bytes.cc for the few without such a text (a time in JSON, JSON nested too
// deep).
#pragma once

#include <string>

#include "model/row.h"
#include "sqlite/sqlite.h"

namespace duliang {

struct TypeStatements {
  std::string select;  // … FROM the table, without WHERE
  std::string find;    // by id
  std::string put;
};

bool has_table(TypeId type);
const TypeStatements& statements_of(TypeId type);
std::string quoted(std::string_view name);
std::string table_of(TypeId type);                     // quoted
std::string link_table_of(TypeId owner, int relation);  // quoted
std::string create_statements();                       // all tables and indexes, where missing

void bind_row(Statement& put, const Row& row, uint64_t sequence);
// Of the row at which `select` or `find` stands; corrupt names entity and property.
Result<Row> row_at(const Statement& select, TypeId type);

}  // namespace duliang
