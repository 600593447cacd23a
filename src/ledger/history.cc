// What rows were: the past tables asked for one row.
#include "ledger/ledger.h"
#include "ledger/tables.h"

namespace duliang {

Result<std::optional<Row>> Ledger::find_as_of(TypeId type, RowId id, uint64_t sequence) const {
  TRY(auto row, find(type, id));
  if (row && row->sequence <= sequence) return row;
  TRY(auto statement, connection_->lease(statements_of(type).as_of));
  statement->bind(1, static_cast<int64_t>(id)).bind(2, static_cast<int64_t>(sequence));
  TRY(row, next_row(*statement, type));
  if (row && row->sequence > sequence) row.reset();  // it began later
  return row;
}

Result<std::vector<Version>> Ledger::versions(TypeId type, RowId id, size_t most) const {
  std::vector<Version> versions;
  TRY(auto standing, find(type, id));
  if (standing && most > 0) versions.push_back({std::move(*standing), std::nullopt});
  const TypeStatements& statements = statements_of(type);
  TRY(auto past, connection_->lease(statements.past));
  past->bind(1, static_cast<int64_t>(id));
  while (versions.size() < most) {
    TRY(auto row, next_row(*past, type));
    if (!row) break;
    const auto until = static_cast<uint64_t>(past->integer(statements.column_count));
    versions.push_back({std::move(*row), until});
  }
  return versions;
}

}  // namespace duliang
