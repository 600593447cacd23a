#include "base/files.h"

namespace duliang {

namespace {

std::string folder_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Status write_new(Files& files, const std::string& path, std::string_view content) {
  TRY(File file, File::open(files, path, OpenMode::write));
  TRY_DO(file.truncate(0));  // what an interrupted run may have left
  TRY_DO(file.write_at(content, 0));
  return file.sync();
}

}  // namespace

Result<File> File::open(Files& files, const std::string& path, OpenMode mode) {
  TRY(const Files::Handle handle, files.open(path, mode));
  return File(&files, handle);
}

File::~File() {
  if (files_ != nullptr) files_->close(handle_);
}

File::File(File&& other) noexcept
    : files_(std::exchange(other.files_, nullptr)), handle_(std::exchange(other.handle_, -1)) {}

File& File::operator=(File&& other) noexcept {
  if (this == &other) return *this;
  if (files_ != nullptr) files_->close(handle_);
  files_ = std::exchange(other.files_, nullptr);
  handle_ = std::exchange(other.handle_, -1);
  return *this;
}

Result<size_t> File::read_at(char* into, size_t size, uint64_t offset) const {
  CHECK(is_open());
  return files_->read_at(handle_, into, size, offset);
}

Result<std::string> File::read_all() const {
  TRY(const uint64_t length, size());
  std::string content(static_cast<size_t>(length), '\0');
  TRY(const size_t got, read_at(content.data(), content.size(), 0));
  content.resize(got);
  return content;
}

Status File::write_at(std::string_view bytes, uint64_t offset) {
  CHECK(is_open());
  return files_->write_at(handle_, bytes, offset);
}

Status File::sync() {
  CHECK(is_open());
  return files_->sync(handle_);
}

Result<uint64_t> File::size() const {
  CHECK(is_open());
  return files_->size(handle_);
}

Status File::truncate(uint64_t size) {
  CHECK(is_open());
  return files_->truncate(handle_, size);
}

Status File::lock() {
  CHECK(is_open());
  return files_->lock(handle_);
}

Status make_durable_folder(Files& files, const std::string& path) {
  const size_t slash = path.rfind('/');
  const std::string parent =
      slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash);
  TRY(const bool has_parent, files.exists(parent));
  if (!has_parent) TRY_DO(make_durable_folder(files, parent));
  TRY_DO(files.make_folder(path));
  // Also where the folder was there: whoever made it may have been killed before this line.
  return files.sync_folder(parent);
}

Result<std::string> read_file(Files& files, const std::string& path) {
  TRY(const File file, File::open(files, path, OpenMode::read));
  return file.read_all();
}

Status replace_file(Files& files, const std::string& path, std::string_view content) {
  const std::string fresh = path + ".new";
  Status done = write_new(files, fresh, content);
  if (done.ok()) done = files.rename(fresh, path);
  if (!done.ok()) {
    (void)files.remove(fresh);  // it may hold the space that was missing
    return done;
  }
  return files.sync_folder(folder_of(path));
}

}  // namespace duliang
