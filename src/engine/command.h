// What can be asked of the engine, and what it answers. Doors parse and check form; the engine
// decides.
#pragma once

#include <functional>
#include <variant>

#include "journal/frame.h"
#include "model/reading.h"
#include "packs/pack.h"

namespace duliang {

// New entities, in an order in which each stands before those that point to it. Their ids are below
// 0 and unique in the command; links among them use these ids, links to what exists use real ones.
struct PutRows {
  std::vector<RowChange> changes;
};
// Readings of streams that exist; ids 0. A phenomenon time of kUnsetTime becomes the time of the
// group.
struct PostReadings {
  std::vector<Reading> readings;
};
inline constexpr Time kUnsetTime = Time::min();
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
  std::variant<PutRows, PostReadings, ActOnCase, LoadPack> body;
};

struct Outcome {
  uint64_t sequence = 0;            // of the frame; 0 where nothing had to be done
  std::vector<RowId> rows;          // ids of PutRows' new rows, in their order
  std::vector<ReadingId> readings;  // ids given, in order
};
// Called once, from turn(), when the command is durable (or refused).
using Done = std::function<void(const Result<Outcome>&)>;

}  // namespace duliang
