#include "watch/alarms.h"

#include <algorithm>

#include "base/geometry.h"
#include "base/limits.h"

namespace duliang {
namespace {

constexpr std::string_view kActive = "active";
constexpr std::string_view kCleared = "cleared";
constexpr std::string_view kClosed = "closed";  // of a case
// What an alarm keeps of the text of a number. A double has 17 digits, its shortest text at most 24
// characters; more is what a device made up, and the reading itself keeps it.
constexpr size_t kNumberText = 32;

struct Station {
  Row stream;
  Row thing;
};

Result<Row> must_find(const Ledger& ledger, TypeId type, RowId id) {
  TRY(std::optional<Row> row, ledger.find(type, id));
  CHECK(row.has_value(), "a link that is required leads to a row");
  return std::move(*row);
}

Result<Station> station_of(const Ledger& ledger, StreamId stream) {
  TRY(Row row, must_find(ledger, TypeId::datastream, RowId{static_cast<int64_t>(stream)}));
  TRY(Row thing, must_find(ledger, TypeId::thing, row.link("Thing")));
  return Station{std::move(row), std::move(thing)};
}

// A text out of a JSON property; empty where there is none.
std::string text_in(const Row& row, std::string_view property, std::string_view name) {
  const Json* json = std::get_if<Json>(&row[property]);
  const Json* found = json == nullptr ? nullptr : json->find(name);
  return found != nullptr && found->is_string() ? found->as_string() : std::string();
}

std::optional<Point> point_in(const Row& row, std::string_view property) {
  const Json* json = std::get_if<Json>(&row[property]);
  return json == nullptr ? std::nullopt : point_of(*json);
}

Result<std::optional<Point>> point_of_thing(const Ledger& ledger, RowId thing) {
  std::optional<Point> point;
  Selection locations;
  locations.type = TypeId::location;
  locations.by = *find_step(TypeId::thing, "Locations");
  locations.from_row = thing;
  TRY_DO(ledger.each(locations, [&](const Row& row) {
    point = point_in(row, "location");
    return !point.has_value();
  }));
  return point;
}

Result<StationPlace> place_of_thing(const Ledger& ledger, const Row& thing) {
  const std::string code = text_in(thing, "properties", "town");
  if (!code.empty()) {
    TRY(const std::optional<Row> town, ledger.find_by(TypeId::town, "code", code));
    if (town) return StationPlace{town->id, "property"};
  }
  TRY(const std::optional<Point> point, point_of_thing(ledger, thing.id));
  StationPlace place;
  if (!point) return place;
  double nearest_m = 0;
  Selection towns;
  towns.type = TypeId::town;
  TRY_DO(ledger.each(towns, [&](const Row& town) {
    const std::optional<Point> other = point_in(town, "location");
    if (!other) return true;
    const double away_m = distance_m(*point, *other);
    if (place.town == kNoRow || away_m < nearest_m) {
      place = {town.id, "nearest"};
      nearest_m = away_m;
    }
    return true;
  }));
  return place;
}

// The beginning of a text, in whole characters of UTF-8.
std::string clipped(std::string text) {
  size_t end = limits::kNameBytes;
  if (text.size() <= end) return text;
  while (end > 0 && (static_cast<uint8_t>(text[end]) & 0xc0) == 0x80) --end;
  text.resize(end);
  return text;
}

Value clipped(const Value& number) {
  const Decimal* decimal = std::get_if<Decimal>(&number);
  if (decimal == nullptr || decimal->text.size() <= kNumberText) return number;
  return Decimal{decimal->value, {}};
}

std::string replace_all(std::string text, std::string_view what, std::string_view by) {
  for (size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
  return text;
}

// Whether a case of this alarm is still open.
Result<bool> has_open_case(const Ledger& ledger, RowId alarm) {
  bool open = false;
  Selection cases;
  cases.type = TypeId::case_file;
  cases.where.push_back({"Alarm", Narrow::Op::eq, Value(static_cast<int64_t>(alarm))});
  TRY_DO(ledger.each(cases, [&](const Row& row) {
    open = row.text("state") != kClosed;
    return !open;
  }));
  return open;
}

Result<std::string> rule_key_of(const Ledger& ledger, const Row& alarm) {
  TRY(const Row rule, must_find(ledger, TypeId::rule, alarm.link("Rule")));
  return rule.text("key");
}

// A later version of a rule is another row with the same key, and goes on with the same matter.
Result<bool> is_of_rule(const Ledger& ledger, const Row& alarm, const Rule& rule) {
  if (alarm.link("Rule") == rule.id) return true;
  TRY(const std::string key, rule_key_of(ledger, alarm));
  return key == rule.declaration.key;
}

// The newest alarm of this rule and stream, where it is the same matter still: active, or cleared
// with its case not closed.
Result<std::optional<Row>> same_matter(const Ledger& ledger, const Rule& rule, StreamId stream) {
  std::optional<Row> newest;
  Status read;
  Selection alarms;
  alarms.type = TypeId::alarm;
  alarms.where.push_back({"Datastream", Narrow::Op::eq, Value(static_cast<int64_t>(stream))});
  alarms.descending = true;
  TRY_DO(ledger.each(alarms, [&](const Row& row) {
    const Result<bool> ours = is_of_rule(ledger, row, rule);
    if (!ours.ok())
      read = ours.error();
    else if (*ours)
      newest = row;
    return read.ok() && !newest;
  }));
  TRY_DO(read);
  if (!newest || newest->text("state") == kActive) return newest;
  TRY(const bool open, has_open_case(ledger, newest->id));
  return open ? newest : std::optional<Row>();
}

Json ids_json(const std::vector<ReadingId>& readings) {
  Json ids = Json::array();
  for (const ReadingId id : readings) ids.push(Json(static_cast<int64_t>(id)));
  return ids;
}

Value threshold_of(const Transition& transition) {
  return transition.threshold ? clipped(*transition.threshold) : Value();
}

Json history_entry(const Transition& transition) {
  Json entry = Json::object();
  entry["at"] = Json(to_text(transition.at));
  entry["level"] = Json(transition.to_level);
  entry["rule"] = Json(static_cast<int64_t>(transition.rule));
  entry["readings"] = ids_json(transition.readings);
  entry["value"] = to_json(clipped(transition.value));
  entry["threshold"] = to_json(threshold_of(transition));
  return entry;
}

// Of a result what was judged: its number.
Json proof_json(std::span<const Reading> readings) {
  Json proof = Json::array();
  for (const Reading& reading : readings) {
    Json one = Json::object();
    one["@iot.id"] = Json(number(reading.id));
    one["phenomenonTime"] = Json(to_text(reading.phenomenon_time));
    const auto judged = number_of(reading);  // a correction may have made it anything since
    one["result"] = judged ? to_json(clipped(result_value(reading))) : Json();
    proof.push(std::move(one));
  }
  return proof;
}

void add_to_history(Row& alarm, Json entry) {
  Json* history = std::get_if<Json>(&alarm["history"]);
  Json::Array entries = history == nullptr ? Json::Array() : history->items();
  if (entries.size() >= limits::kAlarmHistory) entries.erase(entries.begin() + 1);
  entries.push_back(std::move(entry));
  alarm["history"] = Json(std::move(entries));
}

Result<Row> new_alarm(const Ledger& ledger, const Rule& rule, const Transition& transition) {
  TRY(const Station station, station_of(ledger, transition.stream));
  TRY(const StationPlace place, place_of_thing(ledger, station.thing));
  const std::string name = clipped(station.thing.text("name"));
  const std::string english = clipped(text_in(station.thing, "properties", "nameEn"));
  const Words& title = rule.declaration.title;
  Row alarm = make_row(TypeId::alarm);
  alarm["title"] = clipped(replace_all(title.zh, "{station}", name));
  alarm["titleEn"] = clipped(replace_all(title.en, "{station}", english.empty() ? name : english));
  alarm["unitSymbol"] = clipped(text_in(station.stream, "unitOfMeasurement", "symbol"));
  alarm["raisedAt"] = transition.at;
  alarm["occurrences"] = int64_t{0};
  alarm["state"] = std::string(kCleared);
  alarm["townSource"] = place.source.empty() ? Value() : Value(place.source);
  alarm.link("Datastream") = RowId{static_cast<int64_t>(transition.stream)};
  alarm.link("Town") = place.town;
  return alarm;
}

// Brings the alarm to what the transition says. Cleared, it keeps the level that it had.
void move_alarm(Row& alarm, const Transition& transition) {
  const bool clears = transition.to_level == 0;
  if (!clears) {
    const int64_t level = transition.to_level;
    const bool first = is_null(alarm["peakLevel"]);
    alarm["level"] = level;
    alarm["peakLevel"] = first ? level : std::min(level, alarm.integer("peakLevel"));
    if (alarm.text("state") == kCleared) alarm["occurrences"] = alarm.integer("occurrences") + 1;
  }
  if (transition.rises()) {
    alarm["readings"] = ids_json(transition.readings);
    alarm.link("Rule") = transition.rule;
  }
  alarm["state"] = std::string(clears ? kCleared : kActive);
  alarm["changedAt"] = transition.at;
  alarm["clearedAt"] = clears ? Value(transition.at) : Value();
  alarm["value"] = clipped(transition.value);
  alarm["threshold"] = threshold_of(transition);
  add_to_history(alarm, history_entry(transition));
}

// Cleared by no reading.
void end_alarm(Row& alarm, std::string_view reason, Time now) {
  alarm["state"] = std::string(kCleared);
  alarm["changedAt"] = now;
  alarm["clearedAt"] = now;
  Json entry = Json::object();
  entry["at"] = Json(to_text(now));
  entry["level"] = Json(0);
  entry["rule"] = Json(number(alarm.link("Rule")));
  entry["readings"] = Json::array();
  entry["reason"] = Json(reason);
  add_to_history(alarm, std::move(entry));
}

}  // namespace

Result<StationPlace> place_of(const Ledger& ledger, StreamId stream) {
  TRY(const Station station, station_of(ledger, stream));
  return place_of_thing(ledger, station.thing);
}

Result<AlarmChange> change_alarm(const Ledger& ledger, const Rule& rule,
                                 const Transition& transition, std::span<const Reading> proof) {
  TRY(std::optional<Row> known, same_matter(ledger, rule, transition.stream));
  AlarmChange change;
  bool has_case = false;
  if (known) {
    change.alarm = std::move(*known);
    TRY(has_case, has_open_case(ledger, change.alarm.id));
  } else {
    CHECK(transition.to_level != 0, "an alarm that is cleared was raised before");
    TRY(change.alarm, new_alarm(ledger, rule, transition));
  }
  change.opens_case = transition.rises() && !rule.declaration.opens.empty() && !has_case;
  move_alarm(change.alarm, transition);
  if (transition.rises()) change.alarm["proof"] = proof_json(proof);
  return change;
}

Result<std::vector<Row>> clear_retired_alarms(const Ledger& ledger,
                                              const std::vector<std::string>& active_rule_keys,
                                              Time now) {
  std::vector<Row> cleared;
  Status read;
  Selection active;
  active.type = TypeId::alarm;
  active.where.push_back({"state", Narrow::Op::eq, Value(std::string(kActive))});
  TRY_DO(ledger.each(active, [&](const Row& row) {
    const Result<std::string> key = rule_key_of(ledger, row);
    if (!key.ok())
      read = key.error();
    else if (std::ranges::find(active_rule_keys, *key) == active_rule_keys.end())
      cleared.push_back(row);
    return read.ok();
  }));
  TRY_DO(read);
  for (Row& alarm : cleared) end_alarm(alarm, "retired", now);
  return cleared;
}

Result<std::vector<Row>> clear_alarms_of(const Ledger& ledger, std::span<const StreamId> streams,
                                         Time now) {
  std::vector<Row> cleared;
  for (const StreamId stream : streams) {
    Selection active;
    active.type = TypeId::alarm;
    active.where.push_back({"Datastream", Narrow::Op::eq, Value(number(stream))});
    active.where.push_back({"state", Narrow::Op::eq, Value(std::string(kActive))});
    TRY_DO(ledger.each(active, [&](const Row& row) {
      cleared.push_back(row);
      end_alarm(cleared.back(), "removed", now);
      return true;
    }));
  }
  return cleared;
}

}  // namespace duliang
