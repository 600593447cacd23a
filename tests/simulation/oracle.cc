#include "tests/simulation/oracle.h"

#include <algorithm>
#include <cstdlib>

#include "base/text.h"

namespace duliang {
namespace {

constexpr std::chrono::minutes kFuture{10};
constexpr std::chrono::seconds kRaiseAfter{10};
// Readings have two decimals; the difference of two binary fractions is off by less than this.
constexpr double kHair = 1e-9;

// The number of a JSON text; a text in quotes, a word or a null is none.
std::optional<double> number_in(const std::string& json) {
  if (json.empty() || (json[0] != '-' && (json[0] < '0' || json[0] > '9'))) return std::nullopt;
  return std::strtod(json.c_str(), nullptr);
}

std::optional<double> number_in(const Row& row, std::string_view name) {
  const Json* properties = std::get_if<Json>(&row["properties"]);
  const Json* found = properties == nullptr ? nullptr : properties->find(name);
  return found == nullptr ? std::nullopt : number_in(found->dump());
}

// A reading arrives in the latest second that any frame had by then, and keeps it for ever.
Reading arrived(Reading reading, Time latest) {
  const auto second = std::chrono::floor<std::chrono::seconds>(latest);
  reading.arrived_s = static_cast<uint32_t>(second.time_since_epoch().count());
  return reading;
}

// What people may remove in these lives.
constexpr TypeId kRemovable[] = {TypeId::thing, TypeId::datastream, TypeId::sensor,
                                 TypeId::observed_property};

Result<std::vector<Row>> all_rows(const View& view, TypeId type) {
  return view.ledger.rows({type, {}, {}, kNoRow, false, {}}, 100'000);
}

}  // namespace

std::string Oracle::take(const Frame& frame) {
  latest_ = std::max(latest_, frame.body.time);
  auto change = frame.body.changes.begin();
  auto reading = frame.body.readings.begin();
  auto correction = frame.body.corrections.begin();
  for (uint32_t i = 0; i < frame.body.commands.size(); ++i) {
    const CommandRecord& record = frame.body.commands[i];
    for (; change != frame.body.changes.end() && change->command == i; ++change) {
      const bool asked =
          record.kind == CommandKind::put_rows || record.kind == CommandKind::load_pack ||
          record.kind == CommandKind::change_row;
      if (asked && change->change.kind == RowChange::Kind::put) learn(change->change.row);
    }
    for (; reading != frame.body.readings.end() && reading->command == i; ++reading) {
      if (!record.key.empty()) ++keyed_[record.key];
      const auto [place, is_new] = readings_.emplace(
          reading->reading.id, std::pair{frame.header.sequence, reading->reading});
      if (!is_new)
        return fmt::format("the id {} was given twice", static_cast<int64_t>(place->first));
      const Reading& stands = standing_[reading->reading.id] = arrived(reading->reading, latest_);
      if (stands.phenomenon_time.begin < cut_of(stands.stream))
        return "a reading came after its cut";
      if (!has_row(TypeId::datastream, static_cast<int64_t>(stands.stream)))
        return "a reading came of a stream that is gone";
      judge(reading->reading, frame.body.time);
    }
    if (record.kind == CommandKind::remove_row) {
      if (auto failed = remove(frame, i); !failed.empty()) return failed;
    }
    for (; correction != frame.body.corrections.end() && correction->command == i; ++correction) {
      if (record.kind == CommandKind::remove_row) continue;
      if (record.kind != CommandKind::correct_readings) return "a correction that nobody asked for";
      if (auto failed = check_retention(record, correction->change); !failed.empty()) return failed;
      if (auto failed = correct(frame, correction->change); !failed.empty()) return failed;
    }
    if (record.kind != CommandKind::act) continue;
    if (auto failed = act(frame, record); !failed.empty()) return failed;
  }
  return {};
}

Time Oracle::cut_of(StreamId stream) const {
  const auto found = cuts_.find(stream);
  return found == cuts_.end() ? Time::min() : found->second;
}

// Whoever keeps readings for days of the district may lose what is older than that many days by any
// clock that the house had, and nothing else. A cut too early in time is harmless.
std::string Oracle::check_retention(const CommandRecord& record, const ReadingChange& change) {
  if (record.door != "retention") return {};
  if (change.kind != ReadingChange::Kind::cut) return "retention did something else than to cut";
  const auto stream = streams_.find(static_cast<int64_t>(change.reading.stream));
  if (stream == streams_.end()) return "retention cut a stream that is gone";
  if (!kept_ || !stream->second.is_level) return "retention cut a stream that keeps everything";
  const Time latest = std::max(latest_, record.received);
  if (change.before > latest - *kept_) {
    return fmt::format("retention cut before {}, though it was {}", to_text(change.before),
                       to_text(latest));
  }
  ++happened["kept no longer"];
  return {};
}

std::string Oracle::correct(const Frame& frame, const ReadingChange& change) {
  const ReadingId id = change.reading.id;
  corrections_.emplace(frame.header.sequence, id);
  if (change.kind == ReadingChange::Kind::cut) {
    cuts_[change.reading.stream] = std::max(cut_of(change.reading.stream), change.before);
    std::erase_if(standing_, [&](const auto& one) {
      const Reading& reading = one.second;
      return reading.stream == change.reading.stream &&
             reading.phenomenon_time.begin < change.before;
    });
    ++happened["cut"];
    return {};
  }
  const auto stands = standing_.find(id);
  if (stands == standing_.end()) return "a reading that does not stand was corrected";
  if (change.kind == ReadingChange::Kind::remove) {
    standing_.erase(stands);
    ++happened["removed"];
    return {};
  }
  if (change.reading.stream != stands->second.stream) return "a correction moved a reading";
  const uint32_t arrived_s = stands->second.arrived_s;
  stands->second = change.reading;
  stands->second.arrived_s = arrived_s;
  Replaced& replaced = replaced_[change.reason];
  ++replaced.readings;
  replaced.sequence = frame.header.sequence;
  ++happened["replaced"];
  return {};
}

// What goes with what, by the standard: a stream with each of the three that it points to, and its
// readings with it.
std::string Oracle::remove(const Frame& frame, uint32_t command) {
  const auto json = parse_json(frame.body.commands[command].arguments);
  if (!json.ok()) return "a removal without arguments was recorded";
  const EntityType* type = type_by_set(json->find("set")->as_string());
  if (type == nullptr) return "a removal of nothing was recorded";
  const std::pair asked{type->id, json->find("id")->as_integer().value_or(0)};
  if (!rows_.contains(asked)) return "a row that does not stand was removed";
  removals_.insert({frame.header.sequence, asked.first, asked.second});
  ++happened["row removed"];
  std::set<std::pair<TypeId, int64_t>> gone{asked};
  std::set<int64_t> streams;
  for (const auto& [row, links] : rows_) {
    if (std::ranges::find(links, asked) != links.end()) gone.insert(row);
  }
  for (const auto& [gone_type, id] : gone) {
    if (gone_type == TypeId::datastream) streams.insert(id);
    rows_.erase({gone_type, id});
  }
  for (const NumberedReadingChange& cut : frame.body.corrections) {
    if (cut.command != command) continue;
    const auto stream = static_cast<int64_t>(cut.change.reading.stream);
    if (cut.change.kind != ReadingChange::Kind::cut || !streams.erase(stream))
      return "a removal took readings that are none of its own";
    end_stream(stream, frame.body.time);
  }
  return streams.empty() ? "" : "a stream went without its readings";
}

// Its alarms are cleared, by no reading.
void Oracle::end_stream(int64_t stream, Time now) {
  std::erase_if(standing_, [&](const auto& one) {
    return static_cast<int64_t>(one.second.stream) == stream;
  });
  cuts_[StreamId{stream}] = Time::max();
  streams_.erase(stream);
  for (Alarm& alarm : alarms_) {
    if (alarm.stream != stream || !alarm.active) continue;
    alarm.active = false;
    alarm.changed = now;
    ++happened["cleared by removal"];
  }
}

void Oracle::learn(const Row& row) {
  if (std::ranges::find(kRemovable, row.type) != std::end(kRemovable)) {
    auto& links = rows_[{row.type, static_cast<int64_t>(row.id)}];
    links.clear();
    const auto relations = type_of(row.type).relations;
    for (size_t i = 0; i < row.links.size(); ++i)
      links.emplace_back(relations[i].target, static_cast<int64_t>(row.links[i]));
  }
  if (row.type == TypeId::person) people_[row.text("key")] = row.id;
  if (row.type == TypeId::observed_property && row.text("name") == "level") levels_.insert(row.id);
  if (row.type == TypeId::datastream) {
    Stream& stream = streams_[static_cast<int64_t>(row.id)];
    stream.is_level = levels_.contains(row.link("ObservedProperty"));
    if (!stream.levels.empty()) ++happened["threshold changed"];
    if (stream.levels.empty()) stream.levels = {{1, {}, false, {}}, {3, {}, false, {}}};
    stream.levels[0].threshold = number_in(row, "guaranteed_m");
    stream.levels[1].threshold = number_in(row, "warning_m");
    for (Level& level : stream.levels) {
      if (level.threshold) continue;
      level.active = false;  // which is told by the next reading
      level.since.reset();
    }
  }
  if (row.type != TypeId::rule || row["active"] != Value(true)) return;
  // A rule of another version begins to wait anew.
  hysteresis_ = row.text("version") == "1" ? 0.2 : 0.3;
  if (row.text("version") != "1") kept_ = std::chrono::days{1};
  for (auto& [id, stream] : streams_) {
    for (Level& level : stream.levels) level.since.reset();
  }
  ++happened["rule"];
}

void Oracle::judge(const Reading& reading, Time now) {
  Stream& stream = streams_.at(static_cast<int64_t>(reading.stream));
  const std::optional<double> value = number_in(reading.result);
  const Time at = reading.phenomenon_time.begin;
  if (!stream.is_level) return void(++happened["no rule's"]);
  if (!stream.levels[0].threshold && !stream.levels[1].threshold && stream.told == 0) return;
  if (!value) return void(++happened["no number"]);
  if (at > now + kFuture) return void(++happened["future"]);
  if (stream.newest && *stream.newest > now + kFuture) {
    // The house's own clock was wrong then.
    stream.newest.reset();
    for (Level& level : stream.levels) level.since.reset();
    ++happened["wrong clock"];
  }
  if (stream.newest && at <= *stream.newest) return void(++happened["late"]);
  stream.newest = at;
  for (Level& level : stream.levels) turn(level, *value, at);
  int level = 0;
  for (auto one = stream.levels.rbegin(); one != stream.levels.rend(); ++one) {
    if (one->active) level = one->level;
  }
  if (level == stream.told) return;
  change_alarm(static_cast<int64_t>(reading.stream), stream.told, level, at);
  stream.told = level;
}

void Oracle::turn(Level& level, double value, Time at) {
  if (!level.threshold) return;
  const bool wants =
      level.active ? value < *level.threshold - hysteresis_ - kHair : value >= *level.threshold;
  if (!wants) return level.since.reset();
  if (!level.since) level.since = at;
  const bool waits = !level.active && level.level == 1;
  if (waits && at - *level.since < kRaiseAfter) return void(++happened["waits"]);
  level.active = !level.active;
  level.since.reset();
}

Oracle::Case* Oracle::open_case_of(int64_t alarm) {
  for (Case& matter : cases_) {
    if (matter.alarm == alarm && matter.open) return &matter;
  }
  return nullptr;
}

std::vector<std::pair<int64_t, std::string>> Oracle::open_cases() const {
  std::vector<std::pair<int64_t, std::string>> open;
  for (size_t i = 0; i < cases_.size(); ++i) {
    if (cases_[i].open) open.emplace_back(static_cast<int64_t>(i) + 1, cases_[i].step);
  }
  return open;
}

void Oracle::change_alarm(int64_t stream, int from, int to, Time at) {
  int64_t id = static_cast<int64_t>(alarms_.size());
  while (id > 0 && alarms_[static_cast<size_t>(id) - 1].stream != stream) --id;
  const bool same_matter =
      id > 0 && (alarms_[static_cast<size_t>(id) - 1].active || open_case_of(id) != nullptr);
  if (!same_matter) {
    alarms_.push_back({stream, false, 0, 4, 0, at, at});
    id = static_cast<int64_t>(alarms_.size());
  }
  Alarm& alarm = alarms_[static_cast<size_t>(id) - 1];
  if (to != 0) {
    if (!alarm.active) ++alarm.occurrences;
    alarm.level = to;
    alarm.peak = std::min<int64_t>(alarm.peak, to);
  }
  alarm.active = to != 0;
  alarm.changed = at;
  const bool rises = to != 0 && (from == 0 || to < from);
  ++happened[to == 0 ? "cleared" : !rises ? "fell" : from == 0 ? "raised" : "rose"];
  if (alarm.occurrences > 1 && rises && from == 0) ++happened["raised again"];
  if (!rises || open_case_of(id) != nullptr) return;
  if (same_matter) ++happened["new case of an alarm"];
  cases_.push_back(
      {id, "handle", true, kNoRow, kNoRow, {{"begin", "go", kNoRow}, {"handle", "", kNoRow}}});
}

std::string Oracle::act(const Frame& frame, const CommandRecord& record) {
  const auto json = parse_json(record.arguments);
  if (!json.ok()) return "an act without arguments was recorded";
  const int64_t id = json->find("case")->as_integer().value_or(0);
  const std::string& name = json->find("act")->as_string();
  acts_.insert({frame.header.sequence, id, name, record.actor});
  const auto person = people_.find(record.actor);
  std::string wrong = "no such case";
  if (person == people_.end()) {
    wrong = "nobody of that name";
  } else if (id > 0 && id <= static_cast<int64_t>(cases_.size())) {
    wrong = take_act(cases_[static_cast<size_t>(id) - 1], name, json->find("note")->as_string(),
                     person->second);
  }
  if (wrong.empty()) return {};
  return fmt::format("frame {}: the act {} of {} on case {} was taken: {}", frame.header.sequence,
                     name, record.actor, id, wrong);
}

std::string Oracle::take_act(Case& matter, const std::string& act, const std::string& note,
                             RowId person) {
  std::string to;
  if (act == "done" && matter.step == "handle") to = "check";
  if (act == "close" && matter.step == "check") to = "end";
  if (act == "back" && matter.step == "check") to = "handle";
  if (to.empty()) return "not in the step " + matter.step;
  if (act == "close" && person == matter.handler) return "the handler has checked it himself";
  if (act == "back" && note.empty()) return "without a note";
  if (act == "done") matter.handler = person;
  if (act == "close") matter.checker = person;
  matter.tasks.back().act = act;
  matter.tasks.back().person = person;
  matter.tasks.push_back({to, "", kNoRow});
  matter.step = to;
  matter.open = to != "end";
  if (!matter.open) ++happened["closed"];
  return {};
}

std::string Oracle::compare(const View& view) {
  const auto alarms = all_rows(view, TypeId::alarm);
  const auto cases = all_rows(view, TypeId::case_file);
  const auto tasks = all_rows(view, TypeId::task);
  if (!alarms.ok() || !cases.ok() || !tasks.ok()) return "rows can't be read";
  for (std::string failed : {compare_rows(view), compare_alarms(*alarms), compare_cases(*cases),
                             compare_tasks(*tasks), compare_readings(view.series)}) {
    if (!failed.empty()) return failed;
  }
  return {};
}

std::string Oracle::compare_rows(const View& view) const {
  auto expected = rows_.begin();
  for (const TypeId type : kRemovable) {  // in the order of rows_
    const auto rows = all_rows(view, type);
    if (!rows.ok()) return "rows can't be read";
    for (const Row& row : *rows) {
      if (expected == rows_.end() || expected->first != std::pair{type, number(row.id)})
        return fmt::format("{} {} is there, and something else should come next",
                           type_of(type).name, number(row.id));
      ++expected;
    }
  }
  if (expected == rows_.end()) return {};
  return fmt::format("{} {} should be there and is gone", type_of(expected->first.first).name,
                     expected->first.second);
}

std::string Oracle::compare_alarms(const std::vector<Row>& rows) const {
  if (rows.size() != alarms_.size()) {
    return fmt::format("there are {} alarms, and should be {}", rows.size(), alarms_.size());
  }
  std::set<int64_t> active;
  for (size_t i = 0; i < rows.size(); ++i) {
    const Row& row = rows[i];
    const Alarm& alarm = alarms_[i];
    const bool same =
        static_cast<size_t>(row.id) == i + 1 &&
        static_cast<int64_t>(row.link("Datastream")) == alarm.stream &&
        row.text("state") == (alarm.active ? "active" : "cleared") &&
        row.integer("level") == alarm.level && row.integer("peakLevel") == alarm.peak &&
        row.integer("occurrences") == alarm.occurrences && row.time("raisedAt") == alarm.raised &&
        row.time("changedAt") == alarm.changed;
    if (!same) {
      return fmt::format(
          "alarm {} of stream {} is {} since {}, level {}, {} times; it should be {} since {}, "
          "level "
          "{}, {} times",
          i + 1, alarm.stream, row.text("state"), to_text(row.time("changedAt").value_or(Time())),
          row.integer("level"), row.integer("occurrences"), alarm.active ? "active" : "cleared",
          to_text(alarm.changed), alarm.level, alarm.occurrences);
    }
    if (alarm.active && !active.insert(alarm.stream).second) {
      return fmt::format("two active alarms for stream {}", alarm.stream);
    }
  }
  return {};
}

std::string Oracle::compare_cases(const std::vector<Row>& rows) const {
  if (rows.size() != cases_.size()) {
    return fmt::format("there are {} cases, and should be {}", rows.size(), cases_.size());
  }
  for (size_t i = 0; i < rows.size(); ++i) {
    const Row& row = rows[i];
    const Case& matter = cases_[i];
    const bool same =
        static_cast<size_t>(row.id) == i + 1 &&
        static_cast<int64_t>(row.link("Alarm")) == matter.alarm &&
        row.text("step") == matter.step && row.text("state") == (matter.open ? "open" : "closed") &&
        row.link("Handler") == matter.handler && row.link("Checker") == matter.checker;
    if (!same) {
      return fmt::format("case {} stands in {} of alarm {}, and should in {} of alarm {}", i + 1,
                         row.text("step"), static_cast<int64_t>(row.link("Alarm")), matter.step,
                         matter.alarm);
    }
  }
  return {};
}

// Every step that a case entered has a task, and who left it was allowed to.
std::string Oracle::compare_tasks(const std::vector<Row>& rows) const {
  std::map<int64_t, std::vector<const Row*>> by_case;
  for (const Row& row : rows) by_case[static_cast<int64_t>(row.link("Case"))].push_back(&row);
  for (size_t i = 0; i < cases_.size(); ++i) {
    const std::vector<const Row*>& found = by_case[static_cast<int64_t>(i) + 1];
    const std::vector<TaskDone>& expected = cases_[i].tasks;
    bool same = found.size() == expected.size();
    for (size_t j = 0; same && j < found.size(); ++j) {
      same = found[j]->text("step") == expected[j].step &&
             found[j]->text("act") == expected[j].act &&
             found[j]->link("Person") == expected[j].person;
    }
    if (!same) return fmt::format("the tasks of case {} are not what was done", i + 1);
    RowId handler = kNoRow;
    for (const Row* task : found) {
      if (task->text("act") == "done") handler = task->link("Person");
      if (task->text("act") == "close" && task->link("Person") == handler) {
        return fmt::format("case {} was closed by its handler", i + 1);
      }
    }
  }
  return {};
}

std::string Oracle::compare_readings(const SeriesView& view) const {
  auto expected = standing_.begin();
  std::string failed;
  ScanOptions by_id;
  by_id.order = ScanOrder::id;
  const Status scanned = view.scan(by_id, [&](const Reading& reading) {
    if (expected == standing_.end() || reading != expected->second) {
      failed = fmt::format("reading {} is not what was recorded, or not in its place",
                           static_cast<int64_t>(reading.id));
    } else {
      ++expected;
    }
    return failed.empty();
  });
  if (!scanned.ok()) return "readings: " + scanned.error().message;
  if (!failed.empty()) return failed;
  if (expected != standing_.end()) {
    return fmt::format("reading {} was recorded and is gone",
                       static_cast<int64_t>(expected->first));
  }
  const auto count = view.count();
  if (!count.ok() || *count != standing_.size()) return "the readings are counted wrong";
  return {};
}

}  // namespace duliang
