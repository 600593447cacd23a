#include "tests/simulation/world.h"

#include "review/review.h"

namespace duliang {
namespace {

constexpr const char* kRules = R"(
rules:
  - key: high-level
    title: {zh: "{station} 水位", en: "{station} level"}
    streams: ObservedProperty/name eq 'level'
    opens: mend
    levels:
      - level: 1
        name: {zh: 保证, en: Guaranteed}
        threshold: properties/guaranteed_m
        raise: value ge threshold
        clear: value lt threshold sub 0.2
        raise_after: 10s
      - level: 3
        name: {zh: 警戒, en: Warning}
        threshold: properties/warning_m
        raise: value ge threshold
        clear: value lt threshold sub 0.2
)";

constexpr const char* kWorkflows = R"(
workflows:
  - key: mend
    title: {zh: 处理, en: Mend}
    steps:
      - {key: begin, title: {zh: 受理, en: Begin}}
      - {key: handle, title: {zh: 处置, en: Handle}, limit: 30m, unit_kind: emergency}
      - {key: check, title: {zh: 核查, en: Check}}
      - {key: end, title: {zh: 结案, en: End}, final: true}
    acts:
      - {key: go, title: {zh: 派, en: Go}, from: [begin], to: handle, automatic: true}
      - {key: done, title: {zh: 完成, en: Done}, from: [handle], to: check, sets: Handler}
      - key: close
        title: {zh: 结案, en: Close}
        from: [check]
        to: end
        guard: actor/id ne case/Handler/id
        reason: {zh: 不能自查, en: Not by the handler}
        sets: Checker
      - {key: back, title: {zh: 退回, en: Back}, from: [check], to: handle, needs_note: true}
)";

constexpr const char* kPlaces = R"(
towns:
  - {code: "1", name: {zh: 甲镇, en: Jia}, kind: 镇, point: [107.5, 30.5]}
  - {code: "2", name: {zh: 乙镇, en: Yi}, kind: 镇}
units:
  - {key: jia, name: {zh: 甲办, en: Jia office}, kind: emergency, town: "1"}
  - {key: all, name: {zh: 区办, en: District office}, kind: emergency}
people:
  - {key: ann, name: {zh: 安, en: Ann}, role: {zh: 员, en: Clerk}, unit: jia}
  - {key: ben, name: {zh: 本, en: Ben}, role: {zh: 员, en: Clerk}, unit: all}
)";

std::string pack_yaml(const char* key, int version, bool district) {
  return fmt::format(
      "pack: {}\nversion: \"{}\"\nname: {{zh: 试, en: Trial}}\n{}", key, version,
      district ? "district: {code: \"500155\", name: {zh: 区, en: District}, prefix: LP}\n" : "");
}

std::vector<Pack> trial_packs(int version) {
  // The second version moves a threshold's hysteresis: the rule gets a new row.
  std::string rules = kRules;
  if (version > 1) rules.replace(rules.find("sub 0.2"), 7, "sub 0.3");
  auto places = check_pack({{"pack.yaml", pack_yaml("places", version, true)},
                            {"places.yaml", kPlaces},
                            {"workflows.yaml", kWorkflows}});
  auto watch =
      check_pack({{"pack.yaml", pack_yaml("water", version, false)}, {"rules.yaml", rules}});
  EXPECT_TRUE(places.ok()) << (places.ok() ? "" : places.error().message);
  EXPECT_TRUE(watch.ok()) << (watch.ok() ? "" : watch.error().message);
  return {*places, *watch};
}

}  // namespace

World::World(uint64_t seed)
    : random_(seed),
      durability_(random_.chance(0.7) ? Durability::power : Durability::process),
      tail_readings_(5 + random_.below(60)),
      steps_(static_cast<int>(60 + random_.below(80))) {}

