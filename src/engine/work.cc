// The writer's long work on parts: checkpoints and merges. Files are written elsewhere while turns
// go on; the writer only begins and commits.
#include "engine/state.h"

namespace duliang {
namespace {

// A tail so many times longer than where a checkpoint is due means that the disk does not keep up.
// Then the writer waits for it: memory must not grow without end.
constexpr size_t kTailsAtMost = 4;

}  // namespace

Status Engine::State::begin_checkpoint() {
  CHECK(!job, "one job at a time");
  const Tail tail = journal->tail();
  checkpoint_state = CheckpointState{{tail, house->latest()}, house->watch().save(), keys.save()};
  if (series->tail_readings() == 0) return commit_checkpoint();
  job = series->begin_checkpoint();
  const auto pace = options.work_on_threads ? JobRunner::Pace::at_once : JobRunner::Pace::by_poll;
  runner = std::make_unique<JobRunner>([this] { return job->step(); }, pace, clock);
  return {};
}

Status Engine::State::begin_merge() {
  CHECK(!job, "one job at a time");
  job = series->begin_merge();
  merge_wanted = job != nullptr;
  if (!job) return {};
  const auto pace = options.work_on_threads ? JobRunner::Pace::gently : JobRunner::Pace::by_poll;
  runner = std::make_unique<JobRunner>([this] { return job->step(); }, pace, clock);
  return {};
}

// To the end, with what is under way.
Status Engine::State::checkpoint_now() {
  if (job) TRY_DO(finish_work());
  TRY_DO(begin_checkpoint());
  return job ? finish_work() : Status();
}

Status Engine::State::finish_work() {
  if (runner) TRY_DO(runner->wait());
  return commit_parts();
}

// A finished segment in front of the checkpoint wants one, so that it can be sealed, and that
// opening never reads more than a segment and what came while one was written.
bool Engine::State::checkpoint_is_due() const {
  return series->tail_readings() >= options.tail_readings || checkpoint.place < log->last_segment();
}

Status Engine::State::tend_work() {
  TRY_DO(tend_parts());
  tend_journal();
  return {};
}

Status Engine::State::tend_parts() {
  const size_t readings = series->tail_readings();
  if (job) {
    const bool merging = !checkpoint_state;
    const bool waits = readings >= options.tail_readings * kTailsAtMost;
    if (waits && merging) {
      runner.reset();
      job.reset();  // what it wrote is no part of anything
      return begin_checkpoint();
    }
    if (waits) return finish_work();
    if (runner) {
      const auto ended = runner->poll();
      if (!ended) return {};
      TRY_DO(*ended);
      runner.reset();
    }
    TRY(const bool lanes_saved, save_lanes());
    return lanes_saved ? commit_parts() : Status();
  }
  if (checkpoint_is_due()) return begin_checkpoint();
  // One of the two at a time, in turns, so that together they take a bounded share of the machine.
  const bool held = file_hold.holds(clock.since_boot());
  return merge_wanted && !sealing && !held ? begin_merge() : Status();
}

// Before the commit and in portions, so that a checkpoint holds nobody up however many streams
// there are.
Result<bool> Engine::State::save_lanes() {
  if (!checkpoint_state || connection.in_transaction()) return true;
  TRY_DO(connection.execute("BEGIN IMMEDIATE"));
  TRY(const bool all, series->save_lanes(connection, *job));
  const std::scoped_lock hold(publish);
  TRY_DO(connection.execute("COMMIT"));
  return all;
}

Status Engine::State::commit_parts() {
  runner.reset();
  if (checkpoint_state) return commit_checkpoint();
  TRY_DO(connection.execute("PRAGMA synchronous = FULL; BEGIN IMMEDIATE"));
  TRY_DO(series->finish(connection, *job));
  ++counts.merges;
  return commit_durably();
}

// The journal is durable before anything says that it has been read so far. A crash before the
// commit leaves parts that no manifest names.
Status Engine::State::commit_checkpoint() {
  TRY_DO(log->sync());
  // Where an opening restored rows, they are still to be committed: with the checkpoint.
  const bool begun = connection.in_transaction();
  if (!begun) {
    TRY_DO(connection.execute("PRAGMA synchronous = FULL; BEGIN IMMEDIATE"));
  }
  if (job) TRY_DO(series->finish(connection, *job));
  TRY_DO(write_rows_applied(connection, journal->tail().sequence, journal->tail().place));
  TRY_DO(write_readings_tail(connection, encode_checkpoint(checkpoint_state->at)));
  TRY_DO(frames.save(connection));
  TRY_DO(write_derived(connection, "watch", checkpoint_state->watch));
  TRY_DO(write_derived(connection, "keys", checkpoint_state->keys));
  // Some milliseconds; and rows are few against readings, so that it comes ever more rarely.
  if (counts.rows > 2 * sizes_learned_rows) {
    TRY_DO(connection.learn_sizes());
    sizes_learned_rows = counts.rows;
  }
  const Tail taken = checkpoint_state->at.tail;
  checkpoint_state.reset();
  ++counts.checkpoints;
  TRY_DO(commit_durably());
  if (begun) TRY_DO(sync_ledger());
  checkpoint = taken;  // now it is durable, and what it stands for may be retired
  return {};
}

// A commit that began before it was known to be a checkpoint is not synced: the next one is, and
// what it writes is as it was.
Status Engine::State::sync_ledger() {
  TRY_DO(connection.execute("PRAGMA synchronous = FULL; BEGIN IMMEDIATE"));
  TRY_DO(write_rows_applied(connection, journal->tail().sequence, journal->tail().place));
  TRY_DO(connection.execute("COMMIT"));
  return connection.execute("PRAGMA synchronous = NORMAL");
}

// What a merge replaces is removed once its successor is named for good, so this commit is synced.
Status Engine::State::commit_durably() {
  {
    const std::scoped_lock hold(publish);
    TRY_DO(connection.execute("COMMIT"));
    if (job) series->finished(*job);
  }
  merge_wanted = true;
  job.reset();
  return connection.execute("PRAGMA synchronous = NORMAL");
}

}  // namespace duliang
