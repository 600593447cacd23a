// Opening a data folder: what the last checkpoint holds, then the frames behind it.
#include "engine/group.h"
#include "engine/read_ahead.h"
#include "engine/state.h"

namespace duliang {

std::string journal_folder(const std::string& folder) { return folder + "/journal"; }
std::string ledger_path(const std::string& folder) { return folder + "/ledger.sqlite"; }
std::string parts_folder(const std::string& folder) { return folder + "/parts"; }
std::string moments_folder(const std::string& folder) { return folder + "/moments"; }

#ifdef DULIANG_MUTATIONS
bool Engine::mutation_folder_not_locked = false;
#endif

Result<File> lock_data_folder(Files& files, const std::string& folder) {
  TRY(File lock, File::open(files, folder + "/lock", OpenMode::write));
#ifdef DULIANG_MUTATIONS
  if (Engine::mutation_folder_not_locked) return lock;
#endif
  const Status locked = lock.lock();
  if (locked.ok()) return lock;
  if (locked.error().code != Code::conflict) return locked.error();
  return Error{Code::conflict, fmt::format("The folder {} is in use by another duliang.", folder),
               "data"};
}

std::string encode_checkpoint(const Checkpoint& checkpoint) {
  const Tail& tail = checkpoint.tail;
  Json json = Json::object();
  json["epoch"] = Json(tail.epoch);
  json["claim"] = Json(std::to_string(tail.claim_id));
  json["sequence"] = Json(tail.sequence);
  json["place"] = Json(tail.place);
  Json hash = Json::array();
  for (const uint8_t byte : tail.hash) hash.push(Json(int64_t{byte}));
  json["hash"] = std::move(hash);
  json["time"] = Json(to_text(checkpoint.time));
  return json.dump();
}

Result<Checkpoint> decode_checkpoint(std::string_view text) {
  Checkpoint checkpoint;
  Tail& tail = checkpoint.tail;
  if (text.empty()) return checkpoint;
  const Error broken{Code::corrupt, "The journal position of the checkpoint can't be read.",
                     "ledger"};
  auto json = parse_json(text);
  if (!json.ok()) return broken;
  const Json* hash = json->find("hash");
  const Json* claim = json->find("claim");
  const Json* time = json->find("time");
  if (time == nullptr || !time->is_string()) return broken;
  TRY(checkpoint.time, parse_time(time->as_string()));
  if (hash == nullptr || !hash->is_array() || hash->items().size() != tail.hash.size())
    return broken;
  if (claim == nullptr || !claim->is_string()) return broken;
  const auto number = [&json](std::string_view name) {
    const Json* member = json->find(name);
    const auto value =
        member != nullptr && member->is_number() ? member->as_integer() : std::nullopt;
    return static_cast<uint64_t>(value.value_or(0));
  };
  tail.epoch = number("epoch");
  tail.claim_id = std::strtoull(claim->as_string().c_str(), nullptr, 10);
  tail.sequence = number("sequence");
  tail.place = number("place");
  for (size_t i = 0; i < tail.hash.size(); ++i) {
    tail.hash[i] = static_cast<uint8_t>(hash->items()[i].as_integer().value_or(0));
  }
  return checkpoint;
}

Status Engine::State::open_folder() {
  if (!options.untouched) TRY_DO(make_durable_folder(files, options.folder));
  TRY(lock, lock_data_folder(files, options.folder));
  TRY(const bool made, files.exists(ledger_path(options.folder)));
  if (!made && options.untouched) return mend_first("is not there");
  Connection::Options ledger_options;
  ledger_options.vfs = options.vfs;
  ledger_options.read_only = options.untouched;
  TRY(connection, Connection::open(ledger_path(options.folder), ledger_options));
  if (!options.untouched) {
    TRY_DO(make_places());
  } else if (const auto tables = read_positions(connection); !tables.ok()) {
    return tables.error().code == Code::io ? mend_first("lacks tables") : tables.error();
  }
  TRY(const Positions positions, read_positions(connection));
  TRY(const Checkpoint at, decode_checkpoint(positions.readings_tail));
  // A journal that ends before what the ledger has of it is refused before anything is cut, and
  // before parts that no manifest names go.
  options.segments.built_to = std::max(positions.rows_place, at.tail.place);
  TRY(log, FileLog::open(files, journal_folder(options.folder), !options.untouched,
                         options.segments));
  TRY(series, Series::open(files, parts_folder(options.folder), connection,
                           options.series_sizes));
  house = std::make_unique<House>(connection, *series);
  if (!options.read_only) TRY_DO(past.clear());
  return restore(at, positions.rows_applied);
}

Error Engine::State::mend_first(std::string_view what) const {
  return {Code::conflict,
          fmt::format("The ledger {}, which a start mends: start the server on {} once.", what,
                      options.folder),
          "data"};
}

// Tables and folders, where they are missing.
Status Engine::State::make_places() {
  TRY_DO(connection.execute("BEGIN IMMEDIATE"));
  TRY_DO(Ledger::create_tables(connection));
  TRY_DO(Series::create_tables(connection));
  TRY_DO(FrameIndex::create_tables(connection));
  TRY_DO(connection.execute("COMMIT"));
  // A process that ended because a sync failed has left a log that is read and may still vanish: no
  // later sync writes it. Once it is in the ledger itself, files that it no longer names may go.
  TRY_DO(connection.execute(
      "PRAGMA synchronous = FULL; PRAGMA wal_checkpoint(TRUNCATE); PRAGMA synchronous = NORMAL"));
  TRY_DO(make_durable_folder(files, parts_folder(options.folder)));
  return make_durable_folder(files, journal_folder(options.folder));
}

// Rows are applied up to R (rows_applied), readings are in parts up to N (the checkpoint's tail).
// The frames behind N are read: their readings go to the tail and through the rules, whose
// decisions are not taken again (they stand in the frames); row changes behind R are applied.
Status Engine::State::restore(const Checkpoint& at, uint64_t rows_applied) {
  checkpoint = at.tail;
  house->passed(at.time);
  TRY_DO(frames.load(connection));
  frames.begin_at(log->begin());
  if (checkpoint.place < log->begin().place) {
    return Error{Code::corrupt,
                 fmt::format("The journal is retired up to frame {}, but the checkpoint stands at "
                             "frame {}: ledger and journal are not of one folder.",
                             log->begin().sequence, checkpoint.sequence),
                 "journal"};
  }
  journal = std::make_unique<Journal>(*log, checkpoint);
  TRY_DO(house->load());
  TRY(const std::string watched, read_derived(connection, "watch"));
  if (!watched.empty()) TRY_DO(house->watch().restore(watched));
  TRY(const std::string answered, read_derived(connection, "keys"));
  if (!answered.empty()) TRY_DO(keys.restore(answered));
  const auto apply = [&](Frame& frame) { return restore_frame(frame, rows_applied); };
  const Status followed =
      options.work_on_threads ? follow_ahead(*journal, apply) : journal->follow(apply);
  if (!followed.ok()) {
    Error error = followed.error();
    const bool of_journal = error.code == Code::corrupt && error.field.empty();
    if (of_journal) error.field = log->file_of(journal->tail().place);
    return error;
  }
  if (journal->void_count() > 0) {
    return Error{
        Code::corrupt,
        fmt::format("{} records behind the checkpoint do not continue its chain: ledger and "
                    "journal are not of one folder.",
                    journal->void_count()),
        "journal"};
  }
  const uint64_t sequence = journal->tail().sequence;
  if (rows_applied > sequence) {
    return Error{Code::corrupt,
                 fmt::format("The journal ends with frame {}, but the ledger has rows of frame {}.",
                             sequence, rows_applied),
                 "journal"};
  }
  series->publish(sequence);
  // Readings in front of a pack were judged by the rules before it. Once its rows are committed the
  // next opening would judge them by the new ones: so the rules' state is kept in the same commit.
  if (declarations_restored) return checkpoint_now();
  if (!connection.in_transaction()) return {};
  TRY_DO(write_rows_applied(connection, sequence, journal->tail().place));
  return connection.execute("COMMIT");
}

Status Engine::State::restore_frame(Frame& frame, uint64_t rows_applied) {
  const uint64_t sequence = frame.header.sequence;
  Tail before;
  before.epoch = frame.header.epoch;
  before.claim_id = frame.header.claim_id;
  before.sequence = sequence - 1;
  before.hash = frame.header.previous;
  before.place = frame.place;
  frames.add(sequence, {before, house->latest()});
  house->passed(frame.body.time);
  keys.take(frame.body, sequence);
  const bool rows_are_new = sequence > rows_applied && frame.body.has_rows();
  if (rows_are_new && options.untouched) {
    return mend_first(fmt::format("lacks the rows of frame {}", sequence));
  }
  if (rows_are_new) TRY_DO(restore_rows(frame));
  // The saved state of the rules is of the moment before, and may know a stream that the ledger no
  // longer has.
  for (const NumberedChange& change : frame.body.changes) {
    const RowChange& row = change.change;
    if (row.kind != RowChange::Kind::remove || row.row.type != TypeId::datastream) continue;
    house->forget(StreamId{number(row.row.id)});
  }
  for (const NumberedReading& reading : frame.body.readings) {
    house->append(reading.reading, frame.body.time);
    if (house->watch().concerns(reading.reading.stream)) {
      house->watch().observe(reading.reading, frame.body.time);
    }
  }
  if (!rows_are_new) return {};
  // Behind the readings: a group may correct what it has taken itself.
  for (const NumberedReadingChange& correction : frame.body.corrections) {
    const std::string& actor = frame.body.commands[correction.command].actor;
    TRY_DO(house->write(Series::Change{correction.change, sequence, frame.body.time, actor}));
  }
  return {};
}

Status Engine::State::restore_rows(const Frame& frame) {
  bool declarations = false;
  for (const NumberedChange& change : frame.body.changes) {
    const TypeId type = change.change.row.type;
    declarations |= change.change.kind == RowChange::Kind::put &&
                    (type == TypeId::pack || type == TypeId::rule || type == TypeId::workflow);
    TRY_DO(house->write(change.change, frame.header.sequence));
  }
  if (!declarations) return {};
  declarations_restored = true;
  return house->load_declarations();
}

Result<std::unique_ptr<Engine>> Engine::open(EngineOptions options, Clock& clock, Files& files,
                                             Random random) {
  auto state = std::make_unique<State>(std::move(options), clock, files);
  TRY_DO(state->open_folder());
  state->opened_at = clock.since_boot();
  state->clock_watch.begin(clock.now(), clock.since_boot(), state->house->latest(),
                           state->options.trust_clock);
  state->look_at_clock();
  TRY_DO(state->look_at_room());
  if (!state->options.read_only) {
    TRY_DO(state->journal->claim(random.next(), state->options.address, state->now()));
  }
  return std::unique_ptr<Engine>(new Engine(std::move(state)));
}

}  // namespace duliang
