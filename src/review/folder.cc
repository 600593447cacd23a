#include "review/folder.h"

#include "engine/state.h"

namespace duliang {

Result<File> lock_folder(const ReviewInput& input) {
  TRY(const bool exists, input.files->exists(input.folder + "/lock"));
  if (!exists) {
    return Error{Code::not_found, fmt::format("{} is no data folder.", input.folder), "data"};
  }
  return lock_data_folder(*input.files, input.folder);
}

Result<std::optional<Reached>> reached(const ReviewInput& input) {
  TRY(const bool exists, input.files->exists(ledger_path(input.folder)));
  if (!exists) return std::optional<Reached>();
  Connection::Options options;
  options.vfs = input.vfs;
  options.read_only = true;
  TRY(Connection connection, Connection::open(ledger_path(input.folder), options));
  // One that lost all of its log is as good as none: the next start builds it from the journal.
  TRY(Statement made,
      connection.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'positions'"));
  TRY(const bool is_made, made.step());
  if (!is_made) return std::optional<Reached>();
  TRY(const Positions positions, read_positions(connection));
  TRY(const Checkpoint checkpoint, decode_checkpoint(positions.readings_tail));
  return std::optional(
      Reached{positions.rows_applied, checkpoint.tail.sequence, checkpoint.tail});
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
