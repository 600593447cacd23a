#include "sqlite/checked_pages.h"

#include <sqlite3.h>

#include <map>
#include <memory>
#include <mutex>

#include "base/bytes.h"
#include "base/check.h"
#include "base/hash.h"

namespace duliang {
namespace {

constexpr size_t kCheckBytes = 4;
constexpr int kSmallestPage = 512;
constexpr int kAskForDamagedPage = 20'261'128;  // SQLite leaves what is above 100 to a VFS

struct CheckedVfs {
  sqlite3_vfs base{};
  std::string name;
  std::string below;
};

// What SQLite allocates for a database file; behind it lies the file of the VFS below.
struct CheckedFile {
  sqlite3_file base;
  uint64_t damaged_page;  // 0: none was met
};

sqlite3_vfs& below(sqlite3_vfs* vfs) {
  const std::string& name = reinterpret_cast<CheckedVfs*>(vfs)->below;
  sqlite3_vfs* found = sqlite3_vfs_find(name.empty() ? nullptr : name.c_str());
  CHECK(found != nullptr, "the VFS below is registered");
  return *found;
}

sqlite3_file* below(sqlite3_file* file) {
  return reinterpret_cast<sqlite3_file*>(reinterpret_cast<CheckedFile*>(file) + 1);
}

// Hands a call on to the file below.
template <auto Method>
struct HandedOn;
template <typename Result, typename... Arguments,
          Result (*sqlite3_io_methods::*Method)(sqlite3_file*, Arguments...)>
struct HandedOn<Method> {
  static Result call(sqlite3_file* file, Arguments... arguments) {
    return (below(file)->pMethods->*Method)(below(file), arguments...);
  }
};

// SQLite reads and writes whole pages; what else it reads (a part of the first page, to look
// whether the file has changed) it reads again as a page before it believes it.
bool is_page(int size, sqlite3_int64 offset) {
  return size >= kSmallestPage && (size & (size - 1)) == 0 && offset % size == 0;
}

uint64_t page_number(int size, sqlite3_int64 offset) {
  return static_cast<uint64_t>(offset / size) + 1;
}

std::string check_of(std::string_view page, uint64_t number) {
  std::string salt, check;
  put_u64(salt, number);
  put_u32(check, crc32c(page.substr(0, page.size() - kCheckBytes), crc32c(salt)));
  return check;
}

int read(sqlite3_file* file, void* into, int size, sqlite3_int64 offset) {
  const int result = below(file)->pMethods->xRead(below(file), into, size, offset);
  if (result != SQLITE_OK || !is_page(size, offset)) return result;
  const std::string_view page(static_cast<const char*>(into), static_cast<size_t>(size));
  const uint64_t number = page_number(size, offset);
  if (page.ends_with(check_of(page, number))) return SQLITE_OK;
  reinterpret_cast<CheckedFile*>(file)->damaged_page = number;
  return SQLITE_IOERR_DATA;
}

int write(sqlite3_file* file, const void* from, int size, sqlite3_int64 offset) {
  const auto hand_on = [&](const void* bytes) {
    return below(file)->pMethods->xWrite(below(file), bytes, size, offset);
  };
  if (!is_page(size, offset)) return hand_on(from);
  std::string page(static_cast<const char*>(from), static_cast<size_t>(size));
  const std::string check = check_of(page, page_number(size, offset));
  page.replace(page.size() - kCheckBytes, kCheckBytes, check);
  return hand_on(page.data());
}

int control(sqlite3_file* file, int what, void* argument) {
  if (what != kAskForDamagedPage)
    return below(file)->pMethods->xFileControl(below(file), what, argument);
  *static_cast<uint64_t*>(argument) = reinterpret_cast<CheckedFile*>(file)->damaged_page;
  return SQLITE_OK;
}

// Without the methods by which pages would be read from mapped memory, past the check.
const sqlite3_io_methods kMethods = {
    2,
    HandedOn<&sqlite3_io_methods::xClose>::call,
    read,
    write,
    HandedOn<&sqlite3_io_methods::xTruncate>::call,
    HandedOn<&sqlite3_io_methods::xSync>::call,
    HandedOn<&sqlite3_io_methods::xFileSize>::call,
    HandedOn<&sqlite3_io_methods::xLock>::call,
    HandedOn<&sqlite3_io_methods::xUnlock>::call,
    HandedOn<&sqlite3_io_methods::xCheckReservedLock>::call,
    control,
    HandedOn<&sqlite3_io_methods::xSectorSize>::call,
    HandedOn<&sqlite3_io_methods::xDeviceCharacteristics>::call,
    HandedOn<&sqlite3_io_methods::xShmMap>::call,
    HandedOn<&sqlite3_io_methods::xShmLock>::call,
    HandedOn<&sqlite3_io_methods::xShmBarrier>::call,
    HandedOn<&sqlite3_io_methods::xShmUnmap>::call,
    nullptr,
    nullptr};

// Only the database file has pages; logs and temporary files are those of the VFS below.
int open_file(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* flags_out) {
  sqlite3_vfs& real = below(vfs);
  if (!(flags & SQLITE_OPEN_MAIN_DB)) return real.xOpen(&real, path, file, flags, flags_out);
  auto* checked = reinterpret_cast<CheckedFile*>(file);
  *checked = {{nullptr}, 0};
  const int result = real.xOpen(&real, path, below(file), flags, flags_out);
  // As SQLite has it: a file has methods where it must be closed, though opening failed.
  if (below(file)->pMethods != nullptr) checked->base.pMethods = &kMethods;
  return result;
}

template <auto Method>
struct HandedDown;
template <typename Result, typename... Arguments,
          Result (*sqlite3_vfs::*Method)(sqlite3_vfs*, Arguments...)>
struct HandedDown<Method> {
  static Result call(sqlite3_vfs* vfs, Arguments... arguments) {
    return (below(vfs).*Method)(&below(vfs), arguments...);
  }
};

std::mutex& registry_mutex() {
  static std::mutex mutex;
  return mutex;
}

std::map<std::string, std::unique_ptr<CheckedVfs>>& registered() {
  static std::map<std::string, std::unique_ptr<CheckedVfs>> all;
  return all;
}

}  // namespace

void register_checked_vfs(const std::string& name, const std::string& below_name) {
  auto vfs = std::make_unique<CheckedVfs>();
  vfs->name = name;
  vfs->below = below_name;
  const sqlite3_vfs& real = below(&vfs->base);
  sqlite3_vfs& base = vfs->base;
  base.iVersion = 2;
  base.szOsFile = static_cast<int>(sizeof(CheckedFile)) + real.szOsFile;
  base.mxPathname = real.mxPathname;
  base.zName = vfs->name.c_str();
  base.xOpen = open_file;
  base.xDelete = HandedDown<&sqlite3_vfs::xDelete>::call;
  base.xAccess = HandedDown<&sqlite3_vfs::xAccess>::call;
  base.xFullPathname = HandedDown<&sqlite3_vfs::xFullPathname>::call;
  base.xRandomness = HandedDown<&sqlite3_vfs::xRandomness>::call;
  base.xSleep = HandedDown<&sqlite3_vfs::xSleep>::call;
  base.xCurrentTime = HandedDown<&sqlite3_vfs::xCurrentTime>::call;
  base.xGetLastError = HandedDown<&sqlite3_vfs::xGetLastError>::call;
  base.xCurrentTimeInt64 = HandedDown<&sqlite3_vfs::xCurrentTimeInt64>::call;
  CHECK(sqlite3_vfs_register(&base, 0) == SQLITE_OK);
  const std::scoped_lock hold(registry_mutex());
  CHECK(registered().emplace(name, std::move(vfs)).second, "registered twice");
}

void unregister_checked_vfs(const std::string& name) {
  const std::scoped_lock hold(registry_mutex());
  const auto at = registered().find(name);
  CHECK(at != registered().end());
  CHECK(sqlite3_vfs_unregister(&at->second->base) == SQLITE_OK);
  registered().erase(at);
}

const std::string& checked_vfs() {
  static const std::string name = [] {
    register_checked_vfs("checked", "");
    return "checked";
  }();
  return name;
}

void reserve_room_for_checks(sqlite3* database) {
  int bytes = kCheckBytes;
  sqlite3_file_control(database, "main", SQLITE_FCNTL_RESERVE_BYTES, &bytes);
}

std::optional<uint64_t> damaged_page(sqlite3* database) {
  uint64_t page = 0;
  const int asked = sqlite3_file_control(database, "main", kAskForDamagedPage, &page);
  return asked == SQLITE_OK && page > 0 ? std::optional(page) : std::nullopt;
}

}  // namespace duliang
