#include "model/reading_change.h"

#include <array>

#include "base/bytes.h"

namespace duliang {
namespace {

constexpr std::array<std::string_view, 5> kQualities{"", "good", "doubtful", "bad", "corrected"};

}  // namespace

ReadingChange ReadingChange::replaced(Reading reading, std::string reason) {
  return {Kind::replace, std::move(reading), {}, std::move(reason)};
}

ReadingChange ReadingChange::removed(ReadingId id, StreamId stream, std::string reason) {
  ReadingChange change{Kind::remove, {}, {}, std::move(reason)};
  change.reading.id = id;
  change.reading.stream = stream;
  return change;
}

ReadingChange ReadingChange::cut(StreamId stream, Time before, std::string reason) {
  ReadingChange change{Kind::cut, {}, before, std::move(reason)};
  change.reading.stream = stream;
  return change;
}

// The reading goes without its quality, which stands before it: a byte that only changes need.
void encode(std::string& out, const ReadingChange& change) {
  put_u8(out, static_cast<uint8_t>(change.kind));
  put_u8(out, static_cast<uint8_t>(change.reading.quality));
  Reading plain = change.reading;
  plain.quality = Quality::unset;
  encode(out, plain, Reading{});
  if (change.kind == ReadingChange::Kind::cut)
    put_u64(out, static_cast<uint64_t>(change.before.time_since_epoch().count()));
  put_text(out, change.reason);
}

Result<ReadingChange> decode_reading_change(Reader& in) {
  ReadingChange change;
  const uint8_t kind = in.u8();
  const uint8_t quality = in.u8();
  TRY(change.reading, decode_reading(in, Reading{}));
  change.kind = static_cast<ReadingChange::Kind>(kind);
  change.reading.quality = static_cast<Quality>(quality);
  if (change.kind == ReadingChange::Kind::cut)
    change.before = Time{Duration{static_cast<int64_t>(in.u64())}};
  change.reason = std::string(in.text());
  if (!in.ok() || kind > static_cast<uint8_t>(ReadingChange::Kind::cut) ||
      quality >= kQualities.size())
    return Error{Code::corrupt, "A change of a reading does not decode.", ""};
  return change;
}

std::string_view name_of(Quality quality) { return kQualities.at(static_cast<size_t>(quality)); }

std::optional<Quality> quality_of(std::string_view name) {
  for (size_t i = 1; i < kQualities.size(); ++i) {
    if (kQualities[i] == name) return static_cast<Quality>(i);
  }
  return std::nullopt;
}

}  // namespace duliang
