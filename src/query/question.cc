#include "query/question.h"

#include "base/limits.h"
#include "query/asking.h"
#include "query/related.h"

namespace duliang {
namespace {

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
