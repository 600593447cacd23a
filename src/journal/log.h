// The seam under the journal: an ordered store of records, which knows nothing of what they mean.
// Four functions; FileLog keeps it on one machine, SimLog is for tests, a replicated log can come
// later.
//
// Every Log must guarantee (the contract test runs the same cases on all):
//  1. One total order, the same for all readers at all times.
//  2. A record whose append was good is in every later read.
//  3. Appends keep their order; after the first that failed all later ones of that object fail.
//  4. read() shows nothing that can vanish - of FileLog: nothing that a kill can lose; what only
//     power can lose it names in `synced`.
//  5. After `unknown` the record may still appear, but not before an earlier one.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "base/result.h"

namespace duliang {

using Place = uint64_t;  // offset in the log: ordered, meaningful to this log only

enum class Durability : uint8_t {
  power,    // survives loss of power: synced before it is answered
  process,  // survives the end of the process: written; a sync follows within limits::kMarkAfter
};

struct Stored {
  Place place = 0;   // where the record begins
  Place next = 0;    // where the next one will begin if nobody comes between
  Place synced = 0;  // all before this place survives loss of power
};

enum class LogError : uint8_t {
  unavailable,  // surely not stored
  unknown,      // stored, not stored, or stored later
  refused,      // the log itself saw a newer writer, or there is no right to write
};

struct AppendResult {
  bool ok = false;
  Stored stored;      // when ok
  LogError error{};   // when not
  std::string why;
};

class Log {
 public:
  using Done = std::function<void(const AppendResult&)>;
  // Called with each record and its place; false stops the reading before the next.
  using Sink = std::function<bool(Place place, std::string_view record)>;

  virtual ~Log() = default;
  virtual void append(std::string_view record, Durability durability, Done done) = 0;
  // Whole records from `from` on, at most about `bytes_max`; returns the place to read on from.
  virtual Result<Place> read(Place from, size_t bytes_max, const Sink& sink) = 0;
  virtual Result<Place> end() = 0;              // behind the last record; never a cached guess
  virtual Status trim(Place before) = 0;        // records below may be forgotten
  // Makes what was written with Durability::process durable; returns what is then synced.
  virtual Result<Place> sync() = 0;
};

}  // namespace duliang
