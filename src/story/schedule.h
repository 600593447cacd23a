// When each event of a timeline is due, for whoever tells it in real time (the demo). The recorded
// past and what follows it (`once`) keep the first start and go on with it; the other events come
// again each `loop`, on a start moved by as much. Both are told as one, in the order of what is
// due. Pure: it knows no clock. One thread; nothing fails.
#pragma once

#include "story/timeline.h"

namespace duliang {

struct DueEvent {
  const TimelineEvent* event;
  Time at;     // due then
  Time start;  // where the time axis of this event has its zero
};

class Schedule {
 public:
  // The timeline must outlive it.
  Schedule(const Timeline& timeline, Time first_start);

  // The next event, taken off; none where everything was told, which with a loop never happens.
  // Rounds that lie behind `now` as a whole are left out: a machine that slept through the night
  // wakes in the present.
  std::optional<DueEvent> next(Time now);

 private:
  struct Track {
    std::vector<size_t> events;  // in the timeline, in order of time
    size_t told = 0;
    Time start;
    bool done() const { return told == events.size(); }
  };
  Time due(const Track& track) const;

  const Timeline& timeline_;
  Track once_;
  Track looped_;
};

}  // namespace duliang
