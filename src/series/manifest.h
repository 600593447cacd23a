// Which part files count: the table `part`, with a row for each. A file that it does not name was
// written by a job that was not committed, or replaced by one that was, and goes at the next
// opening. Writer's thread.
#pragma once

#include "series/kept_rows.h"
#include "sqlite/sqlite.h"

namespace duliang {

struct PartRow {
  std::string name;
  int64_t month = 0;
  uint64_t sequence = 0;
  uint64_t readings = 0;
  uint64_t bytes = 0;
  uint32_t written_s = 0;
};

Status create_manifest(Connection& connection);
Result<std::vector<PartRow>> read_manifest(Connection& connection);
// corrupt, naming the file: it is not there, or is not the part that the row says.
Result<NamedPart> open_part(Files& files, const std::string& path, const PartRow& row);
// Parts in `folder` that it does not name.
Result<std::vector<std::string>> others_in(Files& files, const std::string& folder,
                                           const std::vector<PartRow>& manifest);
// Opens the parts that it names in `folder` and removes other parts there, but where the connection
// may only read.
Result<Parts> open_parts(Files& files, const std::string& folder, Connection& connection);
Status write_part_row(Connection& connection, const NamedPart& part);
Status remove_part_row(Connection& connection, const std::string& name);

// N: the parts hold the readings of frames up to here.
Result<uint64_t> read_position(Connection& connection);
Status write_position(Connection& connection, uint64_t sequence);

// A name in `folder` that no file has: the sequence, the month, and a number where that is taken.
Result<std::string> free_part_name(Files& files, const std::string& folder, uint64_t sequence,
                                   int32_t month);
std::string path_in(const std::string& folder, std::string_view name);

}  // namespace duliang
