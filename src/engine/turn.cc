// The turn: where the order of things is decided. Whoever has read this file has understood the
// house.
#include "engine/group.h"
#include "engine/pack_changes.h"
#include "engine/row_changes.h"
#include "engine/state.h"

namespace duliang {

#ifdef DULIANG_MUTATIONS
bool Engine::mutation_commit_before_sync = false;
bool Engine::mutation_turn_unbounded = false;
#endif

namespace {

bool is_pack(const Command& command) { return std::holds_alternative<LoadPack>(command.body); }

// It may have to be taken back, which an empty group alone can.
bool has_readings_with_rows(const Command& command) {
  const auto* put = std::get_if<PutRows>(&command.body);
  return put != nullptr && !put->readings.empty();
}

bool is_whole(const Command& command, const Outcome& outcome) {
  const auto* post = std::get_if<PostReadings>(&command.body);
  return post == nullptr || outcome.readings.size() == post->readings.size();
}

Outcome with_earlier(Outcome earlier, const Outcome& outcome) {
  earlier.sequence = outcome.sequence;
  earlier.readings.insert(earlier.readings.end(), outcome.readings.begin(), outcome.readings.end());
  earlier.refused.insert(earlier.refused.end(), outcome.refused.begin(), outcome.refused.end());
  return earlier;
}

}  // namespace

// What the command was answered when it came before with its key. None: it is to be done, or to go
// on where the frames have a part of it.
std::optional<Result<Outcome>> Engine::State::answered_before(const Group& group, Waiting& next) {
  const Command& command = next.command;
  if (command.key.empty() || !next.taken.readings.empty()) return std::nullopt;
  const AnsweredKeys::Answered* known = keys.find(command.key);
  if (known == nullptr) return std::nullopt;
  const auto* post = std::get_if<PostReadings>(&command.body);
  const size_t asked = post == nullptr ? 0 : post->readings.size();
  const size_t taken = post == nullptr ? 0 : known->outcome.readings.size();
  if (known->kind != kind_of(command) || known->actor != command.actor || taken > asked) {
    return Error{Code::conflict, "This idempotency key was given to another request.",
                 "Idempotency-Key"};
  }
  Outcome outcome = known->outcome;
  for (size_t i = 0; i < taken; ++i) {
    if (outcome.readings[i] != ReadingId{0}) continue;
    outcome.refused.emplace_back(i, group.why_refused(post->readings[i]));
  }
  if (taken == asked) return outcome;
  next.taken = std::move(outcome);
  return std::nullopt;
}

Status Engine::turn() {
  if (state_->queue.empty()) return {};
  // What changes how readings are judged stands alone behind a checkpoint, so that opening finds
  // the rules' state of the moment before and no readings between.
  TRY(const bool judged_otherwise, state_->is_judged_otherwise(state_->queue.front().command));
  if (judged_otherwise) TRY_DO(checkpoint());
  return state_->run_group();
}

TurnLimits Engine::State::turn_limits() const {
#ifdef DULIANG_MUTATIONS
  if (mutation_turn_unbounded) return {};
#endif
  return options.turn;
}

// Of a pack, and of an entity at which rules look. A pack that is loaded already changes nothing:
// each start brings all of them, and must not wait for what stands in the tail.
Result<bool> Engine::State::is_judged_otherwise(const Command& command) {
  if (const auto* change = std::get_if<ChangeRow>(&command.body)) {
    return duliang::is_judged_otherwise(*house, *change);
  }
  if (!is_pack(command)) return false;
  TRY(const bool loaded, is_loaded(*house, std::get<LoadPack>(command.body).pack));
  return !loaded;
}

// Takes commands of the queue until the frame or the turn is full. One with many readings may stay
// at the head of the queue, to go on in the next turn.
Status Engine::State::fill(Group& group, std::vector<Settled>& answers) {
  while (!queue.empty() && answers.size() < turn_limits().commands) {
    Waiting& next = queue.front();
    if (group.has_key(next.command.key)) break;  // it is answered when that frame is durable
    if (auto again = answered_before(group, next)) {
      answers.push_back({std::move(next.done), std::move(*again)});
      queue.pop_front();
      continue;
    }
    const size_t from = next.taken.readings.size();
    TRY(const bool judged_otherwise, is_judged_otherwise(next.command));
    const bool alone =
        judged_otherwise || is_pack(next.command) || has_readings_with_rows(next.command);
    if (alone && !answers.empty()) break;
    if (!group.empty() && !group.has_room(next.command, from)) break;
    auto outcome = group.execute(next.command, from);
    if (outcome.ok() && from > 0) outcome = with_earlier(next.taken, *outcome);
    if (outcome.ok() && !is_whole(next.command, *outcome)) {
      next.taken = std::move(outcome).value();
      break;
    }
    if (!outcome.ok()) {
      if (!Group::is_refusal(outcome.error())) return std::move(outcome).error();
      ++counts.refused;
    }
    answers.push_back({std::move(next.done), std::move(outcome)});
    queue.pop_front();
    if (alone) break;
  }
  return {};
}

Status Engine::State::run_group() {
  const Duration began = clock.thread_cpu();
  const uint64_t sequence = journal->tail().sequence + 1;
  Group group(*house, sequence, now(), turn_limits());
  std::vector<Settled> answers;
  TRY_DO(fill(group, answers));
  if (!group.empty()) {
    TRY_DO(make_durable(group.body(), sequence));
    keys.take(group.body(), sequence);
    count(group, answers.size());
  }
  for (Settled& answer : answers) answer.done(answer.outcome);
  TurnWork work = group.work();
  work.commands = answers.size();
  if (!group.empty()) tell(group.take_body(), sequence);
  costs.add(clock.thread_cpu() - began, work);
  return {};
}

void Engine::State::count(const Group& group, size_t answered) {
  ++counts.frames;
  counts.commands += answered;
  counts.readings += group.body().readings.size();
  counts.rows += group.body().changes.size();
  counts.corrections += group.body().corrections.size();
  counts.alarms_raised += group.counts().alarms_raised;
  counts.alarms_cleared += group.counts().alarms_cleared;
  counts.cases_opened += group.counts().cases_opened;
}

void Engine::State::tell(FrameBody body, uint64_t sequence) {
  if (feed.empty()) return;
  auto frame = std::make_shared<Frame>();
  frame->header.sequence = sequence;
  frame->header.time = body.time;
  frame->hash = journal->tail().hash;
  frame->body = std::move(body);
  for (const FeedSink& sink : feed) sink(frame);
}

// The frame goes to the journal first; only then may the ledger know of it and readers see it.
Status Engine::State::make_durable(const FrameBody& body, uint64_t sequence) {
#ifdef DULIANG_MUTATIONS
  if (mutation_commit_before_sync) TRY_DO(commit(sequence));
#endif
  const Tail before = journal->tail();
  const Durability durability = body.has_rows() ? Durability::power : options.readings_durability;
  TRY(const uint64_t appended, journal->append(body, durability));
  CHECK(appended == sequence, "the rows were written with the number of this frame");
  frames.add(sequence, {before, house->latest()});
  house->passed(body.time);
  return commit(sequence);
}

Status Engine::State::commit(uint64_t sequence) {
  const std::scoped_lock hold(publish);
  if (connection.in_transaction()) {
    TRY_DO(write_rows_applied(connection, sequence, journal->tail().place));
    TRY_DO(connection.execute("COMMIT"));
  }
  series->publish(sequence);
  return {};
}

}  // namespace duliang
