// A house for tests of what stands above the engine: an engine on the simulated disk and clock, the
// real packs, and all doors, called without sockets. One thread.
#pragma once

#include <gtest/gtest.h>

#include "base/os/os_files.h"
#include "base/sim/sim_clock.h"
#include "base/sim/sim_files.h"
#include "doors/city/city.h"
#include "doors/ops/ops.h"
#include "doors/sensorthings/sensorthings.h"
#include "engine/engine.h"
#include "sqlite/vfs.h"

namespace duliang {

inline constexpr Time kTestStart{std::chrono::seconds{1'795'500'000}};  // 2026-11-24T06:00:00Z
inline constexpr const char* kTestFolder = "/data";
inline constexpr const char* kTestVfs = "house_for_test";

// Takes every chunk of an event stream.
class CollectedEvents final : public EventStream {
 public:
  void write(std::string chunk) override { text += chunk; }
  bool closed() const override { return is_closed; }
  std::string text;
  bool is_closed = false;
};

class HouseForTest {
 public:
  HouseForTest() { register_vfs(kTestVfs, files); }
  ~HouseForTest() {
    close();
    unregister_vfs(kTestVfs);
  }

  Status open(EngineOptions options = {}) {
    options.folder = kTestFolder;
    options.vfs = kTestVfs;
    options.address = "127.0.0.1:8080";
    TRY(engine, Engine::open(options, clock, files, Random(++opened)));
    hub = std::make_unique<EventHub>(*engine, files, journal_folder(kTestFolder));
    engine->subscribe([this](const std::shared_ptr<const Frame>& frame) { hub->publish(frame); });
    router = std::make_unique<Router>();
    add_sensorthings(*router, *engine);
    add_city(*router, {engine.get(), &files, journal_folder(kTestFolder), {true}}, *hub);
    add_ops(*router, {engine.get(), nullptr, hub.get(), Durability::power});
    return {};
  }

  void close() {
    router.reset();
    hub.reset();
    engine.reset();
  }

  // Loads packs of the project by name, as a start does.
  Status load_packs(const std::vector<std::string>& names) {
    OsFiles real;
    for (const std::string& name : names) {
      TRY(Pack pack, read_pack(real, "packs/" + name));
      Status loaded;
      Command command;
      command.door = "start";
      command.body = LoadPack{std::move(pack)};
      engine->submit(std::move(command), [&loaded](const Result<Outcome>& outcome) {
        if (!outcome.ok()) loaded = outcome.error();
      });
      while (engine->has_work()) TRY_DO(engine->turn());
      TRY_DO(loaded);
    }
    return {};
  }

  // A request through the routes, and the turns that it needs. io where a turn failed.
  Result<Response> send(Request request) {
    if (request.host.empty()) request.host = "127.0.0.1:8080";
    Response answer;
    bool answered = false;
    const Route* route = router->find(request.method, request.path, answer);
    if (route == nullptr) return answer;
    Reply reply;
    reply.send = [&](Response response) {
      EXPECT_FALSE(answered) << "an endpoint answers once";
      answered = true;
      answer = std::move(response);
    };
    reply.stream = [&]() -> std::shared_ptr<EventStream> {
      answered = true;
      events = std::make_shared<CollectedEvents>();
      return events;
    };
    route->endpoint(request, reply);
    while (engine->has_work() || engine->has_long_work()) {
      TRY_DO(engine->tend());
      TRY_DO(engine->turn());
    }
    EXPECT_TRUE(answered) << request.path;
    return answer;
  }

  Response get(const std::string& target, const std::string& actor = "") {
    return sent(Method::get, target, "", actor);
  }
  Response post(const std::string& target, const std::string& body, const std::string& actor = "") {
    return sent(Method::post, target, body, actor);
  }
  Response patch(const std::string& target, const std::string& body,
                 const std::string& actor = "") {
    return sent(Method::patch, target, body, actor);
  }
  Response put(const std::string& target, const std::string& body, const std::string& actor = "") {
    return sent(Method::put, target, body, actor);
  }
  Response del(const std::string& target, const std::string& actor = "") {
    return sent(Method::del, target, "", actor);
  }
  Json get_json(const std::string& target, const std::string& actor = "") {
    const Response response = get(target, actor);
    EXPECT_EQ(response.status, 200) << target << " " << response.body;
    auto json = parse_json(response.body);
    EXPECT_TRUE(json.ok()) << response.body;
    return json.ok() ? *json : Json();
  }

  SimFiles files;
  SimClock clock{kTestStart};
  std::unique_ptr<Engine> engine;
  std::unique_ptr<EventHub> hub;
  std::unique_ptr<Router> router;
  std::shared_ptr<CollectedEvents> events;  // of the last request that asked for a stream
  uint64_t opened = 0;

 private:
  Response sent(Method method, const std::string& target, const std::string& body,
                const std::string& actor) {
    Request request;
    request.method = method;
    const size_t mark = target.find('?');
    request.path = target.substr(0, mark);
    if (mark != std::string::npos) request.query = target.substr(mark + 1);
    request.body = body;
    request.actor = actor;
    auto response = send(request);
    EXPECT_TRUE(response.ok()) << (response.ok() ? "" : response.error().message);
    return response.ok() ? *response : Response{};
  }
};

}  // namespace duliang