std::string World::open() {
  EngineOptions options;
  options.readings_durability = durability_;
  options.tail_readings = tail_readings_;
  // Power may go again while the program recovers; that is one more start.
  constexpr int kStarts = 100;
  Status opened = house_.open(options);
  for (int start = 1; !opened.ok() && house_.files.dead() && start < kStarts; ++start) {
    ++happened["died while opening"];
    house_.close();
    house_.files.crash(random_);
    opened = house_.open(options);
  }
  if (!opened.ok()) return "open: " + opened.error().message;
  dead_ = false;
  ++happened["opened"];
  return {};
}

std::string World::load_packs() {
  const int version = happened["packs"] < 2 ? 1 : 2;
  for (Pack& pack : trial_packs(version)) {
    std::string refused;
    Command command;
    command.door = "start";
    command.body = LoadPack{std::move(pack)};
    house_.engine->submit(std::move(command), [&](const Result<Outcome>& outcome) {
      if (!outcome.ok()) refused = "pack: " + outcome.error().message;
      if (outcome.ok() && outcome->sequence > 0) sequence_ = outcome->sequence;
    });
    if (auto failed = turns(); !failed.empty()) return failed;
    if (dead_) return {};
    if (!refused.empty()) return refused;
    ++happened["packs"];
  }
  return {};
}

// Takes turns until the queue is empty. A turn that fails means that the machine died: nothing more
// is asked of this engine.
std::string World::turns() {
  while (house_.engine->has_work()) {
    if (auto turned = house_.engine->turn(); !turned.ok()) {
      if (!house_.files.dead()) return "turn: " + turned.error().message;
      dead_ = true;
      ++happened["died in a turn"];
      return {};
    }
  }
  return {};
}

void World::post_station() {
  const size_t number = things_.size() + 1;
  const std::string name = fmt::format("station {}-{}", number, random_.below(1000));
  const std::string town = random_.chance(0.5) ? R"("town":"1")" : R"("side":"left")";
  Request request;
  request.method = Method::post;
  request.path = "/v1.1/Things";
  request.host = "h";
  request.body = fmt::format(
      R"({{"name":"{}","description":"d","properties":{{{}}},
          "Locations":[{{"name":"l","description":"d","encodingType":"application/geo+json",
                         "location":{{"type":"Point","coordinates":[107.5,30.6]}}}}],
          "Datastreams":[{{"name":"s","description":"d","observationType":"o",
             "unitOfMeasurement":{{"name":"m","symbol":"m","definition":null}},
             "properties":{{"guaranteed_m":4,"warning_m":3}},
             "Sensor":{{"name":"s","description":"d","encodingType":"text/html","metadata":"m"}},
             "ObservedProperty":{{"name":"level","definition":"u","description":"d"}}}}]}})",
      name, town);
  Response unused;
  const Route* route = house_.router->find(request.method, request.path, unused);
  Reply reply;
  reply.send = [this, name](const Response& response) {
    if (response.status != 201) return;
    const size_t at = response.location.rfind('(');
    const int64_t id = std::stoll(response.location.substr(at + 1));
    things_[id] = name;
    level_[id] = 2.5;  // each Thing has one stream, made with it: the ids are the same
    sequence_ = house_.engine->status().sequence;
  };
  route->endpoint(request, reply);
  ++happened["station"];
}

void World::post_reading() {
  if (level_.empty()) return post_station();
  auto stream = level_.begin();
  std::advance(stream, static_cast<long>(random_.below(level_.size())));
  stream->second = std::clamp(stream->second + (random_.uniform() - 0.48) * 0.9, 1.0, 5.5);
  std::string result = fmt::format("{:.2f}", stream->second);
  if (random_.chance(0.03)) result = "\"ice\"";
  Time time = house_.clock.now() + Duration{static_cast<int64_t>(random_.below(1'000'000))};
  Time& last = last_time_[stream->first];
  if (random_.chance(0.08)) time -= std::chrono::minutes{5};  // late
  if (random_.chance(0.05) && last != Time{}) time = last;    // doubled
  if (random_.chance(0.02)) time += std::chrono::hours{30};   // a device with a wrong clock
  last = time;
  Reading reading;
  reading.stream = StreamId{stream->first};
  reading.phenomenon_time = {time, time};
  reading.result = result;
  Command command;
  command.door = "sensorthings";
  PostReadings post;
  post.readings.push_back(reading);
  command.body = std::move(post);
  house_.engine->submit(std::move(command), [this, reading](const Result<Outcome>& outcome) {
    if (!outcome.ok()) return;
    readings_[outcome->readings.front()] = {reading.stream, reading.result};
    sequence_ = outcome->sequence;
  });
  ++happened["reading"];
}

