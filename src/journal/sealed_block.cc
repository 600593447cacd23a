#include "journal/sealed_block.h"

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "base/limits.h"
#include "base/plain_number.h"
#include "journal/block_columns.h"
#include "journal/frame.h"

namespace duliang {
namespace {

// The digits with other decimals, cut where these are fewer; 0 where they do not fit.
int64_t rescaled(int64_t digits, uint8_t from, uint8_t to) {
  if (from >= to) return digits / kPowersOfTen[from - to];
  int64_t result = 0;
  return __builtin_mul_overflow(digits, kPowersOfTen[to - from], &result) ? 0 : result;
}

// How a record is carried.
enum Form : uint8_t {
  kWhole,    // its bytes: it would not come out the same from its parts
  kHeader,   // its header in columns and the bytes of its body
  kColumns,  // a frame whose commands and readings are in columns
};
enum Previous : uint8_t { kZeros, kOfFrameBefore, kAsWritten };

// A reading of two bytes takes seven numbers; so a broken count cannot ask for much.
constexpr size_t kNumbersPerByte = 8;

// What was last said of a stream, by which the next is expected.
struct StreamState {
  uint64_t id = 0, begin = 0, step = 0, length = 0, feature = 0, next_stream = 0;
  int64_t mantissa = 0;
  uint8_t scale = 0;
};

enum ReadingFlag : uint8_t {
  kInstant = 1,
  kHasResultTime = 2,
  kResultTimeIsEnd = 4,
  kHasExtras = 8,
  kIsText = 16,
};

template <typename Id>
uint64_t id_bits(Id id) {
  return static_cast<uint64_t>(id);
}

// The walk itself, the same for both sides: `io` takes or gives each part of `shape`.
template <typename Io>
class Walker {
 public:
  explicit Walker(Io& io) : io_(io) {}

  void frame(FrameSections& sections, const FrameHeader& header) {
    FrameBody& body = sections.body;
    body.time = time_of_bits(number(kBodyTime, bits(body.time), {bits(header.time)}));
    size_t count = static_cast<size_t>(number(kCommands, body.commands.size(), {1}));
    if (Io::kReads) body.commands.clear();
    for (size_t i = 0; i < count && io_.ok(); ++i) {
      if (Io::kReads) body.commands.emplace_back();
      command(body.commands[i], body.time);
    }
    sections.rows = io_.text(kRows, sections.rows);
    sections.corrections = io_.text(kCorrections, sections.corrections);
    runs(body);
  }

  FrameHeader header(FrameHeader now, uint64_t place) {
    const FrameHeader& before = header_;
    now.kind = static_cast<RecordKind>(number(kKind, static_cast<uint8_t>(now.kind), {1}));
    now.epoch = number(kEpoch, now.epoch, {before.epoch});
    now.claim_id = number(kClaim, now.claim_id, {before.claim_id});
    const bool frame = now.kind == RecordKind::frame;
    now.sequence = number(kSequence, now.sequence, {frame ? sequence_ + 1 : 0});
    now.time = time_of_bits(number(kTime, bits(now.time), {bits(before.time)}));
    now.synced = number(kSynced, now.synced, {before.synced, place});
    previous(now.previous);
    header_ = now;
    if (frame) sequence_ = now.sequence;
    return now;
  }
  void remember(std::string_view record) { hash_ = hash_of(record); }

 private:
  uint64_t number(Column column, uint64_t value, Predictions expected) {
    return io_.number(column, value, expected);
  }

  void previous(Hash& hash) {
    uint64_t way = kAsWritten;
    if (hash == Hash{}) way = kZeros;
    if (hash_ && hash == *hash_) way = kOfFrameBefore;
    way = number(kPrevious, way, {kOfFrameBefore});
    if (way == kZeros) hash = Hash{};
    if (way == kOfFrameBefore) hash = hash_.value_or(Hash{});
    if (way != kAsWritten) return;
    const std::string_view written =
        io_.text(kHash, {reinterpret_cast<const char*>(hash.data()), hash.size()});
    if (written.size() == hash.size()) std::copy(written.begin(), written.end(), hash.begin());
  }

  void command(CommandRecord& command, Time frame_time) {
    const uint64_t kind = number(kCommandKind, static_cast<uint8_t>(command.kind), {1});
    command.kind = static_cast<CommandKind>(kind);
    text(kActor, command.actor);
    text(kDoor, command.door);
    text(kKey, command.key);
    text(kArguments, command.arguments);
    // Received before it was decided, so that the difference is mostly positive.
    const uint64_t since = number(kReceived, bits(frame_time) - bits(command.received), {0});
    command.received = time_of_bits(bits(frame_time) - since);
    const auto cause = static_cast<uint64_t>(static_cast<int64_t>(command.cause));
    command.cause = static_cast<int32_t>(number(kCause, cause, {~uint64_t{0}}));
  }

  void text(TextColumn column, std::string& value) {
    const std::string_view given = io_.text(column, value);
    if (Io::kReads) value = given;
  }

