// The proof that the past can be asked again: the inputs of each frame through Group, the code of
// the live turn, on a House of its own that starts empty.
#include "engine/engine.h"
#include "engine/group.h"
#include "engine/row_changes.h"
#include "engine/state.h"
#include "review/folder.h"

namespace duliang {
namespace {

// A FeatureOfInterest that the house made because of the command: its readings named none.
bool is_made_by_house(const FrameBody& body, uint32_t command, RowId feature) {
  return std::ranges::any_of(body.changes, [&](const NumberedChange& numbered) {
    const RowChange& change = numbered.change;
    return numbered.command > command && change.kind == RowChange::Kind::put &&
           change.row.type == TypeId::feature_of_interest && change.row.id == feature &&
           body.commands[numbered.command].cause == static_cast<int32_t>(command);
  });
}

// The readings of the command as a door gives them.
std::vector<Reading> readings_of(const FrameBody& body, uint32_t command) {
  std::vector<Reading> readings;
  for (const NumberedReading& numbered : body.readings) {
    if (numbered.command != command) continue;
    Reading reading = numbered.reading;
    reading.id = ReadingId{0};
    if (is_made_by_house(body, command, reading.feature)) reading.feature = kNoRow;
    readings.push_back(std::move(reading));
  }
  return readings;
}

// New rows as a door gives them: with ids below 0, and links among them likewise.
PutRows as_asked(const FrameBody& body, uint32_t command) {
  PutRows put;
  std::map<std::pair<TypeId, RowId>, RowId> asked;
  int64_t next = 0;
  const auto unreal = [&asked](TypeId type, RowId id) {
    const auto found = asked.find({type, id});
    return found == asked.end() ? id : found->second;
  };
  for (const NumberedChange& numbered : body.changes) {
    if (numbered.command != command) continue;
    RowChange change = numbered.change;
    if (change.kind == RowChange::Kind::put) {
      const EntityType& type = type_of(change.row.type);
      for (size_t i = 0; i < change.row.links.size(); ++i) {
        change.row.links[i] = unreal(type.relations[i].target, change.row.links[i]);
      }
      const RowId id{--next};
      asked.emplace(std::pair{change.row.type, change.row.id}, id);
      change.row.id = id;
    } else if (change.kind != RowChange::Kind::remove) {
      const Relation& relation =
          type_of(change.owner).relations[static_cast<size_t>(change.relation)];
      change.from = unreal(change.owner, change.from);
      change.to = unreal(relation.target, change.to);
    }
    put.changes.push_back(std::move(change));
  }
  put.readings = readings_of(body, command);
  for (Reading& reading : put.readings) {
    const RowId stream{number(reading.stream)};
    reading.stream = StreamId{number(unreal(TypeId::datastream, stream))};
    reading.feature = unreal(TypeId::feature_of_interest, reading.feature);
  }
  return put;
}

// The whole reading as it was recorded, asked for as a patch.
Result<ReadingPatch> patch_to(const Reading& reading) {
  ReadingPatch patch;
  patch.phenomenon_time = reading.phenomenon_time;
  patch.result_time = reading.result_time;
  patch.result = reading.result;
  patch.feature = reading.feature;
  patch.quality = reading.quality;
  Json recorded;
  if (!reading.extras.empty()) {
    TRY(recorded, parse_json(reading.extras));
  }
  for (const char* name : {"validTime", "resultQuality", "parameters"}) {
    if (recorded.find(name) == nullptr) patch.extras[name] = Json();
  }
  if (recorded.is_null()) return patch;
  for (const auto& [name, value] : recorded.members()) patch.extras[name] = value;
  return patch;
}

// Of one reading, or one thing said of several.
Result<Command> correction_of(const FrameBody& body, uint32_t number, Command command) {
  ChangeReadings several;
  for (const NumberedReadingChange& numbered : body.corrections) {
    if (numbered.command == number) several.ids.push_back(numbered.change.reading.id);
  }
  for (const NumberedReadingChange& numbered : body.corrections) {
    if (numbered.command != number) continue;
    const ReadingChange& change = numbered.change;
    if (several.ids.size() > 1) {
      const bool said = change.kind == ReadingChange::Kind::replace;
      several.quality = said ? std::optional(change.reading.quality) : std::nullopt;
      several.reason = change.reason;
      command.body = std::move(several);
      return command;
    }
    switch (change.kind) {
      case ReadingChange::Kind::replace: {
        TRY(auto patch, patch_to(change.reading));
        command.body = PatchReading{change.reading.id, std::move(patch), change.reason};
        return command;
      }
      case ReadingChange::Kind::remove:
        command.body = RemoveReading{change.reading.id, change.reason};
        return command;
      case ReadingChange::Kind::cut:
        command.body = CutReadings{change.reading.stream, change.before, change.reason};
        return command;
    }
  }
  return Error{Code::corrupt, "A correction was recorded without its change.", ""};
}

Result<Command> removal_of(const CommandRecord& record, Command command) {
  TRY(const Json json, parse_json(record.arguments));
  const Json* set = json.find("set");
  const Json* id = json.find("id");
  const Json* reason = json.find("reason");
  const EntityType* type =
      set != nullptr && set->is_string() ? type_by_set(set->as_string()) : nullptr;
  if (type == nullptr || id == nullptr || !id->is_number() || reason == nullptr ||
      !reason->is_string()) {
    return Error{Code::corrupt, "A row was removed without saying which.", ""};
  }
  command.body = RemoveRow{type->id, RowId{id->as_integer().value_or(0)}, reason->as_string()};
  return command;
}

Result<Command> input_of(const FrameBody& body, uint32_t number) {
  const CommandRecord& record = body.commands[number];
  Command command{record.actor, record.door, record.received, {}};
  command.key = record.key;
  switch (record.kind) {
    case CommandKind::put_rows:
      command.body = as_asked(body, number);
      return command;
    case CommandKind::post_readings: {
      PostReadings post;
      post.readings = readings_of(body, number);
      command.body = std::move(post);
      command.recorded = record.arguments;
      return command;
    }
    case CommandKind::act: {
      TRY(const Json json, parse_json(record.arguments));
      const Json* of = json.find("case");
      const Json* act = json.find("act");
      const Json* note = json.find("note");
      if (of == nullptr || act == nullptr || note == nullptr) {
        return Error{Code::corrupt, "An act was recorded without its arguments.", ""};
      }
      command.body =
          ActOnCase{RowId{of->as_integer().value_or(0)}, act->as_string(), note->as_string()};
      return command;
    }
    case CommandKind::load_pack: {
      for (const NumberedChange& change : body.changes) {
        if (change.command != number || change.change.row.type != TypeId::pack) continue;
        TRY(Pack pack, check_pack(files_of(change.change.row)));
        command.body = LoadPack{std::move(pack)};
        return command;
      }
      return Error{Code::corrupt, "A pack was loaded without its row.", ""};
    }
    case CommandKind::remove_row:
      return removal_of(record, std::move(command));
    case CommandKind::change_row: {
      TRY(command.body, change_of_arguments(record.arguments));
      return command;
    }
    case CommandKind::correct_readings:
      return correction_of(body, number, std::move(command));
    case CommandKind::decision:
      break;
  }
  check_failed("input", __FILE__, __LINE__, "decisions are no inputs");
}

// What differs first, for a person.
std::string difference(const FrameBody& recorded, const FrameBody& judged) {
  if (recorded.commands.size() != judged.commands.size()) {
    return fmt::format("{} commands are recorded, {} were judged", recorded.commands.size(),
                       judged.commands.size());
  }
  for (size_t i = 0; i < recorded.commands.size(); ++i) {
    if (recorded.commands[i] != judged.commands[i]) return fmt::format("command {} differs", i);
  }
  if (recorded.changes.size() != judged.changes.size()) {
    return fmt::format("{} row changes are recorded, {} were judged", recorded.changes.size(),
                       judged.changes.size());
  }
  for (size_t i = 0; i < recorded.changes.size(); ++i) {
    if (same(recorded.changes[i].change, judged.changes[i].change)) continue;
    const Row& row = recorded.changes[i].change.row;
    return fmt::format("{} {} differs", type_of(row.type).name, static_cast<int64_t>(row.id));
  }
  if (!std::ranges::equal(recorded.corrections, judged.corrections,
                          [](const NumberedReadingChange& a, const NumberedReadingChange& b) {
                            return a.command == b.command && a.change == b.change;
                          })) {
    return "the corrections differ";
  }
  return "the readings differ";
}

class Judge {
 public:
  explicit Judge(House& house) : house_(house) {}

