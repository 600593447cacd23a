// An engine on the simulated disk and clock, for the tests of this room.
#pragma once

#include <gtest/gtest.h>

#include <set>

#include "base/sim/sim_clock.h"
#include "base/sim/sim_files.h"
#include "engine/engine.h"
#include "sqlite/vfs.h"

namespace duliang {

inline constexpr const char* kVfs = "engine_test";

class EngineTest : public testing::Test {
 protected:
  void SetUp() override { register_vfs(kVfs, files_); }
  void TearDown() override {
    engine_.reset();
    unregister_vfs(kVfs);
  }

  Status open(size_t tail_readings = limits::kTailReadings, TurnLimits turn = {}) {
    EngineOptions options;
    options.turn = turn;
    options.folder = "/data";
    options.vfs = kVfs;
    options.tail_readings = tail_readings;
    TRY(engine_, Engine::open(options, clock_, files_, Random(1)));
    return {};
  }

  Result<Outcome> run(Command command) {
    Result<Outcome> answer = Error{Code::unavailable, "not answered", ""};
    engine_->submit(std::move(command),
                    [&answer](const Result<Outcome>& outcome) { answer = outcome; });
    while (engine_->has_work()) {
      if (auto turned = engine_->turn(); !turned.ok()) return turned.error();
    }
    return answer;
  }

  static Command station(const std::string& name) {
    Row thing = make_row(TypeId::thing, RowId{-1});
    thing["name"] = name;
    thing["description"] = std::string("d");
    Row sensor = make_row(TypeId::sensor, RowId{-2});
    sensor["name"] = std::string("s");
    sensor["description"] = std::string("d");
    sensor["encodingType"] = std::string("text/html");
    sensor["metadata"] = Json("m");
    Row property = make_row(TypeId::observed_property, RowId{-3});
    property["name"] = std::string("p");
    property["definition"] = std::string("u");
    property["description"] = std::string("d");
    Row stream = make_row(TypeId::datastream, RowId{-4});
    stream["name"] = std::string("x");
    stream["description"] = std::string("d");
    stream["observationType"] = std::string("o");
    stream["unitOfMeasurement"] = Json::object();
    stream.link("Thing") = RowId{-1};
    stream.link("Sensor") = RowId{-2};
    stream.link("ObservedProperty") = RowId{-3};
    PutRows put;
    for (Row& row : std::vector<Row>{thing, sensor, property, stream}) {
      put.changes.push_back(RowChange::put(row));
    }
    Command command;
    command.door = "test";
    command.body = std::move(put);
    return command;
  }

  static Command reading(int64_t stream, const std::string& result) {
    PostReadings post;
    Reading one;
    one.stream = StreamId{stream};
    one.phenomenon_time = {kUnsetTime, kUnsetTime};
    one.result = result;
    post.readings.push_back(one);
    Command command;
    command.door = "test";
    command.body = std::move(post);
    return command;
  }

  // A pack with these rules, as they stand in rules.yaml.
  static Command pack(const char* version, const std::string& rules) {
    auto read = check_pack(
        {{"pack.yaml",
          fmt::format("pack: p\nversion: \"{}\"\nname: {{zh: 试, en: Trial}}\n", version)},
         {"rules.yaml", "rules:\n" + rules}});
    EXPECT_TRUE(read.ok()) << (read.ok() ? "" : read.error().message);
    Command command;
    command.door = "start";
    command.body = LoadPack{*read};
    return command;
  }

  // Raised from 3 on, for streams of the observed property.
  static std::string rule(const char* key, const char* property) {
    return fmt::format(
        "  - key: {}\n    title: {{zh: 高, en: High}}\n    streams: ObservedProperty/name eq '{}'\n"
        "    levels:\n      - {{level: 2, name: {{zh: 线, en: Line}}, threshold: \"3\", raise: "
        "value ge threshold, clear: value lt threshold}}\n",
        key, property);
  }

  Result<Outcome> ask(decltype(Command::body) body) {
    Command command;
    command.actor = "ann";
    command.door = "test";
    command.body = std::move(body);
    return run(std::move(command));
  }

  std::optional<Reading> stored(ReadingId id) { return engine_->view()->series.find(id).value(); }

  SimFiles files_;
  SimClock clock_{Time{std::chrono::seconds{1'795'500'000}}};
  std::unique_ptr<Engine> engine_;
};

}  // namespace duliang
