#include "engine/folder_copy.h"

#include "engine/engine.h"
#include "journal/segment.h"

namespace duliang {
namespace {

std::string copy_path(const std::string& folder) { return ledger_path(folder) + ".copy"; }

Result<Connection> opened(const std::string& path, const std::string& vfs) {
  Connection::Options options;
  options.vfs = vfs;
  options.read_only = true;
  return Connection::open(path, options);
}

class Lister {
 public:
  Lister(Files& files, const std::string& folder, const std::string& vfs)
      : files_(files), folder_(folder), vfs_(vfs) {}

  Result<FilesToCopy> list() {
    TRY_DO(copy_ledger());
    TRY_DO(list_file("ledger.sqlite", copy_path(folder_)));
    TRY_DO(list_parts());
    TRY_DO(list_journal());
    TRY(const bool demo, files_.exists(folder_ + "/demo"));
    if (demo) TRY_DO(list_file("demo", folder_ + "/demo"));
    return std::move(listed_);
  }

 private:
  Status copy_ledger() {
    drop_ledger_copy(files_, folder_);
    TRY_DO(check_room(files_, ledger_path(folder_), folder_, limits::kDiskReserve));
    TRY(Connection connection, opened(ledger_path(folder_), vfs_));
    TRY(Statement copy, connection.prepare("VACUUM INTO ?1"));
    copy.bind(1, std::string_view(copy_path(folder_)));
    return copy.run();
  }

  Status list_file(const std::string& name, const std::string& path) {
    TRY(const File file, File::open(files_, path, OpenMode::read));
    TRY(const uint64_t bytes, file.size());
    listed_[name] = {path, bytes};
    return {};
  }

  Status list_parts() {
    TRY(Connection connection, opened(copy_path(folder_), vfs_));
    TRY(Statement parts, connection.prepare("SELECT name FROM part"));
    while (true) {
      TRY(const bool more, parts.step());
      if (!more) return {};
      const std::string name(parts.text(0));
      TRY_DO(list_file("parts/" + name, parts_folder(folder_) + "/" + name));
    }
  }

  // The last segment goes up to the journal's end of now, without the zeros behind it.
  Status list_journal() {
    const std::string journal = journal_folder(folder_);
    TRY(const auto names, files_.list(journal));
    TRY(const auto log, FileLog::reader(files_, journal));
    TRY(const Place end, log->end());
    for (const std::string& name : names) {
      if (sealing_place(name)) continue;
      TRY_DO(list_file("journal/" + name, journal + "/" + name));
      FileToCopy& file = listed_["journal/" + name];
      const auto first = segment_place(name);
      if (first) file.bytes = std::min(file.bytes, end - *first);
    }
    return {};
  }

  Files& files_;
  const std::string& folder_;
  const std::string& vfs_;
  FilesToCopy listed_;
};

}  // namespace

Status check_room(Files& files, const std::string& ledger, const std::string& folder,
                  uint64_t reserve) {
  TRY(const File file, File::open(files, ledger, OpenMode::read));
  TRY(const uint64_t bytes, file.size());
  TRY(const uint64_t room, files.room(folder));
  if (room >= reserve && room - reserve >= bytes) return {};
  return Error{Code::no_room, "The disk has no room for a copy of the ledger.", ""};
}

Result<FilesToCopy> files_to_copy(Files& files, const std::string& folder, const std::string& vfs) {
  return Lister(files, folder, vfs).list();
}

void drop_ledger_copy(Files& files, const std::string& folder) {
  const auto there = files.exists(copy_path(folder));
  if (!there.ok() || !*there) return;
  // Where that fails the next copy does it.
  const Status removed = files.remove(copy_path(folder));
  static_cast<void>(removed.ok());
}

}  // namespace duliang
