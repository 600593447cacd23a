// What can be asked of the engine, and what it answers. Doors parse and check form; the engine
// decides.
#pragma once

#include <functional>
#include <variant>

#include "journal/frame.h"
#include "model/reading_change.h"
#include "packs/pack.h"

namespace duliang {

// New entities, in an order in which each stands before those that point to it. Their ids are below
// 0 and unique in the command; links among them use these ids, links to what exists use real ones.
struct PutRows {
  std::vector<RowChange> changes;
};
// Readings of streams that exist; ids 0. A phenomenon time of kUnsetTime becomes the time of the
// group. Many of them may take several frames; each frame is complete, and the answer comes behind
// the last.
struct PostReadings {
  std::vector<Reading> readings;
  // Each reading for itself: one that is refused gets id 0 and leaves the others alone. Else one
  // that is refused refuses all.
  bool each = false;
};
inline constexpr Time kUnsetTime = Time::min();
// What is to be different in a reading that stands; what is not named stays as it is.
struct ReadingPatch {
  std::optional<Interval> phenomenon_time;
  std::optional<OptionalTime> result_time;
  std::optional<std::string> result;  // JSON text
  std::optional<RowId> feature;       // kNoRow: none
  Json extras;                        // members to set; null takes one away
  std::optional<Quality> quality;
};
struct PatchReading {
  ReadingId id{0};
  ReadingPatch patch;
  std::string reason;
};
struct RemoveReading {
  ReadingId id{0};
  std::string reason;
};
// All readings of the stream that begin before a time, for ever: later ones are refused.
struct CutReadings {
  StreamId stream{0};
  Time before{};
  std::string reason;
};
struct ActOnCase {
  RowId case_id = kNoRow;
  std::string act;
  std::string note;
};
struct LoadPack {
  Pack pack;
};

struct Command {
  std::string actor;  // key of a person; empty: none named
  std::string door;
  Time received{};  // set by submit()
  std::variant<PutRows, PostReadings, PatchReading, RemoveReading, CutReadings, ActOnCase, LoadPack>
      body;
};

struct Outcome {
  uint64_t sequence = 0;            // of the frame; 0 where nothing had to be done
  std::vector<RowId> rows;          // ids of PutRows' new rows, in their order
  std::vector<ReadingId> readings;  // ids given, in order
  // Of PostReadings::each: which readings were refused, and why.
  std::vector<std::pair<size_t, Error>> refused;
};
// Called once, from turn(), when the command is durable (or refused).
using Done = std::function<void(const Result<Outcome>&)>;

}  // namespace duliang
