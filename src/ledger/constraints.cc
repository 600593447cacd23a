// What may go, and what goes with it: the relations of model/ as constraints.
#include <set>

#include "ledger/ledger.h"

namespace duliang {
namespace {

// Rows that point to others, not readings, which are no rows.
bool points_here(const Step& step) {
  const bool inverse = step.kind == Step::Kind::to_many_inverse ||
                       step.kind == Step::Kind::many_to_many_inverse;
  return inverse && step.owner != TypeId::observation;
}

const Relation& relation_of(const Step& step) {
  return type_of(step.owner).relations[static_cast<size_t>(step.relation)];
}

Selection pointing_by(const Step& step, RowId to) {
  Selection selection;
  selection.type = step.target;
  selection.by = step;
  selection.from_row = to;
  return selection;
}

std::string named(TypeId type, RowId id) {
  return fmt::format("{}({})", type_of(type).set, static_cast<int64_t>(id));
}

// Follows what points to a row, so deep as the model goes: no relation leads back to its own type.
struct Cascade {
  const Ledger& ledger;
  size_t most;
  Removal removal;
  std::set<std::pair<TypeId, RowId>> met;

  Status take(TypeId type, RowId id) {
    if (!met.emplace(type, id).second) return {};
    if (met.size() > most)
      return Error{Code::too_large, fmt::format("More than {} rows would go at once.", most), ""};
    for (const NamedStep& each : steps_of(type))
      if (points_here(each.step)) TRY_DO(follow(each.step, type, id));
    removal.changes.push_back(RowChange::removed(type, id));
    if (type == TypeId::datastream) removal.streams.push_back(StreamId{static_cast<int64_t>(id)});
    if (type == TypeId::feature_of_interest) removal.features.push_back(id);
    return {};
  }

  Status follow(const Step& step, TypeId type, RowId id) {
    const OnRemoval rule = relation_of(step).on_removal;
    if (rule == OnRemoval::unlink || rule == OnRemoval::stay) return {};  // links go with the row
    // One more than may go is enough to see that it is too much.
    TRY(const auto rows, ledger.rows(pointing_by(step, id),
                                     rule == OnRemoval::refuse ? 1 : most + 1));
    for (const Row& row : rows) {
      if (rule == OnRemoval::refuse)
        return Error{Code::conflict,
                     fmt::format("{} is needed by {}.", named(type, id), named(row.type, row.id)),
                     std::string(type_of(row.type).set)};
      TRY_DO(take(row.type, row.id));
    }
    return {};
  }
};

}  // namespace

Result<std::vector<Dependents>> Ledger::check_removal(TypeId type, RowId id) const {
  std::vector<Dependents> all;
  for (const NamedStep& each : steps_of(type)) {
    if (!points_here(each.step)) continue;
    TRY(const uint64_t found, count(pointing_by(each.step, id)));
    if (found == 0) continue;
    all.push_back({each.step.owner, each.step.relation, relation_of(each.step).on_removal, found});
  }
  return all;
}

Result<Removal> Ledger::removals(TypeId type, RowId id, size_t most) const {
  TRY(const auto row, find(type, id));
  if (!row) return Error{Code::not_found, fmt::format("There is no {}.", named(type, id)), ""};
  Cascade cascade{*this, most, {}, {}};
  TRY_DO(cascade.take(type, id));
  return std::move(cascade.removal);
}

}  // namespace duliang
