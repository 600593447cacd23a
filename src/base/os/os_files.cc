#include "base/os/os_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace duliang {

namespace {

Code code_of(int number) {
  switch (number) {
    case ENOENT:
    case ENOTDIR:
      return Code::not_found;
    case EEXIST:
    case ENOTEMPTY:
    case EWOULDBLOCK:
      return Code::conflict;
    default:
      return Code::io;
  }
}

// The error of the system call that just failed.
Error failed(std::string_view verb, const std::string& what) {
  const int number = errno;
  return {code_of(number),
          fmt::format("Cannot {} {}: {}.", verb, what,
                      std::error_code(number, std::generic_category()).message()),
          what};
}

// A file is named by the system where the caller has only its handle.
Error failed(std::string_view verb, Files::Handle file) {
  const int number = errno;
  char name[1024];
  const ssize_t length =
      readlink(fmt::format("/proc/self/fd/{}", file).c_str(), name, sizeof name);
  errno = number;
  if (length <= 0) return failed(verb, fmt::format("file {}", file));
  return failed(verb, std::string(name, static_cast<size_t>(length)));
}

template <typename Call>
auto again_if_interrupted(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

bool is_folder(int descriptor) {
  struct stat entry {};
  return fstat(descriptor, &entry) == 0 && S_ISDIR(entry.st_mode);
}

int flags_of(OpenMode mode) {
  switch (mode) {
    case OpenMode::read:
      return O_RDONLY;
    case OpenMode::write:
      return O_RDWR | O_CREAT;
    case OpenMode::create:
      return O_RDWR | O_CREAT | O_EXCL;
  }
  check_failed("mode", __FILE__, __LINE__, "not an OpenMode");
}

}  // namespace

Result<Files::Handle> OsFiles::open(const std::string& path, OpenMode mode) {
  const int flags = flags_of(mode) | O_CLOEXEC;
  // What a district keeps is not for every account of the machine.
  const int file = again_if_interrupted([&] { return ::open(path.c_str(), flags, 0640); });
  if (file < 0) return failed("open", path);
  if (is_folder(file)) {
    ::close(file);
    errno = EISDIR;
    return failed("open", path);
  }
  return file;
}

void OsFiles::close(Handle file) { ::close(file); }

Result<size_t> OsFiles::read_at(Handle file, char* into, size_t size, uint64_t offset) {
  size_t done = 0;
  while (done < size) {
    const auto at = static_cast<off_t>(offset + done);
    const ssize_t got =
        again_if_interrupted([&] { return ::pread(file, into + done, size - done, at); });
    if (got < 0) return failed("read", file);
    if (got == 0) break;
    done += static_cast<size_t>(got);
  }
  return done;
}

Status OsFiles::write_at(Handle file, std::string_view bytes, uint64_t offset) {
  while (!bytes.empty()) {
    const auto at = static_cast<off_t>(offset);
    const ssize_t put =
        again_if_interrupted([&] { return ::pwrite(file, bytes.data(), bytes.size(), at); });
    if (put < 0) return failed("write", file);
    bytes.remove_prefix(static_cast<size_t>(put));
    offset += static_cast<uint64_t>(put);
  }
  return {};
}

Status OsFiles::sync(Handle file) {
  if (again_if_interrupted([&] { return ::fdatasync(file); }) < 0) return failed("sync", file);
  return {};
}

Result<uint64_t> OsFiles::size(Handle file) {
  struct stat entry {};
  if (fstat(file, &entry) < 0) return failed("look at", file);
  return static_cast<uint64_t>(entry.st_size);
}

Status OsFiles::truncate(Handle file, uint64_t size) {
  const auto length = static_cast<off_t>(size);
  if (again_if_interrupted([&] { return ::ftruncate(file, length); }) < 0)
    return failed("truncate", file);
  return {};
}

Status OsFiles::lock(Handle file) {
  if (again_if_interrupted([&] { return ::flock(file, LOCK_EX | LOCK_NB); }) < 0)
    return failed("lock", file);
  return {};
}

Result<bool> OsFiles::exists(const std::string& path) {
  struct stat entry {};
  if (stat(path.c_str(), &entry) == 0) return true;
  if (errno == ENOENT || errno == ENOTDIR) return false;
  return failed("look at", path);
}

Status OsFiles::rename(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) < 0) return failed("rename", from);
  return {};
}

Status OsFiles::remove(const std::string& path) {
  if (::unlink(path.c_str()) == 0) return {};
  if (errno == EISDIR && ::rmdir(path.c_str()) == 0) return {};
  return failed("remove", path);
}

Status OsFiles::make_folder(const std::string& path) {
  for (size_t end = 0; end != std::string::npos;) {
    end = path.find('/', end + 1);
    const std::string part = path.substr(0, end);
    if (::mkdir(part.c_str(), 0750) == 0 || errno == EEXIST) continue;
    return failed("make", part);
  }
  struct stat entry {};
  if (stat(path.c_str(), &entry) < 0) return failed("look at", path);
  if (S_ISDIR(entry.st_mode)) return {};
  return Error{Code::conflict, fmt::format("Cannot make {}: it is a file.", path), path};
}

Status OsFiles::sync_folder(const std::string& path) {
  const int folder = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) return failed("open", path);
  const int done = again_if_interrupted([&] { return ::fsync(folder); });
  const Status status = done < 0 ? Status(failed("sync", path)) : Status();
  ::close(folder);
  return status;
}

Result<uint64_t> OsFiles::room(const std::string& folder) {
  struct statvfs disk {};
  if (again_if_interrupted([&] { return ::statvfs(folder.c_str(), &disk); }) < 0) {
    return failed("look at", folder);
  }
  return uint64_t{disk.f_bavail} * disk.f_frsize;
}

Result<std::vector<std::string>> OsFiles::list(const std::string& folder) {
  const std::unique_ptr<DIR, int (*)(DIR*)> open_folder(::opendir(folder.c_str()), ::closedir);
  if (open_folder == nullptr) return failed("list", folder);
  std::vector<std::string> names;
  while (true) {
    errno = 0;
    const dirent* entry = ::readdir(open_folder.get());
    if (entry == nullptr) break;
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") names.emplace_back(name);
  }
  if (errno != 0) return failed("list", folder);
  std::sort(names.begin(), names.end());
  return names;
}

}  // namespace duliang
