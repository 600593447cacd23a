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
  // Readings of these or of other streams, of these or other features, that are created with the
  // rows: all in one frame, or nothing of it all. What they name may have an id below 0.
  std::vector<Reading> readings{};
};
// Readings of streams that exist; ids 0. A phenomenon time of kUnsetTime becomes the time of the
// group. Many of them may take several frames; each frame is complete, and the answer comes behind
// the last.
struct PostReadings {
  std::vector<Reading> readings;
  // Each reading for itself: one that is refused gets id 0 and leaves the others alone. Else one
  // that is refused refuses all.
  bool each = false;
  // Each must be of a FeatureOfInterest: of one that it names, or of where its Thing is.
  bool placed = false;
};
inline constexpr Time kUnsetTime = Time::min();
// What is to be different in a reading that stands; what is not named stays as it is.
struct ReadingPatch {
  std::optional<StreamId> stream;  // of which it must be: it stays with its Datastream
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
// Some of the readings that there are.
struct ReadingScope {
  StreamId stream{0};       // of this Datastream; 0: of any
  RowId feature = kNoRow;   // of this FeatureOfInterest; kNoRow: of any, or none
  Time from = Time::min();  // phenomenonTime begins here or later
  Time to = Time::max();    // and before this
  bool has(const Reading& reading) const {
    const Time begin = reading.phenomenon_time.begin;
    return (stream == StreamId{0} || reading.stream == stream) &&
           (feature == kNoRow || reading.feature == feature) && from <= begin && begin < to;
  }
};
// One thing said of several readings. What is not of the scope any more is passed over.
struct ChangeReadings {
  std::vector<ReadingId> ids;  // at most TurnLimits::corrections (CHECK)
  ReadingScope scope;
  std::optional<Quality> quality;  // none: they are removed
  std::string reason;
};
// What is to be different in an entity that stands, and in its relations; what is not named stays.
// The values are merged with the row as it is when the command's turn has come, so that of two
// changes at once none is lost.
struct ChangeLink {
  std::string relation;  // as the entity sees it: "Thing" or "Locations"
  RowId to = kNoRow;
  bool off = false;  // they are linked no more; of many-to-many relations alone
};
struct ChangeRow {
  TypeId type{};
  RowId id = kNoRow;
  Json values;  // an object: by name of the property, as a door was told it; null clears it
  // To one: instead of what it was. To many: beside what is there; what can have but one of this
  // entity's kind (a Datastream its Thing) comes over to this one.
  std::vector<ChangeLink> links;
};
// A row that is there no more, with what goes with it by model/ and their readings: all of it, or
// nothing. Alarms that stand on a Datastream that goes are cleared by a decision. The readings of a
// FeatureOfInterest must have gone before: see RemoveFeature.
struct RemoveRow {
  TypeId type{};
  RowId id = kNoRow;
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
  std::variant<PutRows, PostReadings, PatchReading, RemoveReading, CutReadings, ChangeReadings,
               ChangeRow, RemoveRow, ActOnCase, LoadPack>
      body;
  std::string key{};       // idempotency key, or empty: see answered_keys.h
  std::string if_match{};  // entity tags; the one that it is about must have one of them, or empty
  std::string recorded{};  // arguments of its record; set by who judges the past, of readings only
};

// What a long command asks for: a quality of all readings of a Datastream that begin in [from, to);
// a FeatureOfInterest to be removed with its readings.
struct FlagReadings {
  StreamId stream{0};
  Time from{};
  Time to{};
  Quality quality = Quality::unset;
  std::string reason;
};
struct RemoveFeature {
  RowId feature = kNoRow;
  std::string reason;
};
// It concerns any number of readings, so it is done in portions, each a command of its own, and
// other commands come between. It is answered once, when all is done: an answer never says half. If
// the process ends before, nobody was answered, what was done stands, and asking again does what is
// left. So there is no state of it that would have to be recorded, shown and forgotten again.
struct LongCommand {
  std::string actor;
  std::string door;
  std::variant<FlagReadings, RemoveFeature> body;
  std::string if_match{};  // as of a Command; compared once, when it begins
};

struct Outcome {
  uint64_t sequence = 0;            // of the frame; 0 where nothing had to be done
  std::vector<RowId> rows;  // of PutRows the new ones, in their order; else what was named
  std::vector<ReadingId> readings;  // ids given, in order
  // Of PostReadings::each: which readings were refused, and why.
  std::vector<std::pair<size_t, Error>> refused;
  uint64_t changed = 0;  // readings, by ChangeReadings or a long command
};
// Called once, from turn(), when the command is durable (or refused).
using Done = std::function<void(const Result<Outcome>&)>;

}  // namespace duliang
