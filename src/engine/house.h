// The rooms together, as the writer sees them: rows in an open transaction, readings in the
// unpublished tail, the state of the rules. The live turn, the opening of a folder and the judging
// of the past all work on a House, so what they do to it is written once.
//
// Private to engine/ and review/. One thread.
#pragma once

#include <array>
#include <map>
#include <unordered_map>

#include "engine/command.h"
#include "series/series.h"
#include "watch/watch.h"

namespace duliang {

struct LoadedWorkflow {
  RowId row = kNoRow;
  std::string version;
  WorkflowDeclaration declaration;
};

struct StreamClass {
  Expression streams;  // over a Datastream: which ones
  int64_t keep_days = 0;
};

class House {
 public:
  // `connection` and `series` must outlive it.
  House(Connection& connection, Series& series);

  // Reads from the ledger what is kept in memory: ids, streams, rules, workflows.
  Status load();
  // Rules, workflows, classes of streams and the case prefix anew, after a pack was loaded.
  Status load_declarations();

  const Ledger& ledger() const { return ledger_; }
  Series& series() { return *series_; }
  Watch& watch() { return watch_; }
  Connection& connection() { return *connection_; }

  RowId next_id(TypeId type);
  // Ids that a refused command took are given back: the past must come out the same when it is
  // judged again, and refusals are not recorded.
  using Ids = std::array<int64_t, kTypeCount>;
  const Ids& ids() const { return last_ids_; }
  void give_back_ids(const Ids& ids) { last_ids_ = ids; }

  void forget(StreamId stream);  // its row is gone
  // Whether a rule looks at something that differs between the two, of one row.
  bool judged_otherwise(const Row& before, const Row& after) const;
  bool knows(StreamId stream) const { return streams_.contains(stream); }
  // Of readings of the stream that name none; see default_feature(). None: nobody has asked since
  // the Thing was there.
  std::optional<RowId> feature_of(StreamId stream) const { return streams_.at(stream); }
  bool lacks_feature(StreamId stream) const {
    const auto found = streams_.find(stream);
    return found != streams_.end() && !found->second;
  }
  void keep_feature(StreamId stream, RowId feature) { streams_.at(stream) = feature; }
  const std::vector<Rule>& rules() const { return rules_; }
  const Rule* rule(RowId id) const;
  // The newest of this key, or the one of that version.
  const LoadedWorkflow* workflow(const std::string& key) const;
  const LoadedWorkflow* workflow(const std::string& key, const std::string& version) const;
  const std::vector<StreamClass>& stream_classes() const { return stream_classes_; }
  const std::string& case_prefix() const { return case_prefix_; }

  // The FeatureOfInterest whose readings are being removed: nothing new may name it. Not recorded;
  // it refuses, and refusals are no part of the past.
  RowId going_feature = kNoRow;

  // Applies a change to the ledger (opening a transaction where none is) and to what is kept in
  // memory.
  Status write(const RowChange& change, uint64_t sequence);
  // The same for a reading that stands.
  Status write(const Series::Change& change);
  // Takes back all that was written since the last commit: new rows and their links, nothing else.
  Status take_back(const std::vector<NumberedChange>& written);
  // For a reading that says none: the time of its group, and where that was given before, a little
  // later. Two such readings were not measured at one moment: the second would count as doubled.
  Time unset_time(Time now);
  // `now`: of the frame that brings it. It arrives when that frame does, but never before one that
  // came earlier, whatever the clock says: as_of asks for both in one order.
  void append(Reading reading, Time now);
  void passed(Time frame_time);            // a frame of this time was recorded
  Time latest() const { return latest_; }  // of the times of all frames

 private:
  Status rebind(const Row& changed);
  Status forget_features(const RowChange& change);
  Status load_workflows();
  Status load_packs();

  Connection* connection_;
  Series* series_;
  Ledger ledger_;
  Watch watch_;
  Ids last_ids_{};
  Time latest_{};
  std::unordered_map<StreamId, std::optional<RowId>> streams_;  // with feature_of()
  std::vector<Rule> rules_;
  std::map<std::string, std::vector<LoadedWorkflow>> workflows_;  // by key, oldest first
  std::vector<StreamClass> stream_classes_;
  std::string case_prefix_;
  Time unset_time_{};  // given last
};

// The files of a pack as its ledger row carries them, and back.
Json files_to_json(const std::vector<PackFile>& files);
std::vector<PackFile> files_of(const Row& pack_row);

}  // namespace duliang
