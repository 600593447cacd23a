// Which files make up one state of a data folder whose house runs, for who copies them. Any thread,
// while Engine::hold_files holds: first the ledger is copied; the parts that the copy names are not
// replaced meanwhile; and the journal goes up to its end of a later moment, so it brings the rest.
#pragma once

#include <map>
#include <string>

#include "base/files.h"

namespace duliang {

struct FileToCopy {
  std::string path;
  uint64_t bytes = 0;  // so many from its begin; the file may be longer
};
using FilesToCopy = std::map<std::string, FileToCopy>;  // by the name below the folder

// The house itself must not run out of room because of a copy of its ledger: no_room where less
// than `reserve` would be left on the disk of `folder`.
Status check_room(Files& files, const std::string& ledger, const std::string& folder,
                  uint64_t reserve);

// Errors: io, corrupt, no_room where the ledger finds no room beside itself.
Result<FilesToCopy> files_to_copy(Files& files, const std::string& folder, const std::string& vfs);
// Removes the copy of the ledger.
void drop_ledger_copy(Files& files, const std::string& folder);

}  // namespace duliang
