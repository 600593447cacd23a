#include "series/stored_changes.h"

#include "base/bytes.h"
#include "base/limits.h"

namespace duliang {
namespace {

// A reading whole: its verdict and when it arrived, which a frame does not carry, before it.
std::string encode_whole(const Reading& reading) {
  std::string bytes;
  put_u8(bytes, static_cast<uint8_t>(reading.quality));
  put_u32(bytes, reading.arrived_s);
  Reading plain = reading;
  plain.quality = Quality::unset;
  encode(bytes, plain, Reading{});
  return bytes;
}

Result<Reading> decode_whole(std::string_view bytes) {
  Reader in(bytes);
  const uint8_t quality = in.u8();
  const uint32_t arrived_s = in.u32();
  TRY(Reading reading, decode_reading(in, Reading{}));
  if (!in.done() || quality > static_cast<uint8_t>(Quality::corrected)) {
    return Error{Code::corrupt, "A changed reading does not decode.", ""};
  }
  reading.quality = static_cast<Quality>(quality);
  reading.arrived_s = arrived_s;
  return reading;
}

}  // namespace

Status create_change_tables(Connection& connection) {
  return connection.execute(
      "CREATE TABLE IF NOT EXISTS overlay(id INTEGER PRIMARY KEY, sequence INTEGER NOT NULL, "
      "stream INTEGER NOT NULL, kept INTEGER, reading BLOB);"
      "CREATE TABLE IF NOT EXISTS reading_version(id INTEGER, sequence INTEGER, "
      "time INTEGER NOT NULL, actor TEXT NOT NULL, reason TEXT NOT NULL, before BLOB, "
      "PRIMARY KEY(id, sequence)) WITHOUT ROWID;"
      "CREATE INDEX IF NOT EXISTS reading_version_of_frame ON reading_version(sequence);"
      "CREATE TABLE IF NOT EXISTS stream_cut(stream INTEGER PRIMARY KEY, before INTEGER NOT NULL, "
      "sequence INTEGER NOT NULL, hidden INTEGER NOT NULL)");
}

Result<std::vector<EntryPtr>> load_overlay(Connection& connection) {
  TRY(auto rows, connection.prepare("SELECT id, sequence, stream, kept, reading FROM overlay"));
  std::vector<EntryPtr> entries;
  for (;;) {
    TRY(bool stands, rows.step());
    if (!stands) return entries;
    OverlayEntry entry;
    entry.removed = rows.is_null(4);
    if (!entry.removed) {
      TRY(entry.reading, decode_whole(rows.blob(4)));
    }
    const ReadingId id{rows.integer(0)};
    const StreamId stream{rows.integer(2)};
    if (!entry.removed && (entry.reading.id != id || entry.reading.stream != stream)) {
      return Error{Code::corrupt,
                   fmt::format("The changed reading {} says that it is another.", rows.integer(0)),
                   "overlay"};
    }
    entry.reading.id = id;
    entry.reading.stream = stream;
    entry.sequence = static_cast<uint64_t>(rows.integer(1));
    if (!rows.is_null(3)) entry.kept = time_at(rows.integer(3));
    entries.push_back(std::make_shared<const OverlayEntry>(std::move(entry)));
  }
}

Status store_entry(Connection& connection, const OverlayEntry& entry) {
  TRY(Statement * put,
      connection.cached("INSERT OR REPLACE INTO overlay(id, sequence, stream, kept, reading) "
                        "VALUES (?1, ?2, ?3, ?4, ?5)"));
  put->bind(1, static_cast<int64_t>(entry.reading.id));
  put->bind(2, static_cast<int64_t>(entry.sequence));
  put->bind(3, static_cast<int64_t>(entry.reading.stream));
  if (entry.kept) put->bind(4, number(*entry.kept));
  if (!entry.removed) put->bind_blob(5, encode_whole(entry.reading));
  return put->run();
}

Status forget_entry(Connection& connection, const OverlayEntry& entry) {
  TRY(Statement * remove, connection.cached("DELETE FROM overlay WHERE id = ?1 AND sequence = ?2"));
  remove->bind(1, static_cast<int64_t>(entry.reading.id));
  remove->bind(2, static_cast<int64_t>(entry.sequence));
  return remove->run();
}

Status store_version(Connection& connection, ReadingId id, const ReadingVersion& version) {
  TRY(Statement * put,
      connection.cached("INSERT OR IGNORE INTO reading_version(id, sequence, time, actor, reason, "
                        "before) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"));
  put->bind(1, static_cast<int64_t>(id));
  put->bind(2, static_cast<int64_t>(version.sequence));
  put->bind(3, number(version.time));
  put->bind(4, version.actor);
  put->bind(5, version.reason);
  if (version.before) put->bind_blob(6, encode_whole(*version.before));
  return put->run();
}

namespace {

// Of a row of sequence, time, actor, reason and before, in this order.
Result<ReadingVersion> version_in(Statement& rows) {
  ReadingVersion version;
  version.sequence = static_cast<uint64_t>(rows.integer(0));
  version.time = time_at(rows.integer(1));
  version.actor = rows.text(2);
  version.reason = rows.text(3);
  if (!rows.is_null(4)) {
    TRY(version.before, decode_whole(rows.blob(4)));
  }
  return version;
}

}  // namespace

Result<std::vector<ReadingVersion>> versions_of(Connection& connection, ReadingId id) {
  TRY(auto rows, connection.prepare("SELECT sequence, time, actor, reason, before "
                                    "FROM reading_version WHERE id = ?1 ORDER BY sequence"));
  rows.bind(1, static_cast<int64_t>(id));
  std::vector<ReadingVersion> versions;
  for (;;) {
    TRY(bool stands, rows.step());
    if (!stands) return versions;
    TRY(auto version, version_in(rows));
    versions.push_back(std::move(version));
  }
}

Status each_version(Connection& connection,
                    const std::function<void(ReadingId, const ReadingVersion&)>& each) {
  TRY(auto rows, connection.prepare("SELECT sequence, time, actor, reason, before, id "
                                    "FROM reading_version ORDER BY id, sequence"));
  for (;;) {
    TRY(bool stands, rows.step());
    if (!stands) return {};
    TRY(const auto version, version_in(rows));
    each(ReadingId{rows.integer(5)}, version);
  }
}

Result<std::vector<std::pair<ReadingId, std::optional<Reading>>>> changed_since(
    Connection& connection, uint64_t sequence) {
  TRY(auto rows, connection.prepare("SELECT id, before FROM reading_version WHERE sequence > ?1 "
                                    "ORDER BY id, sequence"));
  rows.bind(1, static_cast<int64_t>(sequence));
  std::vector<std::pair<ReadingId, std::optional<Reading>>> changed;
  for (;;) {
    TRY(bool stands, rows.step());
    if (!stands) return changed;
    const ReadingId id{rows.integer(0)};
    if (!changed.empty() && changed.back().first == id) continue;  // a later change of it
    if (changed.size() == limits::kPastChanges) {
      return Error{Code::too_large,
                   fmt::format("More than {} readings were changed since; ask for a later time.",
                               limits::kPastChanges),
                   "as_of"};
    }
    std::optional<Reading> before;
    if (!rows.is_null(1)) {
      TRY(before, decode_whole(rows.blob(1)));
    }
    changed.emplace_back(id, std::move(before));
  }
}

Result<CutStates> load_cuts(Connection& connection) {
  TRY(auto rows, connection.prepare("SELECT stream, before, sequence, hidden FROM stream_cut"));
  CutStates cuts;
  for (;;) {
    TRY(bool stands, rows.step());
    if (!stands) return cuts;
    cuts[StreamId{rows.integer(0)}] = {time_at(rows.integer(1)),
                                       static_cast<uint64_t>(rows.integer(2)),
                                       static_cast<uint64_t>(rows.integer(3)), 0};
  }
}

Status store_cut(Connection& connection, StreamId stream, const CutState& cut) {
  TRY(Statement * put,
      connection.cached("INSERT OR REPLACE INTO stream_cut VALUES (?1, ?2, ?3, ?4)"));
  put->bind(1, static_cast<int64_t>(stream));
  put->bind(2, number(cut.before));
  put->bind(3, static_cast<int64_t>(cut.sequence));
  put->bind(4, static_cast<int64_t>(cut.part_rows));
  return put->run();
}

}  // namespace duliang
