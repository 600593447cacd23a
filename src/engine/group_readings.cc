// Of a Group: readings that come in, and changes of readings that stand.
#include "base/limits.h"
#include "engine/answered_keys.h"
#include "engine/group.h"

namespace duliang {
namespace {

// Beside its texts a reading takes ids and times: well under this in a frame.
constexpr size_t kReadingBytes = 64;

// The place of a reading that was refused, where a key makes it part of the record.
constexpr size_t kPlaceBytes = 8;

size_t encoded_size(const Reading& reading) {
  return kReadingBytes + reading.result.size() + reading.extras.size();
}

Result<std::string> merged_extras(const std::string& extras, const Json& patch) {
  if (patch.is_null()) return extras;
  Json members;
  if (!extras.empty()) {
    TRY(members, parse_json(extras));
  }
  for (const auto& [name, value] : patch.members()) members[name] = value;
  return extras_text(members);
}

Result<Reading> patched(Reading reading, const ReadingPatch& patch) {
  if (patch.stream && *patch.stream != reading.stream) {
    return Error{Code::bad_input, "An Observation stays with its Datastream.", "Datastream"};
  }
  if (patch.phenomenon_time) reading.phenomenon_time = *patch.phenomenon_time;
  if (patch.result_time) reading.result_time = *patch.result_time;
  if (patch.result) reading.result = *patch.result;
  if (patch.feature) reading.feature = *patch.feature;
  if (patch.quality) reading.quality = *patch.quality;
  TRY(reading.extras, merged_extras(reading.extras, patch.extras));
  return reading;
}

Error no_reading(ReadingId id) {
  return {Code::not_found,
          fmt::format("There is no Observation with id {}.", static_cast<int64_t>(id)), ""};
}

}  // namespace

Status check_reason(const std::string& reason) {
  if (reason.size() <= limits::kNoteBytes) return {};
  return Error{Code::too_large, fmt::format("A reason has at most {} bytes.", limits::kNoteBytes),
               "reason"};
}

// An upper bound: what the reading brings, and a decision for each rule that may change a level.
size_t Group::need(const Reading& reading) const {
  const size_t decisions = house_.watch().rules_of(reading.stream) * limits::kDecisionBytes;
  const bool makes_feature = reading.feature == kNoRow && house_.lacks_feature(reading.stream);
  return encoded_size(reading) + decisions + (makes_feature ? limits::kDecisionBytes : 0);
}

Status Group::check(const Reading& reading) const {
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
    if (reading.feature == house_.going_feature) {
      return Error{
          Code::conflict,
          fmt::format("The FeatureOfInterest {} is being removed.", number(reading.feature)),
          "FeatureOfInterest"};
    }
  }
  const auto cut = house_.series().cut_of(reading.stream);
  const Time begin = reading.phenomenon_time.begin;
  if (cut && (begin == kUnsetTime ? body_.time : begin) < *cut) {
    return Error{
        Code::bad_input,
        fmt::format("Readings of this Datastream before {} are no longer kept.", to_text(*cut)),
        "phenomenonTime"};
  }
  if (const size_t bytes = encoded_size(reading); bytes > limits::kCommandBytes) {
    return command_too_large(bytes);
  }
  return {};
}

// Where one that is refused refuses all, all that are left are checked before one is taken.
Result<Outcome> Group::post_readings(const Command& command, const PostReadings& post,
                                     size_t from) {
  if (!post.each) {
    for (size_t i = from; i < post.readings.size(); ++i) {
      TRY_DO(check(post.readings[i]));
      if (post.placed) TRY_DO(check_place(post.readings[i]));
    }
  }
  std::optional<uint32_t> number;  // begun with the first that is taken
  Outcome outcome;
  outcome.readings.reserve(post.readings.size() - from);
  for (size_t i = from; i < post.readings.size(); ++i) {
    if (i > from && !has_room(need(post.readings[i]))) break;
    if (post.each) {
      if (auto refused = check(post.readings[i]); !refused.ok()) {
        if (!is_refusal(refused.error())) return std::move(refused).error();
        outcome.readings.push_back(ReadingId{0});
        outcome.refused.emplace_back(i, std::move(refused).error());
        if (!command.key.empty()) bytes_ += kPlaceBytes;
        continue;
      }
    }
    if (!number) number = begin(CommandKind::post_readings, command);
    outcome.sequence = sequence_;
    TRY_DO(take(*number, post.readings[i], outcome));
  }
  if (number && !command.key.empty()) {
    body_.commands[*number].arguments =
        command.recorded.empty() ? refused_text(outcome.refused) : command.recorded;
  }
  return outcome;
}

Error Group::why_refused(const Reading& reading) const {
  if (auto refused = check(reading); !refused.ok()) return refused.error();
  return {Code::conflict, "It was refused when it was asked for first; ask with another key.", ""};
}

