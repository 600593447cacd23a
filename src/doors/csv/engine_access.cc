// The house in this process: what an import and an export ask of it go to its engine.
#include "doors/csv/house_access.h"
#include "doors/odata/render.h"

namespace duliang {
namespace {

Result<Json> ask_engine(Engine& engine, const std::string& path, const std::string& query) {
  TRY(const View view, engine.view());
  const std::string below = path.substr(kSensorThingsRoot.size() + 1);
  TRY(const std::string text,
      answer_get(view, rendering_of("localhost", Face::sensorthings), below, query));
  return parse_json(text);
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

}  // namespace

HouseAccess access_to(Engine& engine, std::string actor) {
  HouseAccess access;
  access.streams = [&engine] {
    return list_streams([&engine](const std::string& path, const std::string& query) {
      return ask_engine(engine, path, query);
    });
  };
  access.scan = [&engine](const ScanOptions& options, const auto& each) -> Status {
    CHECK(options.stream, "one stream is scanned at a time");
    // The rows are not needed any more, and their connection is lent for some seconds only.
    SeriesView series;
    {
      TRY(const View view, engine.view());
      series = view.series;
    }
    return series.scan(options, each);
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
