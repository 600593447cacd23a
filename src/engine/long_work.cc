// Long commands: the first of those that wait is under way. A search on a View finds the next
// portion of its readings; the writer asks itself for their change, in commands of which a turn
// takes one or two; when these are answered the search goes on.
#include "base/limits.h"
#include "engine/state.h"

namespace duliang {
namespace {

ReadingScope scope_of(const LongCommand& command) {
  ReadingScope scope;
  if (const auto* flag = std::get_if<FlagReadings>(&command.body)) {
    scope.stream = flag->stream;
    scope.from = flag->from;
    scope.to = flag->to;
  } else {
    scope.feature = std::get<RemoveFeature>(command.body).feature;
  }
  return scope;
}

std::optional<Quality> quality_of(const LongCommand& command) {
  const auto* flag = std::get_if<FlagReadings>(&command.body);
  return flag == nullptr ? std::nullopt : std::optional(flag->quality);
}

const std::string& reason_of(const LongCommand& command) {
  const auto* flag = std::get_if<FlagReadings>(&command.body);
  return flag == nullptr ? std::get<RemoveFeature>(command.body).reason : flag->reason;
}

Error nothing_of(TypeId type, int64_t id) {
  return {Code::not_found, fmt::format("There is no {} with id {}.", type_of(type).name, id), ""};
}

}  // namespace

void Engine::submit(LongCommand command, Done done) {
  State& state = *state_;
  if (auto refused = state.refusal(state.long_commands.size(), limits::kLongCommands)) {
    return done(std::move(*refused));
  }
  state.long_commands.push_back({std::move(command), std::move(done)});
}

bool Engine::has_long_work() const { return !state_->long_commands.empty(); }

Status Engine::State::tend_long() {
  if (long_commands.empty()) return {};
  LongWaiting& first = long_commands.front();
  if (first.open > 0) return {};  // its commands wait for their turns
  if (!room_fault.empty() && !first.ended) first.refused = Error{Code::no_room, room_fault, ""};
  if (!first.begun && !first.refused) {
    TRY_DO(begin_long(first));
    if (!first.begun) return {};
  }
  if (first.refused || first.ended) return end_long(), Status();
  if (!search && series->changed_readings() > limits::kChangedReadings) return {};  // merges first
  if (!search && !begin_search(first)) return {};
  const auto stopped = searcher->poll();
  if (!stopped) return {};
  if (stopped->ok()) {
    take_portion(first);
  } else {
    first.refused = stopped->error();
  }
  searcher.reset();
  search.reset();
  return {};
}

// From here on nothing new is taken that has the feature, so that a View which is taken now has all
// that will ever have it.
Status Engine::State::begin_long(LongWaiting& first) {
  first.begun = true;
  const ReadingScope scope = scope_of(first.command);
  if (auto checked = check_reason(reason_of(first.command)); !checked.ok()) {
    first.refused = checked.error();
  } else if (scope.feature == kNoRow) {
    const bool known = house->knows(scope.stream);
    if (!known) first.refused = nothing_of(TypeId::datastream, number(scope.stream));
  } else {
    TRY(const auto row, house->ledger().find(TypeId::feature_of_interest, scope.feature));
    if (!row) {
      first.refused = nothing_of(TypeId::feature_of_interest, number(scope.feature));
    } else if (auto other = check_match(*row, first.command.if_match); !other.ok()) {
      first.refused = other.error();
    } else {
      leave_location(first, *row);
    }
  }
  return {};
}

// First it leaves the place that it was made of, which is recorded: a reading that comes now and
// names no feature must find, or make, the one that it finds when the past is judged again.
void Engine::State::leave_location(LongWaiting& first, const Row& feature) {
  if (const RowId location = feature.link("Location"); location != kNoRow) {
    first.begun = false;
    first.command.if_match.clear();  // it was compared, and has another version then
    ask_for(first, ChangeRow{TypeId::feature_of_interest, feature.id, Json::object(),
                             {{"Location", location, true}}});
    return;
  }
  house->going_feature = feature.id;
}

bool Engine::State::begin_search(LongWaiting& first) {
  auto view = take_view();
  if (!view.ok()) {
    first.refused = std::move(view).error();
    return false;
  }
  search = std::make_unique<ReadingSearch>(
      std::move(view).value(),
      ReadingSearch::Wanted{scope_of(first.command), quality_of(first.command),
                            options.portion_readings},
      first.place);
  const auto pace = options.work_on_threads ? JobRunner::Pace::at_once : JobRunner::Pace::by_poll;
  searcher = std::make_unique<JobRunner>([this] { return search->step(); }, pace, clock);
  return true;
}

void Engine::State::take_portion(LongWaiting& first) {
  first.place = search->place();
  const std::string& reason = reason_of(first.command);
  ChangeReadings change{{}, scope_of(first.command), quality_of(first.command), reason};
  size_t bytes = 0;
  for (const ReadingSearch::Found& found : search->found()) {
    const size_t more = found.bytes + reason.size();
    if (change.ids.size() == turn_limits().corrections ||
        (!change.ids.empty() && bytes + more > limits::kCommandBytes / 2)) {
      ask_for(first, change);
      change.ids.clear();
      bytes = 0;
    }
    change.ids.push_back(found.id);
    bytes += more;
  }
  if (!change.ids.empty()) ask_for(first, std::move(change));
  if (first.open > 0) return;
  // Nothing is left.
  first.ended = true;
  if (const auto* remove = std::get_if<RemoveFeature>(&first.command.body)) {
    ask_for(first, RemoveRow{TypeId::feature_of_interest, remove->feature, remove->reason});
  }
}

void Engine::State::ask_for(LongWaiting& first, decltype(Command::body) body) {
  ++first.open;
  Command command{first.command.actor, first.command.door, now(), std::move(body)};
  queue.push_back({std::move(command),
                   [this](const Result<Outcome>& outcome) {
                     LongWaiting& asked = long_commands.front();
                     --asked.open;
                     if (!outcome.ok()) {
                       asked.refused = outcome.error();
                       return;
                     }
                     asked.outcome.changed += outcome->changed;
                     asked.outcome.sequence = std::max(asked.outcome.sequence, outcome->sequence);
                   },
                   {}});
}

void Engine::State::end_long() {
  searcher.reset();  // what was found for this one is nothing to the next
  search.reset();
  LongWaiting ended = std::move(long_commands.front());
  long_commands.pop_front();
  house->going_feature = kNoRow;
  if (ended.refused) {
    ++counts.refused;
    ended.done(std::move(*ended.refused));
  } else {
    ended.done(std::move(ended.outcome));
  }
}

}  // namespace duliang