  Status frame(const Frame& frame, Report& report) {
    Group group(house_, frame.header.sequence, frame.body.time);
    for (uint32_t i = 0; i < frame.body.commands.size(); ++i) {
      if (frame.body.commands[i].kind == CommandKind::decision) {
        ++report.decisions;
        continue;
      }
      TRY(const Command command, input_of(frame.body, i));
      auto outcome = group.execute(command);
      if (!outcome.ok()) {
        return fault(report,
                     fmt::format("frame {}: command {} was accepted, and is refused now: {}",
                                 frame.header.sequence, i, outcome.error().message));
      }
    }
    if (!same(frame.body, group.body())) {
      return fault(report, fmt::format("frame {}: {}", frame.header.sequence,
                                       difference(frame.body, group.body())));
    }
    house_.series().publish(frame.header.sequence);
    return {};
  }

 private:
  static Status fault(Report& report, std::string what) {
    report.well = false;
    report.first_fault = std::move(what);
    return {};
  }

  House& house_;
};

}  // namespace

// The state of the judgement is held in memory: an empty ledger and a tail that is never written,
// which grows with all readings that were ever taken.
Result<Report> rejudge(const ReviewInput& input, const Print& print) {
  TRY(const File lock, lock_folder(input));
  TRY(const auto log, FileLog::open(*input.files, journal_folder(input.folder), false));
  TRY_DO(refuse_retired(*log, "The past is judged from the first frame on."));
  TRY(const auto stands, reached(input));
  TRY(Connection connection, Connection::open(":memory:", {}));
  TRY_DO(Ledger::create_tables(connection));
  TRY_DO(Series::create_tables(connection));
  TRY(const auto series, Series::open(*input.files, "", connection));
  House house(connection, *series);
  TRY_DO(house.load());
  Judge judge(house);
  Report report;
  Status judged;
  TRY(const Tail end, read_frames(*log, Tail{}, [&](const Frame& frame, const Tail&) {
        ++report.frames;
        report.readings += frame.body.readings.size();
        report.rows += frame.body.changes.size();
        judged = judge.frame(frame, report);
        return judged.ok() && report.well;
      }));
  TRY_DO(judged);
  print_lost_tail(*log, print);
  // Where the end of the journal is gone, what stands is not the whole past.
  if (report.well && stands) {
    report.first_fault = disagreement(*stands, 0, end.sequence);
    report.well = report.first_fault.empty();
  }
  if (report.well) {
    print(fmt::format("Judged {} frames anew: {} readings, {} decisions; no difference.",
                      report.frames, report.readings, report.decisions));
  } else {
    print("DIFFERENCE: " + report.first_fault);
  }
  return report;
}

}  // namespace duliang
