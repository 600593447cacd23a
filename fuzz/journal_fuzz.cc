// Bytes as a segment file, as a record, and as the body of one: the body stands behind a CRC
// that random bytes do not pass, and must be safe without it. Whatever comes in is decoded or
// refused, and what was decoded is written and read again as the same.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "base/sim/sim_files.h"
#include "journal/admit.h"
#include "journal/file_log.h"
#include "journal/segment.h"

namespace duliang {
namespace {

void as_segment(std::string_view bytes) {
  SimFiles files;
  CHECK(files.make_folder("log").ok());
  File file = File::open(files, "log/" + segment_name(0), OpenMode::create).value();
  CHECK(file.write_at(bytes, 0).ok());
  const auto log = FileLog::open(files, "log", true);
  if (!log.ok()) {
    CHECK(log.error().code == Code::corrupt || log.error().code == Code::unsupported);
    return;
  }
  const Place end = (*log)->end().value();
  CHECK(end <= bytes.size());
  Tail tail;
  const Log::Sink judge = [&](Place place, std::string_view record) {
    return admit(tail, place, record) != Verdict::corrupt;
  };
  Place from = 0;
  while (from < end) {
    const Place next = (*log)->read(from, 1024 * 1024, judge).value();
    CHECK(next > from);
    from = next;
  }
  CHECK(!FileLog::open(files, "log", true).value()->lost_tail());
}

void as_record(std::string_view bytes) {
  Tail tail;
  const Verdict verdict = admit(tail, 0, bytes);
  const Result<Record> record = decode_record(bytes);
  CHECK(record.ok() || verdict == Verdict::corrupt);
  CHECK(!record.ok() || record_length(bytes) == bytes.size());
}

void as_body(std::string_view bytes) {
  Record record{{}, bytes, bytes};
  record.header.kind = RecordKind::claim;
  (void)decode_claim(record);
  record.header.kind = RecordKind::frame;
  const Result<FrameBody> rows = decode_rows(record);
  const Result<FrameBody> body = decode_body(record);
  CHECK(rows.ok() || !body.ok());
  if (!body.ok()) return;
  const Result<std::string> again = encode_frame(record.header, *body);
  if (!again.ok()) return;  // differences can be shorter than what they stand for
  CHECK(same(*body, decode_body(decode_record(*again).value()).value()));
}

}  // namespace
}  // namespace duliang

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  duliang::as_segment(bytes);
  duliang::as_record(bytes);
  duliang::as_body(bytes);
  return 0;
}
