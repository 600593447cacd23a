#include "journal/frame.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/limits.h"

namespace duliang {
namespace {

constexpr uint16_t kFrameMagic = 0x4A44;  // "DJ" as the bytes lie
constexpr size_t kLengthAt = 4;
constexpr size_t kCrcAt = 8;
// Behind the prefix: kind of hash, epoch, claim, sequence, time, synced, hash of the frame before.
constexpr size_t kHeaderBytes = kRecordPrefix + 1 + 5 * 8 + sizeof(Hash);
// A broken count must not ask for memory: more than this is reserved only as it is really read.
constexpr size_t kReserve = 4096;

// Differences wrap, so that every pair of times comes back as it was.
void put_time(std::string& out, Time time, Time before) {
  put_zigzag(out, static_cast<int64_t>(bits(time) - bits(before)));
}
Time get_time(Reader& in, Time before) {
  return time_of_bits(bits(before) + static_cast<uint64_t>(in.zigzag()));
}

void overwrite_u32(std::string& out, size_t at, uint32_t value) {
  std::string bytes;
  put_u32(bytes, value);
  out.replace(at, bytes.size(), bytes);
}

uint32_t crc_of(std::string_view record) {
  return crc32c(record.substr(kRecordPrefix), crc32c(record.substr(0, kCrcAt)));
}

void put_header(std::string& out, const FrameHeader& header) {
  put_u16(out, kFrameMagic);
  put_u8(out, kJournalVersion);
  put_u8(out, static_cast<uint8_t>(header.kind));
  put_u32(out, 0);  // the length and the CRC are known at the end, see seal()
  put_u32(out, 0);
  put_u8(out, static_cast<uint8_t>(header.hash_kind));
  put_u64(out, header.epoch);
  put_u64(out, header.claim_id);
  put_u64(out, header.sequence);
  put_u64(out, bits(header.time));
  put_u64(out, header.synced);
  out.append(reinterpret_cast<const char*>(header.previous.data()), header.previous.size());
}

void seal(std::string& record) {
  overwrite_u32(record, kLengthAt, static_cast<uint32_t>(record.size()));
  overwrite_u32(record, kCrcAt, crc_of(record));
}

FrameHeader get_header(std::string_view record) {
  Reader in(record);
  FrameHeader header;
  in.u16(), in.u8();
  header.kind = static_cast<RecordKind>(in.u8());
  in.u32(), in.u32();
  header.hash_kind = static_cast<HashKind>(in.u8());
  header.epoch = in.u64();
  header.claim_id = in.u64();
  header.sequence = in.u64();
  header.time = time_of_bits(in.u64());
  header.synced = in.u64();
  const std::string_view hash = in.bytes(sizeof(Hash));
  std::copy(hash.begin(), hash.end(), header.previous.begin());
  CHECK(in.ok());
  return header;
}

void put_command(std::string& out, const CommandRecord& command, Time frame_time) {
  put_u8(out, static_cast<uint8_t>(command.kind));
  put_text(out, command.actor);
  put_text(out, command.door);
  put_time(out, command.received, frame_time);
  put_text(out, command.key);
  put_zigzag(out, command.cause);
  put_text(out, command.arguments);
}

bool get_command(Reader& in, Time frame_time, size_t count, CommandRecord& command) {
  const uint8_t kind = in.u8();
  command.kind = static_cast<CommandKind>(kind);
  command.actor = in.text();
  command.door = in.text();
  command.received = get_time(in, frame_time);
  command.key = in.text();
  const int64_t cause = in.zigzag();
  command.arguments = in.text();
  command.cause = static_cast<int32_t>(cause);
  return in.ok() && kind <= static_cast<uint8_t>(CommandKind::change_row) && cause >= -1 &&
         cause < static_cast<int64_t>(count) && cause <= INT32_MAX;
}

// A section holds runs of one command each: how much the command's number grew, how many things,
// the things. `put(out, thing)` and `get(in)` write and read one.
template <typename Things, typename Put>
std::string section_of(const Things& things, Put put) {
  std::string runs;
  size_t run_count = 0;
  uint32_t command = 0;
  for (size_t from = 0, to = 0; from < things.size(); from = to) {
    while (to < things.size() && things[to].command == things[from].command) ++to;
    put_varint(runs, things[from].command - command);
    put_varint(runs, to - from);
    for (size_t i = from; i < to; ++i) put(runs, things[i]);
    command = things[from].command;
    ++run_count;
  }
  std::string section;
  put_varint(section, run_count);
  return section += runs;
}

template <typename Things, typename Get>
bool get_section(std::string_view section, size_t commands, Things& things, Get get) {
  Reader in(section);
  uint64_t command = 0;
  const size_t run_count = in.count();
  for (size_t run = 0; run < run_count && in.ok(); ++run) {
    const uint64_t step = in.varint();
    if (step >= commands || (run > 0 && step == 0)) return false;
    command += step;
    const size_t count = in.count();
    if (!in.ok() || command >= commands || count == 0) return false;
    if (run == 0) things.reserve(std::min(count, kReserve));
    for (size_t i = 0; i < count; ++i) {
      auto thing = get(in);
      if (!thing.ok() || !in.ok()) return false;
      things.push_back({static_cast<uint32_t>(command), std::move(*thing)});
    }
  }
  return in.done();
}

template <typename Things>
bool ordered(const Things& things, size_t commands) {
  for (size_t i = 0; i < things.size(); ++i) {
    if (things[i].command >= commands) return false;
    if (i > 0 && things[i].command < things[i - 1].command) return false;
  }
  return true;
}

Error of_other_version(uint8_t version) {
  const std::string why = version < kJournalVersion
                              ? ", which no release has written and none reads; "
                              : ", which this program is too old to read; ";
  return {Code::unsupported,
          "The journal holds a record of version " + std::to_string(version) + why +
              "it reads version " + std::to_string(kJournalVersion) + ".",
          ""};
}

Error broken_body(const Record& record, std::string_view part) {
  return corrupt("The body of frame " + std::to_string(record.header.sequence) +
                 " does not check in its " + std::string(part) + ".");
}

// The commands; the sections only found.
Result<FrameSections> find_sections(const Record& record, std::string_view& readings) {
  if (record.header.kind != RecordKind::frame) return corrupt("This record is not a frame.");
  Reader in(record.body);
  FrameSections sections;
  FrameBody& body = sections.body;
  body.time = get_time(in, record.header.time);
  const size_t commands = in.count();
  body.commands.reserve(std::min(commands, kReserve));
  for (size_t i = 0; i < commands; ++i) {
    CommandRecord command;
    if (!get_command(in, body.time, commands, command)) return broken_body(record, "commands");
    body.commands.push_back(std::move(command));
  }
  sections.rows = in.text();
  sections.corrections = in.text();
  readings = in.text();
  if (!in.done()) return broken_body(record, "sections");
  return sections;
}

Status get_readings(const Record& record, std::string_view readings, FrameBody& body) {
  const Reading none;
  const auto next = [&](Reader& section) {
    return decode_reading(section, body.readings.empty() ? none : body.readings.back().reading);
  };
  if (!get_section(readings, body.commands.size(), body.readings, next))
    return broken_body(record, "readings");
  return {};
}

Result<FrameBody> decode(const Record& record, bool with_readings) {
  std::string_view readings;
  TRY(FrameSections sections, find_sections(record, readings));
  FrameBody& body = sections.body;
  const size_t commands = body.commands.size();
  if (!get_section(sections.rows, commands, body.changes, decode_row_change))
    return broken_body(record, "rows");
  if (!get_section(sections.corrections, commands, body.corrections, decode_reading_change))
    return broken_body(record, "corrections");
  if (with_readings) TRY_DO(get_readings(record, readings, body));
  return std::move(body);
}

// All but the length and the CRC.
std::string put_together(const FrameHeader& header, const FrameBody& body, std::string_view rows,
                         std::string_view corrections) {
  const size_t commands = body.commands.size();
  CHECK(ordered(body.readings, commands), "what a frame holds is ordered by its commands");
  std::string record;
  put_header(record, header);
  put_time(record, body.time, header.time);
  put_varint(record, commands);
  for (const CommandRecord& command : body.commands) {
    CHECK(command.cause >= -1 && command.cause < static_cast<int64_t>(commands));
    put_command(record, command, body.time);
  }
  put_text(record, rows);
  put_text(record, corrections);
  const Reading none;
  const Reading* before = &none;
  const auto put_reading = [&before](std::string& out, const NumberedReading& numbered) {
    encode(out, numbered.reading, *before);
    before = &numbered.reading;
  };
  put_text(record, section_of(body.readings, put_reading));
  return record;
}

}  // namespace

bool same(const FrameBody& a, const FrameBody& b) {
  const auto same_change = [](const NumberedChange& x, const NumberedChange& y) {
    return x.command == y.command && same(x.change, y.change);
  };
  const auto same_correction = [](const NumberedReadingChange& x, const NumberedReadingChange& y) {
    return x.command == y.command && x.change == y.change;
  };
  const auto same_reading = [](const NumberedReading& x, const NumberedReading& y) {
    return x.command == y.command && x.reading == y.reading;
  };
  return a.time == b.time && a.commands == b.commands &&
         std::ranges::equal(a.changes, b.changes, same_change) &&
         std::ranges::equal(a.corrections, b.corrections, same_correction) &&
         std::ranges::equal(a.readings, b.readings, same_reading);
}

Result<std::string> encode_frame(const FrameHeader& header, const FrameBody& body) {
  CHECK(header.kind == RecordKind::frame);
  const size_t commands = body.commands.size();
  CHECK(ordered(body.changes, commands) && ordered(body.corrections, commands),
        "what a frame holds is ordered by its commands");
  const auto put_change = [](std::string& out, const auto& numbered) {
    encode(out, numbered.change);
  };
  std::string record = put_together(header, body, section_of(body.changes, put_change),
                                    section_of(body.corrections, put_change));
  if (record.size() > limits::kFrameBytes)
    return Error{Code::too_large,
                 "What was asked for makes a journal record of " + std::to_string(record.size()) +
                     " bytes; at most " + std::to_string(limits::kFrameBytes) + " are taken.",
                 ""};
  seal(record);
  return record;
}

std::string encode_claim(const Claim& claim, uint64_t synced) {
  CHECK(claim.address.size() <= limits::kNameBytes);
  FrameHeader header;
  header.kind = RecordKind::claim;
  header.epoch = claim.epoch;
  header.claim_id = claim.claim_id;
  header.time = claim.time;
  header.synced = synced;
  std::string record;
  put_header(record, header);
  put_text(record, claim.address);
  seal(record);
  return record;
}

Result<FrameSections> decode_sections(const Record& record) {
  std::string_view readings;
  TRY(FrameSections sections, find_sections(record, readings));
  TRY_DO(get_readings(record, readings, sections.body));
  return sections;
}

std::string encode_sections(const FrameHeader& header, const FrameSections& sections) {
  std::string record = put_together(header, sections.body, sections.rows, sections.corrections);
  seal(record);
  return record;
}

std::string encode_raw(const FrameHeader& header, std::string_view body) {
  std::string record;
  put_header(record, header);
  record += body;
  seal(record);
  return record;
}

std::string encode_mark(uint64_t epoch, uint64_t claim_id, uint64_t synced, Time time) {
  FrameHeader header;
  header.kind = RecordKind::mark;
  header.epoch = epoch;
  header.claim_id = claim_id;
  header.time = time;
  header.synced = synced;
  std::string record;
  put_header(record, header);
  seal(record);
  return record;
}

size_t record_length(std::string_view bytes) {
  if (bytes.size() < kRecordPrefix) return 0;
  Reader in(bytes);
  const uint16_t magic = in.u16();
  in.u16();
  const size_t length = in.u32();
  if (magic != kFrameMagic || length < kRecordPrefix || length > limits::kFrameBytes) return 0;
  return length;
}

Result<Record> decode_record(std::string_view bytes) {
  const size_t length = record_length(bytes);
  if (length == 0)
    return corrupt("No record begins here: its first " + std::to_string(kRecordPrefix) +
                   " bytes have no right magic and length.");
  if (length != bytes.size())
    return corrupt("The record says that it has " + std::to_string(length) + " bytes, but it has " +
                   std::to_string(bytes.size()) + ".");
  Reader prefix(bytes);
  prefix.u16();
  const uint8_t version = prefix.u8();
  const uint8_t kind = prefix.u8();
  prefix.u32();
  if (prefix.u32() != crc_of(bytes))
    return corrupt("The CRC at byte " + std::to_string(kCrcAt) + " of the record does not check.");
  if (version != kJournalVersion) return of_other_version(version);
  if (length < kHeaderBytes) return corrupt("The record is shorter than its header.");
  if (kind < static_cast<uint8_t>(RecordKind::frame) ||
      kind > static_cast<uint8_t>(RecordKind::mark))
    return Error{Code::unsupported, "The record is of unknown kind " + std::to_string(kind) + ".",
                 ""};
  Record record{get_header(bytes), bytes, bytes.substr(kHeaderBytes)};
  if (record.header.hash_kind != HashKind::sha256)
    return Error{Code::unsupported, "The record names an unknown kind of hash.", ""};
  return record;
}

Hash hash_of(std::string_view record_bytes) { return sha256(record_bytes); }

Result<FrameBody> decode_body(const Record& record) { return decode(record, true); }

Result<FrameBody> decode_rows(const Record& record) { return decode(record, false); }

Result<Claim> decode_claim(const Record& record) {
  if (record.header.kind != RecordKind::claim) return corrupt("This record is not a claim.");
  Reader in(record.body);
  Claim claim;
  claim.epoch = record.header.epoch;
  claim.claim_id = record.header.claim_id;
  claim.address = in.text();
  claim.time = record.header.time;
  if (!in.done()) return corrupt("The body of the claim does not check.");
  return claim;
}

}  // namespace duliang
