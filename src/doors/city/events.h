// Live events (server-sent events): every frame that was answered, in order, to everyone who
// listens, and to who comes back exactly what was missed. publish() is called on the engine's
// thread, join() on any.
#pragma once

#include <list>
#include <mutex>
#include <set>

#include "base/files.h"
#include "doors/http/http.h"
#include "engine/engine.h"

namespace duliang {

struct EventFilter {
  std::set<std::string, std::less<>> types;  // "Alarm", "Reading"; empty: all
  bool wants(std::string_view type) const { return types.empty() || types.contains(type); }
};

class EventHub {
 public:
  // `journal` is the folder that missed frames are read from.
  EventHub(Engine& engine, Files& files, std::string journal);

  void publish(const std::shared_ptr<const Frame>& frame);
  // A new listener. With `last` it first gets what came behind that frame. `root` is for links.
  void join(std::shared_ptr<EventStream> stream, EventFilter filter, std::optional<uint64_t> last,
            std::string root);
  // A comment to everyone, some every 15 s, so that lines stay open and dead ones are found.
  void keep_alive();
  size_t listeners() const;

 private:
  struct Listener {
    std::shared_ptr<EventStream> stream;
    EventFilter filter;
    std::string root;
    bool catching_up = true;
    std::vector<std::shared_ptr<const Frame>> waiting;  // came while catching up
  };
  Status catch_up(Listener& listener, uint64_t after, uint64_t until);

  Engine& engine_;
  Files& files_;
  std::string journal_;
  mutable std::mutex mutex_;
  std::list<Listener> listeners_;
  uint64_t published_ = 0;  // the last frame that went to the listeners
};

// One event; empty where the frame has nothing of the wanted types.
std::string render_event(const Frame& frame, const EventFilter& filter, const std::string& root);

// GET /city/v1/Events
struct GetEvents {
  EventHub* hub;
  void operator()(const Request& request, Reply reply) const;
};

}  // namespace duliang