  void runs(FrameBody& body) {
    std::vector<NumberedReading>& readings = body.readings;
    uint64_t run_count = 0;
    for (size_t i = 0; i < readings.size(); ++i)
      run_count += i == 0 || readings[i].command != readings[i - 1].command;
    run_count = number(kRuns, run_count, {1});
    size_t at = 0;
    uint64_t command = 0;
    for (uint64_t run = 0; run < run_count && io_.ok(); ++run) {
      uint64_t count = 0;
      while (at + count < readings.size() && readings[at + count].command == readings[at].command)
        ++count;
      const uint64_t own = at < readings.size() ? readings[at].command : 0;
      command += number(kStep, own - command, {run == 0 ? uint64_t{0} : uint64_t{1}});
      count = number(kCount, count, {1});
      for (uint64_t i = 0; i < count && io_.ok(); ++i, ++at) {
        if (Io::kReads) readings.push_back({static_cast<uint32_t>(command), {}});
        reading(readings[at].reading, body.time);
      }
    }
  }

  static uint8_t flags_of(const Reading& reading, bool is_number) {
    int flags = is_number ? 0 : kIsText;
    if (reading.phenomenon_time.instant()) flags |= kInstant;
    if (reading.result_time) flags |= kHasResultTime;
    if (reading.result_time == OptionalTime(reading.phenomenon_time.end)) flags |= kResultTimeIsEnd;
    if (!reading.extras.empty()) flags |= kHasExtras;
    return static_cast<uint8_t>(flags);
  }

  void reading(Reading& reading, Time frame_time) {
    const std::optional<PlainNumber> given = parse_plain(reading.result);
    StreamState& last = streams_[last_stream_];
    const StreamState before = last;
    const uint64_t stream =
        number(kStream, id_bits(reading.stream), {last_stream_, last.next_stream});
    last.next_stream = stream;
    const auto [found, is_new] = streams_.try_emplace(stream);
    StreamState& state = found->second;
    if (is_new) state = first_of(before, stream);
    const uint64_t flags = number(kFlags, flags_of(reading, given.has_value()), {kInstant});
    reading.stream = static_cast<StreamId>(stream);
    state.id = number(kId, id_bits(reading.id), {state.id + 1});
    reading.id = static_cast<ReadingId>(state.id);
    times(reading, state, {before.begin, bits(frame_time)}, static_cast<uint8_t>(flags));
    state.feature = number(kFeature, id_bits(reading.feature), {state.feature});
    reading.feature = static_cast<RowId>(state.feature);
    if (flags & kIsText) {
      text(kResult, reading.result);
    } else {
      const PlainNumber plain = value(given.value_or(PlainNumber{}), state, before);
      if (Io::kReads) {
        reading.result.clear();
        append_plain(reading.result, plain);
      }
    }
    if (flags & kHasExtras) text(kExtras, reading.extras);
    last_stream_ = stream;
  }

  // Streams whose lanes and features were given one after the other.
  StreamState first_of(const StreamState& before, uint64_t stream) const {
    StreamState state = before;
    const uint64_t steps = stream - last_stream_;
    state.id = before.id + 256 * steps - 1;
    state.step = 0;
    state.feature = before.feature == 0 ? 0 : before.feature + steps;
    state.next_stream = stream + 1;
    return state;
  }

  struct Around {
    uint64_t begin_before, frame_time;
  };
  void times(Reading& reading, StreamState& state, const Around& around, uint8_t flags) {
    Interval& when = reading.phenomenon_time;
    const uint64_t begin =
        number(kBegin, bits(when.begin),
               {around.begin_before, state.begin + state.step, around.frame_time});
    uint64_t length = bits(when.end) - bits(when.begin);
    length = flags & kInstant ? 0 : number(kLength, length, {state.length});
    if (!(flags & kInstant)) state.length = length;
    state.step = begin - state.begin;
    state.begin = begin;
    when = {time_of_bits(begin), time_of_bits(begin + length)};
    if (!(flags & kHasResultTime)) return;
    uint64_t time = begin + length;
    if (!(flags & kResultTimeIsEnd)) {
      const uint64_t own = reading.result_time ? bits(*reading.result_time) : 0;
      time = number(kResultTime, own, {begin + length, around.frame_time});
    }
    reading.result_time = time_of_bits(time);
  }

