// What exists: the rows of every entity type but readings, in tables made from model/. A Ledger
// works on one connection: the writer's, inside its open transaction, or a reader's, inside its
// snapshot. It never decides anything: changes come from the engine, and applying one twice changes
// nothing. To ask for rows of type observation is a mistake of the caller (CHECK): they are in
// series/.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "base/limits.h"
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

// A row as it was from frame Row::sequence until before frame `until`.
struct Version {
  Row row;
  std::optional<uint64_t> until;  // none: it stands
};

// Rows that point to one that is to go, by one relation.
struct Dependents {
  TypeId owner{};
  int relation = -1;  // of the owner
  OnRemoval on_removal{};
  uint64_t count = 0;
};

// What goes when a row goes.
struct Removal {
  std::vector<RowChange> changes;   // each row once, and before those that it points to
  // The readings of these Datastreams, and those of these FeaturesOfInterest, go too: they are in
  // series/, so whoever applies the changes has to cut them.
  std::vector<StreamId> streams;
  std::vector<RowId> features;
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

  // The row as it stood when frame `sequence` had been applied, exactly; none where it did not
  // exist then.
  Result<std::optional<Row>> find_as_of(TypeId type, RowId id, uint64_t sequence) const;
  // What the row was, newest first; `most` bounds what a row that changes all the time gives.
  Result<std::vector<Version>> versions(TypeId type, RowId id, size_t most) const;

  // What points to a row and what becomes of it by the model, one entry for each relation by which
  // anything does. Readings are not counted.
  Result<std::vector<Dependents>> check_removal(TypeId type, RowId id) const;
  // not_found: there is no such row; conflict: something keeps it, or what would go with it, and is
  // named; too_large: more than `most` rows would go.
  Result<Removal> removals(TypeId type, RowId id, size_t most = limits::kRemovalRows) const;

  // The highest ever given, also when its row was removed; kNoRow where none.
  Result<RowId> last_id(TypeId type) const;
  // Keeps in the past what frame `sequence` replaces or removes, to be read by find_as_of. The
  // changes of a frame are applied in their order, all in one transaction; frames in theirs, and
  // what was applied up to here may be applied once more.
  Status apply(const RowChange& change, uint64_t sequence);

 private:
  Status put(const Row& row, uint64_t sequence);
  Status remove(TypeId type, RowId id, uint64_t sequence);
  Status link(const RowChange& change, uint64_t sequence);
  Status end(const struct Ending& ending, uint64_t sequence, RowId id, RowId other = kNoRow);

  Connection* connection_;
};

// Where rows and readings stand, and state that is derived but costly, in the same file and
// transaction.
struct Positions {
  uint64_t rows_applied = 0;       // R: row changes of frames up to here are in the tables
  uint64_t rows_place = 0;         // behind that frame: the journal reaches at least so far
  std::string readings_tail;       // the journal's Tail at N: readings up to it are in parts
};
Result<Positions> read_positions(Connection& connection);
Status write_rows_applied(Connection& connection, uint64_t sequence, uint64_t place);
Status write_readings_tail(Connection& connection, std::string_view tail);
// Empty where there is none.
Result<std::string> read_derived(Connection& connection, std::string_view name);
Status write_derived(Connection& connection, std::string_view name, std::string_view state);

// Every generation of every row and link, in a canonical text form, one a line: what `dump` prints.
// What has an `until` is past.
Status dump_rows(Connection& connection, const std::function<void(std::string_view line)>& line);

}  // namespace duliang
