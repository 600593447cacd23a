#include "bench/house.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <iostream>

#include "base/os/os_clock.h"
#include "base/os/os_files.h"
#include "bench/load.h"

namespace duliang::bench {
namespace {

// What a house of a live city does between turns some ten times a second is done so often here.
constexpr Duration kTendEvery = std::chrono::milliseconds{100};
// Readings of a command, as a gateway sends them.
constexpr size_t kCommandReadings = 4000;
// Of each stream: a day of ten million readings of a thousand streams.
constexpr Duration kStep = std::chrono::seconds{10};

Row named(TypeId type, int64_t id, const std::string& name) {
  Row row = make_row(type, RowId{id});
  row["name"] = name;
  row["description"] = std::string("of the benchmark");
  return row;
}

PutRows station_rows(const std::string& name, const std::string& observed) {
  Row thing = named(TypeId::thing, -1, name);
  thing["properties"] = *parse_json(R"({"town":"500155114"})");
  Row sensor = named(TypeId::sensor, -2, "thermometer");
  sensor["encodingType"] = std::string("text/html");
  sensor["metadata"] = Json("none");
  Row property = named(TypeId::observed_property, -3, observed);
  property["definition"] = "urn:" + observed;
  Row stream = named(TypeId::datastream, -4, name + " temperature");
  stream["observationType"] = std::string(
      "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement");
  stream["unitOfMeasurement"] = *parse_json(R"({"name":"C","symbol":"C","definition":null})");
  stream.link("Thing") = RowId{-1};
  stream.link("Sensor") = RowId{-2};
  stream.link("ObservedProperty") = RowId{-3};
  Row location = named(TypeId::location, -5, "place");
  location["encodingType"] = std::string("application/geo+json");
  location["location"] = *parse_json(R"({"type":"Point","coordinates":[107.48,30.53]})");
  PutRows put;
  for (Row* row : {&thing, &sensor, &property, &stream, &location}) {
    put.changes.push_back(RowChange::put(std::move(*row)));
  }
  put.changes.push_back(RowChange::linked(TypeId::thing,
                                          type_of(TypeId::thing).relation_index("Locations"),
                                          RowId{-1}, RowId{-5}));
  return put;
}

// Where readings of `steps` begin so that they end now, or with the month before where this month
// is too young to hold them.
Time start_of(Time now, Duration length) {
  const auto day = std::chrono::floor<std::chrono::days>(now);
  const std::chrono::year_month_day date(day);
  const Time month = std::chrono::sys_days(date.year() / date.month() / 1);
  // Late readings reach an hour back.
  const bool fits = now - length - std::chrono::hours{2} >= month;
  return (fits ? now : month) - length - std::chrono::minutes{1};
}

class Builder {
 public:
  Builder(BuiltHouse& house, City& city) : house_(house), city_(city) {}

  Status large(uint64_t count) {
    while (count > 0) {
      const uint64_t piece = std::min<uint64_t>(count, kCommandReadings);
      TRY_DO(post(piece));
      count -= piece;
    }
    return {};
  }

  Status alone(uint64_t count) {
    for (uint64_t i = 0; i < count; ++i) TRY_DO(post(1));
    return {};
  }

 private:
  Status post(uint64_t count) {
    PostReadings command;
    command.readings.reserve(count);
    for (uint64_t i = 0; i < count; ++i) command.readings.push_back(city_.next());
    TRY_DO(house_.tend_until(city_.now()));
    TRY_DO(house_.submit(std::move(command)));
    return house_.turn_all();
  }

