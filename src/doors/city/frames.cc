#include "doors/city/frames.h"

namespace duliang {
namespace {

const char* name_of(CommandKind kind) {
  switch (kind) {
    case CommandKind::put_rows:
      return "put_rows";
    case CommandKind::post_readings:
      return "post_readings";
    case CommandKind::act:
      return "act";
    case CommandKind::load_pack:
      return "load_pack";
    case CommandKind::decision:
      return "decision";
    case CommandKind::correct_readings:
      return "correct_readings";
    case CommandKind::remove_row:
      return "remove_row";
    case CommandKind::change_row:
      return "change_row";
  }
  return "";
}

std::string frame_json(const Frame& frame) {
  std::string commands;
  for (const CommandRecord& command : frame.body.commands) {
    Json json = Json::object();
    json["kind"] = Json(name_of(command.kind));
    json["actor"] = Json(command.actor);
    json["door"] = Json(command.door);
    json["received"] = Json(to_text(command.received));
    if (!commands.empty()) commands += ',';
    json.dump_to(commands);
  }
  return fmt::format(R"({{"sequence":{},"time":"{}","hash":"{}","commands":[{}]}})",
                     frame.header.sequence, to_text(frame.body.time), to_hex(frame.hash), commands);
}

}  // namespace

// Frames that are found from the same place of the journal are read together; what lies between
// those and the next ones is passed over.
Result<std::string> frames_json(FileLog& journal, const Engine& engine,
                                std::set<uint64_t>& sequences) {
  std::string out;
  const Tail begin = journal.begin();
  const auto place_of = [&](uint64_t sequence) {
    const Tail indexed = engine.tail_before(sequence);
    return indexed.place < begin.place ? begin : indexed;
  };
  for (auto next = sequences.upper_bound(begin.sequence); next != sequences.end();) {
    const Tail from = place_of(*next);
    uint64_t last = *next;
    for (; next != sequences.end() && place_of(*next).place == from.place; ++next) last = *next;
    const auto read = read_frames(journal, from, [&](const Frame& frame, const Tail&) {
      const uint64_t sequence = frame.header.sequence;
      if (sequences.erase(sequence) > 0) {
        if (!out.empty()) out += ',';
        out += frame_json(frame);
      }
      return sequence < last;
    });
    if (!read.ok() && read.error().code == Code::not_found) {
      return Error{Code::unavailable, "Frames were retired meanwhile; ask again.", ""};
    }
    TRY_DO(read);
  }
  if (sequences.upper_bound(begin.sequence) == sequences.end()) return out;
  if (engine.tail_before(0).sequence != begin.sequence) {
    return Error{Code::unavailable, "Frames were retired meanwhile; ask again.", ""};
  }
  return Error{Code::corrupt, "The journal lacks frames that it should have.", ""};
}

}  // namespace duliang
