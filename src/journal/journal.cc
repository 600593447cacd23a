#include "journal/journal.h"

#include <algorithm>

#include "base/limits.h"
#include "journal/segment.h"

namespace duliang {
namespace {

constexpr size_t kReadBytes = 1024 * 1024;  // of the log at once

// What a reader of the log sees of each record: its verdict, and the tail behind it. false ends the
// reading in front of the next.
using OnRecord = std::function<Result<bool>(Place, const Record&, Verdict, const Tail&)>;

Error at_place(Place place, const Error& error) {
  return {Code::corrupt, "The journal at place " + to_hex(place) + ": " + error.message,
          error.field};
}

// Judges all records from the tail up to `limit`, and moves the tail over each one that `on_record`
// has taken.
Status read_on(Log& log, Tail& tail, Place limit, const OnRecord& on_record) {
  Status status;
  bool more = true;
  const Log::Sink sink = [&](Place place, std::string_view bytes) {
    if (place >= limit) return more = false;
    const Result<Record> record = decode_record(bytes);
    if (!record.ok()) {
      status = at_place(place, record.error());
      return false;
    }
    Tail moved = tail;
    const Verdict verdict = admit(moved, place, *record);
    if (verdict == Verdict::corrupt) {
      status = at_place(place, {Code::corrupt, "A claim does not check.", ""});
      return false;
    }
    const Result<bool> taken = on_record(place, *record, verdict, moved);
    if (!taken.ok()) {
      status = taken.error();
      return false;
    }
    tail = moved;
    return more = *taken;
  };
  while (more && tail.place < limit) {
    const Place from = tail.place;
    TRY(const Place next, log.read(from, kReadBytes, sink));
    if (!status.ok()) return status;
    if (next == from) more = false;
    if (more && next > tail.place) tail.place = next;  // nothing was there
  }
  return {};
}

Result<Frame> to_frame(Place place, const Record& record, const Tail& tail, bool rows_only) {
  Result<FrameBody> body = rows_only ? decode_rows(record) : decode_body(record);
  if (!body.ok()) return at_place(place, body.error());
  return Frame{place, record.header, std::move(*body), tail.hash};
}

bool is_void(Verdict verdict) {
  return verdict == Verdict::fenced || verdict == Verdict::duplicate || verdict == Verdict::orphan;
}

Error of_log(const AppendResult& result) {
  switch (result.error) {
    case LogError::refused:
      return {Code::conflict, "The log has a newer writer: " + result.why, ""};
    case LogError::unavailable:
      return {Code::unavailable, "The log did not take the record: " + result.why, ""};
    case LogError::unknown:
      break;
  }
  return {Code::io, "It is not known whether the log took the record: " + result.why, ""};
}

Error replaced() { return {Code::conflict, "A newer claim has taken this journal over.", ""}; }

Status ignore(Place, const Record&, const Tail&) { return {}; }

}  // namespace

Status Journal::follow(const std::function<Status(Frame&)>& sink, bool rows_only) {
  TRY(const Place end, log_.end());
  if (tail_.place > end)
    return Error{Code::corrupt,
                 "The journal ends at place " + to_hex(end) +
                     ", but what was built on it stands at " + to_hex(tail_.place) + ".",
                 ""};
  return read_to(end, [&](Place place, const Record& record, const Tail& tail) -> Status {
    TRY(Frame frame, to_frame(place, record, tail, rows_only));
    return sink(frame);
  });
}

Status Journal::read_to(Place limit, const FrameSink& sink) {
  return read_on(log_, tail_, limit,
                 [&](Place place, const Record& record, Verdict verdict,
                     const Tail& moved) -> Result<bool> {
                   if (verdict == Verdict::valid) TRY_DO(sink(place, record, moved));
                   if (verdict == Verdict::claimed) owner_ = false;
                   if (is_void(verdict)) ++void_count_;
                   note(record.header, verdict, moved.place);
                   return true;
                 });
}

// What the log says of its own durability.
void Journal::note(const FrameHeader& header, Verdict verdict, Place behind) {
  if (header.synced > marked_) unmarked_since_ = Duration{-1};
  marked_ = std::max(marked_, header.synced);
  synced_ = std::max(synced_, header.synced);
  if (verdict != Verdict::mark) worth_marking_ = behind;
}

Status Journal::claim(uint64_t claim_id, const std::string& address, Time now) {
  const FrameSink unexpected = [](Place place, const Record&, const Tail&) -> Status {
    return Error{Code::conflict,
                 "Somebody else has written to the journal at place " + to_hex(place) + ".",
                 ""};
  };
  TRY(const Place end, log_.end());
  TRY_DO(read_to(end, unexpected));
  const Claim claim{tail_.epoch + 1, claim_id, address, now};
  TRY_DO(append_record(encode_claim(claim, synced_), Durability::power, unexpected));
  owner_ = true;
  return {};
}

// Appends and judges the record, and before it what others have put in between: that it was stored
// does not mean that it counts.
Status Journal::append_record(const std::string& record, Durability durability,
                              const FrameSink& between) {
  AppendResult result;
  log_.append(record, durability, [&result](const AppendResult& answer) { result = answer; });
  if (!result.ok) return owner_ = false, of_log(result);
  const Stored& stored = result.stored;
  if (durability == Durability::power) ++sync_count_;
  if (stored.synced > synced_) unsynced_since_ = Duration{-1};
  synced_ = std::max(synced_, stored.synced);
  if (stored.place != tail_.place) TRY_DO(read_to(stored.place, between));
  const Result<Record> decoded = decode_record(record);
  CHECK(decoded.ok());
  const Verdict verdict = admit(tail_, stored.place, *decoded);
  note(decoded->header, verdict, stored.next);
  tail_.place = stored.next;
  if (is_void(verdict)) {
    owner_ = false;
    ++void_count_;
    return replaced();
  }
  return {};
}

Result<uint64_t> Journal::append(const FrameBody& body, Durability durability) {
  if (!owner_) return replaced();
  FrameHeader header;
  header.kind = RecordKind::frame;
  header.epoch = tail_.epoch;
  header.claim_id = tail_.claim_id;
  header.sequence = tail_.sequence + 1;
  header.time = body.time;
  header.synced = synced_;
  header.previous = tail_.hash;
  TRY(const std::string record, encode_frame(header, body));
  TRY_DO(append_record(record, durability, ignore));
  return tail_.sequence;
}

// Only claims and frames are worth a sync or a mark: a mark behind them must not call for another.
Status Journal::tend(Time now, Duration since_boot) {
  if (!owner_) return {};
  const auto is_over = [since_boot](bool wanted, Duration& since) {
    if (!wanted || since < Duration{0}) {
      since = wanted ? since_boot : Duration{-1};
      return false;
    }
    return since_boot - since >= limits::kMarkAfter;
  };
  if (is_over(worth_marking_ > synced_, unsynced_since_)) {
    TRY(synced_, log_.sync());
    ++sync_count_;
    unsynced_since_ = Duration{-1};
  }
  if (is_over(std::min(worth_marking_, synced_) > marked_, unmarked_since_)) {
    const std::string mark = encode_mark(tail_.epoch, tail_.claim_id, synced_, now);
    TRY_DO(append_record(mark, Durability::process, ignore));
  }
  return {};
}

Result<Tail> read_frames(Log& log, Tail from,
                         const std::function<bool(const Frame&, const Tail&)>& sink) {
  TRY(const Place end, log.end());
  TRY_DO(read_on(log, from, end,
                 [&](Place place, const Record& record, Verdict verdict,
                     const Tail& tail) -> Result<bool> {
                   if (verdict != Verdict::valid) return true;
                   TRY(const Frame frame, to_frame(place, record, tail, false));
                   return sink(frame, tail);
                 }));
  return from;
}

}  // namespace duliang
