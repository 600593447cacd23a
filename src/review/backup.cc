// A backup is a folder: the files of a data folder as they were, and `backup.json`, which names
// each with its length and hash. It is complete when it has its name.
#include "base/hash.h"
#include "engine/engine.h"
#include "engine/state.h"
#include "review/folder.h"

namespace duliang {
namespace {

constexpr std::string_view kManifest = "backup.json";
constexpr size_t kPieceBytes = size_t{1} << 20;
constexpr int64_t kVersion = 1;

std::string unfinished(const std::string& folder) { return folder + "-unfinished"; }

std::string parent_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

struct Copied {
  std::string name;  // below the folder
  uint64_t bytes = 0;
  std::string hash;
};

// Piece by piece: a segment of the journal and a part may be larger than memory should be.
Result<Copied> copy_file(Files& files, const std::string& from, const std::string& to) {
  TRY(const File source, File::open(files, from, OpenMode::read));
  TRY(File target, File::open(files, to, OpenMode::create));
  std::string piece(kPieceBytes, '\0');
  Sha256 hash;
  Copied copied;
  while (true) {
    TRY(const size_t got, source.read_at(piece.data(), piece.size(), copied.bytes));
    if (got == 0) break;
    const std::string_view bytes(piece.data(), got);
    TRY_DO(target.write_at(bytes, copied.bytes));
    hash.add(bytes);
    copied.bytes += got;
  }
  TRY_DO(target.sync());
  copied.hash = to_hex(hash.finish());
  return copied;
}

// SQLite's log is moved into the database, so that one file is all of the ledger.
Status settle_ledger(const ReviewInput& input) {
  TRY(const bool exists, input.files->exists(ledger_path(input.folder)));
  if (!exists) return {};
  Connection::Options options;
  options.vfs = input.vfs;
  TRY(Connection connection, Connection::open(ledger_path(input.folder), options));
  return connection.execute("PRAGMA wal_checkpoint(TRUNCATE)");
}

bool belongs(const std::string& name) {
  return name != "lock" && !name.ends_with("-wal") && !name.ends_with("-shm") &&
         !name.ends_with(".sealing");
}

// The names of all files of the folder, those in its own folders with them.
Result<std::vector<std::string>> names_in(Files& files, const std::string& folder) {
  std::vector<std::string> names;
  TRY(const auto top, files.list(folder));
  for (const std::string& name : top) {
    if (!belongs(name)) continue;
    const auto inner = files.list(folder + "/" + name);
    if (!inner.ok()) {
      names.push_back(name);
      continue;
    }
    for (const std::string& below : *inner) {
      if (belongs(below)) names.push_back(name + "/" + below);
    }
  }
  return names;
}

Status make_folders(Files& files, const std::string& folder) {
  TRY_DO(make_durable_folder(files, folder));
  TRY_DO(make_durable_folder(files, journal_folder(folder)));
  return make_durable_folder(files, parts_folder(folder));
}

Status sync_folders(Files& files, const std::string& folder) {
  TRY_DO(files.sync_folder(journal_folder(folder)));
  TRY_DO(files.sync_folder(parts_folder(folder)));
  return files.sync_folder(folder);
}

// Everything stands in `folder`-unfinished; from now on it has its name.
Status finish(Files& files, const std::string& folder) {
  TRY_DO(sync_folders(files, unfinished(folder)));
  TRY_DO(files.rename(unfinished(folder), folder));
  return files.sync_folder(parent_of(folder));
}

Status refuse_existing(Files& files, const std::string& folder, const char* option) {
  for (const std::string& path : {folder, unfinished(folder)}) {
    TRY(const bool exists, files.exists(path));
    if (exists) return Error{Code::conflict, fmt::format("{} exists already.", path), option};
  }
  return {};
}

Json manifest_json(const ReviewInput& input, const Tail& tail, const std::vector<Copied>& copied) {
  Json json = Json::object();
  json["version"] = Json(kVersion);
  json["made"] = Json(to_text(input.clock->now()));
  json["sequence"] = Json(tail.sequence);
  json["hash"] = Json(to_hex(tail.hash));
  Json list = Json::array();
  for (const Copied& one : copied) {
    Json file = Json::object();
    file["name"] = Json(one.name);
    file["bytes"] = Json(one.bytes);
    file["sha256"] = Json(one.hash);
    list.push(std::move(file));
  }
  json["files"] = std::move(list);
  return json;
}

Error broken_manifest() {
  return {Code::corrupt, "backup.json does not say what a backup holds.", std::string(kManifest)};
}

// A name that leads out of the folder is none of ours.
bool is_safe(std::string_view name) {
  return !name.empty() && name.front() != '/' && name.find("..") == std::string_view::npos &&
         std::ranges::count(name, '/') <= 1;
}

Result<std::vector<Copied>> read_manifest(Files& files, const std::string& folder) {
  TRY(const std::string text, read_file(files, fmt::format("{}/{}", folder, kManifest)));
  TRY(const Json json, parse_json(text));
  const Json* version = json.find("version");
  const Json* list = json.find("files");
  if (version == nullptr || !version->is_number() || list == nullptr || !list->is_array()) {
    return broken_manifest();
  }
  if (version->as_integer() != kVersion) {
    return Error{Code::unsupported,
                 fmt::format("The backup is of version {}; this program knows {}.",
                             version->number_text(), kVersion),
                 std::string(kManifest)};
  }
  std::vector<Copied> expected;
  for (const Json& file : list->items()) {
    const Json* name = file.find("name");
    const Json* bytes = file.find("bytes");
    const Json* hash = file.find("sha256");
    if (name == nullptr || !name->is_string() || bytes == nullptr || !bytes->is_number() ||
        hash == nullptr || !hash->is_string() || !is_safe(name->as_string())) {
      return broken_manifest();
    }
    expected.push_back({name->as_string(), static_cast<uint64_t>(bytes->as_integer().value_or(0)),
                        hash->as_string()});
  }
  return expected;
}

Result<Tail> head_of(const ReviewInput& input) {
  TRY(const auto log, FileLog::open(*input.files, journal_folder(input.folder), false));
  return read_frames(*log, log->begin(), [](const Frame&, const Tail&) { return true; });
}

}  // namespace

Result<Report> backup(const ReviewInput& input, const std::string& to, const Print& print) {
  Files& files = *input.files;
  TRY(const File lock, lock_folder(input));
  TRY_DO(refuse_existing(files, to, "to"));
  TRY_DO(settle_ledger(input));
  TRY(const Tail tail, head_of(input));
  TRY(const auto names, names_in(files, input.folder));
  const std::string target = unfinished(to);
  TRY_DO(make_folders(files, target));
  std::vector<Copied> copied;
  uint64_t bytes = 0;
  for (const std::string& name : names) {
    TRY(Copied one, copy_file(files, input.folder + "/" + name, target + "/" + name));
    one.name = name;
    bytes += one.bytes;
    copied.push_back(std::move(one));
  }
  TRY_DO(replace_file(files, fmt::format("{}/{}", target, kManifest),
                      manifest_json(input, tail, copied).dump()));
  TRY_DO(finish(files, to));
  print(fmt::format("Backed up {} files with {} bytes to {}: up to frame {}, {}.", copied.size(),
                    bytes, to, tail.sequence, to_hex(tail.hash)));
  Report report;
  report.frames = tail.sequence;
  return report;
}

Result<Report> restore(const ReviewInput& input, const std::string& from, const Print& print) {
  Files& files = *input.files;
  TRY_DO(refuse_existing(files, input.folder, "data"));
  TRY(const auto expected, read_manifest(files, from));
  const std::string target = unfinished(input.folder);
  TRY_DO(make_folders(files, target));
  for (const Copied& one : expected) {
    TRY(const Copied copied, copy_file(files, from + "/" + one.name, target + "/" + one.name));
    if (copied.bytes != one.bytes || copied.hash != one.hash) {
      return Error{Code::corrupt,
                   fmt::format("{} of the backup is not what was backed up.", one.name), from};
    }
  }
  TRY(const File lock, File::open(files, target + "/lock", OpenMode::create));
  TRY_DO(finish(files, input.folder));
  print(fmt::format("Restored {} files to {}.", expected.size(), input.folder));
  return verify(input, print);
}

}  // namespace duliang
