// Of a Group: rows that go, with all that goes with them.
#include <algorithm>
#include <array>

#include "base/limits.h"
#include "engine/group.h"
#include "watch/alarms.h"

namespace duliang {
namespace {

// What a pack declares goes with a version of the pack that no longer declares it.
constexpr std::array kDeclared{TypeId::pack, TypeId::rule, TypeId::workflow};
// What the house has decided, and what was done about it, is kept.
constexpr std::array kDecided{TypeId::alarm, TypeId::case_file, TypeId::task};

Status check_type(const RemoveRow& asked) {
  const char* keeps = nullptr;
  if (std::ranges::find(kDeclared, asked.type) != kDeclared.end()) keeps = "declared by a pack";
  if (std::ranges::find(kDecided, asked.type) != kDecided.end()) keeps = "part of what was decided";
  if (keeps == nullptr) return {};
  const std::string_view set = type_of(asked.type).set;
  return Error{Code::conflict, fmt::format("{}({}) is {}.", set, number(asked.id), keeps),
               std::string(set)};
}

std::string arguments_of(const RemoveRow& asked) {
  Json arguments = Json::object();
  arguments["set"] = Json(type_of(asked.type).set);
  arguments["id"] = Json(number(asked.id));
  arguments["reason"] = Json(asked.reason);
  return arguments.dump();
}

// An upper bound of a cut without a reason, in a frame.
constexpr size_t kCutBytes = 64;

}  // namespace

// Its bytes are counted before anything is written, since it must be within one frame.
Result<Outcome> Group::remove_row(const Command& command, const RemoveRow& asked) {
  CHECK(asked.type != TypeId::observation, "a reading goes by RemoveReading");
  TRY_DO(check_reason(asked.reason));
  TRY(Removal removal, house_.ledger().removals(asked.type, asked.id));
  TRY_DO(check_type(asked));
  if (removal.streams.size() > limits::kRemovalStreams) {
    return Error{Code::too_large,
                 fmt::format("{} Datastreams would go at once; at most {} can. Remove some of them "
                             "before it.",
                             removal.streams.size(), limits::kRemovalStreams),
                 "Datastreams"};
  }
  for (const StreamId stream : removal.streams) TRY_DO(check_cut(stream, Time::max()));
  TRY(auto alarms, clear_alarms_of(house_.ledger(), removal.streams, body_.time));
  size_t bytes = removal.streams.size() * kCutBytes;
  for (const RowChange& change : removal.changes) bytes += encoded_size(change);
  for (const Row& alarm : alarms) bytes += encoded_size(RowChange::put(alarm));
  if (bytes > limits::kCommandBytes) {
    return Error{Code::too_large,
                 "Too much would go at once; remove what it has, a part at a time, before it.", ""};
  }
  const uint32_t number = begin(CommandKind::remove_row, command, arguments_of(asked));
  for (RowChange& change : removal.changes) TRY_DO(write(number, std::move(change)));
  for (const StreamId stream : removal.streams) {
    TRY_DO(write(number, ReadingChange::cut(stream, Time::max(), {})));
  }
  TRY_DO(end_alarms(number, std::move(alarms)));
  return Outcome{sequence_, {asked.id}, {}, {}};
}

}  // namespace duliang
