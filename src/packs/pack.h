// A pack is a scenario as declarations: places and people of a district, rules, workflows. Reading
// one checks it as a whole; a mistake names file, line and what was expected. A pack that was read
// is a plain value; the engine records its files in the journal, so the past can be judged again
// without the folder that it came from. docs/packs.md is the manual of the files. Any thread.
#pragma once

#include <string>
#include <vector>

#include "base/files.h"
#include "base/json.h"
#include "query/expression.h"

namespace duliang {

struct Words {
  std::string zh;
  std::string en;
};

struct TownDeclaration {
  std::string code;
  Words name;
  std::string kind;
  Json location;  // GeoJSON Point, or null where no point is known
};
struct UnitDeclaration {
  std::string key;
  Words name;
  std::string kind;  // what a workflow asks for: "emergency"
  std::string town;  // code; empty: serves the whole district
};
struct PersonDeclaration {
  std::string key;
  Words name;
  Words role;
  std::string unit;  // key
};
struct DistrictDeclaration {
  std::string code;  // GB/T 2260: "500155"
  Words name;
  std::string prefix;    // of case numbers: "LP"
  std::string boundary;  // file of the pack with GeoJSON; empty: none
  std::string neighbours;
  Words notice;  // what must be said of the map
};

// One level of a rule. `threshold` is worked out for each stream; raise and clear see `value` and
// `threshold`. Times are of the readings, not of the wall clock.
struct LevelDeclaration {
  int level = 0;  // 1 red, 2 orange, 3 yellow, 4 blue
  Words name;     // of the line on the chart: "Guaranteed level"
  std::string threshold;
  std::string raise;
  std::string clear;
  Duration raise_after{0};  // raise must hold so long
  Duration clear_after{0};
};
struct RuleDeclaration {
  std::string key;
  Words title;                           // of the alarm: "{station}" becomes the station's name
  std::string streams;                   // expression over Datastream: which ones
  std::vector<LevelDeclaration> levels;  // most severe first
  std::string opens;                     // key of a workflow; empty: the alarm is for information
};

// Streams of one kind, and how long their readings are kept.
struct StreamClassDeclaration {
  std::string key;
  std::string streams;  // expression over Datastream: which ones
  int64_t keep_days = 0;
};

struct StepDeclaration {
  std::string key;
  Words title;
  Duration limit{0};      // 0: no clock
  std::string unit_kind;  // entering this step gives the case to the unit of this kind by place
  bool final = false;
};
// One condition of an act, and what is said where it does not hold.
struct GuardDeclaration {
  std::string condition;  // expression over `actor` and `case`
  Words reason;
};
struct ActDeclaration {
  std::string key;
  Words title;
  std::vector<std::string> from;  // steps
  std::string to;
  bool automatic = false;                // done by the program as soon as its step is entered
  std::vector<GuardDeclaration> guards;  // all must hold; none: anybody
  bool needs_note = false;
  std::string sets;      // to-one relation of the case that becomes the actor: "Handler"
  std::string clears;    // likewise, emptied
  bool primary = false;  // the filled button of its step
};
bool leads_from(const ActDeclaration& act, const std::string& step);
struct WorkflowDeclaration {
  std::string key;
  Words title;
  std::vector<StepDeclaration> steps;  // the first one is where a case begins
  std::vector<ActDeclaration> acts;
};

struct PackFile {
  std::string name;  // "rules.yaml"
  std::string content;
};

struct Pack {
  std::string key;
  std::string version;
  Words name;
  std::vector<DistrictDeclaration> district;  // none or one
  std::vector<TownDeclaration> towns;
  std::vector<UnitDeclaration> units;
  std::vector<PersonDeclaration> people;
  std::vector<RuleDeclaration> rules;
  std::vector<StreamClassDeclaration> stream_classes;
  std::vector<WorkflowDeclaration> workflows;
  std::vector<PackFile> files;  // what it was read from
  std::string hash;             // SHA-256 over the files
};

// Reads the files of a folder: pack.yaml, places.yaml, rules.yaml, streams.yaml,
// workflows.yaml, *.geojson.
Result<Pack> read_pack(Files& files, const std::string& folder);
// From files already in memory (the journal). Error.field is "rules.yaml:12".
Result<Pack> check_pack(std::vector<PackFile> files);
// References between packs: the workflows that rules open, the units that people belong to.
Status check_together(const std::vector<Pack>& packs);
// The packs so that each comes behind those that it names: the towns of its units, the units of its
// people, the workflows that its rules open. Else as they came. bad_input: packs that name each
// other.
Result<std::vector<Pack>> in_loading_order(std::vector<Pack> packs);
// The folders in `folder` that have a pack.yaml, as paths that read_pack takes. not_found: there is
// none, or no such folder.
Result<std::vector<std::string>> find_packs(Files& files, const std::string& folder);

// Declarations as the JSON that their ledger rows carry, and back.
Json to_json(const RuleDeclaration& rule);
Result<RuleDeclaration> rule_from_json(const Json& json);
Json to_json(const WorkflowDeclaration& workflow);
Result<WorkflowDeclaration> workflow_from_json(const Json& json);

}  // namespace duliang
