// The house in this process: what an import and an export ask of it go to its engine.
#include "doors/csv/house_access.h"
#include "doors/odata/render.h"

namespace duliang {
namespace {

Result<Json> ask_engine(Engine& engine, const std::string& path, const std::string& query) {
  TRY(const View view, engine.view());
  const std::string below = path.substr(kSensorThingsRoot.size() + 1);
  TRY(const Shown shown,
      answer_get(view, rendering_of("localhost", Face::sensorthings), below, query));
  return parse_json(shown.response.body);
}

Result<Refusals> post_all(Engine& engine, const std::string& actor,
                          std::span<const Reading> readings) {
  Command command;
  command.actor = actor;
  command.door = "import";
  command.body = PostReadings{{readings.begin(), readings.end()}};
  Status posted;
  engine.submit(std::move(command), [&posted](const Result<Outcome>& outcome) {
    if (!outcome.ok()) posted = outcome.error();
  });
  while (engine.has_work()) TRY_DO(engine.turn());
  TRY_DO(posted);
  TRY_DO(engine.tend());
  return Refusals(readings.size());
}

// However long it takes: when a view expires, the next one goes on behind the last reading.
Status scan_stream(Engine& engine, ScanOptions options,
                   const std::function<bool(const Reading&)>& each) {
  CHECK(options.stream && options.order == ScanOrder::time && !options.descending,
        "one stream, in order of time");
  ReadingId last{0};
  for (;;) {
    // The rows are not needed, and their connection goes back at once.
    SeriesView series;
    {
      TRY(const View view, engine.view());
      series = view.series;
    }
    bool stopped = false;
    bool moved = false;
    const auto hand_on = [&](const Reading& reading) {
      const Time begin = reading.phenomenon_time.begin;
      if (last != ReadingId{0} && begin == options.from && reading.id <= last) return true;
      options.from = begin;
      last = reading.id;
      moved = true;
      stopped = !each(reading);
      return !stopped;
    };
    const Status scanned = series.scan(ScanOptions(options), hand_on);
    if (scanned.ok() || !series.expired() || stopped || !moved) return scanned;
  }
}

}  // namespace

HouseAccess access_to(Engine& engine, std::string actor) {
  HouseAccess access;
  access.streams = [&engine] {
    return list_streams([&engine](const std::string& path, const std::string& query) {
      return ask_engine(engine, path, query);
    });
  };
  access.scan = [&engine](const ScanOptions& options, const auto& each) {
    return scan_stream(engine, options, each);
  };
  access.post = [&engine, actor = std::move(actor)](std::span<const Reading> readings) {
    return post_in_halves(readings, [&engine, &actor](std::span<const Reading> some) {
      return post_all(engine, actor, some);
    });
  };
  access.finish = [&engine] { return engine.checkpoint(); };
  return access;
}

}  // namespace duliang
