#include "series/manifest.h"

#include <algorithm>

namespace duliang {
namespace {

constexpr std::string_view kPartEnding = ".part";

Status remove_others(Files& files, const std::string& folder,
                     const std::vector<PartRow>& manifest) {
  TRY(const auto others, others_in(files, folder, manifest));
  for (const std::string& name : others) TRY_DO(files.remove(path_in(folder, name)));
  return {};
}

}  // namespace

std::string path_in(const std::string& folder, std::string_view name) {
  return fmt::format("{}/{}", folder, name);
}

Status create_manifest(Connection& connection) {
  return connection.execute(
      "CREATE TABLE IF NOT EXISTS part(name TEXT PRIMARY KEY, month INTEGER NOT NULL, "
      "sequence INTEGER NOT NULL, readings INTEGER NOT NULL, bytes INTEGER NOT NULL, "
      "written INTEGER NOT NULL) WITHOUT ROWID;"
      "CREATE TABLE IF NOT EXISTS series_position("
      "one INTEGER PRIMARY KEY CHECK (one = 1), sequence INTEGER NOT NULL)");
}

Result<std::vector<PartRow>> read_manifest(Connection& connection) {
  TRY(auto rows, connection.prepare("SELECT name, month, sequence, readings, bytes, written "
                                    "FROM part ORDER BY month, sequence, name"));
  std::vector<PartRow> parts;
  for (;;) {
    TRY(bool stands, rows.step());
    if (!stands) return parts;
    parts.push_back({std::string(rows.text(0)), rows.integer(1),
                     static_cast<uint64_t>(rows.integer(2)), static_cast<uint64_t>(rows.integer(3)),
                     static_cast<uint64_t>(rows.integer(4)),
                     static_cast<uint32_t>(rows.integer(5))});
  }
}

Result<NamedPart> open_part(Files& files, const std::string& path, const PartRow& row) {
  TRY(bool exists, files.exists(path));
  if (!exists) {
    return Error{Code::corrupt,
                 fmt::format("The manifest names the part {}, which is not there.", path), path};
  }
  TRY(auto part, Part::open(files, path));
  const PartSummary& summary = part->summary();
  if (summary.sequence != row.sequence || summary.bounds.readings != row.readings ||
      summary.month != row.month || summary.bytes != row.bytes) {
    return Error{Code::corrupt,
                 fmt::format("The part {} holds {} readings of month {} up to frame {} in {} "
                             "bytes, and the manifest says {} of month {} up to frame {} in {}.",
                             path, summary.bounds.readings, summary.month, summary.sequence,
                             summary.bytes, row.readings, row.month, row.sequence, row.bytes),
                 path};
  }
  return NamedPart{row.name, row.written_s, std::move(part)};
}

Result<std::vector<std::string>> others_in(Files& files, const std::string& folder,
                                           const std::vector<PartRow>& manifest) {
  TRY(auto names, files.list(folder));
  std::erase_if(names, [&](const std::string& name) {
    return !name.ends_with(kPartEnding) ||
           std::ranges::find(manifest, name, &PartRow::name) != manifest.end();
  });
  return names;
}

Result<Parts> open_parts(Files& files, const std::string& folder, Connection& connection) {
  TRY(const auto manifest, read_manifest(connection));
  CHECK(!folder.empty() || manifest.empty(), "parts stand in a folder");
  Parts parts;
  if (folder.empty()) return parts;
  if (!connection.read_only()) {
    TRY_DO(make_durable_folder(files, folder));  // else the first parts could vanish with its name
    TRY_DO(remove_others(files, folder, manifest));
  }
  for (const PartRow& row : manifest) {
    TRY(auto part, open_part(files, path_in(folder, row.name), row));
    parts.push_back(std::move(part));
  }
  return parts;
}

Status write_part_row(Connection& connection, const NamedPart& part) {
  const PartSummary& summary = part.part->summary();
  TRY(Statement * put,
      connection.cached("INSERT INTO part(name, month, sequence, readings, bytes, written) "
                        "VALUES (?1, ?2, ?3, ?4, ?5, ?6)"));
  put->bind(1, part.name);
  put->bind(2, int64_t{summary.month});
  put->bind(3, static_cast<int64_t>(summary.sequence));
  put->bind(4, static_cast<int64_t>(summary.bounds.readings));
  put->bind(5, static_cast<int64_t>(summary.bytes));
  put->bind(6, int64_t{part.written_s});
  return put->run();
}

Status remove_part_row(Connection& connection, const std::string& name) {
  TRY(Statement * remove, connection.cached("DELETE FROM part WHERE name = ?1"));
  remove->bind(1, name);
  return remove->run();
}

Result<uint64_t> read_position(Connection& connection) {
  TRY(auto row, connection.prepare("SELECT sequence FROM series_position"));
  TRY(bool stands, row.step());
  return stands ? static_cast<uint64_t>(row.integer(0)) : uint64_t{0};
}

Status write_position(Connection& connection, uint64_t sequence) {
  TRY(Statement * put, connection.cached("INSERT OR REPLACE INTO series_position VALUES (1, ?1)"));
  put->bind(1, static_cast<int64_t>(sequence));
  return put->run();
}

Result<std::string> free_part_name(Files& files, const std::string& folder, uint64_t sequence,
                                   int32_t month) {
  const std::string stem = fmt::format("{:016x}-{:04}{:02}", sequence, month / 12, month % 12 + 1);
  std::string name = fmt::format("{}{}", stem, kPartEnding);
  for (int number = 2;; ++number) {
    TRY(const bool taken, files.exists(path_in(folder, name)));
    if (!taken) return name;
    name = fmt::format("{}-{}{}", stem, number, kPartEnding);
  }
}

}  // namespace duliang
