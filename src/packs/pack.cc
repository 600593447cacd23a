#include "packs/pack.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/bytes.h"
#include "base/hash.h"
#include "base/limits.h"
#include "base/text.h"
#include "packs/yaml.h"

namespace duliang {
namespace {

using source::did_you_mean;
using source::Field;
using source::Mistake;

struct KnownFile {
  const char* name;
  void (*read)(const Field& root, Pack& pack);
};

bool is_prefix(std::string_view text) {
  return !text.empty() && text.size() <= 4 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

DistrictDeclaration read_district(const Field& field) {
  field.expect_keys({"code", "name", "prefix", "boundary", "neighbours", "notice"});
  DistrictDeclaration district;
  district.code = field.at("code").text();
  district.name = field.at("name").words();
  district.prefix = field.at("prefix").text();
  if (!is_prefix(district.prefix))
    field.at("prefix").fail("expected one to four capital letters, such as LP.");
  district.boundary = field.at("boundary").text_or_empty();
  district.neighbours = field.at("neighbours").text_or_empty();
  district.notice = field.at("notice").words_or_empty();
  return district;
}

void read_head(const Field& root, Pack& pack) {
  root.expect_keys({"pack", "version", "name", "district"});
  pack.key = root.at("pack").key();
  pack.version = root.at("version").text();
  pack.name = root.at("name").words();
  const Field district = root.at("district");
  if (!district.present()) return;
  pack.district.push_back(read_district(district));
  std::vector<std::string> maps;
  for (const PackFile& file : pack.files)
    if (file.name.ends_with(".geojson")) maps.push_back(file.name);
  for (const char* name : {"boundary", "neighbours"})
    if (district.at(name).present()) district.at(name).one_of(maps, "a file of this pack");
}

constexpr KnownFile kFiles[] = {{"pack.yaml", read_head},
                                {"places.yaml", source::read_places},
                                {"rules.yaml", source::read_rules},
                                {"workflows.yaml", source::read_workflows}};

const KnownFile* known_file(std::string_view name) {
  for (const KnownFile& file : kFiles)
    if (name == file.name) return &file;
  return nullptr;
}

bool is_map(std::string_view name) { return name.ends_with(".geojson"); }

Error wrong_file(const std::string& name, Code code, std::string_view what) {
  return {code, fmt::format("{}: {}", name, what), name};
}

Error unknown_file(const std::string& name) {
  const std::vector<std::string> known = {"pack.yaml", "places.yaml", "rules.yaml",
                                          "workflows.yaml"};
  return wrong_file(name, Code::bad_input,
                    fmt::format("no file of a pack; {}expected {} or *.geojson.",
                                did_you_mean(name, known), fmt::join(known, ", ")));
}

Status check_map(const PackFile& file) {
  const Result<Json> map = parse_json(file.content);
  if (!map.ok()) return wrong_file(file.name, Code::bad_input, map.error().message);
  const Json* type = map->find("type");
  const Json* features = map->find("features");
  if (type == nullptr || *type != Json("FeatureCollection") || features == nullptr ||
      !features->is_array())
    return wrong_file(file.name, Code::bad_input, "expected a FeatureCollection of GeoJSON.");
  return {};
}

// Sorts the files; what is allowed by name and size is decided here.
Status check_files(std::vector<PackFile>& files) {
  std::sort(files.begin(), files.end(),
            [](const PackFile& a, const PackFile& b) { return a.name < b.name; });
  size_t total = 0;
  for (size_t i = 0; i < files.size(); ++i) {
    const PackFile& file = files[i];
    if (known_file(file.name) == nullptr && !is_map(file.name)) return unknown_file(file.name);
    if (i > 0 && file.name == files[i - 1].name)
      return wrong_file(file.name, Code::bad_input, "stands twice in the pack.");
    if (file.content.size() > limits::kPackFileBytes)
      return wrong_file(file.name, Code::too_large,
                        fmt::format("{} bytes; a file of a pack may have {}.", file.content.size(),
                                    limits::kPackFileBytes));
    total += file.content.size();
  }
  if (total > limits::kPackBytes)
    return wrong_file("pack.yaml", Code::too_large,
                      fmt::format("the files of this pack have {} bytes; a pack may have {}.",
                                  total, limits::kPackBytes));
  return {};
}

std::string hash_of(const std::vector<PackFile>& files) {
  std::string bytes;
  for (const PackFile& file : files) {
    put_text(bytes, file.name);
    put_text(bytes, file.content);
  }
  return to_hex(sha256(bytes));
}

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
      workflows{"workflow"};
};

Status add_all(const Pack& pack, Registers& all) {
  TRY_DO(all.packs.add(pack, pack.key));
  for (const auto& town : pack.towns) TRY_DO(all.towns.add(pack, town.code));
  for (const auto& unit : pack.units) TRY_DO(all.units.add(pack, unit.key));
  for (const auto& person : pack.people) TRY_DO(all.people.add(pack, person.key));
  for (const auto& rule : pack.rules) TRY_DO(all.rules.add(pack, rule.key));
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

}  // namespace

Result<Pack> check_pack(std::vector<PackFile> files) {
  TRY_DO(check_files(files));
  Pack pack;
  pack.files = std::move(files);
  const bool has_head = std::any_of(pack.files.begin(), pack.files.end(),
                                    [](const PackFile& file) { return file.name == "pack.yaml"; });
  if (!has_head) return wrong_file("pack.yaml", Code::bad_input, "missing; a pack begins with it.");
  for (const PackFile& file : pack.files) {
    if (is_map(file.name)) {
      TRY_DO(check_map(file));
      continue;
    }
    TRY(const source::Node root, source::parse_yaml(file.name, file.content));
    Mistake mistake{file.name, {}};
    known_file(file.name)->read(Field(root, mistake), pack);
    TRY_DO(mistake.status());
  }
  pack.hash = hash_of(pack.files);
  return pack;
}

Result<Pack> read_pack(Files& files, const std::string& folder) {
  TRY(const std::vector<std::string> names, files.list(folder));
  std::vector<PackFile> read;
  for (const std::string& name : names) {
    // A mistyped rule.yaml must not be passed over in silence; other files are no business of ours.
    const bool yaml = name.ends_with(".yaml") || name.ends_with(".yml");
    if (!yaml && !is_map(name)) continue;
    if (yaml && known_file(name) == nullptr) return unknown_file(name);
    TRY(std::string content, read_file(files, folder + "/" + name));
    read.push_back({name, std::move(content)});
  }
  return check_pack(std::move(read));
}

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

std::vector<std::string> find_packs(Files& files, const std::string& folder) {
  std::vector<std::string> folders;
  const Result<std::vector<std::string>> names = files.list(folder);
  if (!names.ok()) return folders;
  for (const std::string& name : *names) {
    const std::string path = folder + "/" + name;
    const Result<bool> has_head = files.exists(path + "/pack.yaml");
    if (has_head.ok() && *has_head) folders.push_back(path);
  }
  return folders;
}

}  // namespace duliang
