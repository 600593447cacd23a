// Of a Group: rows that stand and are changed, and which version of them was meant.
#include "base/limits.h"
#include "engine/group.h"
#include "engine/row_changes.h"
#include "model/version.h"

namespace duliang {

// What the command is about, as it stands; none where it is about nothing, or nothing is there.
Result<std::optional<Row>> Group::meant(const Command& command) const {
  std::optional<ReadingId> reading;
  if (const auto* patch = std::get_if<PatchReading>(&command.body)) reading = patch->id;
  if (const auto* remove = std::get_if<RemoveReading>(&command.body)) reading = remove->id;
  if (reading) {
    TRY(const auto found, house_.series().find(*reading));
    return found ? std::optional(to_row(*found)) : std::nullopt;
  }
  if (const auto* change = std::get_if<ChangeRow>(&command.body)) {
    return house_.ledger().find(change->type, change->id);
  }
  if (const auto* remove = std::get_if<RemoveRow>(&command.body)) {
    return house_.ledger().find(remove->type, remove->id);
  }
  return std::optional<Row>();
}

// Looked at in the command's turn: what a door has seen may have changed since.
Status Group::check_version(const Command& command) const {
  if (command.if_match.empty()) return {};
  TRY(const auto row, meant(command));
  return row ? check_match(*row, command.if_match) : Status();
}

Status check_match(const Row& row, std::string_view if_match) {
  if (if_match.empty()) return {};
  const std::string version = version_of(row);
  if (names_version(if_match, version)) return {};
  return Error{Code::outdated,
               fmt::format("{}({}) is not as If-Match says: its ETag is \"{}\".",
                           type_of(row.type).set, number(row.id), version),
               "If-Match"};
}

Result<Outcome> Group::change_row(const Command& command, const ChangeRow& asked) {
  CHECK(asked.type != TypeId::observation, "a reading is changed by PatchReading");
  if (asked.type == TypeId::feature_of_interest && asked.id == house_.going_feature) {
    return Error{Code::conflict,
                 fmt::format("The FeatureOfInterest {} is being removed.", number(asked.id)), ""};
  }
  TRY(auto changes, changes_of_row(house_.ledger(), asked));
  TRY(const auto moves, moves_of(house_.ledger(), asked));
  if (changes.empty() && moves.empty()) return Outcome{0, {asked.id}, {}, {}};  // it is so already
  std::string arguments = arguments_of(asked);
  size_t bytes = arguments.size();
  for (const RowChange& change : changes) bytes += encoded_size(change);
  for (const Move& move : moves) {
    TRY(const auto settled, changes_of(house_.ledger(), move, RowId{1}, body_.time));
    for (const RowChange& change : settled) bytes += encoded_size(change);
  }
  if (bytes > limits::kCommandBytes) return command_too_large(bytes);
  const uint32_t number = begin(CommandKind::change_row, command, std::move(arguments));
  for (RowChange& change : changes) TRY_DO(write(number, std::move(change)));
  TRY_DO(settle(number, moves));
  return Outcome{sequence_, {asked.id}, {}, {}};
}

}  // namespace duliang
