#include "engine/row_changes.h"

#include "base/saved_json.h"
#include "engine/group.h"

namespace duliang {
namespace {

Error nothing_with(Code code, TypeId type, RowId id, std::string_view field) {
  return {code, fmt::format("There is no {} with id {}.", type_of(type).name, number(id)),
          std::string(field)};
}

class RowChanges {
 public:
  RowChanges(const Ledger& ledger, const ChangeRow& asked) : ledger_(ledger), asked_(asked) {}

  Result<std::vector<RowChange>> collect() {
    TRY(auto row, ledger_.find(asked_.type, asked_.id));
    if (!row) return nothing_with(Code::not_found, asked_.type, asked_.id, "");
    const RowChange before = RowChange::put(*row);
    TRY_DO(values(*row));
    for (const ChangeLink& link : asked_.links) TRY_DO(take(*row, link));
    std::vector<RowChange> changes;
    RowChange after = RowChange::put(std::move(*row));
    if (!same(before, after)) changes.push_back(std::move(after));
    for (Row& moved : moved_) changes.push_back(RowChange::put(std::move(moved)));
    for (RowChange& link : links_) changes.push_back(std::move(link));
    return changes;
  }

 private:
  Status values(Row& row) const {
    const EntityType& type = type_of(row.type);
    for (const auto& [name, json] : asked_.values.members()) {
      const int index = type.property_index(name);
      if (index < 0) {
        return Error{Code::bad_input, fmt::format("{} has no property {}.", type.name, name), name};
      }
      const Property& property = type.properties[static_cast<size_t>(index)];
      auto value = to_value(json, property);
      if (!value.ok()) return Error{Code::bad_input, value.error().message, name};
      if (is_null(*value) && property.required) {
        return Error{Code::bad_input, fmt::format("{} of {} can't be null.", name, type.name),
                     name};
      }
      row.values[static_cast<size_t>(index)] = std::move(value).value();
    }
    return {};
  }

  Status take(Row& row, const ChangeLink& link) {
    const Step* step = find_step(row.type, link.relation);
    if (step == nullptr || step->target == TypeId::observation) {
      return Error{Code::bad_input,
                   fmt::format("{} has no relation {} that could be changed.",
                               type_of(row.type).name, link.relation),
                   link.relation};
    }
    const bool to_many = step->kind == Step::Kind::many_to_many ||
                         step->kind == Step::Kind::many_to_many_inverse;
    if (link.off && !to_many) return take_off(row, *step, link);
    TRY(auto other, ledger_.find(step->target, link.to));
    if (!other) {
      const Code code = link.off ? Code::not_found : Code::bad_input;
      return nothing_with(code, step->target, link.to, link.relation);
    }
    if (to_many) return take_link(*step, link);
    if (step->kind == Step::Kind::to_one) {
      row.link(link.relation) = link.to;
    } else {
      move(std::move(*other), *step);
    }
    return {};
  }

  // A relation to one is of the type that declares it; most are required.
  static Status take_off(Row& row, const Step& step, const ChangeLink& link) {
    const Relation& relation = type_of(step.owner).relations[static_cast<size_t>(step.relation)];
    if (step.kind == Step::Kind::to_one && !relation.required) {
      row.link(link.relation) = kNoRow;
      return {};
    }
    return Error{Code::conflict,
                 fmt::format("{} {} can't be without a {}: give it another one.",
                             step.owner == TypeId::observation ? "An" : "A",
                             type_of(step.owner).name, relation.name),
                 link.relation};
  }

  void move(Row other, const Step& step) {
    RowId& points_to = other.links[static_cast<size_t>(step.relation)];
    if (points_to == asked_.id) return;
    for (const Row& moved : moved_) {
      if (moved.type == other.type && moved.id == other.id) return;
    }
    points_to = asked_.id;
    moved_.push_back(std::move(other));
  }

  Status take_link(const Step& step, const ChangeLink& link) {
    TRY(const bool stands, ledger_.reaches(step, asked_.id, link.to));
    if (!stands && link.off) {
      return Error{Code::not_found,
                   fmt::format("{}({}) has no {}({}).", type_of(asked_.type).set,
                               number(asked_.id), link.relation, number(link.to)),
                   link.relation};
    }
    if (stands != link.off) return {};
    const bool owner_first = step.kind == Step::Kind::many_to_many;
    RowChange change =
        RowChange::linked(step.owner, step.relation, owner_first ? asked_.id : link.to,
                          owner_first ? link.to : asked_.id);
    if (link.off) change.kind = RowChange::Kind::unlink;
    links_.push_back(std::move(change));
    return {};
  }

  const Ledger& ledger_;
  const ChangeRow& asked_;
  std::vector<Row> moved_;
  std::vector<RowChange> links_;
};

}  // namespace

Result<std::vector<RowChange>> changes_of_row(const Ledger& ledger, const ChangeRow& asked) {
  return RowChanges(ledger, asked).collect();
}

Result<bool> is_judged_otherwise(House& house, const ChangeRow& asked) {
  auto changes = changes_of_row(house.ledger(), asked);
  if (!changes.ok()) {
    if (Group::is_refusal(changes.error())) return false;
    return std::move(changes).error();
  }
  for (const RowChange& change : *changes) {
    if (change.kind != RowChange::Kind::put) continue;
    TRY(const auto before, house.ledger().find(change.row.type, change.row.id));
    if (before && house.judged_otherwise(*before, change.row)) return true;
  }
  return false;
}

std::string arguments_of(const ChangeRow& asked) {
  Json arguments = Json::object();
  arguments["set"] = Json(type_of(asked.type).set);
  arguments["id"] = Json(number(asked.id));
  arguments["values"] = asked.values;
  Json links = Json::array();
  for (const ChangeLink& link : asked.links) {
    Json one = Json::object();
    one["relation"] = Json(link.relation);
    one["to"] = Json(number(link.to));
    one["off"] = Json(link.off);
    links.push(std::move(one));
  }
  arguments["links"] = std::move(links);
  return arguments.dump();
}

Result<ChangeRow> change_of_arguments(std::string_view arguments) {
  const Error corrupt{Code::corrupt, "A row was changed without saying what.", ""};
  const auto json = parse_json(arguments);
  if (!json.ok()) return corrupt;
  SavedJson in;
  ChangeRow change;
  const EntityType* type = type_by_set(in.text(json->find("set")));
  const Json* values = json->find("values");
  if (!in.ok || type == nullptr || values == nullptr || !values->is_object()) return corrupt;
  change.type = type->id;
  change.id = RowId{in.integer(json->find("id"))};
  change.values = *values;
  for (const Json& one : in.items(json->find("links"))) {
    const Json* off = one.find("off");
    if (off == nullptr || !off->is_bool()) return corrupt;
    change.links.push_back({in.text(one.find("relation")), RowId{in.integer(one.find("to"))},
                            off->as_bool()});
  }
  if (!in.ok) return corrupt;
  return change;
}

}  // namespace duliang
