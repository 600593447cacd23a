// The machine's disk, not waited for: what is built here nobody misses, and on the simulated clock
// syncs come a thousand times as often as in life.
#pragma once

#include "base/os/os_files.h"

namespace duliang::bench {

class UnsyncedFiles final : public Files {
 public:
  Result<Handle> open(const std::string& path, OpenMode mode) override {
    return disk_.open(path, mode);
  }
  void close(Handle file) override { disk_.close(file); }
  Result<size_t> read_at(Handle file, char* into, size_t size, uint64_t offset) override {
    return disk_.read_at(file, into, size, offset);
  }
  Status write_at(Handle file, std::string_view bytes, uint64_t offset) override {
    return disk_.write_at(file, bytes, offset);
  }
  Status sync(Handle) override { return {}; }
  Result<uint64_t> size(Handle file) override { return disk_.size(file); }
  Status truncate(Handle file, uint64_t size) override { return disk_.truncate(file, size); }
  Status lock(Handle file) override { return disk_.lock(file); }
  Result<bool> exists(const std::string& path) override { return disk_.exists(path); }
  Status rename(const std::string& from, const std::string& to) override {
    return disk_.rename(from, to);
  }
  Status remove(const std::string& path) override { return disk_.remove(path); }
  Status make_folder(const std::string& path) override { return disk_.make_folder(path); }
  Status sync_folder(const std::string&) override { return {}; }
  Result<uint64_t> room(const std::string& folder) override { return disk_.room(folder); }
  Result<std::vector<std::string>> list(const std::string& folder) override {
    return disk_.list(folder);
  }

 private:
  OsFiles disk_;
};

}  // namespace duliang::bench
