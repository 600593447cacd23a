// What is wrong. Watch keeps for each rule and stream at which level the stream stands, and says
// when that changes. It is fed every reading in the order of the journal and depends on nothing
// else, so the same readings always give the same transitions: live, after a restart, and when the
// past is judged again. Its state is derived: saved at checkpoints, brought up to date from the
// frames behind them.
//
// Time is the readings' own, the begin of their phenomenonTime: a reading that is not newer than
// the newest judged one of its stream, or further ahead than limits::kFutureTolerance, changes
// nothing and is counted. So does one whose result is no number. Where the clock of the house
// itself ran ahead and was put right, what was judged by the wrong clock makes nothing look late.
// One thread, the writer's.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "ledger/ledger.h"
#include "model/reading.h"
#include "packs/pack.h"

namespace duliang {

struct Rule {
  RowId id = kNoRow;  // of the ledger's row, which has key and version
  RuleDeclaration declaration;
};
// The active rules of the ledger, in order of id.
Result<std::vector<Rule>> active_rules(const Ledger& ledger);

struct Transition {
  RowId rule = kNoRow;
  StreamId stream{0};
  int from_level = 0;  // 0: no alarm
  int to_level = 0;
  std::vector<ReadingId> readings;  // that proved it, oldest first, at most kProofReadings
  Time at{};                        // phenomenonTime of the last of them
  std::optional<Value> threshold;   // of the level that is entered or left
  Value value;

  // Raised, or moved to a more severe level.
  bool rises() const { return to_level != 0 && (from_level == 0 || to_level < from_level); }
};
inline constexpr size_t kProofReadings = 32;

struct WatchCounts {
  uint64_t judged = 0;
  uint64_t late = 0;
  uint64_t future = 0;
  uint64_t not_a_number = 0;
};

class Watch {
 public:
  Watch();
  ~Watch();
  // Takes the place of all rules. States of a rule whose row is the same go on. A new version
  // (another row with the same key) takes over which levels are active, so that it can clear what
  // the old one raised; what was pending begins anew. Every stream of the ledger is bound.
  Status load(std::vector<Rule> rules, const Ledger& ledger);
  // A stream is new or was changed: which rules concern it, and its thresholds.
  Status bind(const Ledger& ledger, StreamId stream);
  void forget(StreamId stream);  // it is there no more
  // Whether a rule looks at this property or relation of such an entity, to see which streams it
  // concerns, or for a threshold.
  bool names(TypeId type, std::string_view name) const;
  bool concerns(StreamId stream) const { return rules_of(stream) > 0; }
  size_t rules_of(StreamId stream) const;  // at most so many transitions follow one reading

  // Judges one reading. `received` is the engine's time of its group.
  std::vector<Transition> observe(const Reading& reading, Time received);

  std::string save() const;  // in a canonical order: equal states give equal text
  // After load(): states go to the loaded rules by row, else by key as load() does it; states of
  // rules that are there no more are dropped. corrupt: not what save() gave.
  Status restore(std::string_view saved);
  const WatchCounts& counts() const;

  // The lines that a chart of this stream draws.
  struct Line {
    RowId rule = kNoRow;
    int level = 0;
    Words name;
    Value threshold;
  };
  static Result<std::vector<Line>> lines(const Ledger& ledger, StreamId stream);

#ifdef DULIANG_MUTATIONS
  static bool mutation_no_hysteresis;  // clears as soon as raise does not hold
#endif

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace duliang
