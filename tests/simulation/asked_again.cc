// Readings with idempotency keys in a World: who was not answered asks again.
#include "tests/simulation/world.h"

namespace duliang {

// What has a key is asked again where it was not answered, and sometimes where it was.
void World::submit_readings(Command command) {
  const std::vector<Reading> asked = std::get<PostReadings>(command.body).readings;
  if (!command.key.empty()) {
    unanswered_.push_back(command);
    if (!keyed_.emplace(command.key, asked.size()).second) ++happened["asked again"];
  }
  const bool again = random_.chance(0.2);
  house_.engine->submit(std::move(command), [this, asked, again, key = command.key](
                                                const Result<Outcome>& outcome) {
    if (!again) std::erase_if(unanswered_, [&](const Command& one) { return one.key == key; });
    if (!outcome.ok() && outcome.error().code == Code::no_room) ++happened["no room"];
    if (!outcome.ok()) return;
    if (!key.empty() && readings_.contains(outcome->readings[0])) ++happened["answered again"];
    for (size_t i = 0; i < asked.size(); ++i) {
      const Time time = asked[i].phenomenon_time.begin;
      readings_[outcome->readings[i]] = {outcome->sequence, asked[i].stream, asked[i].result,
                                         time == kUnsetTime ? std::nullopt : std::optional(time),
                                         i + 1 == asked.size()};
    }
    sequence_ = std::max(sequence_, outcome->sequence);
  });
}

void World::ask_again() {
  for (Command& command : std::exchange(unanswered_, {})) submit_readings(std::move(command));
}

}  // namespace duliang