Status Group::take(uint32_t command, Reading reading, Outcome& outcome) {
  if (reading.phenomenon_time.begin == kUnsetTime) {
    const Time time = house_.unset_time(body_.time);
    reading.phenomenon_time = {time, time};
  }
  if (reading.feature == kNoRow) {
    TRY(reading.feature, feature_for(command, reading.stream));
  }
  reading.id = house_.series().give_id(reading.stream);
  bytes_ += encoded_size(reading);
  house_.append(reading, body_.time);
  outcome.readings.push_back(reading.id);
  const StreamId stream = reading.stream;
  body_.readings.push_back({command, std::move(reading)});
  if (!house_.watch().concerns(stream)) return {};
  for (const Transition& transition :
       house_.watch().observe(body_.readings.back().reading, body_.time)) {
    TRY_DO(decide_alarm(command, transition));
  }
  return {};
}

// --- changes of what stands ---

Result<Reading> Group::standing(ReadingId id) const {
  TRY(auto reading, house_.series().find(id));
  if (!reading) return no_reading(id);
  return std::move(*reading);
}

Result<Outcome> Group::patch_reading(const Command& command, const PatchReading& asked) {
  TRY(const Reading before, standing(asked.id));
  TRY(Reading after, patched(before, asked.patch));
  TRY_DO(check(after));
  if (after == before) return Outcome{};  // nothing has to be done
  return correct(command, ReadingChange::replaced(std::move(after), asked.reason));
}

Result<Outcome> Group::remove_reading(const Command& command, const RemoveReading& asked) {
  TRY(const Reading before, standing(asked.id));
  return correct(command, ReadingChange::removed(before.id, before.stream, asked.reason));
}

// Since they were looked for, somebody else may have changed them.
Result<Outcome> Group::change_readings(const Command& command, const ChangeReadings& asked) {
  CHECK(asked.ids.size() <= turn_.corrections, "a turn is bounded");
  TRY_DO(check_reason(asked.reason));
  std::vector<ReadingChange> changes;
  size_t bytes = 0;
  for (const ReadingId id : asked.ids) {
    TRY(auto reading, house_.series().find(id));
    if (!reading || !asked.scope.has(*reading) || reading->quality == asked.quality) continue;
    bytes += encoded_size(*reading) + asked.reason.size();
    if (asked.quality) {
      reading->quality = *asked.quality;
      changes.push_back(ReadingChange::replaced(std::move(*reading), asked.reason));
    } else {
      changes.push_back(ReadingChange::removed(id, reading->stream, asked.reason));
    }
  }
  if (changes.empty()) return Outcome{};
  if (bytes > limits::kCommandBytes) return command_too_large(bytes);
  Outcome outcome;
  outcome.sequence = sequence_;
  outcome.changed = changes.size();
  const uint32_t number = begin(CommandKind::correct_readings, command);
  for (ReadingChange& change : changes) TRY_DO(write(number, std::move(change)));
  return outcome;
}

// A damaged part refuses the cut; it must not end the house.
Status Group::check_cut(StreamId stream, Time before) const {
  const Status counted = house_.series().check_cut(stream, before);
  if (counted.ok()) return {};
  return Error{Code::conflict,
               fmt::format("The readings of Datastream {} can't be counted: {}", number(stream),
                           counted.error().message),
               ""};
}

Result<Outcome> Group::cut_readings(const Command& command, const CutReadings& asked) {
  if (!house_.knows(asked.stream)) {
    return Error{
        Code::not_found,
        fmt::format("There is no Datastream with id {}.", static_cast<int64_t>(asked.stream)),
        "Datastream"};
  }
  if (asked.before > body_.time) {
    return Error{Code::bad_input, "What is still to come can't be cut.", "before"};
  }
  const auto cut = house_.series().cut_of(asked.stream);
  if (cut && *cut >= asked.before) return Outcome{};
  TRY_DO(check_cut(asked.stream, asked.before));
  return correct(command, ReadingChange::cut(asked.stream, asked.before, asked.reason));
}

// An alarm that the reading has raised stays: it is the house's memory of what it was told then.
Result<Outcome> Group::correct(const Command& command, ReadingChange change) {
  TRY_DO(check_reason(change.reason));
  const ReadingId id = change.reading.id;
  const uint32_t number = begin(CommandKind::correct_readings, command);
  TRY_DO(write(number, std::move(change)));
  return Outcome{sequence_, {}, {id}, {}};
}

Status Group::write(uint32_t command, ReadingChange change) {
  change.reading.arrived_s = 0;  // no part of a frame: the series keeps when the reading arrived
  bytes_ += encoded_size(change.reading) + change.reason.size();
  const std::string& actor = body_.commands[command].actor;
  TRY_DO(house_.write(Series::Change{change, sequence_, body_.time, actor}));
  body_.corrections.push_back({command, std::move(change)});
  return {};
}

}  // namespace duliang
