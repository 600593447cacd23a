// What `dump` prints of the series: every column of what is kept. Of the readings, how many a cut
// hides in parts and what the overlay holds is left out: that follows from when parts were written.
#include "series/lanes.h"
#include "series/series.h"
#include "series/stored_changes.h"

namespace duliang {
namespace {

using Line = std::function<void(std::string_view line)>;

// The members behind its id. The result and the extras are texts as they came; the names of the
// extras' members are within them. `arrived` stands in front of the result, which so ends the line
// of a reading that nobody said anything of.
std::string members_of(const Reading& reading) {
  std::string members =
      fmt::format(R"("stream":{},"phenomenonTime":"{}")", static_cast<int64_t>(reading.stream),
                  to_text(reading.phenomenon_time));
  if (reading.result_time) {
    members += fmt::format(R"(,"resultTime":"{}")", to_text(*reading.result_time));
  }
  if (reading.feature != kNoRow) {
    members += fmt::format(R"(,"feature":{})", static_cast<int64_t>(reading.feature));
  }
  const Time arrived{std::chrono::seconds{reading.arrived_s}};
  members += fmt::format(R"(,"arrived":"{}","result":{})", to_text(arrived), reading.result);
  if (reading.quality != Quality::unset) {
    members += fmt::format(R"(,"quality":"{}")", name_of(reading.quality));
  }
  if (!reading.extras.empty()) members += fmt::format(R"(,"extras":{})", reading.extras);
  return members;
}

std::string version_line(ReadingId id, const ReadingVersion& version) {
  std::string line =
      fmt::format(R"({{"version":{},"sequence":{},"time":"{}","actor":)", static_cast<int64_t>(id),
                  version.sequence, to_text(version.time));
  append_json_string(line, version.actor);
  line += R"(,"reason":)";
  append_json_string(line, version.reason);
  if (version.before) line += fmt::format(R"(,"before":{{{}}})", members_of(*version.before));
  return line + "}";
}

Status dump_cuts(Connection& connection, const Line& line) {
  TRY(const auto cuts, load_cuts(connection));
  for (const auto& [stream, cut] : cuts) {
    line(fmt::format(R"({{"cut":{},"before":"{}","sequence":{}}})", static_cast<int64_t>(stream),
                     to_text(cut.before), cut.sequence));
  }
  return {};
}

Status dump_lanes(const SeriesView& view, Connection& connection, const Line& line) {
  TRY(const auto rows, view.lane_rows(connection));
  for (const LaneRow& row : rows) {
    line(fmt::format(R"({{"lane":{},"lanes":{},"stream":{},"used":{}}})", row.run.first,
                     row.run.lanes, static_cast<int64_t>(row.run.stream), row.used));
  }
  return {};
}

}  // namespace

Status dump_readings(const SeriesView& view, Connection& connection, const Line& line) {
  ScanOptions options;
  options.order = ScanOrder::id;
  TRY_DO(view.scan(options, [&](const Reading& reading) {
    line(fmt::format(R"({{"reading":{},{}}})", static_cast<int64_t>(reading.id),
                     members_of(reading)));
    return true;
  }));
  TRY_DO(each_version(connection, [&](ReadingId id, const ReadingVersion& version) {
    line(version_line(id, version));
  }));
  TRY_DO(dump_cuts(connection, line));
  return dump_lanes(view, connection, line);
}

}  // namespace duliang
