#include "tests/simulation/world.h"

#include "base/text.h"
#include "series/order.h"
#include "tests/simulation/trial_packs.h"

namespace duliang {

void Listener::write(std::string chunk) {
  for (const std::string_view line : split(chunk, '\n')) {
    if (line == "event: reset") reset = true;
    if (!line.starts_with("id: ")) continue;
    last_id = std::string(line.substr(4));
    const uint64_t sequence = std::strtoull(last_id.c_str(), nullptr, 10);
    if (sequence != last + 1 && fault.empty()) {
      fault = fmt::format("the listener was told frame {} after frame {}", sequence, last);
    }
    last = sequence;
  }
}

World::World(uint64_t seed)
    : random_(seed),
      durability_(random_.chance(0.6) ? Durability::power : Durability::process),
      tail_readings_(5 + random_.below(50)),
      disk_reserve_(random_.chance(0.3) ? 30'000 : 0),
      segment_bytes_(4'000 + random_.below(20'000)),
      keep_journal_(random_.chance(0.6) ? std::chrono::minutes{1 + random_.below(6)}
                                        : Duration{0}),
      turn_{2 + random_.below(6), 4 + random_.below(12), 3 + random_.below(10),
            2 + random_.below(8), 3},
      steps_(static_cast<int>(25 + random_.below(40))) {
  if (random_.chance(0.4)) {
    const Time month_end = std::chrono::sys_days{std::chrono::December / 1 / 2026};
    const Duration left = std::chrono::seconds{random_.below(8 * 3600)};
    house_.clock.jump_wall(month_end - left - house_.clock.now());
  }
  month_ = month_of(house_.clock.now());
}

std::string World::load_packs() {
  const int version = happened["packs"] < 2 ? 1 : 2;
  for (Pack& pack : trial_packs(version)) {
    std::string refused;
    Command command;
    command.door = "start";
    command.body = LoadPack{std::move(pack)};
    house_.engine->submit(std::move(command), [&](const Result<Outcome>& outcome) {
      const bool no_room = !outcome.ok() && outcome.error().code == Code::no_room;
      if (!outcome.ok() && !no_room) refused = "pack: " + outcome.error().message;
      if (outcome.ok() && outcome->sequence > 0) sequence_ = outcome->sequence;
    });
    if (auto failed = turns(); !failed.empty()) return failed;
    if (dead_ || ended_) return {};
    if (!refused.empty()) return refused;
    ++happened["packs"];
  }
  return {};
}

// Takes turns until the queue is empty. After one that failed, nothing more is asked of this
// engine.
std::string World::turns() {
  while (house_.engine->has_work()) {
    const uint64_t calls = house_.files.changing_calls();
    const EngineCounts before = house_.engine->counts();
    if (auto turned = house_.engine->turn(); !turned.ok()) {
      return ended("turn", turned.error(), "ended in a turn");
    }
    count_full(before);
    if (house_.engine->counts().rows > before.rows) {
      turn_calls_ = house_.files.changing_calls() - calls;
    }
  }
  return {};
}

// Whether a turn met one of its bounds, and left something to the next.
void World::count_full(const EngineCounts& before) {
  if (!house_.engine->has_work()) return;
  const EngineCounts& now = house_.engine->counts();
  if (now.commands - before.commands >= turn_.commands) ++happened["turn full of commands"];
  if (now.readings - before.readings >= turn_.readings) ++happened["turn full of readings"];
  if (now.corrections - before.corrections >= turn_.corrections) {
    ++happened["turn full of corrections"];
  }
}

std::string World::tend() {
  const uint64_t syncs = house_.engine->status().sync_count;
  const EngineCounts before = house_.engine->counts();
  if (auto tended = house_.engine->tend(); !tended.ok()) {
    return ended("tend", tended.error(), "ended while tending");
  }
  const bool checkpoint = house_.engine->counts().checkpoints > before.checkpoints;
  const bool merge = house_.engine->counts().merges > before.merges;
  if (checkpoint) ++happened["checkpoint"];
  if (merge) ++happened["merge"];
  if (month_of(house_.clock.now()) != month_ && has_two_months()) {
    if (checkpoint) ++happened["month end"];
    if (merge) ++happened["merge of two months"];
  }
  if (house_.engine->counts().segments_sealed > before.segments_sealed) ++happened["sealed"];
  if (house_.engine->counts().segments_retired > before.segments_retired) ++happened["retired"];
  if (house_.engine->status().sync_count > syncs || checkpoint) {
    safe_ = house_.engine->status().sequence;
  }
  return {};
}

// Whether a good part of the readings that were acknowledged is of the month in which the life
// began, and another of a later one.
bool World::has_two_months() const {
  constexpr size_t kPart = 10;
  size_t first = 0, later = 0;
  for (const auto& [id, reading] : readings_) {
    if (reading.time) ++(month_of(*reading.time) == month_ ? first : later);
  }
  return first >= kPart && later >= kPart;
}

void World::post_station() {
  const size_t number = things_.size() + 1;
  const std::string name = fmt::format("station {}-{}", number, random_.below(1000));
  const std::string town = random_.chance(0.5) ? R"("town":"1")" : R"("side":"left")";
  const std::string thresholds =
      random_.chance(0.8) ? R"("guaranteed_m":4,"warning_m":3)" : R"("warning_m":2.95)";
  const char* property = random_.chance(0.9) ? "level" : "flow";  // a flow is nobody's concern
  Request request;
  request.method = Method::post;
  request.path = "/v1.1/Things";
  request.host = "h";
  request.body = fmt::format(
      R"({{"name":"{}","description":"d","properties":{{{}}},
          "Locations":[{{"name":"l","description":"d","encodingType":"application/geo+json",
                         "location":{{"type":"Point","coordinates":[107.5,30.6]}}}}],
          "Datastreams":[{{"name":"s","description":"d","observationType":"o",
             "unitOfMeasurement":{{"name":"m","symbol":"m","definition":null}},
             "properties":{{{}}},
             "Sensor":{{"name":"s","description":"d","encodingType":"text/html","metadata":"m"}},
             "ObservedProperty":{{"name":"{}","definition":"u","description":"d"}}}}]}})",
      name, town, thresholds, property);
  Response unused;
  const Route* route = house_.router->find(request.method, request.path, unused);
  Reply reply;
  reply.send = [this, name](const Response& response) {
    if (response.status != 201) return;
    const size_t at = response.location.rfind('(');
    const int64_t id = std::stoll(response.location.substr(at + 1));
    made_ = std::max(made_, static_cast<uint64_t>(id));
    things_[id] = {name, house_.engine->status().sequence};
    level_[id] = 2.5;  // each Thing has one stream, made with it: the ids are the same
    sequence_ = house_.engine->status().sequence;
  };
  route->endpoint(request, reply);
  ++happened["station"];
}

