// The only way to the disk. Everything that the program keeps goes through Files, so that a test
// can lose power, fill the disk or fail the k-th call: base/os has the real one, base/sim the
// simulated one. Paths are plain; folders are separated by '/'.
//
// What is promised (POSIX on a journalling file system): a write is durable after sync() of its
// file; a new, renamed or removed name is durable after sync_folder() of its folder; an unsynced
// write may be lost alone, whole or in part, whatever was written after it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace duliang {

enum class OpenMode {
  read,    // must exist
  write,   // read and write; created where it does not exist; content kept
  create,  // read and write; must not exist
};

class Files {
 public:
  using Handle = int;
  virtual ~Files() = default;

  virtual Result<Handle> open(const std::string& path, OpenMode mode) = 0;
  virtual void close(Handle file) = 0;
  // At most `size` bytes from `offset` into `into`; returns how many, fewer only at the end.
  virtual Result<size_t> read_at(Handle file, char* into, size_t size, uint64_t offset) = 0;
  virtual Status write_at(Handle file, std::string_view bytes, uint64_t offset) = 0;
  virtual Status sync(Handle file) = 0;
  virtual Result<uint64_t> size(Handle file) = 0;
  virtual Status truncate(Handle file, uint64_t size) = 0;
  virtual Status lock(Handle file) = 0;  // exclusive, until closed; conflict where another has it

  virtual Result<bool> exists(const std::string& path) = 0;
  virtual Status rename(const std::string& from, const std::string& to) = 0;
  virtual Status remove(const std::string& path) = 0;  // a file or an empty folder
  virtual Status make_folder(const std::string& path) = 0;  // and its parents; fine if it exists
  virtual Status sync_folder(const std::string& path) = 0;
  // Bytes that may still be written on the disk that has this folder.
  virtual Result<uint64_t> room(const std::string& folder) = 0;
  virtual Result<std::vector<std::string>> list(const std::string& folder) = 0;  // names, sorted
};

// An open file that closes itself. Cheap to move; must not outlive its Files.
class File {
 public:
  static Result<File> open(Files& files, const std::string& path, OpenMode mode);
  File() = default;
  ~File();
  File(File&& other) noexcept;
  File& operator=(File&& other) noexcept;

  Result<size_t> read_at(char* into, size_t size, uint64_t offset) const;
  Result<std::string> read_all() const;
  Status write_at(std::string_view bytes, uint64_t offset);
  Status sync();
  Result<uint64_t> size() const;
  Status truncate(uint64_t size);
  Status lock();
  bool is_open() const { return files_ != nullptr; }

 private:
  File(Files* files, Files::Handle handle) : files_(files), handle_(handle) {}
  Files* files_ = nullptr;
  Files::Handle handle_ = -1;
};

// Makes the folder and its parents where they are missing and syncs their names, so that what is
// later synced in the folder can't vanish with the folder's own name.
Status make_durable_folder(Files& files, const std::string& path);

// The whole content of a file; not_found where there is none.
Result<std::string> read_file(Files& files, const std::string& path);
// Writes, syncs, renames into place and syncs the folder: afterwards either the old or the new
// content is there, never a part.
Status replace_file(Files& files, const std::string& path, std::string_view content);

}  // namespace duliang
