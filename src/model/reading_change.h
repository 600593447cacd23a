// A change of readings that stand: one is put right or marked, one is taken away, or all of a
// stream before a time go. It carries the whole reading as it is afterwards, so that applying it
// needs nothing else and applying it twice changes nothing.
#pragma once

#include "model/reading.h"

namespace duliang {

struct ReadingChange {
  enum class Kind : uint8_t { replace, remove, cut };
  Kind kind = Kind::replace;
  // Of replace: as it is from now on, its quality included; id and stream are those of the reading
  // that stands, and when that arrived is kept. Of remove: id and stream only. Of cut: the stream
  // only.
  Reading reading;
  Time before{};       // of cut: readings that begin before it go; Time::max(): all
  std::string reason;  // by whoever asked for it; may be empty

  static ReadingChange replaced(Reading reading, std::string reason);
  static ReadingChange removed(ReadingId id, StreamId stream, std::string reason);
  static ReadingChange cut(StreamId stream, Time before, std::string reason);
  friend bool operator==(const ReadingChange&, const ReadingChange&) = default;
};

void encode(std::string& out, const ReadingChange& change);
Result<ReadingChange> decode_reading_change(class Reader& in);  // corrupt where it does not decode

// "good", "doubtful", …; empty of unset.
std::string_view name_of(Quality quality);
std::optional<Quality> quality_of(std::string_view name);  // none of a word that is none

}  // namespace duliang
