#include "packs/pack.h"

#include <gtest/gtest.h>

#include "base/limits.h"
#include "base/sim/sim_files.h"
#include "packs/yaml.h"

namespace duliang {
namespace {

// A small pack with everything in it. The mistakes below are made in it, one at a time.
const std::vector<PackFile> kGood = {
    {"pack.yaml",
     "pack: brook\n"
     "version: \"3\"\n"
     "name: {zh: 溪, en: Brook}\n"
     "district:\n"
     "  code: \"500155\"\n"
     "  name: {zh: 区, en: District}\n"
     "  prefix: BR\n"
     "  boundary: outline.geojson\n"
     "  notice: {zh: 示意, en: schematic}\n"},
    {"outline.geojson", R"({"type":"FeatureCollection","features":[]})"},
    {"places.yaml",
     "towns:\n"
     "  - {code: \"1\", name: {zh: 上, en: Upper}, kind: 镇, point: [107.5, 30.25]}\n"
     "  - {code: \"2\", name: {zh: 下, en: Lower}}\n"
     "units:\n"
     "  - {key: rescue, name: {zh: 救, en: Rescue}, kind: emergency, town: \"1\"}\n"
     "people:\n"
     "  - {key: an, name: {zh: 安, en: An}, role: {zh: 员, en: officer}, unit: rescue}\n"
     "  - {key: bo, name: {zh: 波, en: Bo}, unit: rescue}\n"},
    {"rules.yaml",
     "rules:\n"
     "  - key: high-water\n"
     "    title: {zh: \"{station}水位\", en: \"{station} water\"}\n"
     "    streams: ObservedProperty/name eq 'water_level'\n"
     "    levels:\n"
     "      - level: 1\n"
     "        name: {zh: 保证水位, en: Guaranteed level}\n"
     "        threshold: properties/guaranteed_m\n"
     "        raise: value ge threshold\n"
     "        clear: value lt threshold sub 0.1\n"
     "        raise_after: 90s\n"
     "      - level: 3\n"
     "        name: {zh: 警戒水位, en: Warning level}\n"
     "        threshold: \"2.5\"\n"
     "        raise: value ge threshold\n"
     "        clear: value lt threshold\n"
     "        clear_after: 1500ms\n"
     "    opens: mend\n"},
    {"streams.yaml",
     "classes:\n"
     "  - key: levels\n"
     "    streams: ObservedProperty/name eq 'water_level'\n"
     "    keep_days: 400\n"
     "  - {key: rain, streams: unitOfMeasurement/symbol eq 'mm', keep_days: 36500}\n"},
    {"workflows.yaml",
     "workflows:\n"
     "  - key: mend\n"
     "    title: {zh: 处, en: Mend}\n"
     "    steps:\n"
     "      - {key: begin, title: {zh: 始, en: Begin}}\n"
     "      - {key: work, title: {zh: 做, en: Work}, limit: 30m, unit_kind: emergency}\n"
     "      - {key: end, title: {zh: 终, en: End}, final: true}\n"
     "    acts:\n"
     "      - {key: start, title: {zh: 起, en: Start}, from: [begin], to: work, automatic: true}\n"
     "      - key: finish\n"
     "        title: {zh: 完, en: Finish}\n"
     "        from: [work]\n"
     "        to: end\n"
     "        guard: actor/Unit/id eq case/Unit/id\n"
     "        reason: {zh: 否, en: not yours}\n"
     "        needs_note: true\n"
     "        sets: Handler\n"
     "        clears: Checker\n"
     "        primary: true\n"},
};

std::string& content_of(std::vector<PackFile>& files, std::string_view name) {
  for (PackFile& file : files)
    if (file.name == name) return file.content;
  ADD_FAILURE() << "no file " << name;
  return files.front().content;
}

TEST(PackTest, GoodPackIsReadWhole) {
  const Result<Pack> pack = check_pack(kGood);
  ASSERT_TRUE(pack.ok()) << pack.error().message;
  EXPECT_EQ(pack->key, "brook");
  EXPECT_EQ(pack->version, "3");
  EXPECT_EQ(pack->name.zh, "溪");
  ASSERT_EQ(pack->district.size(), 1u);
  EXPECT_EQ(pack->district[0].prefix, "BR");
  EXPECT_EQ(pack->district[0].neighbours, "");
  ASSERT_EQ(pack->towns.size(), 2u);
  EXPECT_EQ(pack->towns[0].location.dump(), R"({"type":"Point","coordinates":[107.5,30.25]})");
  EXPECT_TRUE(pack->towns[1].location.is_null());
  ASSERT_EQ(pack->units.size(), 1u);
  EXPECT_EQ(pack->units[0].town, "1");
  ASSERT_EQ(pack->people.size(), 2u);
  EXPECT_EQ(pack->people[0].role.en, "officer");
  EXPECT_EQ(pack->people[1].role.en, "");
  ASSERT_EQ(pack->rules.size(), 1u);
  ASSERT_EQ(pack->rules[0].levels.size(), 2u);
  EXPECT_EQ(pack->rules[0].levels[0].raise_after, std::chrono::seconds(90));
  EXPECT_EQ(pack->rules[0].levels[1].clear_after, std::chrono::milliseconds(1500));
  EXPECT_EQ(pack->rules[0].opens, "mend");
  ASSERT_EQ(pack->stream_classes.size(), 2u);
  EXPECT_EQ(pack->stream_classes[0].key, "levels");
  EXPECT_EQ(pack->stream_classes[0].streams, "ObservedProperty/name eq 'water_level'");
  EXPECT_EQ(pack->stream_classes[0].keep_days, 400);
  ASSERT_EQ(pack->workflows.size(), 1u);
  EXPECT_EQ(pack->workflows[0].steps[1].limit, std::chrono::minutes(30));
  EXPECT_TRUE(pack->workflows[0].steps[2].final);
  EXPECT_TRUE(pack->workflows[0].acts[0].automatic);
  EXPECT_EQ(pack->workflows[0].acts[1].sets, "Handler");
  EXPECT_EQ(pack->workflows[0].acts[1].clears, "Checker");
}

struct MadeMistake {
  const char* file;
  const char* good;     // replaced, once,
  const char* bad;      // by this
  const char* place;    // "rules.yaml:12"
  const char* message;  // what stands behind the place, from its beginning
};

const MadeMistake kMistakes[] = {
    // The form of the file.
    {"rules.yaml", "rules:", "rules: [", "rules.yaml:2", "not YAML: illegal block entry"},
    {"rules.yaml", "    opens: mend", "\topens: mend", "rules.yaml:18", "not YAML"},
    {"rules.yaml", "rules:", "# rules\n---\na: b\n---\nrules:", "rules.yaml:4",
     "expected one document"},
    {"rules.yaml", "level: 1", "level: &one 1", "rules.yaml:6", "an anchor"},
    {"rules.yaml", "level: 1", "level: *one", "rules.yaml:6", "not YAML: the referenced anchor"},
    {"rules.yaml", "level: 1", "[level]: 1", "rules.yaml:6", "expected a word as key"},
    {"rules.yaml", "key: high-water", "key: \xff", "rules.yaml:1", "expected text in UTF-8"},
    {"rules.yaml", "level: 1", "level: [[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]", "rules.yaml:6",
     "nested deeper than 16 levels"},
    // Keys and kinds.
    {"rules.yaml", "streams:", "strems:", "rules.yaml:4",
     "rules[0].strems: unknown key; did you mean \"streams\"? expected key, title, streams"},
    {"rules.yaml", "    opens: mend", "    key: again", "rules.yaml:18",
     "rules[0].key: the same key stands here twice"},
    {"rules.yaml", "rules:", "rulez:", "rules.yaml:1",
     "rulez: unknown key; did you mean \"rules\""},
    {"rules.yaml", "        raise: value ge threshold\n", "", "rules.yaml:6",
     "rules[0].levels[0].raise: missing; expected a text"},
    {"rules.yaml", "title: {zh: \"{station}水位\", en: \"{station} water\"}", "title: water",
     "rules.yaml:3", "rules[0].title: expected {zh: …, en: …}"},
    {"rules.yaml", ", en: Guaranteed level", "", "rules.yaml:7",
     "rules[0].levels[0].name.en: missing"},
    {"rules.yaml", "key: high-water", "key: High Water", "rules.yaml:2",
     "rules[0].key: \"High Water\" is no key"},
    {"rules.yaml", "streams: ObservedProperty/name eq 'water_level'", "streams: [a]",
     "rules.yaml:4", "rules[0].streams: expected a text"},
    {"places.yaml", "towns:\n", "towns: none\nx:\n", "places.yaml:2", "x: unknown key"},
    // Levels.
    {"rules.yaml", "level: 1", "level: 5", "rules.yaml:6",
     "rules[0].levels[0].level: expected a whole number from 1 to 4"},
    {"rules.yaml", "level: 1", "level: red", "rules.yaml:6",
     "rules[0].levels[0].level: expected a whole number from 1 to 4"},
    {"rules.yaml", "level: 1", "level: 3", "rules.yaml:12",
     "rules[0].levels[1].level: expected the most severe level first"},
    {"rules.yaml", "raise_after: 90s", "raise_after: soon", "rules.yaml:11",
     "rules[0].levels[0].raise_after: expected a time such as 90s"},
    {"rules.yaml", "raise_after: 90s", "raise_after: 9000h", "rules.yaml:11",
     "rules[0].levels[0].raise_after: expected a time such as 90s, 10m or 2h, at most 366 days"},
    {"rules.yaml", "raise_after: 90s", "raise_after: -90s", "rules.yaml:11",
     "rules[0].levels[0].raise_after: expected a time such as 90s"},
    // Expressions and their names.
    {"rules.yaml", "raise: value ge threshold", "raise: value ge", "rules.yaml:9",
     "rules[0].levels[0].raise: expected an expression"},
    {"rules.yaml", "raise: value ge threshold", "raise: result ge threshold", "rules.yaml:9",
     "rules[0].levels[0].raise: \"result\" is not known here; expected value or threshold"},
    {"rules.yaml", "clear: value lt threshold sub 0.1", "clear: value lt properties/a",
     "rules.yaml:10", "rules[0].levels[0].clear: \"properties/a\" is not known here"},
    {"rules.yaml", "ObservedProperty/name", "ObservedProperty/nam", "rules.yaml:4",
     "rules[0].streams: "},
    {"rules.yaml", "properties/guaranteed_m", "propertis/guaranteed_m", "rules.yaml:8",
     "rules[0].levels[0].threshold: "},
    // Places.
    {"places.yaml", "point: [107.5, 30.25]", "point: [107.5]", "places.yaml:2",
     "towns[0].point: expected [longitude, latitude]"},
    {"places.yaml", "point: [107.5, 30.25]", "point: [30.25, 107.5]", "places.yaml:2",
     "towns[0].point[1]: expected a number from -90 to 90"},
    {"places.yaml", "code: \"2\"", "code: \"1\"", "places.yaml:3",
     "towns[1].code: \"1\" stands already in line 2"},
    {"places.yaml", "key: bo", "key: an", "places.yaml:8",
     "people[1].key: \"an\" stands already in line 7"},
    {"places.yaml", ", unit: rescue}\n  - {key: bo", "}\n  - {key: bo", "places.yaml:7",
     "people[0].unit: missing"},
    {"places.yaml", "kind: emergency, ", "", "places.yaml:5", "units[0].kind: missing"},
    // Classes of streams.
    {"streams.yaml", "keep_days: 400", "keep_days: 0", "streams.yaml:4",
     "classes[0].keep_days: expected a whole number from 1 to 36500"},
    {"streams.yaml", "keep_days: 36500", "keep_days: 36501", "streams.yaml:5",
     "classes[1].keep_days: expected a whole number from 1 to 36500"},
    {"streams.yaml", "keep_days: 400", "keep_days: for ever", "streams.yaml:4",
     "classes[0].keep_days: expected a whole number"},
    {"streams.yaml", "    keep_days: 400\n", "", "streams.yaml:2",
     "classes[0].keep_days: expected a whole number"},
    {"streams.yaml", "keep_days: 400", "keep_dayz: 400", "streams.yaml:4",
     "classes[0].keep_dayz: unknown key; did you mean \"keep_days\"?"},
    {"streams.yaml", "ObservedProperty/name", "ObservedProperty/nam", "streams.yaml:3",
     "classes[0].streams: "},
    {"streams.yaml", "key: rain", "key: levels", "streams.yaml:5",
     "classes[1].key: \"levels\" stands already in line 2"},
    // The head.
    {"pack.yaml", "version: \"3\"\n", "", "pack.yaml:1", "version: missing"},
    {"pack.yaml", "prefix: BR", "prefix: br-1", "pack.yaml:7",
     "district.prefix: expected one to four capital letters"},
    {"pack.yaml", "outline.geojson", "outlin.geojson", "pack.yaml:8",
     "district.boundary: \"outlin.geojson\" is not a file of this pack; did you mean "
     "\"outline.geojson\"?"},
    // Workflows.
    {"workflows.yaml", "from: [work]", "from: [wrk]", "workflows.yaml:12",
     "workflows[0].acts[1].from[0]: \"wrk\" is not a step; did you mean \"work\"?"},
    {"workflows.yaml", "from: [work]", "from: []", "workflows.yaml:12",
     "workflows[0].acts[1].from: expected at least one step"},
    {"workflows.yaml", "from: [work]", "from: work", "workflows.yaml:12",
     "workflows[0].acts[1].from: expected a list"},
    {"workflows.yaml", "to: end", "to: ende", "workflows.yaml:13",
     "workflows[0].acts[1].to: \"ende\" is not a step; did you mean \"end\"?"},
    {"workflows.yaml", ", final: true", "", "workflows.yaml:5",
     "workflows[0].steps: expected a final step"},
    {"workflows.yaml", "final: true", "final: yes", "workflows.yaml:7",
     "workflows[0].steps[2].final: expected true or false"},
    {"workflows.yaml", "final: true", "final: true, limit: 3m", "workflows.yaml:7",
     "workflows[0].steps[2].limit: a final step ends the case"},
    {"workflows.yaml", "from: [work]", "from: [work, end]", "workflows.yaml:7",
     "workflows[0].steps[2]: an act leads out of this final step"},
    {"workflows.yaml", "from: [work]", "from: [begin]", "workflows.yaml:6",
     "workflows[0].steps[1]: no act leads out of this step"},
    {"workflows.yaml", "to: work, automatic", "to: end, automatic", "workflows.yaml:6",
     "workflows[0].steps[1]: no act leads to this step"},
    {"workflows.yaml", "{key: start, ", "{key: finish, ", "workflows.yaml:10",
     "workflows[0].acts[1].key: \"finish\" stands already in line 9"},
    {"workflows.yaml", "automatic: true", "automatic: true, guard: actor/id eq 1",
     "workflows.yaml:9", "workflows[0].acts[0].guard: an automatic act is done by nobody"},
    {"workflows.yaml", "actor/Unit/id eq", "actor/Unt/id eq", "workflows.yaml:14",
     "workflows[0].acts[1].guard: "},
    {"workflows.yaml", "actor/Unit/id eq", "Unit/id eq", "workflows.yaml:14",
     "workflows[0].acts[1].guard: \"Unit/id\" is not known here; expected actor/… or case/…"},
    {"workflows.yaml", "        reason: {zh: 否, en: not yours}\n", "", "workflows.yaml:10",
     "workflows[0].acts[1].reason: expected a reason where there is a guard"},
    {"workflows.yaml", "        guard: actor/Unit/id eq case/Unit/id\n", "", "workflows.yaml:14",
     "workflows[0].acts[1].reason: expected a reason where there is a guard"},
    {"workflows.yaml", "        needs_note: true",
     "        guards: [{if: actor/id gt 1, reason: {zh: 否, en: no}}]", "workflows.yaml:16",
     "workflows[0].acts[1].guards: expected guard and reason, or a list of guards, not both"},
    {"workflows.yaml",
     "guard: actor/Unit/id eq case/Unit/id\n        reason: {zh: 否, en: not yours}",
     "guards: [{if: actor/id gt 1}]", "workflows.yaml:14",
     "workflows[0].acts[1].guards[0].reason: missing"},
    {"workflows.yaml", "guard: actor/Unit/id eq case/Unit/id\n        reason:",
     "guards:\n          - if: step eq 'x'\n            reason:", "workflows.yaml:15",
     "workflows[0].acts[1].guards[0].if: \"step\" is not known here; expected actor/… or case/…"},
    {"workflows.yaml", "guard: actor/Unit/id eq case/Unit/id\n        reason:",
     "guards:\n          - guard: actor/id gt 1\n            reason:", "workflows.yaml:15",
     "workflows[0].acts[1].guards[0].guard: unknown key"},
    {"workflows.yaml", "sets: Handler", "sets: Handeler", "workflows.yaml:17",
     "workflows[0].acts[1].sets: \"Handeler\" is not something of a case that can be a person; "
     "did you mean \"Handler\"?"},
    {"workflows.yaml", "sets: Handler", "sets: Unit", "workflows.yaml:17",
     "workflows[0].acts[1].sets: \"Unit\" is not"},
    {"workflows.yaml", "      - key: finish",
     "      - {key: back, title: {zh: 回, en: Back}, from: [work], to: begin, automatic: true}\n"
     "      - key: finish",
     "workflows.yaml:5", "workflows[0].steps[0]: automatic acts lead from this step in a ring"},
    {"workflows.yaml", "      - key: finish",
     "      - {key: back, title: {zh: 回, en: Back}, from: [work], to: begin, primary: true}\n"
     "      - key: finish",
     "workflows.yaml:6", "workflows[0].steps[1]: more than one act of this step is primary"},
    {"workflows.yaml", "      - key: finish",
     "      - {key: skip, title: {zh: 跳, en: Skip}, from: [begin], to: end, automatic: true}\n"
     "      - key: finish",
     "workflows.yaml:5", "workflows[0].steps[0]: more than one automatic act"},
};

TEST(PackTest, EveryMistakeNamesFileLineAndWhatWasExpected) {
  for (const MadeMistake& made : kMistakes) {
    SCOPED_TRACE(fmt::format("{}: {} -> {}", made.file, made.good, made.bad));
    std::vector<PackFile> files = kGood;
    std::string& content = content_of(files, made.file);
    const size_t at = content.find(made.good);
    ASSERT_NE(at, std::string::npos);
    content.replace(at, std::string_view(made.good).size(), made.bad);
    const Result<Pack> pack = check_pack(files);
    ASSERT_FALSE(pack.ok());
    EXPECT_EQ(pack.error().code, Code::bad_input);
    EXPECT_EQ(pack.error().field, made.place);
    const std::string expected = fmt::format("{}: {}", made.place, made.message);
    EXPECT_EQ(pack.error().message.substr(0, expected.size()), expected) << pack.error().message;
  }
}

TEST(PackTest, LongTextsAreRefused) {
  std::vector<PackFile> files = kGood;
  content_of(files, "pack.yaml") += "# \n";
  const std::string name(limits::kNameBytes + 1, 'x');
  content_of(files, "pack.yaml").replace(content_of(files, "pack.yaml").find("Brook"), 5, name);
  Result<Pack> pack = check_pack(files);
  ASSERT_FALSE(pack.ok());
  EXPECT_EQ(pack.error().message, "pack.yaml:3: name: longer than 1024 bytes.");

  files = kGood;
  std::string& rules = content_of(files, "rules.yaml");
  const std::string path(limits::kFilterBytes + 1, 'x');
  rules.replace(rules.find("properties/guaranteed_m"), 23, path);
  pack = check_pack(files);
  ASSERT_FALSE(pack.ok());
  EXPECT_EQ(pack.error().message,
            "rules.yaml:8: rules[0].levels[0].threshold: longer than 3072 bytes.");
}

TEST(PackTest, FilesAreCheckedByNameAndSize) {
  std::vector<PackFile> files = kGood;
  files.push_back({"rule.yaml", ""});
  EXPECT_EQ(check_pack(files).error().field, "rule.yaml");
  EXPECT_NE(check_pack(files).error().message.find("did you mean \"rules.yaml\""),
            std::string::npos);

  files = kGood;
  files.push_back(kGood[2]);
  EXPECT_EQ(check_pack(files).error().message, "places.yaml: stands twice in the pack.");

  files = {kGood[2]};
  EXPECT_EQ(check_pack(files).error().field, "pack.yaml");

  files = kGood;
  content_of(files, "outline.geojson") = R"({"type":"Feature"})";
  EXPECT_EQ(check_pack(files).error().message,
            "outline.geojson: expected a FeatureCollection of GeoJSON.");

  files = kGood;
  content_of(files, "rules.yaml").append(limits::kPackFileBytes, '#');
  EXPECT_EQ(check_pack(files).error().code, Code::too_large);
  EXPECT_EQ(check_pack(files).error().field, "rules.yaml");

  files = kGood;
  content_of(files, "rules.yaml").append(limits::kPackBytes / 2, '#');
  content_of(files, "places.yaml").append(limits::kPackBytes / 2, '#');
  EXPECT_EQ(check_pack(files).error().code, Code::too_large);
}

TEST(PackTest, EmptyFileSaysWhatItNeeds) {
  std::vector<PackFile> files = kGood;
  content_of(files, "rules.yaml").clear();
  EXPECT_EQ(check_pack(files).error().message, "rules.yaml:1: expected a map of rules.");
}

TEST(PackTest, HashIsOfTheFilesWhateverTheirOrder) {
  const std::string hash = check_pack(kGood)->hash;
  EXPECT_EQ(hash.size(), 64u);
  EXPECT_EQ(check_pack({kGood.rbegin(), kGood.rend()})->hash, hash);
  std::vector<PackFile> files = kGood;
  content_of(files, "rules.yaml") += "# a word\n";
  EXPECT_NE(check_pack(files)->hash, hash);
}

TEST(PackTest, DeclarationsComeBackFromTheirJson) {
  const Result<Pack> pack = check_pack(kGood);
  ASSERT_TRUE(pack.ok());
  const Json rule = to_json(pack->rules[0]);
  const Result<RuleDeclaration> rule_again = rule_from_json(*parse_json(rule.dump()));
  ASSERT_TRUE(rule_again.ok()) << rule_again.error().message;
  EXPECT_EQ(to_json(*rule_again).dump(), rule.dump());
  EXPECT_EQ(rule_again->levels[1].clear_after, std::chrono::milliseconds(1500));
  const Json workflow = to_json(pack->workflows[0]);
  const Result<WorkflowDeclaration> workflow_again =
      workflow_from_json(*parse_json(workflow.dump()));
  ASSERT_TRUE(workflow_again.ok()) << workflow_again.error().message;
  EXPECT_EQ(to_json(*workflow_again).dump(), workflow.dump());
}

TEST(PackTest, AnActMayHaveSeveralGuards) {
  std::vector<PackFile> files = kGood;
  std::string& content = content_of(files, "workflows.yaml");
  const size_t at = content.find("        guard:");
  const size_t end = content.find("        needs_note:");
  content.replace(at, end - at,
                  "        guards:\n"
                  "          - if: actor/Unit/id eq case/Unit/id\n"
                  "            reason: {zh: 否, en: not yours}\n"
                  "          - {if: case/Alarm/state eq 'cleared', reason: {zh: 早, en: early}}\n");
  const Result<Pack> pack = check_pack(files);
  ASSERT_TRUE(pack.ok()) << pack.error().message;
  const ActDeclaration& act = pack->workflows[0].acts[1];
  ASSERT_EQ(act.guards.size(), 2u);
  EXPECT_EQ(act.guards[0].reason.zh, "否");
  EXPECT_EQ(act.guards[1].condition, "case/Alarm/state eq 'cleared'");
  EXPECT_EQ(act.guards[1].reason.en, "early");
  const Json json = to_json(pack->workflows[0]);
  const Result<WorkflowDeclaration> again = workflow_from_json(*parse_json(json.dump()));
  ASSERT_TRUE(again.ok()) << again.error().message;
  EXPECT_EQ(to_json(*again).dump(), json.dump());
  EXPECT_EQ(again->acts[1].guards.size(), 2u);
}

TEST(PackTest, WrongJsonNamesItsPath) {
  Json rule = to_json(check_pack(kGood)->rules[0]);
  rule.find("levels")->items()[1]["raise"] = Json("value above");
  const Result<RuleDeclaration> read = rule_from_json(rule);
  ASSERT_FALSE(read.ok());
  EXPECT_EQ(read.error().field, "levels[1].raise");
  EXPECT_FALSE(workflow_from_json(Json("no workflow")).ok());
}

TEST(PackTest, FoldersArePacksByTheirHead) {
  SimFiles files;
  ASSERT_TRUE(files.make_folder("packs/brook").ok());
  ASSERT_TRUE(files.make_folder("packs/other").ok());
  for (const PackFile& file : kGood)
    ASSERT_TRUE(replace_file(files, "packs/brook/" + file.name, file.content).ok());
  ASSERT_TRUE(replace_file(files, "packs/brook/SOURCES.md", "none").ok());
  EXPECT_EQ(*find_packs(files, "packs"), std::vector<std::string>{"packs/brook"});
  const Result<Pack> pack = read_pack(files, "packs/brook");
  ASSERT_TRUE(pack.ok()) << pack.error().message;
  EXPECT_EQ(pack->hash, check_pack(kGood)->hash);
  ASSERT_TRUE(replace_file(files, "packs/brook/rule.yaml", "").ok());
  EXPECT_EQ(read_pack(files, "packs/brook").error().field, "rule.yaml");
}

// A server without packs watches nothing, so a mistyped folder must not pass for an empty one.
TEST(PackTest, FolderWithoutPacksIsRefused) {
  SimFiles files;
  const auto nowhere = find_packs(files, "nowhere");
  ASSERT_FALSE(nowhere.ok());
  EXPECT_EQ(nowhere.error().field, "packs");
  EXPECT_NE(nowhere.error().message.find("nowhere"), std::string::npos) << nowhere.error().message;
  ASSERT_TRUE(files.make_folder("packs/other").ok());
  const auto none = find_packs(files, "packs");
  ASSERT_FALSE(none.ok());
  EXPECT_EQ(none.error().code, Code::not_found);
  EXPECT_EQ(none.error().message, "There is no pack in packs; expected folders with a pack.yaml.");
}

}  // namespace
}  // namespace duliang
