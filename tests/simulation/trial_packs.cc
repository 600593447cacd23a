#include "tests/simulation/trial_packs.h"

#include <gtest/gtest.h>

#include <regex>

namespace duliang {
namespace {

constexpr const char* kRules = R"(
rules:
  - key: high-level
    title: {zh: "{station} 水位", en: "{station} level"}
    streams: ObservedProperty/name eq 'level'
    opens: mend
    levels:
      - level: 1
        name: {zh: 保证, en: Guaranteed}
        threshold: properties/guaranteed_m
        raise: value ge threshold
        clear: value lt threshold sub 0.2
        raise_after: 10s
      - level: 3
        name: {zh: 警戒, en: Warning}
        threshold: properties/warning_m
        raise: value ge threshold
        clear: value lt threshold sub 0.2
)";

constexpr const char* kWorkflows = R"(
workflows:
  - key: mend
    title: {zh: 处理, en: Mend}
    steps:
      - {key: begin, title: {zh: 受理, en: Begin}}
      - {key: handle, title: {zh: 处置, en: Handle}, limit: 30m, unit_kind: emergency}
      - {key: check, title: {zh: 核查, en: Check}}
      - {key: end, title: {zh: 结案, en: End}, final: true}
    acts:
      - {key: go, title: {zh: 派, en: Go}, from: [begin], to: handle, automatic: true}
      - {key: done, title: {zh: 完成, en: Done}, from: [handle], to: check, sets: Handler}
      - key: close
        title: {zh: 结案, en: Close}
        from: [check]
        to: end
        guard: actor/id ne case/Handler/id
        reason: {zh: 不能自查, en: Not by the handler}
        sets: Checker
      - {key: back, title: {zh: 退回, en: Back}, from: [check], to: handle, needs_note: true}
)";

// Of the second version: what is older is cut when a day has passed.
constexpr const char* kStreams = R"(
classes:
  - {key: levels, streams: ObservedProperty/name eq 'level', keep_days: 1}
)";

constexpr const char* kPlaces = R"(
towns:
  - {code: "1", name: {zh: 甲镇, en: Jia}, kind: 镇, point: [107.5, 30.5]}
  - {code: "2", name: {zh: 乙镇, en: Yi}, kind: 镇}
units:
  - {key: jia, name: {zh: 甲办, en: Jia office}, kind: emergency, town: "1"}
  - {key: all, name: {zh: 区办, en: District office}, kind: emergency}
people:
  - {key: ann, name: {zh: 安, en: Ann}, role: {zh: 员, en: Clerk}, unit: jia}
  - {key: ben, name: {zh: 本, en: Ben}, role: {zh: 员, en: Clerk}, unit: all}
)";

std::string pack_yaml(const char* key, int version, bool district) {
  return fmt::format(
      "pack: {}\nversion: \"{}\"\nname: {{zh: 试, en: Trial}}\n{}", key, version,
      district ? "district: {code: \"500155\", name: {zh: 区, en: District}, prefix: LP}\n" : "");
}

std::vector<Pack> make_packs(int version) {
  std::string rules = kRules;
  if (version > 1) rules = std::regex_replace(rules, std::regex("sub 0.2"), "sub 0.3");
  auto places = check_pack({{"pack.yaml", pack_yaml("places", version, true)},
                            {"places.yaml", kPlaces},
                            {"workflows.yaml", kWorkflows}});
  std::vector<PackFile> water{{"pack.yaml", pack_yaml("water", version, false)},
                              {"rules.yaml", rules}};
  if (version > 1) water.push_back({"streams.yaml", kStreams});
  auto watch = check_pack(water);
  EXPECT_TRUE(places.ok()) << (places.ok() ? "" : places.error().message);
  EXPECT_TRUE(watch.ok()) << (watch.ok() ? "" : watch.error().message);
  return {*places, *watch};
}

}  // namespace

std::vector<Pack> trial_packs(int version) {
  static const std::vector<Pack> first = make_packs(1);  // read once for all lives
  static const std::vector<Pack> second = make_packs(2);
  return version == 1 ? first : second;
}

}  // namespace duliang
