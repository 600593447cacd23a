#include "packs/pack.h"

#include <fmt/format.h>

#include <algorithm>

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
                                {"streams.yaml", source::read_streams},
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
  std::vector<std::string> known;
  for (const KnownFile& file : kFiles) known.emplace_back(file.name);
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

Result<std::vector<std::string>> find_packs(Files& files, const std::string& folder) {
  const Result<std::vector<std::string>> names = files.list(folder);
  if (!names.ok())
    return Error{names.error().code, fmt::format("The folder of packs: {}", names.error().message),
                 "packs"};
  std::vector<std::string> folders;
  for (const std::string& name : *names) {
    const std::string path = folder + "/" + name;
    TRY(const bool has_head, files.exists(path + "/pack.yaml"));
    if (has_head) folders.push_back(path);
  }
  if (folders.empty())
    return Error{Code::not_found,
                 fmt::format("There is no pack in {}; expected folders with a pack.yaml.", folder),
                 "packs"};
  return folders;
}

}  // namespace duliang
