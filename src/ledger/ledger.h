// What exists: the rows of every entity type but readings, in tables made from model/. A Ledger
// works on one connection: the writer's, inside its open transaction, or a reader's, inside its
// snapshot. It never decides anything: changes come from the engine, and applying one twice changes
// nothing. To ask for rows of type observation is a mistake of the caller (CHECK): they are in
// series/.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "model/row.h"
#include "sqlite/sqlite.h"

namespace duliang {

// A comparison that SQLite makes exactly as the question language does: on ids, to-one links, and
// texts for equality. Everything else is judged by query/ on the rows that come out.
struct Narrow {
  enum class Op : uint8_t { eq, ne, lt, le, gt, ge };
  std::string_view column;  // "id", a property of type text or integer, or a to-one relation
  Op op = Op::eq;
  Value value;
};

struct Selection {
  TypeId type{};
  std::vector<Narrow> where;       // all must hold
  // Rows that `from_row` reaches by this step; none: all rows of the type.
  std::optional<Step> by;
  RowId from_row = kNoRow;
  bool descending = false;         // by id
  std::optional<RowId> after;      // only rows behind this one in that order
};

class Ledger {
 public:
  static Status create_tables(Connection& connection);  // where they are missing
  explicit Ledger(Connection& connection) : connection_(&connection) {}

  Result<std::optional<Row>> find(TypeId type, RowId id) const;
  // The first row of the type whose text property equals `text`.
  Result<std::optional<Row>> find_by(TypeId type, std::string_view property,
                                     std::string_view text) const;
  // Rows in order of id; `each` returns false to stop.
  Status each(const Selection& selection, const std::function<bool(const Row&)>& each) const;
  Result<std::vector<Row>> rows(const Selection& selection, size_t most) const;
  Result<uint64_t> count(const Selection& selection) const;
  Result<bool> reaches(const Step& step, RowId from, RowId to) const;

  Result<RowId> last_id(TypeId type) const;  // the highest ever given, kNoRow where none
  Status apply(const RowChange& change, uint64_t sequence);

 private:
  Connection* connection_;
};

// Where rows and readings stand, and state that is derived but costly, in the same file and
// transaction.
struct Positions {
  uint64_t rows_applied = 0;       // R: row changes of frames up to here are in the tables
  std::string readings_tail;       // the journal's Tail at N: readings up to it are in parts
};
Result<Positions> read_positions(Connection& connection);
Status write_rows_applied(Connection& connection, uint64_t sequence);
Status write_readings_tail(Connection& connection, std::string_view tail);
// Empty where there is none.
Result<std::string> read_derived(Connection& connection, std::string_view name);
Status write_derived(Connection& connection, std::string_view name, std::string_view state);

// Every row of every type and every link, in a canonical text form, one a line: what `dump` prints.
Status dump_rows(Connection& connection, const std::function<void(std::string_view line)>& line);

}  // namespace duliang
