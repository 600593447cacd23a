#include "base/sim/sim_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "base/sim/sim_disk.h"

namespace duliang {

namespace {

using sim::DiskFile;
using sim::DiskFolder;
using sim::DiskNode;
using Place = sim::DiskTree::Place;

Error failed(Code code, std::string_view verb, const std::string& path, std::string_view why) {
  return {code, fmt::format("Cannot {} {}: {}.", verb, path, why), path};
}

Error missing(std::string_view verb, const std::string& path) {
  return failed(Code::not_found, verb, path, "no such file or folder");
}

// Larger files are mistakes of the caller's arithmetic; the disk is in memory.
constexpr uint64_t kLongestFile = uint64_t{1} << 32;

// Room on a disk without a capacity.
constexpr uint64_t kEndless = uint64_t{1} << 40;

struct OpenFile {
  std::shared_ptr<DiskFile> file;
  std::string path;
  bool writable = false;
};

}  // namespace

struct SimFiles::State {
  sim::DiskTree tree;
  std::map<Handle, OpenFile> open;
  Handle next_handle = 3;  // never used again, so that a stale one meets nothing
  uint64_t changing_calls = 0;
  uint64_t opens = 0;  // of files that were there
  uint64_t fault_in = 0;
  Fault fault = Fault::fail;
  bool dead = false;
  uint64_t capacity = 0;

  Status alive() const {
    if (dead) return Error{Code::io, "The machine has no power, or the process is dead.", {}};
    return {};
  }

  Result<OpenFile*> file_of(Handle handle, std::string_view verb) {
    TRY_DO(alive());
    const auto found = open.find(handle);
    if (found == open.end())
      return failed(Code::io, verb, fmt::format("file {}", handle), "it is not open");
    return &found->second;
  }

  Result<OpenFile*> writable_file(Handle handle, std::string_view verb) {
    TRY(OpenFile * file, file_of(handle, verb));
    if (!file->writable) return failed(Code::io, verb, file->path, "it is open to read only");
    return file;
  }

  Result<Place> place_of(const std::string& path, std::string_view verb) const {
    TRY_DO(alive());
    Place place = tree.find(path);
    if (place.folder == nullptr && !place.node) return missing(verb, path);
    return place;
  }

  // Counts a call that changes something, and meets the fault that was set for it.
  std::optional<Fault> next_fault() {
    ++changing_calls;
    if (fault == Fault::fail_open || fault_in == 0 || --fault_in > 0) return std::nullopt;
    dead = fault == Fault::die || fault == Fault::kill;
    if (fault != Fault::fill) return fault;
    capacity = std::max<uint64_t>(used(), 1);  // 0 would be endless
    return std::nullopt;
  }

  // Counts an open of a file that is there.
  bool open_fails() {
    ++opens;
    return fault == Fault::fail_open && fault_in > 0 && --fault_in == 0;
  }

  // A change that fails does nothing; one at which the machine dies has begun, so that it may or
  // may not be found afterwards.
  template <typename Effect>
  Status change(std::string_view verb, const std::string& path, Effect effect) {
    const std::optional<Fault> met = next_fault();
    if (met == Fault::fail) return failed(Code::io, verb, path, "the disk failed");
    effect();
    return alive();
  }

  void close_all() {
    while (!open.empty()) close(open.begin()->first);
  }

  void close(Handle handle) {
    const auto found = open.find(handle);
    if (found == open.end()) return;
    if (found->second.file->locked_by == handle) found->second.file->locked_by = -1;
    open.erase(found);
  }

  uint64_t room() const {  // what is left of the capacity
    if (capacity == 0) return kEndless;
    const uint64_t taken = used();
    return capacity > taken ? capacity - taken : 0;
  }

  // Also what has lost its name takes space while it is open.
  uint64_t used() const {
    std::set<const DiskFile*> files = tree.files();
    for (const auto& [handle, each] : open) files.insert(each.file.get());
    uint64_t bytes = 0;
    for (const DiskFile* each : files) bytes += each->content().size();
    return bytes;
  }

