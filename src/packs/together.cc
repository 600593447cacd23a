// What concerns several packs: nothing stands in two, what one names another has, and an order in
// which they can be loaded one after the other.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/text.h"
#include "packs/yaml.h"

namespace duliang {
namespace {

using source::did_you_mean;

// The keys of one kind over all packs, each with the pack that has it.
class Register {
 public:
  explicit Register(std::string_view kind) : kind_(kind) {}

  Status add(const Pack& pack, const std::string& key) {
    const auto [at, is_new] = owners_.emplace(key, pack.key);
    if (is_new) return {};
    return Error{Code::bad_input,
                 fmt::format("{}: the {} {} is also in the pack {}; expected it once.", pack.key,
                             kind_, quoted(key), at->second),
                 pack.key};
  }
  // `who` is what points here: "the rule \"water-level\"".
  Status expect(const Pack& pack, const std::string& key, const std::string& who) const {
    if (key.empty() || owners_.contains(key)) return {};
    std::vector<std::string> known;
    for (const auto& [name, owner] : owners_) known.push_back(name);
    return Error{Code::bad_input,
                 fmt::format("{}: {} names the {} {}; {}expected one that a pack has.", pack.key,
                             who, kind_, quoted(key), did_you_mean(key, known)),
                 pack.key};
  }

 private:
  std::string_view kind_;
  std::map<std::string, std::string> owners_;
};

struct Registers {
  Register packs{"pack"}, towns{"town"}, units{"unit"}, people{"person"}, rules{"rule"},
      stream_classes{"class of streams"}, workflows{"workflow"};
};

Status add_all(const Pack& pack, Registers& all) {
  TRY_DO(all.packs.add(pack, pack.key));
  for (const auto& town : pack.towns) TRY_DO(all.towns.add(pack, town.code));
  for (const auto& unit : pack.units) TRY_DO(all.units.add(pack, unit.key));
  for (const auto& person : pack.people) TRY_DO(all.people.add(pack, person.key));
  for (const auto& rule : pack.rules) TRY_DO(all.rules.add(pack, rule.key));
  for (const auto& one : pack.stream_classes) TRY_DO(all.stream_classes.add(pack, one.key));
  for (const auto& workflow : pack.workflows) TRY_DO(all.workflows.add(pack, workflow.key));
  return {};
}

Status check_references(const Pack& pack, const Registers& all) {
  for (const auto& unit : pack.units)
    TRY_DO(all.towns.expect(pack, unit.town, fmt::format("the unit {}", quoted(unit.key))));
  for (const auto& person : pack.people)
    TRY_DO(all.units.expect(pack, person.unit, fmt::format("the person {}", quoted(person.key))));
  for (const auto& rule : pack.rules)
    TRY_DO(all.workflows.expect(pack, rule.opens, fmt::format("the rule {}", quoted(rule.key))));
  return {};
}

// Whether `one` names something that `other` has.
bool needs(const Pack& one, const Pack& other) {
  const auto has = [](const auto& declared, auto key, const std::string& wanted) {
    return std::ranges::any_of(declared, [&](const auto& own) { return own.*key == wanted; });
  };
  const auto town = [&](const UnitDeclaration& unit) {
    return has(other.towns, &TownDeclaration::code, unit.town);
  };
  const auto unit = [&](const PersonDeclaration& person) {
    return has(other.units, &UnitDeclaration::key, person.unit);
  };
  const auto workflow = [&](const RuleDeclaration& rule) {
    return has(other.workflows, &WorkflowDeclaration::key, rule.opens);
  };
  return std::ranges::any_of(one.units, town) || std::ranges::any_of(one.people, unit) ||
         std::ranges::any_of(one.rules, workflow);
}

bool is_free(const std::vector<Pack>& packs, const Pack& one) {
  return std::ranges::none_of(
      packs, [&](const Pack& other) { return &other != &one && needs(one, other); });
}

}  // namespace

Status check_together(const std::vector<Pack>& packs) {
  Registers all;
  const Pack* with_district = nullptr;
  for (const Pack& pack : packs) {
    TRY_DO(add_all(pack, all));
    if (pack.district.empty()) continue;
    if (with_district != nullptr)
      return Error{Code::bad_input,
                   fmt::format("{}: the pack {} describes a district too; expected one district.",
                               pack.key, with_district->key),
                   pack.key};
    with_district = &pack;
  }
  for (const Pack& pack : packs) TRY_DO(check_references(pack, all));
  return {};
}

Result<std::vector<Pack>> in_loading_order(std::vector<Pack> packs) {
  std::vector<Pack> ordered;
  while (!packs.empty()) {
    const auto next =
        std::ranges::find_if(packs, [&](const Pack& one) { return is_free(packs, one); });
    if (next == packs.end()) {
      std::vector<std::string> keys;
      for (const Pack& pack : packs) keys.push_back(pack.key);
      return Error{Code::bad_input,
                   fmt::format("{}: none of {} can be loaded first, since each names something of "
                               "another; expected packs that do not need each other.",
                               keys.front(), fmt::join(keys, ", ")),
                   keys.front()};
    }
    ordered.push_back(std::move(*next));
    packs.erase(next);
  }
  return ordered;
}

}  // namespace duliang
