#include "engine/group.h"

#include <unordered_map>

#include "base/limits.h"
#include "cases/cases.h"
#include "engine/answered_keys.h"
#include "engine/pack_changes.h"
#include "watch/alarms.h"

namespace duliang {
namespace {

constexpr size_t kCommandRecordBytes = 96;
constexpr size_t kFrameHeaderBytes = 1024;

size_t encoded_size(const PutRows& put) {
  size_t bytes = 0;
  for (const RowChange& change : put.changes) bytes += encoded_size(change);
  return bytes;
}

// Whether Things may move because of it, which links and unlinks more than it says itself.
bool has_places(const PutRows& put) {
  return std::ranges::any_of(put.changes, [](const RowChange& change) {
    return change.kind == RowChange::Kind::link &&
           (change.owner == TypeId::thing || change.owner == TypeId::historical_location);
  });
}

}  // namespace

size_t encoded_size(const RowChange& change) {
  std::string bytes;
  encode(bytes, change);
  return bytes.size() + 8;
}

Group::Group(House& house, uint64_t sequence, Time now, const TurnLimits& turn)
    : house_(house),
      sequence_(sequence),
      turn_(turn),
      judged_before_(house.watch().counts().judged) {
  body_.time = now;
}

Error command_too_large(size_t bytes) {
  return {Code::too_large,
          fmt::format("The command needs {} bytes in the journal; at most {} are possible.", bytes,
                      limits::kCommandBytes),
          ""};
}

bool Group::is_refusal(const Error& error) {
  return error.code != Code::io && error.code != Code::corrupt && error.code != Code::unavailable;
}

size_t Group::need(const Command& command, size_t from) const {
  const size_t bytes =
      kCommandRecordBytes + command.actor.size() + command.door.size() + command.key.size();
  if (const auto* post = std::get_if<PostReadings>(&command.body)) {
    return from < post->readings.size() ? bytes + need(post->readings[from]) : bytes;
  }
  if (const auto* put = std::get_if<PutRows>(&command.body)) {
    if (!put->readings.empty()) return limits::kFrameBytes;  // it stands alone
    return bytes + (has_places(*put) ? limits::kCommandBytes : encoded_size(*put));
  }
  if (const auto* asked = std::get_if<ActOnCase>(&command.body)) {
    return bytes + asked->note.size() + limits::kDecisionBytes;
  }
  if (!std::holds_alternative<LoadPack>(command.body)) return bytes + limits::kCommandBytes;
  return limits::kFrameBytes;  // a pack stands alone
}

bool Group::has_room(size_t bytes, size_t corrections) const {
  return bytes_ + bytes <= limits::kFrameBytes - kFrameHeaderBytes &&
         body_.readings.size() < turn_.readings &&
         body_.corrections.size() + corrections <= turn_.corrections &&
         rule_steps() < turn_.rule_steps && places_ < turn_.places;
}

bool Group::has_room(const Command& command, size_t from) const {
  const auto* change = std::get_if<ChangeReadings>(&command.body);
  return has_room(need(command, from), change == nullptr ? 1 : change->ids.size());
}

TurnWork Group::work() const {
  TurnWork work;
  work.rows = body_.changes.size();
  work.readings = body_.readings.size();
  work.corrections = body_.corrections.size();
  work.rule_steps = rule_steps();
  work.places = places_;
  work.bytes = bytes_;
  return work;
}

Result<Outcome> Group::execute(const Command& command, size_t from) {
  if (command.actor.size() > limits::kNameBytes) {
    return Error{Code::bad_input,
                 fmt::format("An actor's key has at most {} bytes.", limits::kNameBytes),
                 "X-Duliang-Actor"};
  }
  if (command.key.size() > limits::kKeyBytes) {
    return Error{Code::bad_input,
                 fmt::format("An idempotency key has at most {} bytes.", limits::kKeyBytes),
                 "Idempotency-Key"};
  }
  if (const auto* readings = std::get_if<PostReadings>(&command.body)) {
    if (empty() && !has_room(command, from)) return command_too_large(need(command, from));
    return post_readings(command, *readings, from);
  }
  TRY_DO(check_version(command));
  const House::Ids ids = house_.ids();
  auto outcome = execute_on_rows(command);
  if (!outcome.ok()) house_.give_back_ids(ids);
  return outcome;
}

Result<Outcome> Group::execute_on_rows(const Command& command) {
  if (const auto* rows = std::get_if<PutRows>(&command.body)) return put_rows(command, *rows);
  if (const auto* asked = std::get_if<ActOnCase>(&command.body)) return act(command, *asked);
  if (const auto* patch = std::get_if<PatchReading>(&command.body)) {
    return patch_reading(command, *patch);
  }
  if (const auto* remove = std::get_if<RemoveReading>(&command.body)) {
    return remove_reading(command, *remove);
  }
  if (const auto* change = std::get_if<ChangeReadings>(&command.body)) {
    return change_readings(command, *change);
  }
  if (const auto* cut = std::get_if<CutReadings>(&command.body)) return cut_readings(command, *cut);
  if (const auto* row = std::get_if<ChangeRow>(&command.body)) return change_row(command, *row);
  if (const auto* row = std::get_if<RemoveRow>(&command.body)) return remove_row(command, *row);
  return load_pack(command, std::get<LoadPack>(command.body));
}

uint32_t Group::begin(CommandKind kind, const Command& command, std::string arguments) {
  CommandRecord record;
  record.kind = kind;
  record.actor = command.actor;
  record.door = command.door;
  record.received = command.received;
  record.key = command.key;
  record.arguments = std::move(arguments);
  bytes_ += kCommandRecordBytes + record.actor.size() + record.door.size() + record.key.size() +
            record.arguments.size();
  if (!record.key.empty()) keys_.insert(record.key);
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
  TRY(const size_t settling, settling_bytes(house_.ledger(), put));
  if (const size_t bytes = encoded_size(put) + settling; bytes > limits::kCommandBytes)
    return command_too_large(bytes);
  for (const RowChange& change : put.changes) {
    CHECK(change.kind != RowChange::Kind::remove, "what points to a row must be asked before");
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
  CHECK(put.readings.empty() || empty(), "what may be taken back stands alone");
  const uint32_t number = begin(CommandKind::put_rows, command);
  std::unordered_map<int64_t, RowId> ids;
  const auto real = [&ids](RowId id) {
    return static_cast<int64_t>(id) < 0 ? ids.at(static_cast<int64_t>(id)) : id;
  };
  Outcome outcome{sequence_, {}, {}, {}};
  std::vector<RowChange> written;
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
    written.push_back(change);
    TRY_DO(write(number, std::move(change)));
  }
  TRY_DO(settle(number, written));
  std::vector<Reading> readings = put.readings;
  for (Reading& reading : readings) {
    reading.stream = StreamId{duliang::number(real(RowId{duliang::number(reading.stream)}))};
    reading.feature = real(reading.feature);
  }
  if (readings.empty()) return outcome;
  if (auto refused = take_all(number, readings, outcome); !refused.ok()) {
    if (is_refusal(refused.error())) TRY_DO(take_back());
    return std::move(refused).error();
  }
  return outcome;
}

// All are checked before one is taken: behind that nothing can be taken back.
Status Group::take_all(uint32_t command, const std::vector<Reading>& readings, Outcome& outcome) {
  size_t bytes = 0;
  size_t steps = 0;
  for (const Reading& reading : readings) {
    TRY_DO(check(reading));
    TRY_DO(check_place(reading));
    bytes += need(reading);
    steps += house_.watch().rules_of(reading.stream);
  }
  const bool fits = bytes_ + bytes <= limits::kFrameBytes - kFrameHeaderBytes &&
                    readings.size() <= turn_.readings && steps <= turn_.rule_steps;
  if (!fits) {
    return Error{Code::too_large,
                 "So many Observations are not created in one request with other entities: post "
                 "them to their Datastream.",
                 "Observations"};
  }
  for (const Reading& reading : readings) TRY_DO(take(command, reading, outcome));
  return {};
}

Status Group::take_back() {
  TRY_DO(house_.take_back(body_.changes));
  const Time now = body_.time;
  body_ = FrameBody{};
  body_.time = now;
  bytes_ = 0;
  keys_.clear();
  return {};
}

// --- alarms ---

Status Group::decide_alarm(uint32_t cause, const Transition& transition) {
  const Rule* rule = house_.rule(transition.rule);
  CHECK(rule != nullptr, "watch judges by the rules of the house");
  TRY(const auto proof, proof_of(transition));
  TRY(AlarmChange change, change_alarm(house_.ledger(), *rule, transition, proof));
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

// The readings themselves, which the alarm keeps: a Datastream may go, and its readings with it.
Result<std::vector<Reading>> Group::proof_of(const Transition& transition) const {
  std::vector<Reading> proof;
  if (!transition.rises()) return proof;
  for (const ReadingId id : transition.readings) {
    TRY(auto reading, house_.series().find(id));
    if (reading) proof.push_back(std::move(*reading));
  }
  return proof;
}

// Alarms that nobody judges any longer, as they are afterwards.
Status Group::end_alarms(uint32_t cause, std::vector<Row> alarms) {
  if (alarms.empty()) return {};
  const uint32_t decision = begin_decision("watch", cause);
  counts_.alarms_cleared += alarms.size();
  for (Row& alarm : alarms) TRY_DO(write(decision, RowChange::put(std::move(alarm))));
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
  return Outcome{sequence_, {asked.case_id}, {}, {}};
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
  if (bytes > limits::kCommandBytes) return command_too_large(bytes);
  const uint32_t number = begin(CommandKind::load_pack, command);
  for (RowChange& change : changes) TRY_DO(write(number, std::move(change)));
  TRY_DO(end_alarms(number, std::move(retired)));
  // The pack was checked; what can't be read back now is no refusal but a broken house.
  if (auto loaded = house_.load_declarations(); !loaded.ok()) {
    return Error{Code::corrupt, loaded.error().message, loaded.error().field};
  }
  return Outcome{sequence_, {}, {}, {}};
}

}  // namespace duliang
