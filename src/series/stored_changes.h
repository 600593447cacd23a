// What of the overlay is kept in SQLite: the tables `overlay` (readings that read otherwise than
// the tail or a part holds them), `stream_cut`, and `reading_version`, which keeps each reading as
// it was before each change and is never shortened. Writer's thread; versions_of() of any
// connection.
#pragma once

#include "series/overlay.h"
#include "series/series.h"

namespace duliang {

Status create_change_tables(Connection& connection);

Result<std::vector<EntryPtr>> load_overlay(Connection& connection);
Status store_entry(Connection& connection, const OverlayEntry& entry);
Status forget_entry(Connection& connection, const OverlayEntry& entry);  // this one and no newer

// A version of a frame that has one already is that of the frame's first change, and stays.
Status store_version(Connection& connection, ReadingId id, const ReadingVersion& version);
// All that there are, by id, then frame.
Status each_version(Connection& connection,
                    const std::function<void(ReadingId, const ReadingVersion&)>& each);

// What was changed by frames behind `sequence`, as it was before; none: it was gone. too_large
// above limits::kPastChanges.
Result<std::vector<std::pair<ReadingId, std::optional<Reading>>>> changed_since(
    Connection& connection, uint64_t sequence);

// Where a stream was cut, and how many readings that hides. What it hides in parts is stored with
// it, so that opening need not count.
struct CutState {
  Time before{};
  uint64_t sequence = 0;
  uint64_t part_rows = 0;
  uint64_t tail_rows = 0;
};
using CutStates = std::map<StreamId, CutState>;
Result<CutStates> load_cuts(Connection& connection);
Status store_cut(Connection& connection, StreamId stream, const CutState& cut);

}  // namespace duliang
