#include "query/question.h"

#include "base/limits.h"
#include "query/evaluate.h"
#include "query/names.h"
#include "query/narrow.h"
#include "query/page.h"
#include "query/related.h"
#include "query/set_judge.h"

namespace duliang {
namespace {

using Path = std::span<const std::string>;

bool names_only(const Expression& expression, std::string_view name) {
  return expression.operation == Operation::path && expression.path.size() == 1 &&
         (expression.path[0] == name || (name == "id" && is_id_name(expression.path[0])));
}

bool mentions(const Expression& expression, std::string_view name) {
  const Status absent = visit_paths(expression, [&](const Expression& path) -> Status {
    if (path.path[0] == name) return Error{};
    return {};
  });
  return !absent.ok();
}

// How candidates come: in the order of the answer, or in any.
struct Arrival {
  bool in_order = true;
  ScanOrder order = ScanOrder::id;  // of readings; rows come by id
  bool descending = false;
};

// Readings, by their results first.
bool orders_by_result(const Question& question) {
  return question.type == TypeId::observation && question.narrow && !question.order.empty() &&
         names_only(question.order[0].by, "result");
}

Arrival arrival_for(const Question& question) {
  const auto& order = question.order;
  if (order.empty())
    return {true, question.in_any_order ? ScanOrder::result : ScanOrder::id, false};
  const bool descending = order[0].descending;
  if (names_only(order[0].by, "id")) return {true, ScanOrder::id, descending};
  const bool by_time =
      question.type == TypeId::observation && names_only(order[0].by, "phenomenonTime") &&
      (order.size() == 1 ||
       (names_only(order[1].by, "id") && order[1].descending == descending));
  if (by_time) return {true, ScanOrder::time, descending};
  if (orders_by_result(question)) return {false, ScanOrder::result, descending};
  return {false, ScanOrder::kept, false};
}

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
  Result<Value> resolve(Path path);
  Result<Value> resolve_reading(const Reading& reading, Path path);
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

size_t top_of(const Question& question, bool as_readings) {
  return std::min(question.top, as_readings ? limits::kArrayTopMax : limits::kTopMax);
}

Asking::Asking(const View& view, const Question& question, const TakeReading* take)
    : view_(view),
      question_(question),
      take_(take),
      arrival_(arrival_for(question)),
      by_result_(orders_by_result(question)),
      page_(question.skip, top_of(question, take != nullptr), question.order),
      names_(view.ledger) {
  scope_.now = view.now;
  scope_.resolve = [this](Path path) { return resolve(path); };
  scope_.any = [this](const Expression& any) { return any_behind(any); };
  if (question.type == TypeId::observation && question.filter && question.narrow) {
    sets_.emplace(*question.filter, view.now);
    if (sets_->knows_nothing()) sets_.reset();
  }
  if (question.type != TypeId::datastream) return;
  needs_extent_ = question.filter && mentions(*question.filter, "phenomenonTime");
  for (const OrderTerm& term : question.order)
    needs_extent_ = needs_extent_ || mentions(term.by, "phenomenonTime");
}

Result<Value> Asking::resolve(Path path) {
  if (candidate_->row != nullptr) return names_.resolve(*candidate_->row, path);
  return resolve_reading(*candidate_->reading, path);
}

// The names that are asked for most, without making a row.
Result<Value> Asking::resolve_reading(const Reading& reading, Path path) {
  const std::string& name = path.front();
  const Path rest = path.subspan(1);
  if (rest.empty() && name == "result") return result_value(reading);
  if (rest.empty() && name == "phenomenonTime") return Value{reading.phenomenon_time};
  if (name == "Datastream")
    return names_.resolve_linked(TypeId::datastream, static_cast<RowId>(reading.stream), rest);
  if (name == "FeatureOfInterest")
    return names_.resolve_linked(TypeId::feature_of_interest, reading.feature, rest);
  return names_.resolve(to_row(reading), path);
}

Result<bool> Asking::any_behind(const Expression& any) {
  Question behind;
  TypeId type = question_.type;
  behind.from = candidate_->id();
  const Path to_one = Path(any.path).first(any.path.size() - 1);
  if (!to_one.empty()) {
    TRY(const Value id, resolve(to_one));
    if (is_null(id)) return false;
    behind.from = RowId{std::get<int64_t>(id)};
  }
  for (const std::string& name : to_one) type = find_step(type, name)->target;
  behind.by = *find_step(type, any.path.back());
  behind.type = behind.by->target;
  behind.in_any_order = true;
  behind.top = 1;
  behind.narrow = question_.narrow;
  TRY(behind.filter, filter_behind(any, scope_));
  TRY(const Answer answer, ask(view_, behind));
  return !answer.rows.empty();
}

Result<bool> Asking::passes(const Candidate& candidate) {
  candidate_ = &candidate;
  if (!question_.filter) return true;
  if (sets_ && candidate.reading != nullptr) {
    const Passing known = sets_->judge(*candidate.reading);
    if (known != Passing::some) return known == Passing::all;
  }
  return holds(*question_.filter, scope_);
}

// Whether all readings of a set come behind those that the page has by now.
bool Asking::comes_too_late(const SetFacts& facts) const {
  const SortKey* const last = page_.last();
  const bool only_numbers = facts.numbers > 0 && facts.numbers == facts.bounds.readings;
  if (!by_result_ || last == nullptr || !facts.results_known || !only_numbers) return false;
  const auto [least, most] = numbers_between(facts);
  return question_.order[0].descending
             ? compare_for_order(Decimal{most, ""}, last->values[0]) < 0
             : compare_for_order(Decimal{least, ""}, last->values[0]) > 0;
}

Result<bool> Asking::judge(const Candidate& candidate) {
  const bool may_pass_by = by_result_ && candidate.reading != nullptr && !counts_by_looking();
  if (may_pass_by && comes_too_late(facts_of(*candidate.reading, true))) return true;
  TRY(const bool passes_filter, passes(candidate));
  if (!passes_filter) return true;
  if (arrival_.in_order) return judge_in_order(candidate);
  SortKey key{{}, candidate.id()};
  for (const OrderTerm& term : question_.order) {
    TRY(auto value, evaluate(term.by, scope_));
    key.values.push_back(std::move(value));
  }
  page_.add(std::move(key), [&candidate] { return candidate.kept(); });
  return true;
}

// Of one that passes. Who knows how many pass need not look for another behind the last of them;
// where those before a place were not looked at, the end of all tells.
bool Asking::judge_in_order(const Candidate& candidate) {
  if (!comes_behind(candidate)) {
    ++before_;
    return true;
  }
  if (page_.add_in_order()) show(candidate);
  return counts_by_looking() ||
         !(page_.full() || out_of_room_ || page_.passed() == all_passing_);
}

PlaceInOrder Asking::place_of(const Candidate& candidate) const {
  PlaceInOrder place{std::nullopt, candidate.id()};
  if (arrival_.order == ScanOrder::time) place.begin = candidate.reading->phenomenon_time.begin;
  return place;
}

// Of the order alone: it is judged where not only what is behind is looked at.
bool Asking::comes_behind(const Candidate& candidate) const {
  if (!question_.after) return true;
  const PlaceInOrder& after = *question_.after;
  const PlaceInOrder place = place_of(candidate);
  const auto compared = std::pair(place.begin, place.id) <=> std::pair(after.begin, after.id);
  return arrival_.descending ? compared < 0 : compared > 0;
}

void Asking::show(const Candidate& candidate) {
  if (out_of_room_) return;
  if (take_ != nullptr) {
    out_of_room_ = !(*take_)(*candidate.reading);
    if (out_of_room_) return;
  } else {
    answer_.rows.push_back(candidate.row != nullptr ? *candidate.row : to_row(*candidate.reading));
  }
  ++answer_.shown;
  if (arrival_.in_order) answer_.last = place_of(candidate);
}

Result<bool> Asking::judge_row(const Row& row) {
  if (!needs_extent_) return judge({.row = &row, .reading = nullptr});
  Row whole = row;
  TRY_DO(add_extent(view_, whole));
  return judge({.row = &whole, .reading = nullptr});
}

Selection Asking::selection() const {
  Selection selection;
  selection.type = question_.type;
  selection.by = question_.by;
  selection.from_row = question_.from;
  selection.descending = arrival_.descending;
  if (question_.filter && question_.narrow) narrow(selection, *question_.filter, view_.now);
  return selection;
}

// Hands the error of a judgement out of a callback that can only say "stop".
template <typename Judge>
auto stopping_at(Status& failure, Judge judge) {
  return [&failure, judge](const auto& candidate) {
    const Result<bool> goes_on = judge(candidate);
    if (!goes_on.ok()) failure = goes_on.error();
    return goes_on.ok() && *goes_on;
  };
}

Status Asking::look_at_rows() {
  Status failure;
  Selection wanted = selection();
  if (narrows_by_place()) wanted.after = question_.after->id;
  TRY_DO(view_.ledger.each(
      wanted, stopping_at(failure, [this](const Row& row) { return judge_row(row); })));
  return failure;
}

bool leads_from(const Step& step, TypeId type) {
  return type_of(step.owner).relations[static_cast<size_t>(step.relation)].target == type;
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

Result<Answer> Asking::answer() {
  if (question_.count) {
    TRY(all_passing_, count_without_looking());
    if (!all_passing_ && counts_by_sets()) {
      TRY(all_passing_, count_by_sets());
    }
    answer_.count = all_passing_;
  }
  const bool none_pass = all_passing_ == 0;
  if (counts_by_looking() || (question_.top > 0 && !none_pass)) TRY_DO(look_at_all());
  if (counts_by_looking()) answer_.count = before_ + page_.passed();
  for (const Kept& kept : page_.take()) {
    show({.row = std::get_if<Row>(&kept), .reading = std::get_if<Reading>(&kept)});
  }
  answer_.more = page_.more() || out_of_room_;
  for (Row& row : answer_.rows) TRY_DO(add_extent(view_, row));
  return std::move(answer_);
}

Status check_place(const Question& question) {
  if (!question.after) return {};
  const Arrival arrival = arrival_for(question);
  const bool by_time = arrival.order == ScanOrder::time;
  if (arrival.in_order && by_time == question.after->begin.has_value()) return {};
  return Error{Code::bad_input, "The place from which to go on is none of the order.",
               "$skiptoken"};
}

Status check_question(const Question& question, bool as_readings) {
  TRY_DO(check_place(question));
  for (const OrderTerm& term : question.order) TRY_DO(check_names(term.by, question.type));
  if (question.skip > limits::kSkipMax)
    return Error{Code::too_large,
                 fmt::format("At most {} entities can be skipped.", limits::kSkipMax), ""};
  const size_t held = question.skip + top_of(question, as_readings);
  if (!arrival_for(question).in_order && held > limits::kSortRows)
    return Error{Code::too_large,
                 fmt::format("In an order by an expression only the first {} entities can be "
                             "reached; order by id, or skip with a filter.",
                             limits::kSortRows),
                 ""};
  return {};
}

Result<Answer> ask_of(const View& view, const Question& question, const TakeReading* take) {
  TRY_DO(check_question(question, take != nullptr));
  if (!question.filter) return Asking(view, question, take).answer();
  Question through = question;
  TRY(through.filter, through_relations(*question.filter, question.type));
  return Asking(view, through, take).answer();
}

}  // namespace

Result<Answer> ask(const View& view, const Question& question) {
  return ask_of(view, question, nullptr);
}

Result<Answer> ask_readings(const View& view, const Question& question, const TakeReading& take) {
  CHECK(question.type == TypeId::observation, "only these are readings");
  return ask_of(view, question, &take);
}

Status add_extent(const View& view, Row& row) {
  if (row.type != TypeId::datastream) return {};
  TRY(const StreamExtent extent, view.series.extent(static_cast<StreamId>(row.id)));
  if (extent.readings > 0) row["phenomenonTime"] = Interval{extent.first, extent.last};
  return {};
}

Result<std::optional<Row>> find_stored(const View& view, TypeId type, RowId id) {
  using Found = std::optional<Row>;
  if (type != TypeId::observation) return view.ledger.find(type, id);
  TRY(const auto reading, view.series.find(static_cast<ReadingId>(id)));
  return reading ? Found{to_row(*reading)} : Found{};
}

Result<std::optional<Row>> find_entity(const View& view, TypeId type, RowId id) {
  TRY(auto row, find_stored(view, type, id));
  if (row) TRY_DO(add_extent(view, *row));
  return row;
}

Result<std::optional<Row>> follow_to_one(const View& view, const Row& row, const Step& step) {
  CHECK(step.kind == Step::Kind::to_one && step.owner == row.type,
        "the step must be one of the row's own to-one relations");
  const RowId target = row.links[static_cast<size_t>(step.relation)];
  if (target == kNoRow) return std::optional<Row>{};
  return find_entity(view, step.target, target);
}

}  // namespace duliang
