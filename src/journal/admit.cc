#include "journal/admit.h"

namespace duliang {
namespace {

Verdict judge_claim(Tail& tail, const Record& record) {
  if (!decode_claim(record).ok()) return Verdict::corrupt;
  if (record.header.epoch <= tail.epoch) return Verdict::fenced;
  tail.epoch = record.header.epoch;
  tail.claim_id = record.header.claim_id;
  return Verdict::claimed;
}

Verdict judge_frame(Tail& tail, const Record& record) {
  const FrameHeader& header = record.header;
  if (header.epoch != tail.epoch || header.claim_id != tail.claim_id) return Verdict::fenced;
  if (header.sequence <= tail.sequence) return Verdict::duplicate;
  if (header.sequence != tail.sequence + 1 || header.previous != tail.hash) return Verdict::orphan;
  tail.sequence = header.sequence;
  tail.hash = hash_of(record.bytes);
  return Verdict::valid;
}

}  // namespace

Verdict admit(Tail& tail, Place place, const Record& record) {
  Verdict verdict = Verdict::mark;
  if (record.header.kind == RecordKind::claim) verdict = judge_claim(tail, record);
  if (record.header.kind == RecordKind::frame) verdict = judge_frame(tail, record);
  if (verdict != Verdict::corrupt) tail.place = place + record.bytes.size();
  return verdict;
}

Verdict admit(Tail& tail, Place place, std::string_view record_bytes) {
  const Result<Record> record = decode_record(record_bytes);
  return record.ok() ? admit(tail, place, *record) : Verdict::corrupt;
}

}  // namespace duliang
