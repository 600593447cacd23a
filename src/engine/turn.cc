// The turn: where the order of things is decided. Whoever has read this file has understood the
// house.
#include "engine/group.h"
#include "engine/state.h"

namespace duliang {

#ifdef DULIANG_MUTATIONS
bool Engine::mutation_commit_before_sync = false;
#endif

namespace {

struct Settled {
  Done done;
  Result<Outcome> outcome;
};

bool is_pack(const Command& command) { return std::holds_alternative<LoadPack>(command.body); }

}  // namespace

Status Engine::turn() {
  if (state_->queue.empty()) return {};
  // A pack changes how readings are judged. It stands alone behind a checkpoint, so that opening
  // finds the rules' state of the moment before and no readings between.
  if (is_pack(state_->queue.front().first)) TRY_DO(checkpoint());
  return state_->run_group();
}

Status Engine::State::run_group() {
  const uint64_t sequence = journal->tail().sequence + 1;
  Group group(*house, sequence, clock.now());
  std::vector<Settled> answers;
  while (!queue.empty() && answers.size() < limits::kGroupCommands) {
    const bool pack = is_pack(queue.front().first);
    if (pack && !answers.empty()) break;
    if (!group.empty() && !group.has_room(queue.front().first)) break;
    auto [command, done] = std::move(queue.front());
    queue.pop_front();
    auto outcome = group.execute(command);
    if (!outcome.ok()) {
      if (!Group::is_refusal(outcome.error())) return std::move(outcome).error();
      ++counts.refused;
    }
    answers.push_back({std::move(done), std::move(outcome)});
    if (pack) break;
  }
  if (!group.empty()) {
    const FrameBody& body = group.body();
    TRY_DO(make_durable(body, sequence));
    ++counts.frames;
    counts.commands += answers.size();
    counts.readings += body.readings.size();
    counts.rows += body.changes.size();
    counts.alarms_raised += group.counts().alarms_raised;
    counts.alarms_cleared += group.counts().alarms_cleared;
    counts.cases_opened += group.counts().cases_opened;
  }
  for (Settled& answer : answers) answer.done(answer.outcome);
  if (group.empty() || feed.empty()) return {};
  auto frame = std::make_shared<Frame>();
  frame->header.sequence = sequence;
  frame->header.time = group.body().time;
  frame->hash = journal->tail().hash;
  frame->body = group.body();
  for (const FeedSink& sink : feed) sink(frame);
  return {};
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
  frames.add(sequence, before);
  last_time = std::max(last_time, body.time);
  return commit(sequence);
}

Status Engine::State::commit(uint64_t sequence) {
  const std::scoped_lock hold(publish);
  if (connection.in_transaction()) {
    TRY_DO(write_rows_applied(connection, sequence));
    TRY_DO(connection.execute("COMMIT"));
  }
  series->publish(sequence);
  return {};
}

}  // namespace duliang
