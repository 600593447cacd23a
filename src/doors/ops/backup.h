// For `duliang backup --url`: the files of the data folder, one consistent state of them, read
// piece by piece while the house goes on. POST /backup begins one and gives its id; GET /backup?id=
// copies the ledger and lists the files; GET /backup/file?id=&name=&from= gives the bytes of one
// from there on, at most kBackupPiece; DELETE /backup?id= ends it, and so does a minute without a
// request. One at a time: 409; 404 where it has ended.
//
// It is consistent since the ledger is copied first: the parts that it names are not replaced
// meanwhile, and the journal, which is copied up to its end of a later moment, brings the rest.
#pragma once

#include "doors/http/http.h"
#include "engine/engine.h"

namespace duliang {

inline constexpr size_t kBackupPiece = 4 * 1024 * 1024;

struct BackupDoor {
  Engine* engine;
  Files* files;
  std::string folder;
  std::string vfs;  // of SQLite; empty but in tests
};

void add_backup(Router& router, const BackupDoor& door);

}  // namespace duliang
