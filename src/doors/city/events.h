// Live events (server-sent events): every frame that was answered, in order, to everyone who
// listens, and to who comes back exactly what was missed. publish() is called on the engine's
// thread, join() on any.
#pragma once

#include <list>
#include <mutex>
#include <set>

#include "base/files.h"
#include "doors/odata/render.h"
#include "engine/engine.h"

namespace duliang {

struct EventFilter {
  std::set<std::string, std::less<>> types;  // "Alarm", "Reading"; empty: all
  bool wants(std::string_view type) const { return types.empty() || types.contains(type); }
};

// The id of an event: "813-9f86d081", its frame's number and the begin of its hash. After a lost
// tail a number may be given anew; then the hash tells that the reader saw a past that is no more.
struct EventId {
  uint64_t sequence = 0;
  std::string hash;  // eight hex digits, or empty: a bare number is believed
};
std::optional<EventId> parse_event_id(std::string_view text);
std::string event_id(const Frame& frame);

class EventHub {
 public:
  // `journal` is the folder that missed frames are read from, at most so many for one reader.
  EventHub(Engine& engine, Files& files, std::string journal,
           uint64_t catch_up_frames = limits::kCatchUpFrames);

  void publish(const std::shared_ptr<const Frame>& frame);
  // A new listener. With `last` it first gets what came behind that frame, or `reset` where it
  // can't. `rendering` is for links.
  void join(std::shared_ptr<EventStream> stream, EventFilter filter,
            const std::optional<EventId>& last, Rendering rendering);
  // A comment to everyone, some every 15 s, so that lines stay open and dead ones are found.
  void keep_alive();
  size_t listeners() const;

 private:
  struct Listener {
    std::shared_ptr<EventStream> stream;
    EventFilter filter;
    Rendering rendering;
    bool catching_up = true;
    std::vector<std::shared_ptr<const Frame>> waiting;  // came while catching up
  };
  Status catch_up(Listener& listener, const EventId& last, uint64_t until);
  void forget_closed();

  Engine& engine_;
  Files& files_;
  std::string journal_;
  const uint64_t catch_up_frames_;
  mutable std::mutex mutex_;
  std::list<Listener> listeners_;
  uint64_t published_ = 0;  // the last frame that went to the listeners
};

// One event; empty where the frame has nothing of the wanted types.
std::string render_event(const Frame& frame, const EventFilter& filter, const Rendering& rendering);

// GET /city/v1/Events
struct GetEvents {
  EventHub* hub;
  void operator()(const Request& request, Reply reply) const;
};

}  // namespace duliang