  // How large `file` may become.
  uint64_t most_bytes(const OpenFile& file) const { return file.file->content().size() + room(); }
};

SimFiles::SimFiles() : state_(std::make_unique<State>()) {}
SimFiles::SimFiles(const SimFiles& other)
    : Files(), state_(std::make_unique<State>(State{.tree = other.state_->tree, .open = {}})) {}
SimFiles::~SimFiles() = default;

Result<Files::Handle> SimFiles::open(const std::string& path, OpenMode mode) {
  TRY(const Place place, state_->place_of(path, "open"));
  if (place.node.folder != nullptr) return failed(Code::io, "open", path, "it is a folder");
  std::shared_ptr<DiskFile> file = place.node.file;
  if (file != nullptr && mode == OpenMode::create)
    return failed(Code::conflict, "open", path, "it exists");
  if (file != nullptr) {
    if (state_->open_fails()) return failed(Code::io, "open", path, "the disk failed");
  }
  if (file == nullptr) {
    if (mode == OpenMode::read) return missing("open", path);
    file = std::make_shared<DiskFile>();
    TRY_DO(state_->change("create", path, [&] {
      state_->tree.change({{place.folder, place.name, DiskNode{file, nullptr}}});
    }));
  }
  state_->open[state_->next_handle] = {file, path, mode != OpenMode::read};
  return state_->next_handle++;
}

void SimFiles::close(Handle file) { state_->close(file); }

Result<size_t> SimFiles::read_at(Handle file, char* into, size_t size, uint64_t offset) {
  TRY(const OpenFile* open, state_->file_of(file, "read"));
  const std::string& content = open->file->content();
  if (offset >= content.size()) return size_t{0};
  const size_t got = std::min(size, content.size() - static_cast<size_t>(offset));
  if (got > 0) std::memcpy(into, content.data() + offset, got);
  return got;
}

// As pwrite in a loop leaves it, half of a write that met a fault is there, and of one on a full
// disk what found room.
Status SimFiles::write_at(Handle file, std::string_view bytes, uint64_t offset) {
  TRY(OpenFile * open, state_->writable_file(file, "write"));
  if (offset > kLongestFile - bytes.size())
    return failed(Code::io, "write", open->path, "the file is too large");
  const std::optional<Fault> met = state_->next_fault();
  if (met == Fault::fail) {
    open->file->write(bytes.substr(0, bytes.size() / 2), offset);
    return failed(Code::io, "write", open->path, "the disk failed");
  }
  const uint64_t end = offset + bytes.size();
  if (state_->capacity > 0 && end > open->file->content().size()) {
    const uint64_t most = state_->most_bytes(*open);
    if (end > most) {
      open->file->write(bytes.substr(0, most > offset ? most - offset : 0), offset);
      TRY_DO(state_->alive());
      return failed(Code::io, "write", open->path, "no space left on the disk");
    }
  }
  open->file->write(bytes, offset);
  return state_->alive();
}

Status SimFiles::sync(Handle file) {
  TRY(OpenFile * open, state_->file_of(file, "sync"));
  const std::optional<Fault> met = state_->next_fault();
  if (met == Fault::fail) {
    open->file->fail_sync();
    return failed(Code::io, "sync", open->path, "the disk failed");
  }
  if (met == std::nullopt) open->file->sync();
  return state_->alive();
}

Result<uint64_t> SimFiles::size(Handle file) {
  TRY(const OpenFile* open, state_->file_of(file, "look at"));
  return open->file->content().size();
}

Status SimFiles::truncate(Handle file, uint64_t size) {
  TRY(OpenFile * open, state_->writable_file(file, "truncate"));
  if (size > kLongestFile) return failed(Code::io, "truncate", open->path, "the file is too large");
  const bool grows = size > open->file->content().size();
  if (grows && state_->capacity > 0 && size > state_->most_bytes(*open))
    return failed(Code::io, "truncate", open->path, "no space left on the disk");
  return state_->change("truncate", open->path, [&] { open->file->truncate(size); });
}

Status SimFiles::lock(Handle file) {
  TRY(OpenFile * open, state_->file_of(file, "lock"));
  int& holder = open->file->locked_by;
  if (holder != -1 && holder != file)
    return failed(Code::conflict, "lock", open->path, "another has locked it");
  return state_->change("lock", open->path, [&] { holder = file; });
}

Result<bool> SimFiles::exists(const std::string& path) {
  TRY_DO(state_->alive());
  return static_cast<bool>(state_->tree.find(path).node);
}

Status SimFiles::rename(const std::string& from, const std::string& to) {
  TRY(const Place source, state_->place_of(from, "rename"));
  TRY(const Place target, state_->place_of(to, "rename"));
  if (!source.node) return missing("rename", from);
  if (source.name.empty() || target.node.folder != nullptr)
    return failed(Code::conflict, "rename", from, "a folder stands there");
  if (source.node == target.node) return {};
  if (source.node.folder != nullptr) {
    const auto outer = sim::path_names(from);
    const auto inner = sim::path_names(to);
    const bool inside =
        inner.size() > outer.size() && std::equal(outer.begin(), outer.end(), inner.begin());
    if (inside) return failed(Code::io, "rename", from, "a folder cannot go into itself");
    if (target.node) return failed(Code::not_found, "rename", from, "the target is no folder");
  }
  return state_->change("rename", from, [&] {
    state_->tree.change(
        {{source.folder, source.name, DiskNode{}}, {target.folder, target.name, source.node}});
  });
}

Status SimFiles::remove(const std::string& path) {
  TRY(const Place place, state_->place_of(path, "remove"));
  if (!place.node) return missing("remove", path);
  const bool full = place.node.folder != nullptr && !place.node.folder->names.empty();
  if (place.name.empty() || full)
    return failed(Code::conflict, "remove", path, "the folder is not empty");
  return state_->change("remove", path, [&] {
    state_->tree.change({{place.folder, place.name, DiskNode{}}});
  });
}

Status SimFiles::make_folder(const std::string& path) {
  TRY_DO(state_->alive());
  std::string way;
  for (const std::string& name : sim::path_names(path)) {
    way += "/" + name;
    const Place place = state_->tree.find(way);
    if (place.node.file != nullptr) return failed(Code::conflict, "make", path, "it is a file");
    if (place.node) continue;
    TRY_DO(state_->change("make", path, [&] {
      state_->tree.change(
          {{place.folder, place.name, DiskNode{nullptr, std::make_shared<DiskFolder>()}}});
    }));
  }
  return {};
}

Status SimFiles::sync_folder(const std::string& path) {
  TRY(const Place place, state_->place_of(path, "sync"));
  if (place.node.folder == nullptr) return missing("sync", path);
  const std::optional<Fault> met = state_->next_fault();
  if (met == Fault::fail) return failed(Code::io, "sync", path, "the disk failed");
  if (met == std::nullopt) state_->tree.sync(place.node.folder);
  return state_->alive();
}

Result<uint64_t> SimFiles::room(const std::string& folder) {
  TRY(const Place place, state_->place_of(folder, "look at"));
  if (place.node.folder == nullptr) return missing("look at", folder);
  return state_->room();
}

Result<std::vector<std::string>> SimFiles::list(const std::string& folder) {
  TRY(const Place place, state_->place_of(folder, "list"));
  if (place.node.folder == nullptr) return missing("list", folder);
  std::vector<std::string> names;
  for (const auto& [name, node] : place.node.folder->names) names.push_back(name);
  return names;
}

void SimFiles::crash(Random& random) {
  const uint64_t drawn = random.below(8);
  const sim::Fate fate = drawn == 0   ? sim::Fate::nothing
                         : drawn == 1 ? sim::Fate::everything
                                      : sim::Fate::something;
  state_->close_all();
  state_->tree.crash(fate, random);
  state_->fault_in = 0;
  state_->dead = false;
}

void SimFiles::kill() {
  state_->close_all();
  if (state_->fault == Fault::kill) state_->dead = false;
}

void SimFiles::fault_at(uint64_t in, Fault fault) {
  state_->fault_in = in;
  state_->fault = fault;
}

bool SimFiles::dead() const { return state_->dead; }

uint64_t SimFiles::calls_for(Fault fault) const {
  return fault == Fault::fail_open ? state_->opens : state_->changing_calls;
}

void SimFiles::set_capacity(uint64_t bytes) { state_->capacity = bytes; }

}  // namespace duliang
