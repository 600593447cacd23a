// A check for each page of a database file. SQLite believes what it reads: a bit that has flipped
// in a row is served as the row. So a VFS stands between SQLite and the one that has the files. It
// puts a CRC-32C, which also covers the number of the page, into the last four bytes of each page
// that goes to the database file, and compares it when the page is read; SQLite leaves these bytes
// alone (they are "reserved" in its format) and other programs read the file as ever. SQLite's own
// log has checks of its own. Private to sqlite/; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

struct sqlite3;

namespace duliang {

// Registers the VFS `name` above the one called `below` (empty: the default one). `below` must stay
// registered as long as connections are open.
void register_checked_vfs(const std::string& name, const std::string& below);
void unregister_checked_vfs(const std::string& name);
// The one above the default VFS, for ever.
const std::string& checked_vfs();

// To be called before a new database is written to: makes the room in its pages.
void reserve_room_for_checks(sqlite3* database);
// The page that did not match its check, counted from 1, when a call has failed with
// SQLITE_IOERR_DATA.
std::optional<uint64_t> damaged_page(sqlite3* database);

}  // namespace duliang
