#include "engine/engine.h"

#include "engine/state.h"

namespace duliang {

Engine::Engine(std::unique_ptr<State> state) : state_(std::move(state)) {}
Engine::~Engine() = default;

void Engine::submit(Command command, Done done) {
  State& state = *state_;
  CHECK(!state.options.read_only, "a folder opened for reading takes no commands");
  if (state.queue.size() >= limits::kQueuedCommands) {
    ++state.counts.refused;
    return done(Error{Code::too_many,
                      fmt::format("{} commands are waiting; try again.", limits::kQueuedCommands),
                      ""});
  }
  command.received = state.clock.now();
  state.queue.emplace_back(std::move(command), std::move(done));
}

bool Engine::has_work() const { return !state_->queue.empty(); }

// A machine without a battery wakes up in another year. What devices measure is then ahead of the
// clock and not judged: this has to be told where those look who run it.
void Engine::State::look_at_clock() {
  const Time now = clock.now();
  halted.clear();
  if (now + limits::kClockBehind >= last_time) return;
  halted = fmt::format(
      "The clock says {}, but something was recorded at {}: set the clock. Until then readings "
      "that are "
      "ahead of it raise no alarm.",
      to_text(now), to_text(last_time));
}

Status Engine::tend() {
  State& state = *state_;
  state.look_at_clock();
  TRY_DO(state.journal->tend(state.clock.now(), state.clock.since_boot()));
  if (state.series->tail_readings() >= state.options.tail_readings) return checkpoint();
  return {};
}

// The journal is synced, the tail is written to a part and synced, then manifest and position are
// committed; a crash before the commit leaves a part that no manifest names.
Status Engine::State::write_checkpoint() {
  const Tail tail = journal->tail();
  TRY_DO(log->sync());
  if (!connection.in_transaction()) TRY_DO(connection.execute("BEGIN IMMEDIATE"));
  const bool has_readings = series->tail_readings() > 0;
  if (has_readings) TRY_DO(series->write_part(connection, tail.sequence));
  TRY_DO(write_rows_applied(connection, tail.sequence));
  TRY_DO(write_readings_tail(connection, encode_checkpoint({tail, last_time})));
  TRY_DO(frames.save(connection));
  TRY_DO(write_derived(connection, "watch", house->watch().save()));
  {
    const std::scoped_lock hold(publish);
    TRY_DO(connection.execute("COMMIT"));
    if (has_readings) series->forget_tail();
  }
  checkpoint_sequence = tail.sequence;
  ++counts.checkpoints;
  return {};
}

Status Engine::checkpoint() {
  CHECK(!state_->connection.in_transaction(), "between turns");
  return state_->write_checkpoint();
}

Result<View> Engine::view() {
  State& state = *state_;
  const std::shared_ptr<ReaderPool> pool = state.readers;
  std::unique_ptr<Connection> connection;
  {
    const std::scoped_lock hold(pool->mutex);
    if (!pool->idle.empty()) {
      connection = std::move(pool->idle.back());
      pool->idle.pop_back();
    }
  }
  if (!connection) {
    Connection::Options options;
    options.vfs = state.options.vfs;
    options.read_only = true;
    TRY(auto opened, Connection::open(ledger_path(state.options.folder), options));
    connection = std::make_unique<Connection>(std::move(opened));
  }
  SeriesView series;
  {
    // The first read takes SQLite's snapshot; commit and publish of a turn can't come in between.
    const std::scoped_lock hold(state.publish);
    TRY_DO(connection->execute("BEGIN"));
    TRY_DO(read_positions(*connection));
    series = state.series->view();
  }
  Ledger ledger(*connection);
  std::shared_ptr<Connection> lease(connection.release(), [pool](Connection* used) {
    std::unique_ptr<Connection> owned(used);
    if (!owned->execute("COMMIT").ok()) return;
    const std::scoped_lock hold(pool->mutex);
    pool->idle.push_back(std::move(owned));
  });
  return View{std::move(lease), ledger, std::move(series), state.clock.now()};
}

void Engine::subscribe(FeedSink sink) { state_->feed.push_back(std::move(sink)); }

EngineStatus Engine::status() const {
  const State& state = *state_;
  EngineStatus status;
  status.sequence = state.journal->tail().sequence;
  status.epoch = state.journal->tail().epoch;
  status.checkpoint_sequence = state.checkpoint_sequence;
  status.queued = state.queue.size();
  status.tail_readings = state.series->tail_readings();
  status.sync_count = state.journal->sync_count();
  status.lost_tail = state.log->lost_tail();
  status.halted = state.halted;
  return status;
}

const EngineCounts& Engine::counts() const { return state_->counts; }
const WatchCounts& Engine::watch_counts() const { return state_->house->watch().counts(); }
Tail Engine::tail_before(uint64_t sequence) const { return state_->frames.before(sequence); }

}  // namespace duliang
