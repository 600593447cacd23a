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
Result<std::string> frames_json(Log& journal, const Engine& engine,
                                const std::set<uint64_t>& sequences) {
  std::string out;
  for (auto next = sequences.begin(); next != sequences.end();) {
    const uint64_t first = *next;
    const Tail from = engine.tail_before(first);
    uint64_t last = first;
    for (; next != sequences.end() && engine.tail_before(*next).place == from.place; ++next) {
      last = *next;
    }
    TRY([[maybe_unused]] const Tail end,
        read_frames(journal, from, [&](const Frame& frame, const Tail&) {
          const uint64_t sequence = frame.header.sequence;
          if (sequence >= first && sequences.contains(sequence)) {
            if (!out.empty()) out += ',';
            out += frame_json(frame);
          }
          return sequence < last;
        }));
  }
  return out;
}

}  // namespace duliang