  BuiltHouse& house_;
  City& city_;
};

// Of readings that stand far from each other.
Status correct(BuiltHouse& house, uint64_t count) {
  TRY(const View view, house.engine().view());
  std::vector<ReadingId> ids;
  TRY(const uint64_t readings, view.series.count());
  const uint64_t every = std::max<uint64_t>(1, readings / count);
  uint64_t seen = 0;
  TRY_DO(view.series.scan({}, [&](const Reading& reading) {
    if (seen++ % every == 0) ids.push_back(reading.id);
    return ids.size() < count;
  }));
  for (const ReadingId id : ids) {
    PatchReading patch;
    patch.id = id;
    patch.patch.result = "19.5";
    patch.patch.quality = Quality::corrected;
    patch.reason = "recalibrated";
    TRY_DO(house.submit(std::move(patch)));
    if (++seen % limits::kGroupCommands == 0) TRY_DO(house.turn_all());
  }
  return house.turn_all();
}

uint64_t readings_of(const HousePlan& plan) {
  uint64_t sum = plan.behind;
  for (const uint64_t part : plan.parts) sum += part;
  return sum;
}

}  // namespace

Result<std::unique_ptr<BuiltHouse>> BuiltHouse::open(const Settings& settings,
                                                     const std::string& folder, Time start,
                                                     size_t tail_readings) {
  std::unique_ptr<BuiltHouse> house(new BuiltHouse(start));
  EngineOptions options;
  options.folder = folder;
  options.readings_durability = Durability::process;
  options.tail_readings = tail_readings;
  options.trust_clock = true;
  TRY(house->engine_, Engine::open(options, house->clock_, house->files_, random_from_system()));
  TRY(const std::vector<std::string> paths, find_packs(house->files_, settings.packs));
  std::vector<Pack> packs;
  for (const std::string& path : paths) {
    TRY(Pack pack, read_pack(house->files_, path));
    packs.push_back(std::move(pack));
  }
  TRY(packs, in_loading_order(std::move(packs)));
  for (Pack& pack : packs) {
    TRY_DO(house->submit(LoadPack{std::move(pack)}));
    TRY_DO(house->turn_all());
  }
  return house;
}

Status BuiltHouse::add_stations(int count, const std::string& observed) {
  for (int i = 1; i <= count; ++i) {
    TRY_DO(submit(station_rows(fmt::format("station {}", i), observed)));
    if (i % 500 == 0) TRY_DO(turn_all());
  }
  return turn_all();
}

Status BuiltHouse::submit(decltype(Command::body) body) {
  Command command;
  command.door = "bench";
  command.body = std::move(body);
  engine_->submit(std::move(command), [this](const Result<Outcome>& outcome) {
    if (!outcome.ok() && !refused_) refused_ = outcome.error();
  });
  return {};
}

Status BuiltHouse::turn_all() {
  while (engine_->has_work()) TRY_DO(engine_->turn());
  return refused_ ? Status(*refused_) : Status();
}

Status BuiltHouse::tend_until(Time now) {
  const Duration on = now - clock_.now();
  if (on < kTendEvery) return {};
  clock_.advance(on);
  return engine_->tend();
}

Status in_child(const std::function<Status()>& work) {
  std::cout.flush();
  const pid_t child = fork();
  if (child == 0) {
    const Status done = work();
    if (!done.ok()) std::cerr << "bench: " << done.error().message << '\n';
    _exit(done.ok() ? 0 : 1);
  }
  int how = 0;
  waitpid(child, &how, 0);
  if (how == 0) return {};
  return Error{Code::unavailable, "What was to be measured could not be built.", ""};
}

Status build_house(const Settings& settings, const std::string& folder, const HousePlan& plan) {
  return in_child([&]() -> Status {
    const Duration length =
        kStep * static_cast<int64_t>(readings_of(plan) / static_cast<uint64_t>(plan.streams));
    const Time start = start_of(OsClock().now(), length);
    constexpr size_t kNever = size_t{1} << 40;  // checkpoints are taken by hand
    // Never closed: the process ends as by a kill.
    TRY(auto opened, BuiltHouse::open(settings, folder, start, kNever));
    BuiltHouse* const house = opened.release();
    TRY_DO(house->add_stations(plan.streams));
    TRY_DO(house->engine().checkpoint());
    City city(1, plan.streams, start, kStep);
    Builder builder(*house, city);
    for (const uint64_t part : plan.parts) {
      TRY_DO(builder.large(part));
      TRY_DO(house->engine().checkpoint());
    }
    if (plan.corrections > 0) TRY_DO(correct(*house, plan.corrections));
    constexpr uint64_t kRound = 10'000;
    for (uint64_t left = plan.behind; left > 0; left -= std::min(left, kRound)) {
      const uint64_t round = std::min(left, kRound);
      TRY_DO(builder.large(round * 4 / 5));
      TRY_DO(builder.alone(round - round * 4 / 5));
    }
    return house->tend_until(city.now() + std::chrono::seconds{1});
  });
}

Result<Process> serve(const Settings& settings, const std::string& folder, unsigned short port,
                      const std::string& durability) {
  return Process::start({settings.duliang, "serve", "--data", folder, "--listen",
                         "127.0.0.1:" + std::to_string(port), "--open", "--packs", settings.packs,
                         "--durability", durability},
                        port);
}

Result<Process> serve_new(const Settings& settings, const std::string& name, unsigned short port,
                          const std::string& durability, int stations) {
  const std::string folder = settings.folder + "/" + name;
  TRY_DO(build_house(settings, folder, {stations, {}, 0, 0}));
  TRY(Process process, serve(settings, folder, port, durability));
  TRY([[maybe_unused]] const std::string ready, request(port, get_text("/readyz")));
  return process;
}

Status copy_folder(const std::string& from, const std::string& to) {
  std::error_code failed;
  std::filesystem::copy(from, to, std::filesystem::copy_options::recursive, failed);
  if (!failed) return {};
  return Error{Code::io, fmt::format("{} can't be copied: {}", from, failed.message()), ""};
}

Result<double> metric(unsigned short port, const std::string& name) {
  TRY(const std::string text, request(port, get_text("/metrics")));
  const size_t at = text.find("\n" + name + " ");
  if (at == std::string::npos) return Error{Code::not_found, "There is no metric " + name, ""};
  return std::strtod(text.c_str() + at + name.size() + 2, nullptr);
}

}  // namespace duliang::bench
