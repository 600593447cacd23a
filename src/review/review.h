// The past, asked again. Each of these works on a data folder that no server has open, which it
// leaves as it is, and tells what it finds as lines for a person. They return an error where they
// can't do their work at all; a fault that they find is in the report.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/files.h"

namespace duliang {

using Print = std::function<void(std::string_view line)>;

struct Report {
  bool well = true;
  std::string first_fault;
  uint64_t frames = 0;
  uint64_t readings = 0;
  uint64_t rows = 0;
  uint64_t decisions = 0;
};

struct ReviewInput {
  std::string folder;
  Files* files = nullptr;
  Clock* clock = nullptr;
  std::string vfs;  // of SQLite; empty but in tests
};

// The whole chain from the first frame or the horizon, the damage behind its end if there is any,
// every part by itself and against the manifest, the lanes, what the overlay hides, the ledger's
// own check, and that the positions agree.
Result<Report> verify(const ReviewInput& input, const Print& print);

// Judges the whole journal anew by the code that runs live, from the inputs alone, and compares
// each frame with what was recorded. The first difference is named by frame. not_found where
// frames are retired: it begins with the first.
Result<Report> rejudge(const ReviewInput& input, const Print& print);

// Builds the folder `to` (which must not exist) from the journal alone; not_found where frames are
// retired.
Result<Report> replay(const ReviewInput& input, const std::string& to, const Print& print);

// Copies the folder to `to`, which must not exist: every file with its hash, complete when it has
// its name. An interrupted one leaves `to`-unfinished.
Result<Report> backup(const ReviewInput& input, const std::string& to, const Print& print);

// What is to be backed up, wherever it is: a folder, or one behind a server.
struct BackupSource {
  struct Listed {
    std::string name;  // below the folder: "journal/0000000000000000.log"
    uint64_t bytes = 0;
  };
  std::vector<Listed> files;
  // Bytes of the file from there on, as many as come at once; none only at its end.
  std::function<Result<std::string>(const std::string& name, uint64_t from)> read;
};
// The backup that backup() makes, in the folder `into`, which must not exist; that is to be asked
// first, before the source is disturbed.
Result<Report> write_backup(const ReviewInput& into, const BackupSource& source,
                            const Print& print);
Status refuse_existing_backup(Files& files, const std::string& to);

// Builds the folder (which must not exist) from a backup, each file checked against its hash, and
// verifies it. corrupt: the backup is not what was backed up.
Result<Report> restore(const ReviewInput& input, const std::string& from, const Print& print);

// Everything that is kept, one JSON line each, in a canonical order: equal folders give equal
// lines. conflict where a start would have to mend rows first.
Result<Report> dump(const ReviewInput& input, const Print& print);

}  // namespace duliang
