#include "engine/pack_changes.h"

#include "cases/cases.h"

namespace duliang {
namespace {

bool is_same(const Row& loaded, const Pack& pack) { return loaded.text("hash") == pack.hash; }

class PackChanges {
 public:
  PackChanges(House& house, const Pack& pack) : house_(house), pack_(pack) {}

  Result<std::vector<RowChange>> collect() {
    TRY(const auto old, house_.ledger().find_by(TypeId::pack, "key", pack_.key));
    if (old && is_same(*old, pack_)) return std::vector<RowChange>{};
    if (old && old->text("version") == pack_.version) {
      return Error{
          Code::conflict,
          fmt::format("Pack '{}' has changed, but its version is still {}; give it a new one.",
                      pack_.key, pack_.version),
          "pack.yaml"};
    }
    TRY_DO(check_workflows());
    TRY_DO(places());
    for (const RuleDeclaration& rule : pack_.rules) {
      TRY_DO(declaration(TypeId::rule, rule.key, rule.title, to_json(rule)));
    }
    for (const WorkflowDeclaration& workflow : pack_.workflows) {
      TRY_DO(check_workflow_version(house_.ledger(), workflow, pack_.version));
      TRY_DO(declaration(TypeId::workflow, workflow.key, workflow.title, to_json(workflow)));
    }
    TRY_DO(retire());
    Row row = old ? *old : make_row(TypeId::pack, house_.next_id(TypeId::pack));
    row["key"] = pack_.key;
    row["version"] = pack_.version;
    row["name"] = pack_.name.zh;
    row["nameEn"] = pack_.name.en;
    row["hash"] = pack_.hash;
    row["files"] = files_to_json(pack_.files);
    changes_.push_back(RowChange::put(std::move(row)));
    return std::move(changes_);
  }

 private:
  // A rule may open a workflow of this pack or of one that is loaded.
  Status check_workflows() {
    for (const RuleDeclaration& rule : pack_.rules) {
      if (rule.opens.empty() || house_.workflow(rule.opens) != nullptr) continue;
      const auto own = [&rule](const WorkflowDeclaration& w) { return w.key == rule.opens; };
      if (std::any_of(pack_.workflows.begin(), pack_.workflows.end(), own)) continue;
      return Error{Code::bad_input,
                   fmt::format("Rule '{}' opens the workflow '{}', which no loaded pack has.",
                               rule.key, rule.opens),
                   "rules.yaml"};
    }
    return {};
  }

  // The row of this key, to be changed, or a new one.
  Result<Row> row_by(TypeId type, std::string_view property, const std::string& key) {
    TRY(auto old, house_.ledger().find_by(type, property, key));
    if (old) return std::move(*old);
    Row row = make_row(type, house_.next_id(type));
    row[property] = key;
    return row;
  }

  Result<RowId> place_link(TypeId type, const std::string& key,
                           const std::map<std::string, RowId>& own) {
    if (key.empty()) return kNoRow;
    if (const auto found = own.find(key); found != own.end()) return found->second;
    TRY(const auto row, house_.ledger().find_by(type, type == TypeId::town ? "code" : "key", key));
    if (row) return row->id;
    return Error{Code::bad_input, fmt::format("There is no {} '{}'.", type_of(type).name, key),
                 "places.yaml"};
  }

  Status places() {
    std::map<std::string, RowId> towns;
    std::map<std::string, RowId> units;
    for (const TownDeclaration& town : pack_.towns) {
      TRY(Row row, row_by(TypeId::town, "code", town.code));
      row["name"] = town.name.zh;
      row["nameEn"] = town.name.en;
      row["kind"] = town.kind;
      if (!town.location.is_null()) row["location"] = town.location;
      towns[town.code] = row.id;
      changes_.push_back(RowChange::put(std::move(row)));
    }
    for (const UnitDeclaration& unit : pack_.units) {
      TRY(Row row, row_by(TypeId::unit, "key", unit.key));
      row["name"] = unit.name.zh;
      row["nameEn"] = unit.name.en;
      row["kind"] = unit.kind;
      TRY(row.link("Town"), place_link(TypeId::town, unit.town, towns));
      units[unit.key] = row.id;
      changes_.push_back(RowChange::put(std::move(row)));
    }
    for (const PersonDeclaration& person : pack_.people) {
      TRY(Row row, row_by(TypeId::person, "key", person.key));
      row["name"] = person.name.zh;
      row["nameEn"] = person.name.en;
      row["role"] = person.role.zh;
      row["roleEn"] = person.role.en;
      TRY(row.link("Unit"), place_link(TypeId::unit, person.unit, units));
      changes_.push_back(RowChange::put(std::move(row)));
    }
    return {};
  }

  static bool is_active(const Row& row) {
    const auto* active = std::get_if<bool>(&row["active"]);
    return active != nullptr && *active;
  }

  Result<std::vector<Row>> active_rows(TypeId type, std::string_view property,
                                       const std::string& text) {
    std::vector<Row> rows;
    Selection selection;
    selection.type = type;
    selection.where.push_back({property, Narrow::Op::eq, text});
    TRY_DO(house_.ledger().each(selection, [&rows](const Row& row) {
      if (is_active(row)) rows.push_back(row);
      return true;
    }));
    return rows;
  }

  Status declaration(TypeId type, const std::string& key, const Words& title, Json json) {
    TRY(auto active, active_rows(type, "key", key));
    for (Row& row : active) {
      if (row.text("pack") != pack_.key) {
        return Error{
            Code::conflict,
            fmt::format("'{}' is already declared by the pack '{}'.", key, row.text("pack")),
            type == TypeId::rule ? "rules.yaml" : "workflows.yaml"};
      }
      if (std::get<Json>(row["declaration"]) == json) return {};
      row["active"] = false;
      changes_.push_back(RowChange::put(std::move(row)));
    }
    Row row = make_row(type, house_.next_id(type));
    row["key"] = key;
    row["version"] = pack_.version;
    row["name"] = title.zh;
    row["nameEn"] = title.en;
    row["pack"] = pack_.key;
    row["active"] = true;
    row["declaration"] = std::move(json);
    changes_.push_back(RowChange::put(std::move(row)));
    return {};
  }

  // What an older version of this pack declared and this one does not.
  Status retire() {
    const auto has = [](const auto& declarations, const std::string& key) {
      return std::any_of(declarations.begin(), declarations.end(),
                         [&key](const auto& declared) { return declared.key == key; });
    };
    for (const TypeId type : {TypeId::rule, TypeId::workflow}) {
      TRY(auto rows, active_rows(type, "pack", pack_.key));
      for (Row& row : rows) {
        const bool kept = type == TypeId::rule ? has(pack_.rules, row.text("key"))
                                               : has(pack_.workflows, row.text("key"));
        if (kept) continue;
        row["active"] = false;
        changes_.push_back(RowChange::put(std::move(row)));
      }
    }
    return {};
  }

  House& house_;
  const Pack& pack_;
  std::vector<RowChange> changes_;
};

}  // namespace

Result<bool> is_loaded(const House& house, const Pack& pack) {
  TRY(const auto row, house.ledger().find_by(TypeId::pack, "key", pack.key));
  return row && is_same(*row, pack);
}

Result<std::vector<RowChange>> changes_of_pack(House& house, const Pack& pack) {
  return PackChanges(house, pack).collect();
}

}  // namespace duliang
