#include "sqlite/vfs.h"

#include <sqlite3.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <map>
#include <memory>
#include <vector>

#include "base/check.h"
#include "base/random.h"
#include "sqlite/checked_pages.h"

namespace duliang {
namespace {

constexpr int kPathBytes = 512;
// What SQLite's own VFS for Unix says of every disk, so that the same ways through it are taken.
constexpr int kSectorBytes = 4096;
constexpr int kCharacteristics = SQLITE_IOCAP_POWERSAFE_OVERWRITE;
constexpr uint64_t kSeed = 1;
constexpr sqlite3_int64 kUnixEpochMs = 210866760000000;  // 1970 as a Julian day

struct OpenFile;

// What the connections to one database share: the locks of the file, and the index of its log.
struct Database {
  std::vector<OpenFile*> members;
  std::vector<std::vector<char>> regions;
  struct Slot {
    std::vector<OpenFile*> sharers;
    OpenFile* owner = nullptr;
  };
  std::array<Slot, SQLITE_SHM_NLOCK> slots;
};

struct SimVfs {
  sqlite3_vfs base{};
  std::string name;
  Files* files = nullptr;
  Random random{kSeed};
  std::map<std::string, std::shared_ptr<Database>> databases;
  int open_files = 0;
};

struct OpenFile {
  SimVfs* vfs = nullptr;
  std::string path;
  File file;
  bool in_memory = false;         // a temporary file without a name
  std::string memory;
  bool delete_on_close = false;
  bool sync_folder_next = false;  // a new journal: its name must be durable before what it protects
  int level = SQLITE_LOCK_NONE;
  std::shared_ptr<Database> database;
  bool uses_index = false;
};

// What SQLite allocates for a file; it knows only the first member.
struct Handle {
  sqlite3_file base;
  std::unique_ptr<OpenFile> open;
};

OpenFile& open_of(sqlite3_file* file) { return *reinterpret_cast<Handle*>(file)->open; }
SimVfs& vfs_of(sqlite3_vfs* vfs) { return *reinterpret_cast<SimVfs*>(vfs); }

std::string folder_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

void leave(std::vector<OpenFile*>& files, const OpenFile* file) {
  files.erase(std::remove(files.begin(), files.end(), file), files.end());
}

// --- Content ------------------------------------------------------------------------------------

Result<size_t> read_some(const OpenFile& open, char* into, size_t size, uint64_t offset) {
  if (!open.in_memory) return open.file.read_at(into, size, offset);
  if (offset >= open.memory.size()) return size_t{0};
  return open.memory.copy(into, size, static_cast<size_t>(offset));
}

int read(sqlite3_file* file, void* into, int size, sqlite3_int64 offset) {
  const auto wanted = static_cast<size_t>(size);
  auto* bytes = static_cast<char*>(into);
  const auto got = read_some(open_of(file), bytes, wanted, static_cast<uint64_t>(offset));
  if (!got.ok()) return SQLITE_IOERR_READ;
  if (*got == wanted) return SQLITE_OK;
  std::memset(bytes + *got, 0, wanted - *got);
  return SQLITE_IOERR_SHORT_READ;
}

int write(sqlite3_file* file, const void* from, int size, sqlite3_int64 offset) {
  OpenFile& open = open_of(file);
  const std::string_view bytes(static_cast<const char*>(from), static_cast<size_t>(size));
  if (!open.in_memory)
    return open.file.write_at(bytes, static_cast<uint64_t>(offset)).ok() ? SQLITE_OK
                                                                        : SQLITE_IOERR_WRITE;
  const size_t end = static_cast<size_t>(offset) + bytes.size();
  if (open.memory.size() < end) open.memory.resize(end);
  open.memory.replace(static_cast<size_t>(offset), bytes.size(), bytes);
  return SQLITE_OK;
}

int truncate(sqlite3_file* file, sqlite3_int64 size) {
  OpenFile& open = open_of(file);
  if (open.in_memory) {
    open.memory.resize(static_cast<size_t>(size));
    return SQLITE_OK;
  }
  return open.file.truncate(static_cast<uint64_t>(size)).ok() ? SQLITE_OK : SQLITE_IOERR_TRUNCATE;
}

int sync(sqlite3_file* file, int) {
  OpenFile& open = open_of(file);
  if (open.in_memory) return SQLITE_OK;
  if (!open.file.sync().ok()) return SQLITE_IOERR_FSYNC;
  if (!open.sync_folder_next) return SQLITE_OK;
  if (!open.vfs->files->sync_folder(folder_of(open.path)).ok()) return SQLITE_IOERR_DIR_FSYNC;
  open.sync_folder_next = false;
  return SQLITE_OK;
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
  const OpenFile& open = open_of(file);
  if (open.in_memory) {
    *size = static_cast<sqlite3_int64>(open.memory.size());
    return SQLITE_OK;
  }
  const auto got = open.file.size();
  if (!got.ok()) return SQLITE_IOERR_FSTAT;
  *size = static_cast<sqlite3_int64>(*got);
  return SQLITE_OK;
}

// --- Locks of a database file (https://www.sqlite.org/lockingv3.html) ---------------------------

bool others(const OpenFile& open, int level) {
  return std::any_of(open.database->members.begin(), open.database->members.end(),
                     [&](const OpenFile* other) {
                       return other != &open && other->level >= level;
                     });
}

int lock(sqlite3_file* file, int level) {
  OpenFile& open = open_of(file);
  if (open.database == nullptr || open.level >= level) return SQLITE_OK;
  // A process that died can lock nothing; without this a connection could delete files after it.
  if (!open.file.size().ok()) return SQLITE_IOERR_LOCK;
  switch (level) {
    case SQLITE_LOCK_SHARED:
      if (others(open, SQLITE_LOCK_PENDING)) return SQLITE_BUSY;
      break;
    case SQLITE_LOCK_RESERVED:
      if (others(open, SQLITE_LOCK_RESERVED)) return SQLITE_BUSY;
      break;
    default:
      if (others(open, SQLITE_LOCK_RESERVED)) return SQLITE_BUSY;
      if (others(open, SQLITE_LOCK_SHARED)) {
        open.level = SQLITE_LOCK_PENDING;  // keeps new readers out until the present ones are done
        return SQLITE_BUSY;
      }
  }
  open.level = level;
  return SQLITE_OK;
}

int unlock(sqlite3_file* file, int level) {
  OpenFile& open = open_of(file);
  open.level = std::min(open.level, level);
  return SQLITE_OK;
}

int check_reserved(sqlite3_file* file, int* reserved) {
  const OpenFile& open = open_of(file);
  *reserved = open.level >= SQLITE_LOCK_RESERVED ||
              (open.database != nullptr && others(open, SQLITE_LOCK_RESERVED));
  return SQLITE_OK;
}

// --- Shared memory ------------------------------------------------------------------------------

int map_region(sqlite3_file* file, int region, int size, int extend, void volatile** at) {
  OpenFile& open = open_of(file);
  CHECK(open.database != nullptr, "only databases have a log with an index");
  auto& regions = open.database->regions;
  const auto index = static_cast<size_t>(region);
  open.uses_index = true;
  *at = nullptr;
  if (index >= regions.size()) {
    if (!extend) return SQLITE_OK;
    regions.resize(index + 1);
  }
  if (regions[index].empty()) {
    if (!extend) return SQLITE_OK;
    regions[index].resize(static_cast<size_t>(size));
  }
  *at = regions[index].data();
  return SQLITE_OK;
}

bool may_take(const Database::Slot& slot, const OpenFile& open, bool exclusive) {
  if (slot.owner != nullptr && slot.owner != &open) return false;
  return !exclusive || std::all_of(slot.sharers.begin(), slot.sharers.end(),
                                   [&](const OpenFile* sharer) { return sharer == &open; });
}

int lock_region(sqlite3_file* file, int first, int count, int flags) {
  OpenFile& open = open_of(file);
  auto& slots = open.database->slots;
  const bool exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
  const auto begin = slots.begin() + first;
  const auto end = begin + count;
  if (flags & SQLITE_SHM_LOCK) {
    const auto free = [&](const Database::Slot& slot) { return may_take(slot, open, exclusive); };
    if (!std::all_of(begin, end, free)) return SQLITE_BUSY;
  }
  for (auto slot = begin; slot != end; ++slot) {
    if (flags & SQLITE_SHM_LOCK) {
      if (exclusive) slot->owner = &open;
      if (!exclusive) slot->sharers.push_back(&open);
    } else {
      if (slot->owner == &open) slot->owner = nullptr;
      leave(slot->sharers, &open);
    }
  }
  return SQLITE_OK;
}

void barrier(sqlite3_file*) { std::atomic_thread_fence(std::memory_order_seq_cst); }

// The index lives as long as somebody uses it; whoever comes next builds it anew from the log.
int unmap(sqlite3_file* file, int) {
  OpenFile& open = open_of(file);
  if (open.database == nullptr) return SQLITE_OK;
  open.uses_index = false;
  for (Database::Slot& slot : open.database->slots) {
    if (slot.owner == &open) slot.owner = nullptr;
    leave(slot.sharers, &open);
  }
  const auto& members = open.database->members;
  if (std::none_of(members.begin(), members.end(), [](auto* member) { return member->uses_index; }))
    open.database->regions.clear();
  return SQLITE_OK;
}

// --- Opening and closing ------------------------------------------------------------------------

int close(sqlite3_file* file) {
  auto* handle = reinterpret_cast<Handle*>(file);
  OpenFile& open = *handle->open;
  SimVfs& vfs = *open.vfs;
  if (open.database != nullptr) {
    unmap(file, 0);
    leave(open.database->members, &open);
    const auto at = vfs.databases.find(open.path);
    if (open.database->members.empty() && at != vfs.databases.end() &&
        at->second == open.database)
      vfs.databases.erase(at);
  }
  open.file = File();
  if (open.delete_on_close) (void)vfs.files->remove(open.path);  // on a dead disk it stays
  std::destroy_at(handle);
  --vfs.open_files;
  return SQLITE_OK;
}

int control(sqlite3_file*, int, void*) { return SQLITE_NOTFOUND; }
int sector_size(sqlite3_file*) { return kSectorBytes; }
int characteristics(sqlite3_file*) { return kCharacteristics; }

const sqlite3_io_methods kMethods = {
    2, close, read, write, truncate, sync, file_size, lock, unlock, check_reserved, control,
    sector_size, characteristics, map_region, lock_region, barrier, unmap, nullptr, nullptr};

Status open_named(OpenFile& open, int flags) {
  Files& files = *open.vfs->files;
  TRY(const bool existed, files.exists(open.path));
  OpenMode mode = OpenMode::read;
  if (flags & SQLITE_OPEN_READWRITE) mode = OpenMode::write;
  if (flags & SQLITE_OPEN_EXCLUSIVE) mode = OpenMode::create;
  if (!existed && !(flags & SQLITE_OPEN_CREATE))
    return Error{Code::not_found, "The file does not exist.", open.path};
  TRY(open.file, File::open(files, open.path, mode));
  constexpr int kJournals =
      SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_SUPER_JOURNAL;
  open.sync_folder_next = !existed && (flags & kJournals);
  return {};
}

// Who opened before a crash and has not closed yet shares nothing with those who come after it.
void join_database(OpenFile& open) {
  std::shared_ptr<Database>& database = open.vfs->databases[open.path];
  const auto alive = [](const OpenFile* member) { return member->file.size().ok(); };
  if (database == nullptr ||
      std::none_of(database->members.begin(), database->members.end(), alive))
    database = std::make_shared<Database>();
  database->members.push_back(&open);
  open.database = database;
}

int open_file(sqlite3_vfs* vfs, const char* path, sqlite3_file* file, int flags, int* flags_out) {
  file->pMethods = nullptr;  // so that SQLite does not close what was not opened
  auto open = std::make_unique<OpenFile>();
  open->vfs = &vfs_of(vfs);
  open->in_memory = path == nullptr;
  open->delete_on_close = path != nullptr && (flags & SQLITE_OPEN_DELETEONCLOSE);
  if (path != nullptr) {
    open->path = path;
    if (!open_named(*open, flags).ok()) return SQLITE_CANTOPEN;
    if (flags & SQLITE_OPEN_MAIN_DB) join_database(*open);
  }
  ++open->vfs->open_files;
  std::construct_at(reinterpret_cast<Handle*>(file), Handle{{&kMethods}, std::move(open)});
  if (flags_out != nullptr) *flags_out = flags;
  return SQLITE_OK;
}

int delete_file(sqlite3_vfs* vfs, const char* path, int sync_folder) {
  Files& files = *vfs_of(vfs).files;
  if (const auto removed = files.remove(path); !removed.ok())
    return removed.error().code == Code::not_found ? SQLITE_IOERR_DELETE_NOENT
                                                   : SQLITE_IOERR_DELETE;
  if (sync_folder && !files.sync_folder(folder_of(path)).ok()) return SQLITE_IOERR_DIR_FSYNC;
  return SQLITE_OK;
}

int access(sqlite3_vfs* vfs, const char* path, int, int* can) {
  const auto exists = vfs_of(vfs).files->exists(path);
  if (!exists.ok()) return SQLITE_IOERR_ACCESS;
  *can = *exists;
  return SQLITE_OK;
}

int full_path(sqlite3_vfs*, const char* path, int size, char* out) {
  const size_t length = std::strlen(path) + 1;
  if (length > static_cast<size_t>(size)) return SQLITE_CANTOPEN;
  std::memcpy(out, path, length);
  return SQLITE_OK;
}

int randomness(sqlite3_vfs* vfs, int size, char* out) {
  for (int i = 0; i < size; ++i) out[i] = static_cast<char>(vfs_of(vfs).random.below(256));
  return size;
}

int sleep(sqlite3_vfs*, int microseconds) { return microseconds; }  // nobody else can run meanwhile

int current_time_ms(sqlite3_vfs*, sqlite3_int64* out) {
  *out = kUnixEpochMs;
  return SQLITE_OK;
}

int current_time(sqlite3_vfs*, double* out) {
  *out = static_cast<double>(kUnixEpochMs) / 86'400'000.0;
  return SQLITE_OK;
}

int last_error(sqlite3_vfs*, int, char*) { return 0; }

std::map<std::string, std::unique_ptr<SimVfs>>& registered() {
  static std::map<std::string, std::unique_ptr<SimVfs>> all;
  return all;
}

}  // namespace

void register_vfs(const std::string& name, Files& files) {
  auto vfs = std::make_unique<SimVfs>();
  vfs->name = name + "-unchecked";
  vfs->files = &files;
  sqlite3_vfs& base = vfs->base;
  base.iVersion = 2;
  base.szOsFile = sizeof(Handle);
  base.mxPathname = kPathBytes;
  base.zName = vfs->name.c_str();
  base.xOpen = open_file;
  base.xDelete = delete_file;
  base.xAccess = access;
  base.xFullPathname = full_path;
  base.xRandomness = randomness;
  base.xSleep = sleep;
  base.xCurrentTime = current_time;
  base.xGetLastError = last_error;
  base.xCurrentTimeInt64 = current_time_ms;
  CHECK(sqlite3_vfs_register(&base, 0) == SQLITE_OK);
  // The salts of its log come from the default VFS, which thus gets a seed too.
  sqlite3_test_control(SQLITE_TESTCTRL_PRNG_SEED, static_cast<int>(kSeed), nullptr);
  const std::string below = vfs->name;
  CHECK(registered().emplace(name, std::move(vfs)).second, "registered twice");
  register_checked_vfs(name, below);
}

void unregister_vfs(const std::string& name) {
  const auto at = registered().find(name);
  CHECK(at != registered().end());
  CHECK(at->second->open_files == 0, "a connection is still open");
  unregister_checked_vfs(name);
  CHECK(sqlite3_vfs_unregister(&at->second->base) == SQLITE_OK);
  registered().erase(at);
}

}  // namespace duliang
