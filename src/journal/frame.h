// What a record of the journal holds. A frame is a group of commands that was decided together: the
// row changes first, then the corrections of readings that stand, then the readings, each run with
// the number of its command in the group, so that who wants what the ledger keeps (rows and
// corrections) skips the readings by their length. The bytes are in FORMAT.md.
#pragma once

#include <string>
#include <vector>

#include "base/hash.h"
#include "base/json.h"
#include "model/reading_change.h"
#include "model/row.h"

namespace duliang {

inline constexpr uint8_t kJournalVersion = 1;  // of the format of a record

// What was asked for. `decision` is what the house itself decided because of another command of the
// group: it is recorded to be restored, and compared when the past is judged again.
enum class CommandKind : uint8_t {
  put_rows,
  post_readings,
  act,
  load_pack,
  decision,
  correct_readings,
  remove_row,
  change_row,
};

struct CommandRecord {
  CommandKind kind{};
  std::string actor;  // key of a person, or empty: a device, the program
  std::string door;   // "sensorthings", "city", "start", "retention", "watch", "cases"
  Time received{};
  std::string key;        // idempotency key, or empty
  int32_t cause = -1;     // number in this frame of the command that caused it; -1: from outside
  // JSON text: of an act, a removed or a changed row, what was asked; of readings with a key, the
  // places of those that were refused; else empty.
  std::string arguments;
  friend bool operator==(const CommandRecord&, const CommandRecord&) = default;
};

struct NumberedChange {
  uint32_t command = 0;
  RowChange change;
};

struct NumberedReadingChange {
  uint32_t command = 0;
  ReadingChange change;
};

struct NumberedReading {
  uint32_t command = 0;
  Reading reading;
};

struct FrameBody {
  Time time{};  // the engine's time of the group
  std::vector<CommandRecord> commands;
  std::vector<NumberedChange> changes;             // ordered by command
  std::vector<NumberedReadingChange> corrections;  // ordered by command
  std::vector<NumberedReading> readings;           // ordered by command
  // Whether it changes what the ledger keeps, which is always synced before it is answered.
  bool has_rows() const { return !changes.empty() || !corrections.empty(); }
};

bool same(const FrameBody& a, const FrameBody& b);

// A writer's claim: who may write from here on.
struct Claim {
  uint64_t epoch = 0;
  uint64_t claim_id = 0;  // random, so that two claims of one epoch differ
  std::string address;    // where the writer answers, for people
  Time time{};
};

enum class RecordKind : uint8_t { frame = 1, claim = 2, mark = 3 };
enum class HashKind : uint8_t { sha256 = 1 };

struct FrameHeader {
  RecordKind kind{};
  HashKind hash_kind = HashKind::sha256;
  uint64_t epoch = 0;
  uint64_t claim_id = 0;
  uint64_t sequence = 0;  // of frames, from 1; 0 in claims and marks
  Time time{};
  uint64_t synced = 0;  // the log is known to be durable up to this place
  Hash previous{};      // hash of the frame before; zeros in the first, in claims and marks
};

// A record whole: header and CRC-32C, then the body. too_large above limits::kFrameBytes.
Result<std::string> encode_frame(const FrameHeader& header, const FrameBody& body);
std::string encode_claim(const Claim& claim, uint64_t synced);
std::string encode_mark(uint64_t epoch, uint64_t claim_id, uint64_t synced, Time time);

struct Record {
  FrameHeader header;
  std::string_view bytes;  // the whole record
  std::string_view body;
};
// Checks length, magic, version and CRC; corrupt says which of them and where.
Result<Record> decode_record(std::string_view bytes);
// The length of the record that starts here, 0 where these bytes cannot start one (zeros, garbage,
// or fewer than kRecordPrefix). Does not check the CRC.
size_t record_length(std::string_view bytes);
inline constexpr size_t kRecordPrefix = 12;
inline constexpr std::string_view kRecordMagic = "DJ";  // with which every record begins

Hash hash_of(std::string_view record_bytes);
Result<FrameBody> decode_body(const Record& record);
// Rows and corrections only; the readings are skipped by their length.
Result<FrameBody> decode_rows(const Record& record);
Result<Claim> decode_claim(const Record& record);

// A frame taken apart without looking at its rows and corrections, and put together again; for
// sealing. A frame of ours comes out as the same bytes; of a forged one that is to be seen.
struct FrameSections {
  FrameBody body;  // commands and readings
  std::string_view rows;
  std::string_view corrections;
};
Result<FrameSections> decode_sections(const Record& record);
std::string encode_sections(const FrameHeader& header, const FrameSections& sections);
std::string encode_raw(const FrameHeader& header, std::string_view body);  // of any kind

}  // namespace duliang
