// One question while it is answered: which candidates are looked at and in which order they come,
// how each is judged, and what is counted. Used by question.cc, which has checked the question;
// asking.cc judges and shows, looking.cc looks for candidates and counts. One thread; what can fail
// is reading.
#pragma once

#include "query/evaluate.h"
#include "query/names.h"
#include "query/narrow.h"
#include "query/page.h"
#include "query/set_judge.h"

namespace duliang {

// How candidates come: in the order of the answer, or in any.
struct Arrival {
  bool in_order = true;
  ScanOrder order = ScanOrder::id;  // of readings; rows come by id
  bool descending = false;
};

Arrival arrival_for(const Question& question);
size_t top_of(const Question& question, bool as_readings);

// One entity that may be an answer. A reading becomes a row only where it is one.
struct Candidate {
  const Row* row = nullptr;
  const Reading* reading = nullptr;

  RowId id() const { return row != nullptr ? row->id : static_cast<RowId>(reading->id); }
  Kept kept() const { return row != nullptr ? Kept(*row) : Kept(*reading); }
};

class Asking {
 public:
  // `take` gets the readings of the page; null: they are answered as rows.
  Asking(const View& view, const Question& question, const TakeReading* take);
  Result<Answer> answer();

 private:
  void show(const Candidate& candidate);
  bool comes_behind(const Candidate& candidate) const;
  bool narrows_by_place() const { return question_.after && !counts_by_looking(); }
  bool judge_in_order(const Candidate& candidate);
  PlaceInOrder place_of(const Candidate& candidate) const;
  Result<Value> resolve(std::span<const std::string> path);
  Result<Value> resolve_reading(const Reading& reading, std::span<const std::string> path);
  Result<bool> any_behind(const Expression& any);
  Result<bool> passes(const Candidate& candidate);
  // Judges one; false: no more are needed.
  Result<bool> judge(const Candidate& candidate);
  Result<bool> judge_row(const Row& row);
  Status look_at_all();
  Status look_at_rows();
  Status look_at_readings();
  Status look_at_the_one();
  bool comes_too_late(const SetFacts& facts) const;
  bool reached(const Reading& reading) const;
  Selection selection() const;
  ScanOptions scan_options() const;
  IntegerRange ids() const;
  Result<std::optional<uint64_t>> count_without_looking() const;
  bool counts_by_sets() const;
  Result<uint64_t> count_by_sets();
  // Once it is known whether anything tells how many pass.
  bool counts_by_looking() const { return question_.count && !all_passing_; }

  const View& view_;
  const Question& question_;
  const TakeReading* take_;
  Answer answer_;
  bool out_of_room_ = false;
  uint64_t before_ = 0;  // that pass, and do not come behind the place from which to go on
  Arrival arrival_;
  bool by_result_;
  Page page_;
  Names names_;
  Scope scope_;
  const Candidate* candidate_ = nullptr;  // that names are resolved of
  std::optional<FilterOfSets> sets_;  // of readings, where it knows anything
  bool needs_extent_ = false;
  std::optional<uint64_t> all_passing_;  // how many there are, where it is known
};

}  // namespace duliang
