// What lies on the simulated disk: files with the changes that are not durable yet, and the tree of
// names with its own. SimFiles is the face of it; here is what a crash does.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"

namespace duliang::sim {

// How much a crash spares. Both ends are drawn often, because the middle seldom reaches them.
enum class Fate { nothing, something, everything };

// The content of a file as the program sees it, and as the disk will have it.
class DiskFile {
 public:
  const std::string& content() const { return content_; }
  void write(std::string_view bytes, uint64_t offset);
  void truncate(uint64_t size);
  void sync();
  // Changes so far stay what they are, but no later sync makes them durable: after an error Linux
  // takes the pages for clean (the "fsyncgate" of 2018).
  void fail_sync();
  void crash(Fate fate, Random& random);

  int locked_by = -1;  // the handle that has the lock

 private:
  struct Change {
    uint64_t offset = 0;                // of a write
    std::string bytes;                  // of a write
    std::optional<uint64_t> truncated;  // to this size; then it is no write
    bool durable = false;               // survives; waits only for its turn behind a failed one
    bool abandoned = false;             // by fail_sync
  };
  static void apply(std::string& content, const Change& change);
  static void apply_torn(std::string& content, const Change& change, Random& random);

  std::string content_;
  std::string durable_;          // without `changes_`
  std::vector<Change> changes_;  // in order
};

struct DiskFolder;

// A file or a folder; neither where a name is gone.
struct DiskNode {
  std::shared_ptr<DiskFile> file;
  std::shared_ptr<DiskFolder> folder;
  explicit operator bool() const { return file != nullptr || folder != nullptr; }
  friend bool operator==(const DiskNode&, const DiskNode&) = default;
};

using DiskNames = std::map<std::string, DiskNode>;

struct DiskFolder {
  DiskNames names;
  DiskNames durable;
};

// One name that gets a new meaning, or none.
struct NameEdit {
  std::shared_ptr<DiskFolder> folder;
  std::string name;
  DiskNode node;
};

// The tree of names. A change is one transaction of the file system's journal: a rename is two
// edits, even in two folders, of which a crash keeps both or neither.
class DiskTree {
 public:
  using NameChange = std::vector<NameEdit>;

  // Where a path leads: its folder, its last name, and what has that name now.
  struct Place {
    std::shared_ptr<DiskFolder> folder;  // none where the way there does not exist
    std::string name;                    // empty for the root
    DiskNode node;
  };

  DiskTree() : root_(std::make_shared<DiskFolder>()) {}
  DiskTree(const DiskTree& other);  // with files of its own, which nobody has locked
  DiskTree& operator=(const DiskTree&) = delete;
  Place find(std::string_view path) const;
  void change(NameChange change);
  void sync(const std::shared_ptr<DiskFolder>& folder);
  void crash(Fate fate, Random& random);
  std::set<const DiskFile*> files() const;  // that have a name now

 private:
  static void make_durable(const NameChange& change);
  void keep_some_changes(Random& random);

  std::shared_ptr<DiskFolder> root_;
  std::vector<NameChange> changes_;  // that are not durable, in order
};

// The names in a path, without empty ones and ".".
std::vector<std::string> path_names(std::string_view path);

}  // namespace duliang::sim
