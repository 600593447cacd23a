// The journal stays small: finished segments behind the checkpoint are sealed, one at a time beside
// the turns, and retired to their hashes when they are older than the house keeps them. Nothing of
// this is needed for the next turn, so what fails here is told and tried again, and ends nothing.
#include "engine/state.h"

namespace duliang {

#ifdef DULIANG_MUTATIONS
bool Engine::mutation_retire_before_checkpoint = false;
#endif

namespace {

// A disk that was full may have room again; a damaged segment stays one, and costs one look.
constexpr std::chrono::hours kAgainAfter{1};

}  // namespace

void Engine::State::tend_journal() {
  const Duration since_boot = clock.since_boot();
  if (since_boot < keep_again_at || file_hold.holds(since_boot)) return;
  Status done = sealing ? poll_sealing() : retire_oldest();
  if (done.ok() && !sealing) done = begin_sealing();
  if (done.ok()) return;
  sealer.reset();
  sealing.reset();
  journal_fault = done.error().message;
  keep_again_at = since_boot + kAgainAfter;
}

Status Engine::State::poll_sealing() {
  const auto ended = sealer->poll();
  if (!ended) return {};
  TRY_DO(*ended);
  sealer.reset();
  sealing.reset();
  journal_fault.clear();
  ++counts.segments_sealed;
  return {};
}

// Only what is sealed, since that has been read and checked, and stands behind the checkpoint, from
// which opening reads on; only the oldest, since removing a file takes its time; and not while the
// clock can't be believed.
Status Engine::State::retire_oldest() {
#ifdef DULIANG_MUTATIONS
  if (mutation_retire_before_checkpoint) return log->trim(journal->tail().place);
#endif
  if (options.keep_journal == Duration{0} || !clock_fault.empty()) return {};
  TRY(const auto oldest, log->oldest_sealed());
  if (!oldest || oldest->tail.place > checkpoint.place) return {};
  if (oldest->time >= now() - options.keep_journal) return {};
  const Status trimmed = log->trim(oldest->tail.place);
  frames.begin_at(log->begin());
  TRY_DO(trimmed);
  ++counts.segments_retired;
  return {};
}

Status Engine::State::begin_sealing() {
  if (job) return {};
  TRY(sealing, log->seal_next(checkpoint.place));
  if (!sealing) return journal_fault.clear(), Status();
  const auto pace = options.work_on_threads ? JobRunner::Pace::gently : JobRunner::Pace::by_poll;
  sealer = std::make_unique<JobRunner>([this] { return sealing->step(); }, pace, clock);
  return {};
}

}  // namespace duliang
