#include "base/sim/sim_disk.h"

#include <algorithm>
#include <set>

#include "base/check.h"
#include "base/text.h"

namespace duliang::sim {

namespace {

constexpr uint64_t kSectorBytes = 512;

void write_into(std::string& content, std::string_view bytes, uint64_t offset) {
  if (bytes.empty()) return;
  const size_t end = static_cast<size_t>(offset) + bytes.size();
  if (content.size() < end) content.resize(end, '\0');
  content.replace(static_cast<size_t>(offset), bytes.size(), bytes);
}

// Which sectors of a write reach the disk.
class Tear {
 public:
  Tear(uint64_t sectors, Random& random) : random_(random), kind_(random.below(4)) {
    if (kind_ == 2) kept_ = random.below(sectors + 1);
  }
  bool keeps(uint64_t sector) {
    if (kind_ == 0) return false;         // the write is lost
    if (kind_ == 1) return true;          // it is whole
    if (kind_ == 2) return sector < kept_;  // the power went in the middle of it
    return random_.chance(0.5);           // the disk took its sectors in an order of its own
  }

 private:
  Random& random_;
  uint64_t kind_;
  uint64_t kept_ = 0;
};

void crash_below(DiskFolder& folder, Fate fate, Random& random) {
  folder.names = folder.durable;
  for (const auto& [name, node] : folder.names) {
    if (node.file != nullptr) node.file->crash(fate, random);
    if (node.folder != nullptr) crash_below(*node.folder, fate, random);
  }
}

// The nodes of another tree, each copied once: a file may have several names.
class NodeCopies {
 public:
  DiskNode of(const DiskNode& node) { return {of(node.file), of(node.folder)}; }

  std::shared_ptr<DiskFolder> of(const std::shared_ptr<DiskFolder>& folder) {
    if (folder == nullptr) return nullptr;
    const auto [known, fresh] = folders_.try_emplace(folder.get());
    if (!fresh) return known->second;
    const auto copy = std::make_shared<DiskFolder>();
    known->second = copy;
    for (const auto& [name, node] : folder->names) copy->names[name] = of(node);
    for (const auto& [name, node] : folder->durable) copy->durable[name] = of(node);
    return copy;
  }

 private:
  std::shared_ptr<DiskFile> of(const std::shared_ptr<DiskFile>& file) {
    if (file == nullptr) return nullptr;
    std::shared_ptr<DiskFile>& copy = files_[file.get()];
    if (copy == nullptr) {
      copy = std::make_shared<DiskFile>(*file);
      copy->locked_by = -1;
    }
    return copy;
  }

