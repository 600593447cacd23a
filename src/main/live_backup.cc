#include "main/live_backup.h"

#include "doors/http/client.h"

namespace duliang {
namespace {

// The ledger is copied before the list is answered.
constexpr std::chrono::minutes kBackupWithin{30};

class LiveBackup {
 public:
  explicit LiveBackup(Client& client) : client_(client) {}

  Status begin() {
    TRY(const std::string body, ask(Method::post, "/backup", ""));
    TRY(const Json json, parse_json(body));
    const Json* id = json.find("id");
    if (id == nullptr || !id->is_string()) return strange();
    id_ = "id=" + id->as_string();
    return {};
  }

  Result<BackupSource> source() {
    TRY(const std::string body, ask(Method::get, "/backup", id_));
    TRY(const Json json, parse_json(body));
    const Json* files = json.find("files");
    if (files == nullptr || !files->is_array()) return strange();
    BackupSource source;
    for (const Json& file : files->items()) {
      const Json* name = file.find("name");
      const Json* bytes = file.find("bytes");
      if (name == nullptr || !name->is_string() || bytes == nullptr || !bytes->is_number()) {
        return strange();
      }
      source.files.push_back(
          {name->as_string(), static_cast<uint64_t>(bytes->as_integer().value_or(0))});
    }
    source.read = [this](const std::string& name, uint64_t from) {
      return ask(Method::get, "/backup/file", fmt::format("{}&name={}&from={}", id_, name, from));
    };
    return source;
  }

  Status end() {
    TRY_DO(ask(Method::del, "/backup", id_));
    return {};
  }

 private:
  static Error strange() {
    return {Code::unsupported, "The server's answer is none of a duliang that can be backed up.",
            "url"};
  }

  Result<std::string> ask(Method method, const std::string& path, const std::string& query) {
    Request request;
    request.method = method;
    request.path = path;
    request.query = query;
    TRY(Response response, client_.send(request));
    if (response.status != 200) return refusal_of(response);
    return std::move(response.body);
  }

  Client& client_;
  std::string id_;
};

}  // namespace

Result<Report> backup_of_server(const std::string& url, const ReviewInput& into,
                                const Print& print) {
  TRY_DO(refuse_existing_backup(*into.files, into.folder));
  TRY(const auto client, client_of(url, kBackupWithin));
  LiveBackup live(*client);
  TRY_DO(live.begin());
  const auto written = [&]() -> Result<Report> {
    TRY(const BackupSource source, live.source());
    return write_backup(into, source, print);
  }();
  // The server ends it by itself a minute later, so what was written stands.
  const Status ended = live.end();
  static_cast<void>(ended.ok());
  return written;
}

}  // namespace duliang
