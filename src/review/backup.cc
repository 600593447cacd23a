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

// A folder on this machine.
Result<BackupSource> source_of(Files& files, const std::string& folder,
                               const std::vector<std::string>& names) {
  BackupSource source;
  for (const std::string& name : names) {
    TRY(const File file, File::open(files, folder + "/" + name, OpenMode::read));
    TRY(const uint64_t bytes, file.size());
    source.files.push_back({name, bytes});
  }
  source.read = [&files, folder](const std::string& name, uint64_t from) -> Result<std::string> {
    TRY(const File file, File::open(files, folder + "/" + name, OpenMode::read));
    std::string piece(kPieceBytes, '\0');
    TRY(const size_t got, file.read_at(piece.data(), piece.size(), from));
    piece.resize(got);
    return piece;
  };
  return source;
}

// Piece by piece: a segment of the journal and a part may be larger than memory should be.
Result<Copied> copy_file(Files& files, const BackupSource& source,
                         const BackupSource::Listed& listed, const std::string& to) {
  TRY(File target, File::open(files, to + "/" + listed.name, OpenMode::create));
  Sha256 hash;
  Copied copied{listed.name, 0, ""};
  while (copied.bytes < listed.bytes) {
    TRY(const std::string piece, source.read(listed.name, copied.bytes));
    if (piece.empty()) return Error{Code::io, listed.name + " ends before its end.", ""};
    const std::string_view bytes =
        std::string_view(piece).substr(0, listed.bytes - copied.bytes);
    TRY_DO(target.write_at(bytes, copied.bytes));
    hash.add(bytes);
    copied.bytes += bytes.size();
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
  const bool mark = name == "lock" || name == "moments";
  return !mark && !name.ends_with("-wal") && !name.ends_with("-shm") &&
         !name.ends_with(".sealing") && !name.ends_with(".copy");
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

// Of the copy: that the whole chain stands in it is seen on the way.
Result<Tail> head_of(Files& files, const std::string& folder) {
  TRY(const auto log, FileLog::open(files, journal_folder(folder), false));
  return read_frames(*log, log->begin(), [](const Frame&, const Tail&) { return true; });
}

}  // namespace

Result<Report> write_backup(const ReviewInput& into, const BackupSource& source,
                            const Print& print) {
  Files& files = *into.files;
  const std::string& to = into.folder;
  const std::string target = unfinished(to);
  TRY_DO(make_folders(files, target));
  std::vector<Copied> copied;
  uint64_t bytes = 0;
  for (const BackupSource::Listed& listed : source.files) {
    if (!is_safe(listed.name)) return broken_manifest();
    TRY(Copied one, copy_file(files, source, listed, target));
    bytes += one.bytes;
    copied.push_back(std::move(one));
  }
  TRY(const Tail tail, head_of(files, target));
  TRY_DO(replace_file(files, fmt::format("{}/{}", target, kManifest),
                      manifest_json(into, tail, copied).dump()));
  TRY_DO(finish(files, to));
  print(fmt::format("Backed up {} files with {} bytes to {}: up to frame {}, {}.", copied.size(),
                    bytes, to, tail.sequence, to_hex(tail.hash)));
  Report report;
  report.frames = tail.sequence;
  return report;
}

Status refuse_existing_backup(Files& files, const std::string& to) {
  return refuse_existing(files, to, "to");
}

Result<Report> backup(const ReviewInput& input, const std::string& to, const Print& print) {
  TRY(const File lock, lock_folder(input));
  TRY_DO(refuse_existing_backup(*input.files, to));
  TRY_DO(settle_ledger(input));
  TRY(const auto names, names_in(*input.files, input.folder));
  TRY(const BackupSource source, source_of(*input.files, input.folder, names));
  ReviewInput into = input;
  into.folder = to;
  return write_backup(into, source, print);
}

Result<Report> restore(const ReviewInput& input, const std::string& from, const Print& print) {
  Files& files = *input.files;
  TRY_DO(refuse_existing(files, input.folder, "data"));
  TRY(const auto expected, read_manifest(files, from));
  const std::string target = unfinished(input.folder);
  TRY_DO(make_folders(files, target));
  std::vector<std::string> names;
  for (const Copied& one : expected) names.push_back(one.name);
  TRY(const BackupSource source, source_of(files, from, names));
  for (size_t i = 0; i < expected.size(); ++i) {
    const Copied& one = expected[i];
    TRY(const Copied copied, copy_file(files, source, source.files[i], target));
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