// A number near the thresholds, written in one of the ways in which devices write it.
std::string World::draw_result(int64_t stream) {
  double& level = level_[stream];
  level = std::clamp(level + (random_.uniform() - 0.48) * 1.3, 1.0, 5.5);
  const std::string number = fmt::format("{:.2f}", level);
  if (random_.chance(0.03)) return R"("ice")";
  if (random_.chance(0.01)) return "null";
  if (random_.chance(0.03)) return number + std::string(random_.below(300), '0');
  if (random_.chance(0.03)) return fmt::format("{:.45f}", level);
  if (random_.chance(0.03)) return fmt::format("{:.1f}e0", level);
  return number;
}

Reading World::draw_reading(int64_t stream) {
  Time time = house_.clock.now() + std::chrono::milliseconds{++drawn_ % 1000};
  Time& last = last_time_[stream];
  if (random_.chance(0.08)) time -= std::chrono::milliseconds{random_.below(300'000)};  // late
  if (random_.chance(0.05) && last != Time{}) time = last;                              // doubled
  if (random_.chance(0.02)) time += std::chrono::hours{30};  // a device with a wrong clock
  last = time;
  if (random_.chance(0.08)) time = kUnsetTime;
  Reading reading;
  reading.stream = StreamId{stream};
  reading.phenomenon_time = {time, time};
  reading.result = draw_result(stream);
  return reading;
}

// One command with some readings, now and then more than a turn takes, or two of one stream that
// say no time.
void World::post_readings() {
  if (level_.empty()) return post_station();
  PostReadings post;
  uint64_t count = random_.chance(0.6) ? 1 : 2 + random_.below(4);
  if (random_.chance(0.03)) count = turn_.readings + 1 + random_.below(2 * turn_.readings);
  for (uint64_t i = 0; i < count; ++i) {
    auto stream = level_.begin();
    std::advance(stream, static_cast<long>(random_.below(level_.size())));
    post.readings.push_back(draw_reading(stream->first));
  }
  if (random_.chance(0.1)) {
    Reading first = post.readings.front();
    first.phenomenon_time = {kUnsetTime, kUnsetTime};
    post.readings.front() = first;
    first.result = draw_result(static_cast<int64_t>(first.stream));
    post.readings.push_back(first);
    ++happened["two without a time"];
  }
  happened["reading"] += static_cast<int>(post.readings.size());
  Command command;
  command.door = "sensorthings";
  command.body = std::move(post);
  if (random_.chance(0.3)) command.key = fmt::format("key {}", drawn_);
  submit_readings(std::move(command));
}

// Mostly what somebody would do next, as far as the Oracle has read; now and then nonsense.
void World::act() {
  constexpr const char* kActs[] = {"done", "close", "back", "go", "dance"};
  constexpr const char* kActors[] = {"ann", "ben", "nobody"};
  Oracle::RecordedAct asked;
  const auto open = oracle_.open_cases();
  if (!open.empty() && random_.chance(0.8)) {
    const auto& [id, step] = open[random_.below(open.size())];
    asked.case_id = id;
    asked.act = step == "handle" ? "done" : random_.chance(0.7) ? "close" : "back";
    asked.actor = kActors[random_.below(2)];
  } else {
    asked.case_id = 1 + static_cast<int64_t>(random_.below(oracle_.cases() + 2));
    asked.act = kActs[random_.below(std::size(kActs))];
    asked.actor = kActors[random_.below(std::size(kActors))];
  }
  Command command;
  command.door = "city";
  command.actor = asked.actor;
  command.body = ActOnCase{RowId{asked.case_id}, asked.act, random_.chance(0.7) ? "seen" : ""};
  house_.engine->submit(std::move(command), [this, asked](const Result<Outcome>& outcome) {
    ++happened[outcome.ok() ? "act" : "refused act"];
    if (!outcome.ok()) return;
    sequence_ = outcome->sequence;
    Oracle::RecordedAct taken = asked;
    taken.sequence = outcome->sequence;
    acts_.insert(taken);
  });
}

// Of a reading that stands, as far as the Oracle has read; now and then of one that does not.
Command World::draw_correction() {
  Command command;
  command.actor = "ann";
  command.door = "sensorthings";
  const auto& standing = oracle_.standing();
  const uint64_t what = random_.below(20);
  if (standing.empty() || what == 0) {
    command.body = RemoveReading{ReadingId{static_cast<int64_t>(random_.below(3000))}, "drawn"};
    return command;
  }
  auto one = standing.begin();
  std::advance(one, static_cast<long>(random_.below(standing.size())));
  const Reading& reading = one->second;
  const Time begin = reading.phenomenon_time.begin;
  if (what == 1) {
    command.body = CutReadings{reading.stream, begin, "drawn"};
  } else if (what < 6) {
    command.body = RemoveReading{reading.id, "drawn"};
  } else {
    ReadingPatch patch;
    if (random_.chance(0.7)) patch.result = fmt::format("{:.2f}", 1 + random_.uniform() * 4);
    if (random_.chance(0.5)) patch.quality = static_cast<Quality>(random_.below(5));
    // Some move to another month.
    const auto hours = static_cast<int64_t>(random_.below(random_.chance(0.3) ? 1000 : 2));
    const Time moved = begin - std::chrono::hours{hours};
    if (random_.chance(0.3)) patch.phenomenon_time = Interval{moved, moved};
    command.body = PatchReading{reading.id, std::move(patch), "drawn"};
  }
  return command;
}

void World::correct() {
  if (random_.chance(0.15)) return flag();
  house_.engine->submit(draw_correction(), [this](const Result<Outcome>& outcome) {
    ++happened[outcome.ok() ? "correction" : "refused correction"];
    if (!outcome.ok() || outcome->sequence == 0) return;
    sequence_ = outcome->sequence;
    corrections_.emplace(outcome->sequence, outcome->readings.front());
  });
}

// At which call a fault is met: near the begin of a turn, near the end of one with rows, or
// anywhere.
uint64_t World::draw_call() {
  const uint64_t what = random_.below(4);
  if (what == 0) return 1 + random_.below(6);
  if (what == 1) return 1 + random_.below(60);
  const uint64_t back = random_.below(6);
  return turn_calls_ > back ? turn_calls_ - back : 1;
}

// What no one asked for. Returns what is wrong, with the machine up again.
std::string World::disturb() {
  const uint64_t what = random_.below(27);
  if (what == 24) return take_backup();
  if (what > 24) return go_back();
  if (what < 4) return crash(false);
  if (what < 8) return crash(true);
  if (what < 15) {
    fault_at(draw_call(), what < 11 ? SimFiles::Fault::die : SimFiles::Fault::fail);
    act();
  } else if (what < 17) {
    fill_disk();
  } else if (what < 19) {
    house_.clock.jump_wall(std::chrono::minutes{static_cast<int64_t>(random_.below(2000)) - 1000});
    ++happened["clock jump"];
  } else if (what < 21) {
    return load_packs();
  } else {
    house_.clock.advance(std::chrono::hours{random_.below(30)});
    ++happened["downtime"];
  }
  return {};
}

std::string World::step() {
  if (random_.chance(0.3)) ask_again();
  const uint64_t what = random_.below(100);
  if (what < 42) {
    for (uint64_t i = 1 + random_.below(5); i > 0; --i) post_readings();
  } else if (what < 50) {
    for (uint64_t i = 1 + random_.below(4); i > 0; --i) correct();
  } else if (what < 52) {
    remove();
  } else if (what < 56 && level_.size() < 5) {
    post_station();
  } else if (what < 69) {
    for (uint64_t i = 1 + random_.below(3); i > 0; --i) act();
  } else if (what < 72) {
    change();
  } else if (what < 76) {
    if (auto failed = hold_view(); !failed.empty()) return failed;
  } else {
    if (auto failed = disturb(); !failed.empty()) return failed;
  }
  if (dead_ || ended_) return {};
  house_.clock.advance(std::chrono::milliseconds{100 + random_.below(12'000)});
  return turns();
}

std::string World::after_step() {
  const auto alive = [this] { return !dead_ && !ended_ && !house_.files.dead(); };
  std::string failed;
  // Work beside the turns goes on a step at a time, and may meet a fault too.
  if (random_.chance(0.03)) {
    const auto fault = random_.chance(0.5) ? SimFiles::Fault::die : SimFiles::Fault::fail;
    fault_at(1 + random_.below(8), fault);
  }
  for (uint64_t i = 4 + random_.below(12); i > 0 && alive() && failed.empty(); --i) failed = tend();
  if (!failed.empty()) return failed;
  if (dead_ || house_.files.dead()) return crash(true);
  if (ended_) return crash(random_.chance(0.5));
  if (is_excused() && !full_) ++happened["failed call without effect"];
  if (full_ && random_.chance(0.3)) make_room();
  if (held_ && held_->until <= now_) {
    failed = check_held();
    held_.reset();
  }
  if (failed.empty() && random_.chance(0.08)) failed = check();
  return failed;
}

std::string World::live() {
  if (auto failed = open(); !failed.empty()) return failed;
  if (auto failed = load_packs(); !failed.empty()) return failed;
  for (now_ = 0; now_ < steps_; ++now_) {
    std::string failed = step();
    if (failed.empty()) failed = after_step();
    if (!failed.empty()) return fmt::format("step {}: {}", now_, failed);
  }
  fault_at(0, SimFiles::Fault::die);
  make_room();
  if (auto failed = crash(false); !failed.empty()) return "end: " + failed;
  return check_end();
}

}  // namespace duliang
