#include "query/asking.h"

namespace duliang {
namespace {

// Hands the error of a judgement out of a callback that can only say "stop".
template <typename Judge>
auto stopping_at(Status& failure, Judge judge) {
  return [&failure, judge](const auto& candidate) {
    const Result<bool> goes_on = judge(candidate);
    if (!goes_on.ok()) failure = goes_on.error();
    return goes_on.ok() && *goes_on;
  };
}

bool leads_from(const Step& step, TypeId type) {
  return type_of(step.owner).relations[static_cast<size_t>(step.relation)].target == type;
}

}  // namespace

Selection Asking::selection() const {
  Selection selection;
  selection.type = question_.type;
  selection.by = question_.by;
  selection.from_row = question_.from;
  selection.descending = arrival_.descending;
  if (question_.filter && question_.narrow) narrow(selection, *question_.filter, view_.now);
  return selection;
}

Status Asking::look_at_rows() {
  Status failure;
  Selection wanted = selection();
  if (narrows_by_place()) wanted.after = question_.after->id;
  TRY_DO(view_.ledger.each(
      wanted, stopping_at(failure, [this](const Row& row) { return judge_row(row); })));
  return failure;
}

ScanOptions Asking::scan_options() const {
  ScanOptions options;
  options.order = arrival_.order;
  options.descending = arrival_.descending;
  if (question_.by && leads_from(*question_.by, TypeId::datastream))
    options.stream = static_cast<StreamId>(question_.from);
  if (question_.filter && question_.narrow) narrow(options, *question_.filter, view_.now);
  if (sets_) {
    options.sets = [this](const SetFacts& facts) { return sets_->judge(facts); };
    options.sets_by_result = sets_->needs_result();
  }
  if (!by_result_ || counts_by_looking()) return options;
  options.sets = [this, filter = std::move(options.sets)](const SetFacts& facts) {
    if (comes_too_late(facts)) return Passing::none;
    return filter ? filter(facts) : Passing::some;
  };
  return options;
}

IntegerRange Asking::ids() const {
  if (!question_.filter || !question_.narrow) return {};
  return integers_of(*question_.filter, "id", view_.now);
}

bool Asking::reached(const Reading& reading) const {
  if (!question_.by) return true;
  if (leads_from(*question_.by, TypeId::datastream))
    return static_cast<RowId>(reading.stream) == question_.from;
  return reading.feature == question_.from;
}

Status Asking::look_at_readings() {
  const auto look = [this](const Reading& reading) -> Result<bool> {
    if (!reached(reading)) return true;
    return judge({.row = nullptr, .reading = &reading});
  };
  const IntegerRange wanted = ids();
  if (wanted.none()) return {};
  if (wanted.one()) {
    TRY(const auto reading, view_.series.find(static_cast<ReadingId>(wanted.least)));
    if (!reading) return {};
    const auto judged = look(*reading);
    return judged.ok() ? Status{} : Status{judged.error()};
  }
  Status failure;
  ScanOptions options = scan_options();
  if (narrows_by_place()) {
    const PlaceInOrder& after = *question_.after;
    options.after = {after.begin.value_or(Time{}), static_cast<ReadingId>(after.id)};
  }
  TRY_DO(view_.series.scan(options, stopping_at(failure, look)));
  return failure;
}

// A step to one: the entity that the relation names, if there is one.
Status Asking::look_at_the_one() {
  TRY(const auto from, find_stored(view_, question_.by->owner, question_.from));
  if (!from) return {};
  TRY(const auto target, follow_to_one(view_, *from, *question_.by));
  if (!target) return {};
  const auto judged = judge_row(*target);
  return judged.ok() ? Status{} : Status{judged.error()};
}

Status Asking::look_at_all() {
  if (question_.by && question_.by->kind == Step::Kind::to_one) return look_at_the_one();
  return question_.type == TypeId::observation ? look_at_readings() : look_at_rows();
}

Result<std::optional<uint64_t>> Asking::count_without_looking() const {
  using Count = std::optional<uint64_t>;
  if (question_.filter) return Count{};
  if (question_.by && question_.by->kind == Step::Kind::to_one) return Count{};
  if (question_.type != TypeId::observation) {
    TRY(const uint64_t rows, view_.ledger.count(selection()));
    return Count{rows};
  }
  if (!question_.by) {
    TRY(const uint64_t readings, view_.series.count());
    return Count{readings};
  }
  if (!leads_from(*question_.by, TypeId::datastream)) return Count{};
  TRY(const auto extent, view_.series.extent(static_cast<StreamId>(question_.from)));
  return Count{extent.readings};
}

// Where all have to be looked at anyway, as no set tells anything or those that pass are put in an
// order of which sets tell nothing, or where there is at most one, they are counted on the way.
bool Asking::counts_by_sets() const {
  if (question_.type != TypeId::observation || !question_.narrow) return false;
  if (question_.by && question_.by->kind == Step::Kind::to_one) return false;
  const bool sets_tell = sets_.has_value() || !question_.filter;
  if (question_.top > 0 && !((arrival_.in_order || by_result_) && sets_tell)) return false;
  const IntegerRange wanted = ids();
  return !wanted.none() && !wanted.one();
}

Result<uint64_t> Asking::count_by_sets() {
  ScanOptions within = scan_options();
  const bool by_feature = question_.by && !leads_from(*question_.by, TypeId::datastream);
  const bool all_pass = !question_.filter && !by_feature;
  if (sets_ || all_pass) {
    within.sets = [this, by_feature](const SetFacts& facts) {
      const Passing known = sets_ ? sets_->judge(facts) : Passing::all;
      return by_feature ? both(known, Passing::some) : known;
    };
  }
  return view_.series.count(within, [this](const Reading& reading) -> Result<bool> {
    if (!reached(reading)) return false;
    return passes({.row = nullptr, .reading = &reading});
  });
}

}  // namespace duliang
