#include "doors/ops/backup.h"

#include <map>
#include <mutex>

#include "base/text.h"
#include "engine/folder_copy.h"

namespace duliang {
namespace {

constexpr std::chrono::minutes kUnheard{1};
// Copying the ledger of a district that has grown for years: nobody is heard of meanwhile.
constexpr std::chrono::minutes kLedgerCopy{30};

// One backup at a time. begin() is the engine's thread's, the others anybody's.
class BackupDesk {
 public:
  explicit BackupDesk(const BackupDoor& door) : door_(door) {
    drop_ledger_copy(*door_.files, door_.folder);
  }

  Result<std::string> begin();
  Result<std::string> list(const std::string& id);
  Result<std::string> piece(const std::string& id, const std::string& name, uint64_t from);
  Status end(const std::string& id);

 private:
  Status check(const std::string& id, Duration how_long);

  const BackupDoor door_;
  std::mutex mutex_;
  std::string id_;  // guarded by the mutex, as is what was listed
  FilesToCopy listed_;
  uint64_t begun_ = 0;
};

Result<std::string> BackupDesk::begin() {
  const std::scoped_lock hold(mutex_);
  if (door_.engine->files_are_held()) {
    return Error{Code::conflict, "Another backup of this house is being taken.", ""};
  }
  door_.engine->hold_files(kUnheard);
  listed_.clear();
  id_ = fmt::format("{}-{}", door_.engine->status().epoch, ++begun_);
  return fmt::format(R"({{"id":"{}"}})", id_);
}

Status BackupDesk::check(const std::string& id, Duration how_long) {
  if (!id.empty() && id == id_ && door_.engine->keep_holding_files(how_long)) return {};
  return Error{Code::not_found, "This backup has ended; begin another.", "id"};
}

// The mutex is not held while the ledger is copied: the engine's thread may wait for it.
Result<std::string> BackupDesk::list(const std::string& id) {
  {
    const std::scoped_lock hold(mutex_);
    TRY_DO(check(id, kLedgerCopy));
  }
  TRY(FilesToCopy listed, files_to_copy(*door_.files, door_.folder, door_.vfs));
  Json files = Json::array();
  for (const auto& [name, file] : listed) {
    Json one = Json::object();
    one["name"] = Json(name);
    one["bytes"] = Json(file.bytes);
    files.push(std::move(one));
  }
  Json json = Json::object();
  json["files"] = std::move(files);
  const std::scoped_lock hold(mutex_);
  TRY_DO(check(id, kUnheard));
  listed_ = std::move(listed);
  return json.dump();
}

Result<std::string> BackupDesk::piece(const std::string& id, const std::string& name,
                                      uint64_t from) {
  FileToCopy wanted;
  {
    const std::scoped_lock hold(mutex_);
    TRY_DO(check(id, kUnheard));
    const auto found = listed_.find(name);
    if (found == listed_.end() || from > found->second.bytes) {
      return Error{Code::not_found, "The backup has no such file, or it is shorter.", "name"};
    }
    wanted = found->second;
  }
  TRY(const File file, File::open(*door_.files, wanted.path, OpenMode::read));
  std::string bytes(std::min<uint64_t>(kBackupPiece, wanted.bytes - from), '\0');
  TRY(const size_t got, file.read_at(bytes.data(), bytes.size(), from));
  if (got < bytes.size()) return Error{Code::io, name + " is shorter than it was.", "name"};
  return bytes;
}

Status BackupDesk::end(const std::string& id) {
  const std::scoped_lock hold(mutex_);
  TRY_DO(check(id, kUnheard));
  id_.clear();
  listed_.clear();
  drop_ledger_copy(*door_.files, door_.folder);
  door_.engine->keep_holding_files(Duration{0});
  return {};
}

// The value of each option; an option that nobody knows is ignored here as it is everywhere in ops.
std::map<std::string, std::string> options_of(const Request& request) {
  std::map<std::string, std::string> options;
  const auto parsed = parse_query(request.query);
  if (parsed.ok()) options.insert(parsed->begin(), parsed->end());
  return options;
}

Response answer_of(const Result<std::string>& body, const char* type) {
  if (!body.ok()) return error_response(body.error());
  Response response = json_response(200, *body);
  response.content_type = type;
  return response;
}

}  // namespace

void add_backup(Router& router, const BackupDoor& door) {
  constexpr const char* kJson = "application/json";
  const auto desk = std::make_shared<BackupDesk>(door);
  router.add({Method::post, "/backup", Where::loop, [desk](const Request&, Reply reply) {
                reply.send(answer_of(desk->begin(), kJson));
              }});
  router.add({Method::get, "/backup", Where::worker, [desk](const Request& request, Reply reply) {
                reply.send(answer_of(desk->list(options_of(request)["id"]), kJson));
              }});
  router.add({Method::get, "/backup/file", Where::worker,
              [desk](const Request& request, Reply reply) {
                auto options = options_of(request);
                const auto from = parse_integer(options["from"]);
                reply.send(answer_of(desk->piece(options["id"], options["name"],
                                                 static_cast<uint64_t>(from.value_or(0))),
                                     "application/octet-stream"));
              }});
  router.add({Method::del, "/backup", Where::worker, [desk](const Request& request, Reply reply) {
                const Status ended = desk->end(options_of(request)["id"]);
                reply.send(ended.ok() ? json_response(200, "{}") : error_response(ended.error()));
              }});
}

}  // namespace duliang
