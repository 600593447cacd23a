// The readings of a view as tables of SQL, so that one question joins what was measured with what
// exists (the ledger's tables are on the same connection):
//
//   readings (id, stream, begin, end, result, number, quality, feature, result_time, extras,
//             arrived)
//   streams  (stream, readings, first, last): the extent of each stream that ever had a reading
//
// Times are microseconds since 1970, as in the ledger's tables: time_text(begin) shows one, and
// time_of('2026-11-24T08:00:00+08:00') makes one. `result` is the JSON text as it came, `number`
// the number of a result that is one. `quality` is NULL where nobody said anything.
//
// `id =`, `stream =`, bounds of `begin` and `id` and of `number` are used to read few pages, and an
// ORDER BY of begin, of id, or of stream and begin costs no sorting, so that a LIMIT ends the
// reading. What a way costs is told to the planner by what the parts say of their pages.
#pragma once

#include "series/series.h"
#include "sqlite/virtual_table.h"

namespace duliang {

VirtualTable readings_table(const SeriesView& view);
VirtualTable streams_table(const SeriesView& view);
// Both, and the two functions, on the connection.
Status add_reading_tables(Connection& connection, const SeriesView& view);

}  // namespace duliang
