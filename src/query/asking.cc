#include "query/asking.h"

#include "base/limits.h"
#include "query/related.h"

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

// Readings, by their results first.
bool orders_by_result(const Question& question) {
  return question.type == TypeId::observation && question.narrow && !question.order.empty() &&
         names_only(question.order[0].by, "result");
}

}  // namespace

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

}  // namespace duliang
