#include "main/demo.h"

#include <spdlog/spdlog.h>

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "base/os/os_clock.h"
#include "doors/http/client.h"
#include "packs/pack.h"
#include "story/player.h"
#include "story/schedule.h"

namespace duliang {
namespace {

// A request that was answered 429 or 503 may be sent again; the demo waits so long in between.
constexpr std::chrono::milliseconds kAgainAfter{500};

bool may_pass_later(const Error& error) {
  return error.code == Code::too_many || error.code == Code::unavailable;
}

// Cut short when the demo stops.
class Sleeper {
 public:
  bool sleep(Duration span) {  // false: stop
    std::unique_lock hold(mutex_);
    return !wake_.wait_for(hold, std::max(span, Duration{0}), [this] { return stopped_; });
  }
  void stop() {
    const std::scoped_lock hold(mutex_);
    stopped_ = true;
    wake_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopped_ = false;
};

}  // namespace

struct Demo::State {
  Timeline timeline;
  std::string address;
  unsigned short port = 0;
  OsClock clock;
  Sleeper sleeper;
  std::thread thread;

  void run();
  bool tell(Player& player, const TimelineEvent& event);
};

// False: stopped.
bool Demo::State::tell(Player& player, const TimelineEvent& event) {
  auto told = player.tell(event);
  while (!told.ok() && may_pass_later(told.error())) {
    if (!sleeper.sleep(kAgainAfter)) return false;
    told = player.tell(event);
  }
  // A visitor may have done an act before the story did; the story goes on.
  const bool came_late =
      !told.ok() && std::holds_alternative<TellAct>(event.telling) &&
      (told.error().code == Code::forbidden || told.error().code == Code::conflict);
  if (!told.ok() && !came_late) spdlog::warn("Demo: {}", told.error().message);
  return true;
}

void Demo::State::run() {
  Client client(address, port);
  const Time start = clock.now();
  Player player(start, [&client](const Request& request) { return client.send(request); });
  Schedule schedule(timeline, start);
  while (const auto due = schedule.next(clock.now())) {
    if (!sleeper.sleep(due->at - clock.now())) return;
    player.move_start(due->start);
    if (!tell(player, *due->event)) return;
  }
}

Demo::Demo(std::unique_ptr<State> state) : state_(std::move(state)) {}

Demo::~Demo() {
  state_->sleeper.stop();
  if (state_->thread.joinable()) state_->thread.join();
}

Result<std::unique_ptr<Demo>> Demo::start(Files& files, const std::string& packs,
                                          const std::string& address, unsigned short port) {
  TRY(const std::vector<std::string> folders, find_packs(files, packs));
  for (const std::string& folder : folders) {
    const std::string path = folder + "/demo/demo.tl";
    TRY(const bool exists, files.exists(path));
    if (!exists) continue;
    TRY(const std::string text, read_file(files, path));
    auto state = std::make_unique<State>();
    auto timeline = parse_timeline(text, files, packs);
    if (!timeline.ok()) {
      return Error{Code::bad_input, path + ": " + timeline.error().message, path};
    }
    state->timeline = std::move(timeline).value();
    state->address = address;
    state->port = port;
    State* running = state.get();
    state->thread = std::thread([running] { running->run(); });
    return std::unique_ptr<Demo>(new Demo(std::move(state)));
  }
  return Error{Code::not_found, fmt::format("No pack in {} has a demo/demo.tl.", packs), "packs"};
}

}  // namespace duliang