  // The scale is that of the stream (0), or shorter by the zeros at the end (1), or new (2 + it).
  PlainNumber value(PlainNumber plain, StreamState& state, const StreamState& before) {
    uint64_t way = 2u + plain.decimals;
    const bool trimmed = plain.decimals == 0 || plain.digits % 10 != 0;
    if (plain.decimals == state.scale) way = 0;
    if (plain.decimals < state.scale && trimmed && plain.digits != 0 &&
        rescaled(plain.digits, plain.decimals, state.scale) != 0)
      way = 1;
    way = number(kScale, way, {0});
    const uint8_t scale =
        way < 2 ? state.scale : static_cast<uint8_t>(std::min<uint64_t>(way - 2, kPlainDigits));
    const int64_t full = way == 1 ? rescaled(plain.digits, plain.decimals, scale) : plain.digits;
    const auto expected = static_cast<uint64_t>(rescaled(state.mantissa, state.scale, scale));
    const auto other = static_cast<uint64_t>(rescaled(before.mantissa, before.scale, scale));
    const uint64_t coded = number(kMantissa, static_cast<uint64_t>(full), {expected, other, 0});
    state.mantissa = static_cast<int64_t>(coded);
    state.scale = scale;
    plain = {state.mantissa, scale};
    while (way == 1 && plain.decimals > 0 && plain.digits % 10 == 0)
      plain.digits /= 10, --plain.decimals;
    return plain;
  }

  Io& io_;
  FrameHeader header_;  // of the record before
  uint64_t sequence_ = 0;
  std::optional<Hash> hash_;  // of the frame before
  uint64_t last_stream_ = 0;
  std::unordered_map<uint64_t, StreamState> streams_;
};

struct Shape {
  Form form = kWhole;
  FrameHeader header;
  FrameSections sections;
  std::string_view body;
};

Shape shape_of(std::string_view bytes) {
  Shape shape;
  const Result<Record> record = decode_record(bytes);
  CHECK(record.ok(), "only sound records are sealed");
  shape.header = record->header;
  shape.body = record->body;
  if (encode_raw(shape.header, shape.body) == bytes) shape.form = kHeader;
  if (shape.form == kWhole || shape.header.kind != RecordKind::frame) return shape;
  Result<FrameSections> sections = decode_sections(*record);
  if (!sections.ok() || encode_sections(shape.header, *sections) != bytes) return shape;
  shape.form = kColumns;
  shape.sections = std::move(*sections);
  return shape;
}

// What encode_sections() takes for granted.
bool can_be_encoded(const FrameSections& sections) {
  const auto commands = static_cast<int64_t>(sections.body.commands.size());
  for (const CommandRecord& command : sections.body.commands)
    if (command.cause < -1 || command.cause >= commands) return false;
  uint32_t before = 0;
  for (const NumberedReading& each : sections.body.readings) {
    const Reading& reading = each.reading;
    if (each.command < before || each.command >= commands || reading.result.empty() ||
        !shows(reading.phenomenon_time.begin) || !shows(reading.phenomenon_time.end) ||
        (reading.result_time && !shows(*reading.result_time)))
      return false;
    before = each.command;
  }
  return true;
}

Error broken() { return {Code::corrupt, "A sealed block does not decode.", ""}; }

Result<std::string> next_record(ColumnReader& in, Walker<ColumnReader>& walker, uint64_t place) {
  const uint64_t form = in.number(kForm, 0, {kColumns});
  if (form == kWhole) return std::string(in.text(kWholeRecord, {}));
  const FrameHeader header = walker.header({}, place);
  if (!in.ok() || form > kColumns) return broken();
  if (form == kHeader) return encode_raw(header, in.text(kBody, {}));
  FrameSections sections;
  walker.frame(sections, header);
  if (!in.ok() || !can_be_encoded(sections)) return broken();
  return encode_sections(header, sections);
}

bool is_frame(const FrameHeader& header) { return header.kind == RecordKind::frame; }

}  // namespace

std::string seal_block(std::string_view records, uint64_t place) {
  ColumnWriter out;
  Walker<ColumnWriter> walker(out);
  while (!records.empty()) {
    const size_t length = record_length(records);
    CHECK(length > 0 && length <= records.size(), "only whole records are sealed");
    const std::string_view bytes = records.substr(0, length);
    Shape shape = shape_of(bytes);
    out.number(kForm, shape.form, {kColumns});
    if (shape.form == kWhole) {
      out.text(kWholeRecord, bytes);
    } else {
      walker.header(shape.header, place);
      if (shape.form == kHeader) out.text(kBody, shape.body);
      if (shape.form == kColumns) walker.frame(shape.sections, shape.header);
    }
    if (is_frame(shape.header)) walker.remember(bytes);
    records.remove_prefix(length);
    place += length;
  }
  return out.packed();
}

Result<std::string> open_block(std::string_view block, uint64_t place, size_t size) {
  ColumnReader in(block, size * kNumbersPerByte);
  Walker<ColumnReader> walker(in);
  std::string records;
  records.reserve(size);
  while (in.ok() && records.size() < size) {
    TRY(const std::string record, next_record(in, walker, place + records.size()));
    if (!in.ok() || record.size() > size - records.size()) return broken();
    const Result<Record> checked = decode_record(record);
    if (!checked.ok()) return broken();
    if (is_frame(checked->header)) walker.remember(record);
    records += record;
  }
  return in.ok() ? Result<std::string>(std::move(records)) : broken();
}

}  // namespace duliang
