#include "review/folder.h"

#include "engine/state.h"

namespace duliang {

Result<File> lock_folder(const ReviewInput& input) {
  TRY(const bool exists, input.files->exists(input.folder + "/lock"));
  if (!exists) {
    return Error{Code::not_found, fmt::format("{} is no data folder.", input.folder), "data"};
  }
  TRY(File lock, File::open(*input.files, input.folder + "/lock", OpenMode::write));
  if (!lock.lock().ok()) {
    return Error{Code::conflict,
                 fmt::format("The folder {} is in use by a running duliang.", input.folder),
                 "data"};
  }
  return lock;
}

Result<std::optional<Reached>> reached(const ReviewInput& input) {
  TRY(const bool exists, input.files->exists(ledger_path(input.folder)));
  if (!exists) return std::optional<Reached>();
  Connection::Options options;
  options.vfs = input.vfs;
  TRY(Connection connection, Connection::open(ledger_path(input.folder), options));
  TRY(const Positions positions, read_positions(connection));
  TRY(const Checkpoint checkpoint, decode_checkpoint(positions.readings_tail));
  return std::optional(Reached{positions.rows_applied, checkpoint.tail.sequence});
}

std::string disagreement(const Reached& reached, uint64_t begin, uint64_t end) {
  if (reached.parts < begin) {
    return fmt::format("The parts have frame {}, but the journal is retired up to frame {}.",
                       reached.parts, begin);
  }
  if (reached.rows <= end && reached.parts <= end) return {};
  return fmt::format(
      "The ledger has frame {} and the parts frame {}, but the journal ends with {}.", reached.rows,
      reached.parts, end);
}

Status refuse_retired(const FileLog& log, const char* instead) {
  const auto horizon = log.horizon();
  if (!horizon) return {};
  return Error{Code::not_found,
               fmt::format("The journal's frames up to {} of {} are retired. {}",
                           horizon->tail.sequence, to_text(horizon->time), instead),
               "data"};
}

void print_lost_tail(const FileLog& log, const Print& print) {
  const auto& lost = log.lost_tail();
  if (!lost) return;
  print(
      fmt::format("Behind its end stand {} bytes that were never acknowledged (from place {}); "
                  "the next start cuts them off and keeps them aside.",
                  lost->bytes, lost->from));
}

}  // namespace duliang