void World::act() {
  constexpr const char* kActs[] = {"done", "close", "back", "go", "dance"};
  constexpr const char* kActors[] = {"ann", "ben", "ann", "ben", "nobody"};
  Command command;
  command.door = "city";
  command.actor = kActors[random_.below(5)];
  command.body = ActOnCase{RowId{static_cast<int64_t>(1 + random_.below(6))},
                           kActs[random_.below(5)], random_.chance(0.7) ? "seen" : ""};
  house_.engine->submit(std::move(command), [this](const Result<Outcome>& outcome) {
    if (outcome.ok()) sequence_ = outcome->sequence;
    ++happened[outcome.ok() ? "act" : "refused act"];
  });
}

std::string World::step() {
  const uint64_t what = random_.below(100);
  if (what < 62) {
    for (uint64_t i = 1 + random_.below(5); i > 0; --i) post_reading();
  } else if (what < 66 && things_.size() < 5) {
    post_station();
  } else if (what < 80) {
    act();
  } else if (what < 84) {
    return crash(false);
  } else if (what < 88) {
    return crash(true);
  } else if (what < 91) {
    house_.files.fault_at(1 + random_.below(12), SimFiles::Fault::die);
  } else if (what < 93) {
    house_.clock.jump_wall(std::chrono::minutes{static_cast<int64_t>(random_.below(2000)) - 1000});
    ++happened["clock jump"];
  } else if (what < 95) {
    return load_packs();
  } else {
    house_.clock.advance(std::chrono::hours{random_.below(20)});
    ++happened["downtime"];
  }
  house_.clock.advance(std::chrono::milliseconds{100 + random_.below(20'000)});
  return turns();
}

std::string World::crash(bool power) {
  house_.close();
  if (power) {
    house_.files.crash(random_);
  } else {
    house_.files.kill();
  }
  ++happened[power ? "power lost" : "killed"];
  if (auto opened = open(); !opened.empty()) return opened;
  if (durability_ == Durability::process && power) {
    // What was only written may be gone, but nothing that came before something that is still
    // there.
    const auto view = house_.engine->view();
    if (!view.ok()) return "view: " + view.error().message;
    std::erase_if(readings_, [&](const auto& entry) {
      const auto found = view->series.find(entry.first);
      return found.ok() && !found->has_value();
    });
    sequence_ = std::min(sequence_, house_.engine->status().sequence);
  }
  return check();
}

std::string World::check_readings(const View& view) {
  for (const auto& [id, expected] : readings_) {
    const auto found = view.series.find(id);
    if (!found.ok()) return "reading: " + found.error().message;
    if (!found->has_value()) {
      return fmt::format("reading {} was acknowledged and is gone", static_cast<int64_t>(id));
    }
    if ((*found)->result != expected.result || (*found)->stream != expected.stream) {
      return fmt::format("reading {} has changed", static_cast<int64_t>(id));
    }
  }
  return {};
}

std::string World::check_alarms(const View& view) {
  std::map<std::pair<std::string, int64_t>, int> open_alarms;
  std::map<int64_t, int> open_cases;
  const auto alarms = view.ledger.rows({TypeId::alarm, {}, {}, kNoRow, false, {}}, 10'000);
  const auto cases = view.ledger.rows({TypeId::case_file, {}, {}, kNoRow, false, {}}, 10'000);
  if (!alarms.ok() || !cases.ok()) return "rows can't be read";
  for (const Row& row : *cases) {
    if (row.text("state") == "open") ++open_cases[static_cast<int64_t>(row.link("Alarm"))];
  }
  for (const Row& row : *alarms) {
    const bool open =
        row.text("state") == "active" || open_cases.contains(static_cast<int64_t>(row.id));
    if (!open) continue;
    const auto stream = static_cast<int64_t>(row.link("Datastream"));
    if (++open_alarms[{"high-level", stream}] > 1)
      return fmt::format("two open alarms for stream {}", stream);
  }
  for (const auto& [alarm, count] : open_cases) {
    if (count > 1) return fmt::format("two open cases for alarm {}", alarm);
  }
  happened["alarms"] = std::max(happened["alarms"], static_cast<int>(alarms->size()));
  happened["cases"] = std::max(happened["cases"], static_cast<int>(cases->size()));
  return {};
}

std::string World::check() {
  const auto view = house_.engine->view();
  if (!view.ok()) return "view: " + view.error().message;
  if (house_.engine->status().sequence < sequence_) {
    return fmt::format("frame {} was acknowledged, the journal ends with {}", sequence_,
                       house_.engine->status().sequence);
  }
  for (const auto& [id, name] : things_) {
    const auto row = view->ledger.find(TypeId::thing, RowId{id});
    if (!row.ok() || !row->has_value() || (*row)->text("name") != name) {
      return fmt::format("station {} was acknowledged and is gone ({})", id,
                         !row.ok()          ? row.error().message
                         : row->has_value() ? (*row)->text("name") + " not " + name
                                            : "no row");
    }
  }
  if (auto failed = check_readings(*view); !failed.empty()) return failed;
  return check_alarms(*view);
}

std::string dump_text(HouseForTest& house, const std::string& folder, std::string& fault) {
  std::string text;
  const auto report = dump({folder, &house.files, &house.clock, kTestVfs},
                           [&text](std::string_view line) { text.append(line).append("\n"); });
  if (!report.ok()) fault = "dump: " + report.error().message;
  return text;
}

// The folder is whole, the past judged anew gives the same, and the journal alone gives the same
// folder.
std::string World::check_end() {
  house_.close();
  const auto silent = [](std::string_view) {};
  const ReviewInput input{kTestFolder, &house_.files, &house_.clock, kTestVfs};
  for (const auto& [name, review] :
       {std::pair{"verify", &verify}, std::pair{"rejudge", &rejudge}}) {
    const auto report = review(input, silent);
    if (!report.ok()) return fmt::format("{}: {}", name, report.error().message);
    if (!report->well) return fmt::format("{}: {}", name, report->first_fault);
  }
  const auto replayed = replay(input, "/replayed", silent);
  if (!replayed.ok()) return "replay: " + replayed.error().message;
  std::string fault;
  const std::string live = dump_text(house_, kTestFolder, fault);
  const std::string again = dump_text(house_, "/replayed", fault);
  if (!fault.empty()) return fault;
  if (live != again) return "the folder built from the journal differs from the live one";
  if (live.empty()) return "the dump is empty";
  return {};
}

std::string World::live() {
  if (auto failed = open(); !failed.empty()) return failed;
  if (auto failed = load_packs(); !failed.empty()) return failed;
  for (int i = 0; i < steps_; ++i) {
    std::string failed = step();
    if (failed.empty() && !dead_ && !house_.files.dead()) {
      if (auto tended = house_.engine->tend(); !tended.ok() && !house_.files.dead()) {
        failed = "tend: " + tended.error().message;
      }
    }
    if (failed.empty() && (dead_ || house_.files.dead())) failed = crash(true);
    if (!failed.empty()) return fmt::format("step {}: {}", i, failed);
  }
  house_.files.fault_at(0, SimFiles::Fault::die);
  if (auto failed = crash(false); !failed.empty()) return "end: " + failed;
  return check_end();
}

}  // namespace duliang
