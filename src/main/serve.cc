#include "main/serve.h"

#include <spdlog/spdlog.h>

#include "base/os/os_clock.h"
#include "base/os/os_files.h"
#include "base/text.h"
#include "doors/city/city.h"
#include "doors/http/server.h"
#include "doors/ops/backup.h"
#include "doors/ops/ops.h"
#include "doors/sensorthings/sensorthings.h"
#include "doors/site/site.h"
#include "engine/engine.h"
#include "main/demo.h"
#include "main/folder.h"

namespace duliang {
namespace {

constexpr std::chrono::seconds kKeepAliveEvery{15};

Result<std::vector<Pack>> read_packs(Files& files, const std::string& folder) {
  std::vector<Pack> packs;
  TRY(const std::vector<std::string> paths, find_packs(files, folder));
  for (const std::string& path : paths) {
    TRY(Pack pack, read_pack(files, path));
    packs.push_back(std::move(pack));
  }
  TRY_DO(check_together(packs));
  return in_loading_order(std::move(packs));
}

Status load_packs(Engine& engine, std::vector<Pack> packs) {
  for (Pack& pack : packs) {
    const std::string name = pack.key + " " + pack.version;
    Status loaded;
    Command command;
    command.door = "start";
    command.body = LoadPack{std::move(pack)};
    engine.submit(std::move(command), [&](const Result<Outcome>& outcome) {
      if (!outcome.ok()) {
        loaded = outcome.error();
      } else if (outcome->sequence > 0) {
        spdlog::info("Loaded pack {}.", name);
      }
    });
    while (engine.has_work()) TRY_DO(engine.turn());
    if (loaded.ok()) continue;
    // A file that was edited in a hurry must not keep the house shut: what the ledger has goes on.
    if (loaded.error().code != Code::conflict) return loaded;
    spdlog::error("Pack {} is not loaded, the one loaded before goes on: {}", name,
                  loaded.error().message);
  }
  return {};
}

// In a URL the colons of an IPv6 address stand in brackets (RFC 3986, 3.2.2).
std::string authority(const std::string& address, unsigned short port) {
  const bool version_6 = address.find(':') != std::string::npos;
  return fmt::format(fmt::runtime(version_6 ? "[{}]:{}" : "{}:{}"), address, port);
}

void tell(const ServeOptions& options, const Engine& engine, unsigned short port) {
  const EngineStatus status = engine.status();
  if (status.lost_tail) {
    spdlog::warn("{} bytes behind the end of the journal were never acknowledged; kept in {}.",
                 status.lost_tail->bytes, status.lost_tail->kept_in);
  }
  spdlog::info("duliang answers at http://{}/", authority(options.address, port));
  spdlog::info("Data folder: {}{}", options.data, options.demo ? " (demo)" : "");
  spdlog::info("Stop it with Ctrl-C, or: kill {}", getpid());
}

}  // namespace

Status parse_listen(const std::string& text, ServeOptions& options) {
  const Error refused{Code::bad_input, "--listen expects HOST:PORT, for instance 127.0.0.1:8080.",
                      "listen"};
  const size_t colon = text.rfind(':');
  if (colon == std::string::npos) return refused;
  const auto port = parse_integer(std::string_view(text).substr(colon + 1));
  if (!port || *port < 0 || *port > 65535) return refused;
  std::string host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host == "localhost") host = "127.0.0.1";
  if (!host.starts_with("127.") && host != "::1") {
    return Error{
        Code::unsupported,
        fmt::format("{} is not a loopback address: that needs TLS and accounts, which this "
                    "version does not have.",
                    host),
        "listen"};
  }
  options.address = host;
  options.port = static_cast<unsigned short>(*port);
  return {};
}

Status serve(const ServeOptions& options) {
  OsFiles files;
  OsClock clock;
  // The server goes before what its workers read from.
  std::unique_ptr<Engine> engine;
  std::optional<EventHub> hub;
  Router router;
  ServerOptions server_options;
  server_options.address = options.address;
  server_options.port = options.port;
  // First, since a port that is taken must leave no trace in the folder. Who connects already waits
  // until everything is there.
  TRY(const auto server, Server::listen(server_options, router));
  TRY_DO(mark_folder(files, options.data, options.demo));
  TRY(auto packs, read_packs(files, options.packs));
  EngineOptions engine_options;
  engine_options.folder = options.data;
  engine_options.readings_durability = options.readings_durability;
  engine_options.address = authority(options.address, server->port());
  engine_options.work_on_threads = true;
  engine_options.trust_clock = options.trust_clock;
  engine_options.keep_journal = std::chrono::days{options.keep_journal_days};
  TRY(engine, Engine::open(engine_options, clock, files, random_from_system()));
  TRY_DO(load_packs(*engine, std::move(packs)));

  hub.emplace(*engine, files, journal_folder(options.data));
  engine->subscribe([&hub](const std::shared_ptr<const Frame>& frame) { hub->publish(frame); });
  add_sensorthings(router, *engine);
  add_city(router, {engine.get(), &files, journal_folder(options.data), {options.demo}}, *hub);
  add_ops(router, {engine.get(), server.get(), &*hub, options.readings_durability});
  add_backup(router, {engine.get(), &files, options.data, ""});
  add_site(router, site_files());
  tell(options, *engine, server->port());
  if (const std::string halted = engine->status().halted; !halted.empty()) spdlog::error(halted);

  std::unique_ptr<Demo> demo;
  if (options.demo) {
    TRY(demo, Demo::start(files, options.packs, options.address, server->port()));
  }
  Duration keep_alive_at = clock.since_boot();
  Server::Hooks hooks;
  hooks.has_work = [&engine] { return engine->has_work(); };
  hooks.turn = [&engine] { return engine->turn(); };
  hooks.tick = [&]() -> Status {
    if (clock.since_boot() >= keep_alive_at) {
      hub->keep_alive();
      keep_alive_at = clock.since_boot() + kKeepAliveEvery;
    }
    return engine->tend();
  };
  TRY_DO(server->run(hooks));
  demo.reset();
  spdlog::info("Stopping: writing a checkpoint.");
  return engine->checkpoint();
}

}  // namespace duliang
