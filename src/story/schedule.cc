#include "story/schedule.h"

namespace duliang {

Schedule::Schedule(const Timeline& timeline, Time first_start) : timeline_(timeline) {
  once_.start = looped_.start = first_start;
  for (size_t i = 0; i < timeline.events.size(); ++i) {
    const auto* reading = std::get_if<TellReading>(&timeline.events[i].telling);
    (reading != nullptr && reading->once ? once_ : looped_).events.push_back(i);
  }
}

Time Schedule::due(const Track& track) const {
  return track.start + timeline_.events[track.events[track.told]].at;
}

std::optional<DueEvent> Schedule::next(Time now) {
  const Duration loop = timeline_.loop;
  if (loop > Duration{0} && looped_.done() && !looped_.events.empty()) {
    looped_.told = 0;
    looped_.start += loop;
    if (now > looped_.start) looped_.start += loop * ((now - looped_.start) / loop);
  }
  if (once_.done() && looped_.done()) return std::nullopt;
  // At one moment the order of the text holds: a stream comes before its readings.
  const auto order = [this](const Track& track) {
    return std::pair(due(track), track.events[track.told]);
  };
  Track& track = once_.done()                    ? looped_
                 : looped_.done()                ? once_
                 : order(once_) < order(looped_) ? once_
                                                 : looped_;
  const DueEvent found{&timeline_.events[track.events[track.told]], due(track), track.start};
  ++track.told;
  return found;
}

}  // namespace duliang
