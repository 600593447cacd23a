// What concerns more than one thing at once in a World: rows that go with what is theirs,
// thresholds by which readings are judged, and what is said of many readings.
#include "tests/simulation/world.h"

namespace duliang {

// A station goes, or its stream alone by one of the ways in which it can; now and then one that is
// not there.
void World::remove() {
  constexpr TypeId kTypes[] = {TypeId::thing, TypeId::thing, TypeId::datastream, TypeId::sensor,
                               TypeId::observed_property};
  // What is made with a station has its id.
  const int64_t id = 1 + static_cast<int64_t>(random_.below(made_ + 1));
  const TypeId type = kTypes[random_.below(std::size(kTypes))];
  Command command;
  command.door = "sensorthings";
  command.body = RemoveRow{type, RowId{id}, "drawn"};
  house_.engine->submit(std::move(command), [this, type, id](const Result<Outcome>& outcome) {
    ++happened[outcome.ok() ? "row removed" : "refused removal"];
    if (!outcome.ok()) return;
    sequence_ = outcome->sequence;
    removals_.insert({outcome->sequence, type, id});
    level_.erase(id);
  });
}

// A stream has other thresholds, or none; readings come before and behind it.
void World::change() {
  constexpr const char* kProperties[] = {R"({"guaranteed_m":4,"warning_m":3})",
                                         R"({"guaranteed_m":3.5,"warning_m":2.5})",
                                         R"({"warning_m":2.95})", "{}"};
  const int64_t id = 1 + static_cast<int64_t>(random_.below(made_ + 1));
  const char* properties = kProperties[random_.below(std::size(kProperties))];
  post_readings();
  Command command;
  command.door = "sensorthings";
  ChangeRow change{TypeId::datastream, RowId{id}, Json::object(), {}};
  change.values["properties"] = parse_json(properties).value();
  command.body = std::move(change);
  house_.engine->submit(std::move(command), [this](const Result<Outcome>& outcome) {
    ++happened[outcome.ok() ? "changed" : "refused change"];
    if (outcome.ok() && outcome->sequence > 0) sequence_ = outcome->sequence;
  });
  post_readings();
}

// It may be answered some steps later, or never, where the machine dies before. Each has a reason
// of its own, by which the journal tells what was done because of it.
void World::flag() {
  const auto& standing = oracle_.standing();
  if (standing.empty()) return;
  auto one = standing.begin();
  std::advance(one, static_cast<long>(random_.below(standing.size())));
  FlagReadings flag;
  flag.stream = one->second.stream;
  flag.from = one->second.phenomenon_time.begin;
  flag.to = flag.from + std::chrono::seconds{1 + random_.below(600)};
  flag.quality = static_cast<Quality>(random_.below(5));
  flag.reason = fmt::format("flag {}", ++flags_asked_);
  house_.engine->submit(LongCommand{"ann", "city", flag},
                        [this, reason = flag.reason](const Result<Outcome>& outcome) {
                          if (!outcome.ok() || outcome->changed == 0) return;
                          flags_[reason] = {outcome->changed, outcome->sequence};
                          sequence_ = std::max(sequence_, outcome->sequence);
                          if (outcome->changed > 1) ++happened["many flagged"];
                        });
}

}  // namespace duliang
