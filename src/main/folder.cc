#include "main/folder.h"

namespace duliang {
namespace {

std::string mark_of(const std::string& folder) { return folder + "/demo"; }

Status write_mark(Files& files, const std::string& folder) {
  return replace_file(files, mark_of(folder), "This folder holds demo data.\n");
}

}  // namespace

Status mark_folder(Files& files, const std::string& folder, bool demo) {
  TRY(const bool marked, files.exists(mark_of(folder)));
  TRY(const bool used, files.exists(folder + "/lock"));
  if (marked && !demo) {
    return Error{Code::conflict, fmt::format("{} holds demo data; start it with --demo.", folder),
                 "data"};
  }
  if (!demo || marked) return {};
  if (used) {
    return Error{Code::conflict,
                 fmt::format("{} holds real data; the demo needs a folder of its own.", folder),
                 "data"};
  }
  TRY_DO(files.make_folder(folder));
  return write_mark(files, folder);
}

Status copy_mark(Files& files, const std::string& from, const std::string& to) {
  TRY(const bool marked, files.exists(mark_of(from)));
  return marked ? write_mark(files, to) : Status{};
}

}  // namespace duliang
