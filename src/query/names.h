// Finds the names of an entity in its row, and in the rows that its to-one relations lead to. One
// for one question: rows that were reached are kept, as the readings of a stream all lead to the
// same few. One thread; the ledger's connection must outlive it. What can fail is reading the
// ledger.
#pragma once

#include <map>
#include <span>

#include "ledger/ledger.h"

namespace duliang {

bool is_id_name(std::string_view name);  // id, @iot.id

class Names {
 public:
  explicit Names(const Ledger& ledger) : ledger_(ledger) {}

  Result<Value> resolve(const Row& row, std::span<const std::string> path);
  // The path seen from the row of `type` with this id; null where there is none.
  Result<Value> resolve_linked(TypeId type, RowId id, std::span<const std::string> path);

 private:
  Result<const Row*> linked_row(TypeId type, RowId id);

  Ledger ledger_;
  std::map<std::pair<TypeId, RowId>, std::optional<Row>> rows_;
};

}  // namespace duliang
