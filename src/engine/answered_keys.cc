#include "engine/answered_keys.h"

#include <algorithm>

#include "base/limits.h"
#include "base/saved_json.h"

namespace duliang {
namespace {

template <typename Id>
Json ids_json(const std::vector<Id>& ids) {
  Json json = Json::array();
  for (const Id id : ids) json.push(Json(number(id)));
  return json;
}

// The ids that readings got, and 0 for those that were refused, in the order in which they were
// asked for; from number `from` on.
std::vector<ReadingId> ids_given(const FrameBody& body, uint32_t command, size_t from) {
  std::vector<size_t> refused;
  const auto places = parse_json(body.commands[command].arguments);
  if (places.ok() && places->is_array()) {
    for (const Json& place : places->items()) {
      refused.push_back(static_cast<size_t>(place.as_integer().value_or(0)));
    }
  }
  std::vector<ReadingId> ids;
  auto place = refused.begin();
  const auto next = [&] {
    for (; place != refused.end() && *place == from + ids.size(); ++place) {
      ids.push_back(ReadingId{0});
    }
  };
  for (const auto& taken :
       std::ranges::equal_range(body.readings, command, {}, &NumberedReading::command)) {
    next();
    ids.push_back(taken.reading.id);
  }
  next();
  return ids;
}

Outcome outcome_of(const FrameBody& body, uint32_t command) {
  Outcome outcome;
  const CommandRecord& record = body.commands[command];
  if (record.kind == CommandKind::act || record.kind == CommandKind::remove_row ||
      record.kind == CommandKind::change_row) {
    const auto json = parse_json(record.arguments);
    const char* name = record.kind == CommandKind::act ? "case" : "id";
    const Json* id = json.ok() ? json->find(name) : nullptr;
    if (id != nullptr) outcome.rows.push_back(RowId{id->as_integer().value_or(0)});
    return outcome;
  }
  if (record.kind == CommandKind::put_rows) {
    for (const auto& put :
         std::ranges::equal_range(body.changes, command, {}, &NumberedChange::command)) {
      if (put.change.kind == RowChange::Kind::put) outcome.rows.push_back(put.change.row.id);
    }
    for (const auto& taken :
         std::ranges::equal_range(body.readings, command, {}, &NumberedReading::command)) {
      outcome.readings.push_back(taken.reading.id);
    }
  }
  for (const auto& corrected :
       std::ranges::equal_range(body.corrections, command, {}, &NumberedReadingChange::command)) {
    outcome.readings.push_back(corrected.change.reading.id);
  }
  return outcome;
}

}  // namespace

CommandKind kind_of(const Command& command) {
  if (std::holds_alternative<PutRows>(command.body)) return CommandKind::put_rows;
  if (std::holds_alternative<PostReadings>(command.body)) return CommandKind::post_readings;
  if (std::holds_alternative<ChangeRow>(command.body)) return CommandKind::change_row;
  if (std::holds_alternative<RemoveRow>(command.body)) return CommandKind::remove_row;
  if (std::holds_alternative<ActOnCase>(command.body)) return CommandKind::act;
  if (std::holds_alternative<LoadPack>(command.body)) return CommandKind::load_pack;
  return CommandKind::correct_readings;
}

std::string refused_text(const std::vector<std::pair<size_t, Error>>& refused) {
  if (refused.empty()) return {};
  Json places = Json::array();
  for (const auto& [place, error] : refused) places.push(Json(uint64_t{place}));
  return places.dump();
}

void AnsweredKeys::take(const FrameBody& body, uint64_t sequence) {
  for (uint32_t i = 0; i < body.commands.size(); ++i) {
    const CommandRecord& record = body.commands[i];
    if (record.key.empty()) continue;
    Answered answered{record.kind, record.actor, {}};
    if (record.kind == CommandKind::post_readings) {
      if (const Answered* earlier = find(record.key)) answered.outcome = earlier->outcome;
      auto& ids = answered.outcome.readings;
      const auto given = ids_given(body, i, ids.size());
      ids.insert(ids.end(), given.begin(), given.end());
    } else {
      answered.outcome = outcome_of(body, i);
    }
    answered.outcome.sequence = sequence;
    add(record.key, std::move(answered));
  }
}

size_t AnsweredKeys::ids_of(const Answered& answered) {
  return answered.outcome.rows.size() + answered.outcome.readings.size();
}

void AnsweredKeys::add(const std::string& key, Answered answered) {
  ids_ += ids_of(answered);
  const auto [place, is_new] = answered_.try_emplace(key);
  if (is_new) oldest_.push_back(key);
  ids_ -= ids_of(place->second);
  place->second = std::move(answered);
  while (oldest_.size() > limits::kKeysKept || (ids_ > limits::kKeyIdsKept && oldest_.size() > 1)) {
    const auto gone = answered_.find(oldest_.front());
    ids_ -= ids_of(gone->second);
    answered_.erase(gone);
    oldest_.pop_front();
  }
}

const AnsweredKeys::Answered* AnsweredKeys::find(const std::string& key) const {
  const auto found = answered_.find(key);
  return found == answered_.end() ? nullptr : &found->second;
}

std::string AnsweredKeys::save() const {
  Json keys = Json::array();
  for (const std::string& key : oldest_) {
    const Answered& answered = answered_.at(key);
    Json json = Json::object();
    json["key"] = Json(key);
    json["kind"] = Json(static_cast<int64_t>(answered.kind));
    json["actor"] = Json(answered.actor);
    json["sequence"] = Json(answered.outcome.sequence);
    json["rows"] = ids_json(answered.outcome.rows);
    json["readings"] = ids_json(answered.outcome.readings);
    keys.push(std::move(json));
  }
  return keys.dump();
}

Status AnsweredKeys::restore(std::string_view saved) {
  const Error corrupt{Code::corrupt, "The saved idempotency keys cannot be read.", "keys"};
  const auto json = parse_json(saved);
  if (!json.ok()) return corrupt;
  SavedJson in;
  for (const Json& one : in.items(&*json)) {
    Answered answered;
    answered.kind = static_cast<CommandKind>(in.integer(one.find("kind")));
    answered.actor = in.text(one.find("actor"));
    answered.outcome.sequence = static_cast<uint64_t>(in.integer(one.find("sequence")));
    answered.outcome.rows = in.ids<RowId>(one.find("rows"));
    answered.outcome.readings = in.ids<ReadingId>(one.find("readings"));
    const std::string key = in.text(one.find("key"));
    if (!in.ok) return corrupt;
    add(key, std::move(answered));
  }
  return in.ok ? Status() : Status(corrupt);
}

}  // namespace duliang
