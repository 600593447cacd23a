#include "engine/group.h"

#include <unordered_map>

#include "base/limits.h"
#include "cases/cases.h"
#include "engine/pack_changes.h"
#include "watch/alarms.h"

namespace duliang {
namespace {

// Beside its texts a reading takes ids and times: well under this in a frame.
constexpr size_t kReadingBytes = 64;
constexpr size_t kCommandRecordBytes = 96;
constexpr size_t kFrameHeaderBytes = 1024;

size_t encoded_size(const RowChange& change) {
  std::string bytes;
  encode(bytes, change);
  return bytes.size() + 8;
}

Error too_large(size_t bytes) {
  return {Code::too_large,
          fmt::format("The command needs {} bytes in the journal; at most {} are possible.", bytes,
                      limits::kCommandBytes),
          ""};
}

size_t encoded_size(const PutRows& put) {
  size_t bytes = 0;
  for (const RowChange& change : put.changes) bytes += encoded_size(change);
  return bytes;
}

size_t encoded_size(const PostReadings& post) {
  size_t bytes = 0;
  for (const Reading& reading : post.readings) {
    bytes += kReadingBytes + reading.result.size() + reading.extras.size();
  }
  return bytes;
}

}  // namespace

Group::Group(House& house, uint64_t sequence, Time now) : house_(house), sequence_(sequence) {
  body_.time = now;
}

bool Group::is_refusal(const Error& error) {
  return error.code != Code::io && error.code != Code::corrupt && error.code != Code::unavailable;
}

// An upper bound: what the command brings, and a decision for each reading and rule that may change
// a level.
size_t Group::need(const Command& command) const {
  size_t bytes = kCommandRecordBytes + command.actor.size() + command.door.size();
  if (const auto* post = std::get_if<PostReadings>(&command.body)) {
    for (const Reading& reading : post->readings) {
      bytes += house_.watch().rules_of(reading.stream) * limits::kDecisionBytes;
    }
    return bytes + encoded_size(*post);
  }
  if (const auto* put = std::get_if<PutRows>(&command.body)) return bytes + encoded_size(*put);
  if (const auto* asked = std::get_if<ActOnCase>(&command.body)) {
    return bytes + asked->note.size() + limits::kDecisionBytes;
  }
  return limits::kFrameBytes;  // a pack stands alone
}

bool Group::has_room(const Command& command) const {
  return bytes_ + need(command) <= limits::kFrameBytes - kFrameHeaderBytes;
}

Result<Outcome> Group::execute(const Command& command) {
  if (command.actor.size() > limits::kNameBytes) {
    return Error{Code::bad_input,
                 fmt::format("An actor's key has at most {} bytes.", limits::kNameBytes),
                 "X-Duliang-Actor"};
  }
  if (const auto* readings = std::get_if<PostReadings>(&command.body)) {
    if (empty() && !has_room(command)) return too_large(need(command));
    return post_readings(command, *readings);
  }
  const House::Ids ids = house_.ids();
  auto outcome = execute_on_rows(command);
  if (!outcome.ok()) house_.give_back_ids(ids);
  return outcome;
}

Result<Outcome> Group::execute_on_rows(const Command& command) {
  if (const auto* rows = std::get_if<PutRows>(&command.body)) return put_rows(command, *rows);
  if (const auto* asked = std::get_if<ActOnCase>(&command.body)) return act(command, *asked);
  return load_pack(command, std::get<LoadPack>(command.body));
}

uint32_t Group::begin(CommandKind kind, const Command& command, std::string arguments) {
  CommandRecord record;
  record.kind = kind;
  record.actor = command.actor;
  record.door = command.door;
  record.received = command.received;
  record.arguments = std::move(arguments);
  bytes_ +=
      kCommandRecordBytes + record.actor.size() + record.door.size() + record.arguments.size();
  body_.commands.push_back(std::move(record));
  return static_cast<uint32_t>(body_.commands.size() - 1);
}

uint32_t Group::begin_decision(const char* door, uint32_t cause) {
  CommandRecord record;
  record.kind = CommandKind::decision;
  record.door = door;
  record.received = body_.time;
  record.cause = static_cast<int32_t>(cause);
  bytes_ += kCommandRecordBytes;
  body_.commands.push_back(std::move(record));
  return static_cast<uint32_t>(body_.commands.size() - 1);
}

Status Group::write(uint32_t command, RowChange change) {
  TRY_DO(house_.write(change, sequence_));
  bytes_ += encoded_size(change);
  body_.changes.push_back({command, std::move(change)});
  return {};
}

// --- new entities ---

Status Group::check_links(const PutRows& put) const {
  std::unordered_map<int64_t, TypeId> given;
  if (const size_t bytes = encoded_size(put); bytes > limits::kCommandBytes)
    return too_large(bytes);
  for (const RowChange& change : put.changes) {
    if (change.kind != RowChange::Kind::put) continue;
    const EntityType& type = type_of(change.row.type);
    for (size_t i = 0; i < change.row.links.size(); ++i) {
      const RowId link = change.row.links[i];
      const Relation& relation = type.relations[i];
      if (link == kNoRow) {
        if (!relation.required) continue;
        return Error{Code::bad_input, fmt::format("{} needs one {}.", type.name, relation.name),
                     std::string(relation.name)};
      }
      if (static_cast<int64_t>(link) < 0) {
        const auto found = given.find(static_cast<int64_t>(link));
        CHECK(found != given.end() && found->second == relation.target, "a door orders new rows");
        continue;
      }
      TRY(const auto row, house_.ledger().find(relation.target, link));
      if (!row) {
        return Error{Code::bad_input,
                     fmt::format("There is no {} with id {}.", type_of(relation.target).name,
                                 static_cast<int64_t>(link)),
                     std::string(relation.name)};
      }
    }
    CHECK(static_cast<int64_t>(change.row.id) < 0, "new rows have no ids yet");
    given.emplace(static_cast<int64_t>(change.row.id), change.row.type);
  }
  for (const RowChange& change : put.changes) {
    if (change.kind != RowChange::Kind::link) continue;
    const Relation& relation =
        type_of(change.owner).relations[static_cast<size_t>(change.relation)];
    for (const auto& [id, type] :
         {std::pair{change.from, change.owner}, {change.to, relation.target}}) {
      if (static_cast<int64_t>(id) < 0) {
        CHECK(given.contains(static_cast<int64_t>(id)), "a door links rows of its own command");
        continue;
      }
      TRY(const auto row, house_.ledger().find(type, id));
      if (!row) {
        return Error{
            Code::bad_input,
            fmt::format("There is no {} with id {}.", type_of(type).name, static_cast<int64_t>(id)),
            std::string(relation.name)};
      }
    }
  }
  return {};
}

Result<Outcome> Group::put_rows(const Command& command, const PutRows& put) {
  TRY_DO(check_links(put));
  const uint32_t number = begin(CommandKind::put_rows, command);
  std::unordered_map<int64_t, RowId> ids;
  const auto real = [&ids](RowId id) {
    return static_cast<int64_t>(id) < 0 ? ids.at(static_cast<int64_t>(id)) : id;
  };
  Outcome outcome{sequence_, {}, {}};
  for (RowChange change : put.changes) {
    if (change.kind == RowChange::Kind::put) {
      const RowId id = house_.next_id(change.row.type);
      ids.emplace(static_cast<int64_t>(change.row.id), id);
      change.row.id = id;
      for (RowId& link : change.row.links) link = real(link);
      outcome.rows.push_back(id);
    } else {
      change.from = real(change.from);
      change.to = real(change.to);
    }
    TRY_DO(write(number, std::move(change)));
  }
  return outcome;
}

// --- readings ---

Result<Outcome> Group::post_readings(const Command& command, const PostReadings& post) {
  const size_t bytes = encoded_size(post);
  for (const Reading& reading : post.readings) {
    if (!house_.knows(reading.stream)) {
      return Error{
          Code::not_found,
          fmt::format("There is no Datastream with id {}.", static_cast<int64_t>(reading.stream)),
          "Datastream"};
    }
    if (reading.feature != kNoRow) {
      TRY(const auto feature, house_.ledger().find(TypeId::feature_of_interest, reading.feature));
      if (!feature) {
        return Error{Code::bad_input,
                     fmt::format("There is no FeatureOfInterest with id {}.",
                                 static_cast<int64_t>(reading.feature)),
                     "FeatureOfInterest"};
      }
    }
  }
  if (bytes > limits::kCommandBytes) return too_large(bytes);
  const uint32_t number = begin(CommandKind::post_readings, command);
  bytes_ += bytes;
  Outcome outcome{sequence_, {}, {}};
  for (Reading reading : post.readings) {
    if (reading.phenomenon_time.begin == kUnsetTime) {
      // Two readings of one group were not measured at one moment: the second would count as
      // doubled.
      const Time time = body_.time + Duration{unset_times_++};
      reading.phenomenon_time = {time, time};
    }
    reading.id = house_.series().give_id(reading.stream);
    house_.append(reading);
    outcome.readings.push_back(reading.id);
    body_.readings.push_back({number, reading});
    if (!house_.watch().concerns(reading.stream)) continue;
    for (const Transition& transition : house_.watch().observe(reading, body_.time)) {
      TRY_DO(decide_alarm(number, transition));
    }
  }
  return outcome;
}

Status Group::decide_alarm(uint32_t cause, const Transition& transition) {
  const Rule* rule = house_.rule(transition.rule);
  CHECK(rule != nullptr, "watch judges by the rules of the house");
  TRY(AlarmChange change, change_alarm(house_.ledger(), *rule, transition));
  const size_t before = bytes_;
  const uint32_t number = begin_decision("watch", cause);
  if (change.alarm.id == kNoRow) change.alarm.id = house_.next_id(TypeId::alarm);
  TRY_DO(write(number, RowChange::put(change.alarm)));
  if (transition.from_level == 0) ++counts_.alarms_raised;
  if (transition.to_level == 0) ++counts_.alarms_cleared;
  if (change.opens_case) {
    TRY_DO(decide_case(number, change.alarm, rule->declaration.opens));
  }
  CHECK(bytes_ - before <= limits::kDecisionBytes, "texts of alarms and cases are clipped");
  return {};
}

// --- cases ---

CaseDesk Group::desk(const LoadedWorkflow& workflow) {
  return {&house_.ledger(),
          &workflow.declaration,
          workflow.row,
          workflow.version,
          house_.case_prefix(),
          body_.time,
          [this](TypeId type) { return house_.next_id(type); }};
}

Status Group::decide_case(uint32_t cause, const Row& alarm, const std::string& workflow_key) {
  const LoadedWorkflow* workflow = house_.workflow(workflow_key);
  CHECK(workflow != nullptr,
        "a pack is loaded only when the workflows that its rules open are there");
  TRY(auto changes, open_case(desk(*workflow), alarm));
  const uint32_t number = begin_decision("cases", cause);
  for (RowChange& change : changes) TRY_DO(write(number, std::move(change)));
  ++counts_.cases_opened;
  return {};
}

Result<Outcome> Group::act(const Command& command, const ActOnCase& asked) {
  if (asked.note.size() > limits::kNoteBytes) {
    return Error{Code::too_large, fmt::format("A note has at most {} bytes.", limits::kNoteBytes),
                 "note"};
  }
  TRY(const auto row, house_.ledger().find(TypeId::case_file, asked.case_id));
  if (!row) {
    return Error{Code::not_found,
                 fmt::format("There is no Case with id {}.", static_cast<int64_t>(asked.case_id)),
                 ""};
  }
  TRY(const auto person, house_.ledger().find_by(TypeId::person, "key", command.actor));
  if (!person) {
    return Error{Code::forbidden,
                 command.actor.empty()
                     ? "An act needs an actor: name a person by key in X-Duliang-Actor."
                     : fmt::format("There is no person with the key '{}'.", command.actor),
                 "X-Duliang-Actor"};
  }
  const LoadedWorkflow* workflow =
      house_.workflow(row->text("workflow"), row->text("workflowVersion"));
  CHECK(workflow != nullptr, "a case keeps the version of its workflow");
  TRY(auto changes, act_on_case(desk(*workflow), *row, {asked.act, asked.note, person->id}));
  Json arguments = Json::object();
  arguments["case"] = Json(static_cast<int64_t>(asked.case_id));
  arguments["act"] = Json(asked.act);
  arguments["note"] = Json(asked.note);
  const uint32_t number = begin(CommandKind::act, command, arguments.dump());
  for (RowChange& change : changes) TRY_DO(write(number, std::move(change)));
  return Outcome{sequence_, {asked.case_id}, {}};
}

// --- packs ---

// The keys of the rules that will be active when the pack is loaded.
Result<std::vector<std::string>> Group::rules_with(const Pack& pack) const {
  std::vector<std::string> keys;
  for (const RuleDeclaration& rule : pack.rules) keys.push_back(rule.key);
  for (const Rule& rule : house_.rules()) {
    TRY(const auto row, house_.ledger().find(TypeId::rule, rule.id));
    CHECK(row.has_value(), "a loaded rule has a row");
    if (row->text("pack") != pack.key) keys.push_back(rule.declaration.key);
  }
  return keys;
}

// A rule that goes takes its alarms with it: nobody would ever clear them.
Result<Outcome> Group::load_pack(const Command& command, const LoadPack& load) {
  TRY(auto changes, changes_of_pack(house_, load.pack));
  if (changes.empty()) return Outcome{};
  TRY(const auto rules, rules_with(load.pack));
  TRY(auto retired, clear_retired_alarms(house_.ledger(), rules, body_.time));
  size_t bytes = 0;
  for (const RowChange& change : changes) bytes += encoded_size(change);
  for (const Row& alarm : retired) bytes += encoded_size(RowChange::put(alarm));
  if (bytes > limits::kCommandBytes) return too_large(bytes);
  const uint32_t number = begin(CommandKind::load_pack, command);
  for (RowChange& change : changes) TRY_DO(write(number, std::move(change)));
  if (!retired.empty()) {
    const uint32_t decision = begin_decision("watch", number);
    for (Row& alarm : retired) TRY_DO(write(decision, RowChange::put(std::move(alarm))));
    counts_.alarms_cleared += retired.size();
  }
  // The pack was checked; what can't be read back now is no refusal but a broken house.
  if (auto loaded = house_.load_declarations(); !loaded.ok()) {
    return Error{Code::corrupt, loaded.error().message, loaded.error().field};
  }
  return Outcome{sequence_, {}, {}};
}

}  // namespace duliang
