// Exporting readings as CSV, in bounded memory: a line for each reading, stream behind stream, or,
// wide, a line for each time with a column for each stream. Results stand as their JSON text is
// kept, so that an import with `as: json` gives the same readings. One thread.
#pragma once

#include "doors/csv/house_access.h"

namespace duliang {

struct ExportOptions {
  std::vector<std::string> streams;  // ids or names; empty: all
  std::optional<Time> from;          // readings that begin at it or later
  std::optional<Time> to;            // and before it
  std::optional<Zone> zone;          // in which times are shown; none: UTC with a Z
  bool wide = false;
};

using WriteText = std::function<Status(std::string_view text)>;

// time,stream,thing,name,unit,result,quality; or, wide: time and a column for each stream, with
// several lines where streams have several readings of one time. Returns how many readings it
// wrote. not_found: no such stream; too_large: wide, with more than limits::kWideStreams.
Result<uint64_t> export_csv(const HouseAccess& access, const ExportOptions& options,
                            const WriteText& write);

// "2026-11-24T21:20:40", "2026-11-24T21:20" or "2026-11-24", in the zone where it names none.
Result<Time> parse_moment(const std::string& text, Zone zone);

}  // namespace duliang
