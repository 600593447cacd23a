// A SQLite VFS over Files: database, write-ahead log and journal are files of it, shared memory and
// locks are held in the process (so all connections must be in it, on one thread). For tests only.
#pragma once

#include <string>

#include "base/files.h"

namespace duliang {

// Registers `name`; `files` must live until unregister_vfs, and all connections end before that.
void register_vfs(const std::string& name, Files& files);
void unregister_vfs(const std::string& name);

}  // namespace duliang
