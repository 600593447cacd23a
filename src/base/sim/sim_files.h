// A disk in memory that can lose power. It keeps for each file what is durable and which writes and
// truncations are not yet; for each folder which names are. crash() keeps a random subset of what
// was not synced (a write may survive in part, by sectors of 512 bytes, independent of order; names
// changed in a folder survive as a prefix of their order, as a journalling file system does it; a
// rename from folder to folder survives in both or in neither) and forgets the rest. One crash in
// eight keeps everything and one nothing.
//
// Faults: the k-th call from now fails; or the machine or the process dies at it, and from then on
// every call fails until crash(), or of the process until kill(); or the disk is full from it on.
// Opening a file that is there changes nothing and is counted for itself: it may fail too, as where
// a process has too many files open. The disk is as unkind as a real one: a write that fails leaves
// its first half, and after a sync that failed no later one makes durable what was written before
// it. What the machine was doing when it died may survive like anything that was not synced.
//
// Not for several threads. All handles are closed by crash(). The working folder is the root.
#pragma once

#include <functional>
#include <map>

#include "base/files.h"
#include "base/random.h"

namespace duliang {

class SimFiles final : public Files {
 public:
  SimFiles();
  // A disk of its own with what is on the other one, durable or not. No file is open there, and no
  // fault is set.
  SimFiles(const SimFiles& other);
  SimFiles& operator=(const SimFiles&) = delete;
  ~SimFiles() override;

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

  // Power goes: each unsynced change survives or not, as `random` has it.
  void crash(Random& random);
  // kill -9, if the process has not died yet: every handle closes, nothing is lost.
  void kill();
  // The call number `in` from now (1 = the next one that changes something or locks) fails once
  // with io; or is the last of the machine (die) or of the process (kill); or finds only the room
  // that is used by then (fill). With fail_open, the calls are those that open a file that is
  // there. 0 takes the fault back.
  enum class Fault { fail, die, kill, fill, fail_open };
  void fault_at(uint64_t in, Fault fault);
  bool dead() const;
  // Calls so far that such a fault may meet, to enumerate the faults of a run.
  uint64_t calls_for(Fault fault) const;
  uint64_t changing_calls() const { return calls_for(Fault::fail); }
  void set_capacity(uint64_t bytes);  // beyond it writes fail as on a full disk; 0 = endless

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace duliang
