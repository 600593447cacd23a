// `duliang import` and `duliang export`: opens the folder, or connects to the server, and shows
// how far it is. What they do is in doors/csv/.
#pragma once

#include <string>
#include <vector>

namespace duliang {

// Where the house is: a folder that no server runs on, or a server.
struct TransferPlace {
  std::string data;
  std::string url;
};

struct ImportCommand {
  TransferPlace place;
  std::string mapping;
  std::vector<std::string> files;
  std::string rejects;  // file for all bad lines; empty: none
  std::string actor;
};

struct ExportCommand {
  TransferPlace place;
  std::vector<std::string> streams;
  std::string from, to_time, zone;
  bool wide = false;
  std::string to;  // file; empty: stdout
};

// Exit codes of both: 0 all is well; 1 not all was done: bad lines, or an error on the way; 2
// nothing was done.
int import_files(const ImportCommand& command);
int export_readings(const ExportCommand& command);

}  // namespace duliang