  std::map<const DiskFile*, std::shared_ptr<DiskFile>> files_;
  std::map<const DiskFolder*, std::shared_ptr<DiskFolder>> folders_;
};

void files_below(const DiskFolder& folder, std::set<const DiskFile*>& files) {
  for (const auto& [name, node] : folder.names) {
    if (node.file != nullptr) files.insert(node.file.get());
    if (node.folder != nullptr) files_below(*node.folder, files);
  }
}

}  // namespace

void DiskFile::write(std::string_view bytes, uint64_t offset) {
  changes_.push_back({.offset = offset, .bytes = std::string(bytes), .truncated = {}});
  apply(content_, changes_.back());
}

void DiskFile::truncate(uint64_t size) {
  changes_.push_back({.offset = 0, .bytes = {}, .truncated = size});
  apply(content_, changes_.back());
}

void DiskFile::sync() {
  for (Change& change : changes_)
    if (!change.abandoned) change.durable = true;
  // Behind an abandoned change the durable ones wait, so that the order is kept at a crash.
  size_t done = 0;
  while (done < changes_.size() && changes_[done].durable) apply(durable_, changes_[done++]);
  changes_.erase(changes_.begin(), changes_.begin() + static_cast<std::ptrdiff_t>(done));
}

void DiskFile::fail_sync() {
  for (Change& change : changes_)
    if (!change.durable) change.abandoned = true;
}

void DiskFile::crash(Fate fate, Random& random) {
  for (const Change& change : changes_) {
    if (change.durable || fate == Fate::everything) {
      apply(durable_, change);
    } else if (fate == Fate::something) {
      apply_torn(durable_, change, random);
    }
  }
  changes_.clear();
  content_ = durable_;
  locked_by = -1;
}

void DiskFile::apply(std::string& content, const Change& change) {
  if (change.truncated) {
    content.resize(static_cast<size_t>(*change.truncated), '\0');
  } else {
    write_into(content, change.bytes, change.offset);
  }
}

void DiskFile::apply_torn(std::string& content, const Change& change, Random& random) {
  if (change.truncated) {
    if (random.chance(0.5)) apply(content, change);
    return;
  }
  const std::string_view bytes = change.bytes;
  if (bytes.empty()) return;
  const uint64_t end = change.offset + bytes.size();
  const uint64_t first = change.offset / kSectorBytes;
  const uint64_t sectors = (end - 1) / kSectorBytes - first + 1;
  Tear tear(sectors, random);
  for (uint64_t i = 0; i < sectors; ++i) {
    if (!tear.keeps(i)) continue;
    const uint64_t from = std::max(change.offset, (first + i) * kSectorBytes);
    const uint64_t to = std::min(end, (first + i + 1) * kSectorBytes);
    write_into(content, bytes.substr(from - change.offset, to - from), from);
  }
  // The new size may be there without the bytes, which then read as zeros.
  if (content.size() < end && random.chance(0.25)) content.resize(end, '\0');
}

DiskTree::DiskTree(const DiskTree& other) {
  NodeCopies copies;
  root_ = copies.of(other.root_);
  for (const NameChange& change : other.changes_) {
    NameChange copy;
    for (const NameEdit& edit : change)
      copy.push_back({copies.of(edit.folder), edit.name, copies.of(edit.node)});
    changes_.push_back(std::move(copy));
  }
}

DiskTree::Place DiskTree::find(std::string_view path) const {
  Place place{nullptr, {}, {nullptr, root_}};
  for (std::string& name : path_names(path)) {
    if (place.node.folder == nullptr) return {};
    place.folder = place.node.folder;
    const auto found = place.folder->names.find(name);
    place.node = found == place.folder->names.end() ? DiskNode{} : found->second;
    place.name = std::move(name);
  }
  return place;
}

void DiskTree::change(NameChange change) {
  for (const NameEdit& edit : change) {
    if (edit.node) {
      edit.folder->names[edit.name] = edit.node;
    } else {
      edit.folder->names.erase(edit.name);
    }
  }
  changes_.push_back(std::move(change));
}

// All changes of the folder. One that touches a second folder takes along what came before it
// there: a folder's changes survive in their order, so none is durable without those before it.
void DiskTree::sync(const std::shared_ptr<DiskFolder>& folder) {
  std::set<const DiskFolder*> folders{folder.get()};
  std::vector<bool> chosen(changes_.size(), false);
  for (size_t i = changes_.size(); i-- > 0;) {
    const NameChange& change = changes_[i];
    chosen[i] = std::any_of(change.begin(), change.end(), [&](const NameEdit& edit) {
      return folders.contains(edit.folder.get());
    });
    if (!chosen[i]) continue;
    for (const NameEdit& edit : change) folders.insert(edit.folder.get());
  }
  std::vector<NameChange> left;
  for (size_t i = 0; i < changes_.size(); ++i) {
    if (chosen[i]) {
      make_durable(changes_[i]);
    } else {
      left.push_back(std::move(changes_[i]));
    }
  }
  changes_ = std::move(left);
}

void DiskTree::crash(Fate fate, Random& random) {
  if (fate == Fate::everything) {
    for (const NameChange& change : changes_) make_durable(change);
  } else if (fate == Fate::something) {
    keep_some_changes(random);
  }
  changes_.clear();
  crash_below(*root_, fate, random);
}

std::set<const DiskFile*> DiskTree::files() const {
  std::set<const DiskFile*> files;
  files_below(*root_, files);
  return files;
}

void DiskTree::make_durable(const NameChange& change) {
  for (const NameEdit& edit : change) {
    if (edit.node) {
      edit.folder->durable[edit.name] = edit.node;
    } else {
      edit.folder->durable.erase(edit.name);
    }
  }
}

// Of each folder the first few changes. What touches two folders needs its place in both; what is
// lost takes all later changes of its folders with it.
void DiskTree::keep_some_changes(Random& random) {
  std::map<const DiskFolder*, uint64_t> left;
  for (const NameChange& change : changes_)
    for (const NameEdit& edit : change) ++left[edit.folder.get()];
  // Drawn in the order of the changes: the order of addresses is another in each run.
  std::set<const DiskFolder*> drawn;
  for (const NameChange& change : changes_)
    for (const NameEdit& edit : change)
      if (drawn.insert(edit.folder.get()).second)
        left[edit.folder.get()] = random.below(left[edit.folder.get()] + 1);

  for (const NameChange& change : changes_) {
    const bool kept = std::all_of(change.begin(), change.end(), [&](const NameEdit& edit) {
      return left[edit.folder.get()] > 0;
    });
    if (kept) make_durable(change);
    for (const NameEdit& edit : change) {
      uint64_t& of_folder = left[edit.folder.get()];
      of_folder = kept && of_folder > 0 ? of_folder - 1 : 0;
    }
  }
}

std::vector<std::string> path_names(std::string_view path) {
  std::vector<std::string> names;
  for (const std::string_view name : split(path, '/')) {
    CHECK(name != "..", "the simulated disk has no way up");
    if (!name.empty() && name != ".") names.emplace_back(name);
  }
  return names;
}

}  // namespace duliang::sim
