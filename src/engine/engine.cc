#include "engine/engine.h"

#include "engine/state.h"

namespace duliang {

Engine::Engine(std::unique_ptr<State> state) : state_(std::move(state)) {}
Engine::~Engine() = default;

// Why nothing is taken into a queue of this length, if so.
std::optional<Error> Engine::State::refusal(size_t queued, size_t most) {
  CHECK(!options.read_only, "a folder opened for reading takes no commands");
  std::optional<Error> error;
  if (queued >= most) {
    error = Error{Code::too_many, fmt::format("{} commands are waiting; try again.", most), ""};
  } else if (!room_fault.empty()) {
    error = Error{Code::no_room, room_fault, ""};
  }
  if (error) ++counts.refused;
  return error;
}

void Engine::submit(Command command, Done done) {
  State& state = *state_;
  if (auto refused = state.refusal(state.queue.size(), limits::kQueuedCommands)) {
    return done(std::move(*refused));
  }
  command.received = state.now();
  state.queue.push_back({std::move(command), std::move(done), {}});
}

bool Engine::has_work() const { return !state_->queue.empty(); }

// What devices measure in another year than the clock's is ahead of it and not judged: this has to
// be told where those look who run the house.
void Engine::State::look_at_clock() {
  clock_fault = clock_watch.fault(clock.now(), clock.since_boot(), house->latest());
}

Status Engine::State::look_at_room() {
  TRY(const uint64_t room, files.room(options.folder));
  room_fault.clear();
  if (room >= options.disk_reserve) return {};
  room_fault =
      fmt::format("The disk of the data folder has {} MiB left; nothing new is taken below {} MiB.",
                  room >> 20, options.disk_reserve >> 20);
  past.forget();
  return {};
}

// Not by a clock that is in doubt: one that ran ahead would cut what is to be kept. In the first
// hour a clock that woke up wrong is set right, and then seen to have been.
Status Engine::State::cut_old_readings() {
  if (options.read_only || !clock_fault.empty() || !room_fault.empty()) return {};
  if (clock.since_boot() < opened_at + options.clock_proof) return {};
  auto cuts = retention.next(*house, clock.now());
  if (!cuts.ok()) {  // damage is told, and costs its stream the cut of today; the house goes on
    retention_fault = std::move(cuts).error().message;
    return {};
  }
  for (CutReadings& cut : *cuts) {
    queue.push_back({Command{"", "retention", now(), std::move(cut)},
                     [](const Result<Outcome>&) {},  // a stream may have gone meanwhile
                     {}});
  }
  return {};
}

Status Engine::State::tend() {
  look_at_clock();
  TRY_DO(look_at_room());
  TRY_DO(journal->tend(now(), clock.since_boot()));
  TRY_DO(connection.tend_log());
  TRY_DO(tend_long());
  TRY_DO(cut_old_readings());
  return tend_work();
}

Status Engine::tend() {
  const Duration began = state_->clock.thread_cpu();
  TRY_DO(state_->tend());
  state_->tends.add(state_->clock.thread_cpu() - began);
  return {};
}

Status Engine::checkpoint() {
  CHECK(!state_->connection.in_transaction(), "between turns");
  return state_->checkpoint_now();
}

Result<View> Engine::view() { return state_->take_view(); }

Result<View> Engine::State::take_view() {
  const std::shared_ptr<ReaderPool> pool = readers;
  std::unique_ptr<Connection> reader;
  {
    const std::scoped_lock hold(pool->mutex);
    if (!pool->idle.empty()) {
      reader = std::move(pool->idle.back());
      pool->idle.pop_back();
    }
  }
  if (!reader) {
    Connection::Options reading;
    reading.vfs = options.vfs;
    reading.read_only = true;
    TRY(auto opened, Connection::open(ledger_path(options.folder), reading));
    reader = std::make_unique<Connection>(std::move(opened));
  }
  SeriesView shown;
  {
    // The first read takes SQLite's snapshot; commit and publish of a turn can't come in between.
    const std::scoped_lock hold(publish);
    TRY_DO(reader->execute("BEGIN"));
    TRY_DO(read_positions(*reader));
    shown = series->view();
  }
  if (!options.read_only) {
    const Deadline deadline = view_deadline();
    reader->expire(deadline);
    shown.expire(deadline);
  }
  Ledger ledger(*reader);
  std::shared_ptr<Connection> lease(reader.release(), [pool](Connection* used) {
    std::unique_ptr<Connection> owned(used);
    owned->expire({});
    if (!owned->execute("COMMIT").ok()) return;
    const std::scoped_lock hold(pool->mutex);
    pool->idle.push_back(std::move(owned));
  });
  return View{std::move(lease), ledger, std::move(shown), clock.now()};
}

namespace {

// Times of frames and of arrival are asked for by the second.
Time end_of_second(Time at) {
  return std::chrono::floor<std::chrono::seconds>(at) + std::chrono::seconds{1} - Duration{1};
}

}  // namespace

Result<uint64_t> Engine::sequence_at(Time at) {
  State& state = *state_;
  const Time end = end_of_second(at);
  if (std::chrono::floor<std::chrono::seconds>(at) > state.clock.now()) {
    return Error{Code::bad_input, fmt::format("{} is still to come.", to_text(at)), "as_of"};
  }
  TRY(const auto log, FileLog::reader(state.files, journal_folder(state.options.folder)));
  Checkpoint from = state.frames.before(end);
  const Error gone{Code::not_found,
                   fmt::format("The journal does not reach back to {}.", to_text(at)), "as_of"};
  if (const auto horizon = log->horizon(); horizon && from.tail.place <= horizon->tail.place) {
    if (end < horizon->time) return gone;
    from = {horizon->tail, horizon->time};
  }
  uint64_t sequence = from.tail.sequence;
  Time latest = from.time;
  const auto read = read_frames(*log, from.tail, [&](const Frame& frame, const Tail&) {
    latest = std::max(latest, frame.body.time);
    if (latest <= end) sequence = frame.header.sequence;
    return latest <= end;
  });
  if (!read.ok() && read.error().code != Code::not_found) return read.error();  // else: retired
  if (!read.ok() || sequence == 0) return gone;
  return sequence;
}

Result<View> Engine::view_as_of(Time at) {
  State& state = *state_;
  TRY(const uint64_t last, sequence_at(at));
  const uint64_t sequence = std::min(last, state.series->view().sequence());
  TRY(const auto moment, state.past.moment(sequence));
  TRY(const View present, view());
  auto then = view_of(*moment, present, std::min(end_of_second(at), present.now));
  if (then.ok() && !state.options.read_only) then->lease->expire(state.view_deadline());
  return then;
}

void Engine::hold_files(Duration how_long) {
  State& state = *state_;
  state.file_hold.begin(state.clock.since_boot() + how_long);
  if (state.job && !state.checkpoint_state) {
    state.runner.reset();
    state.job.reset();  // what it wrote is no part of anything
  }
  state.sealer.reset();
  state.sealing.reset();
}

bool Engine::keep_holding_files(Duration how_long) {
  State& state = *state_;
  if (how_long == Duration{0}) return state.file_hold.end(), true;
  return state.file_hold.extend(state.clock.since_boot() + how_long);
}

bool Engine::files_are_held() const { return state_->file_hold.holds(state_->clock.since_boot()); }

void Engine::subscribe(FeedSink sink) { state_->feed.push_back(std::move(sink)); }

EngineStatus Engine::status() const {
  const State& state = *state_;
  EngineStatus status;
  status.sequence = state.journal->tail().sequence;
  status.epoch = state.journal->tail().epoch;
  status.checkpoint_sequence = state.checkpoint.sequence;
  status.queued = state.queue.size();
  status.tail_readings = state.series->tail_readings();
  status.sync_count = state.journal->sync_count();
  status.lost_tail = state.log->lost_tail();
  status.halted = state.room_fault.empty() ? state.clock_fault : state.room_fault;
  status.horizon = state.log->horizon();
  status.segments = state.log->totals();
  status.journal_fault = state.journal_fault;
  status.retention_fault = state.retention_fault;
  return status;
}

const EngineCounts& Engine::counts() const { return state_->counts; }
const WatchCounts& Engine::watch_counts() const { return state_->house->watch().counts(); }
const SeriesCounts& Engine::series_counts() const { return state_->series->counts(); }
const TurnCosts& Engine::turn_costs() const { return state_->costs; }
const CpuTimes& Engine::tend_times() const { return state_->tends; }
Tail Engine::tail_before(uint64_t sequence) const { return state_->frames.before(sequence); }

}  // namespace duliang
