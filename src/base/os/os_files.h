// The machine's files, by POSIX calls: pread, pwrite, fdatasync, flock.
#pragma once

#include "base/files.h"

namespace duliang {

class OsFiles final : public Files {
 public:
  Result<Handle> open(const std::string& path, OpenMode mode) override;
  void close(Handle file) override;
  Result<size_t> read_at(Handle file, char* into, size_t size, uint64_t offset) override;
  Status write_at(Handle file, std::string_view bytes, uint64_t offset) override;
  Status sync(Handle file) override;
  Result<uint64_t> size(Handle file) override;
  Status truncate(Handle file, uint64_t size) override;
  Status lock(Handle file) override;
  Result<bool> exists(const std::string& path) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status remove(const std::string& path) override;
  Status make_folder(const std::string& path) override;
  Status sync_folder(const std::string& path) override;
  Result<uint64_t> room(const std::string& folder) override;
  Result<std::vector<std::string>> list(const std::string& folder) override;
};

}  // namespace duliang
