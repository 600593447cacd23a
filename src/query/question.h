// A question and its answer: which entities, judged by a filter, in an order, how many. SQL and the
// order of the series only narrow what is looked at. Every candidate is judged by evaluate.h, but
// readings for which the comparisons of set_judge.h are sure, which say the same.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "ledger/ledger.h"
#include "query/expression.h"
#include "series/series.h"

namespace duliang {

// One consistent picture of the house: rows as of frame R, readings as of frame Q >= R. Made by the
// engine; good in the one thread that holds it, for at most 30 seconds.
struct View {
  std::shared_ptr<Connection> lease;  // gives the reader connection back
  Ledger ledger;
  SeriesView series;
  Time now{};
};

// Where an entity stands in an order that entities come in by themselves: by id, or, of readings,
// by the begin of phenomenonTime and then by id. So a page can go on behind the one before it,
// whatever came or went meanwhile.
struct PlaceInOrder {
  std::optional<Time> begin;  // in the order by time
  RowId id = kNoRow;
};

struct Question {
  TypeId type{};
  std::optional<Step> by;        // entities that `from` reaches by this step, else all of the type
  RowId from = kNoRow;
  std::optional<Expression> filter;
  std::vector<OrderTerm> order;  // then by id, in the direction of the last term
  bool in_any_order = false;     // without `order`: whichever are found first
  size_t top = 100;              // at most limits::kTopMax; more is answered as that
  size_t skip = 0;
  std::optional<PlaceInOrder> after;  // only what comes behind it; the count is of all
  bool count = false;
  bool narrow = true;            // off only in tests, which compare
};

struct Answer {
  std::vector<Row> rows;
  std::optional<uint64_t> count;  // of all that the filter lets through
  bool more = false;              // there are rows behind these; not told for top 0
  size_t shown = 0;               // rows, or readings handed out
  std::optional<PlaceInOrder> last;  // shown; in an order of which `after` can be a place
};

// bad_input: a name that the type does not have, or a place that is none of the order; too_large:
// above limits::kSkipMax, or an order by an expression so deep that limits::kSortRows would have to
// be held.
Result<Answer> ask(const View& view, const Question& question);
// Takes a reading that is on the page; false: it has no room for it, and the page ends before it.
using TakeReading = std::function<bool(const Reading&)>;
// Of readings: each is handed to `take` in the order of the answer, and no rows are made. At most
// limits::kArrayTopMax.
Result<Answer> ask_readings(const View& view, const Question& question, const TakeReading& take);
// One entity by id, readings included; none where it does not exist.
Result<std::optional<Row>> find_entity(const View& view, TypeId type, RowId id);
// The same as far as it is stored, for who only passes by: without the phenomenonTime of a
// Datastream, which is read from its readings and which add_extent() adds.
Result<std::optional<Row>> find_stored(const View& view, TypeId type, RowId id);
Status add_extent(const View& view, Row& row);
Result<std::optional<Row>> follow_to_one(const View& view, const Row& row, const Step& step);

}  // namespace duliang
