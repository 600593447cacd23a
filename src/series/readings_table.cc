#include <cmath>

#include "series/tables.h"

namespace duliang {
namespace {

using Op = TableCondition::Op;

enum Column : int {
  kId, kStream, kBegin, kEnd, kResult, kNumber, kQuality, kFeature, kResultTime, kExtras, kArrived,
};
constexpr const char* kColumns =
    "id INTEGER, stream INTEGER, begin INTEGER, end INTEGER, result TEXT, number NUMERIC, "
    "quality TEXT, feature INTEGER, result_time INTEGER, extras TEXT, arrived INTEGER";

// How the rows are found, and in which order they come.
enum class Way : int { the_one, by_time, by_time_back, by_id, by_id_back, as_kept };

const char* name_of(Way way) {
  switch (way) {
    case Way::the_one: return "the one with the id";
    case Way::by_time: return "by time";
    case Way::by_time_back: return "by time, newest first";
    case Way::by_id: return "by id";
    case Way::by_id_back: return "by id, highest first";
    case Way::as_kept: return "as they are kept";
  }
  CHECK(false, "a way is one of these");
}

// Against a row that is made and handed to SQLite: decoding a page of two thousand readings.
constexpr double kPageCost = 300;
// A question that a bound narrows, where the bound is not known before it runs.
constexpr double kBoundedShare = 0.25;

// The whole numbers that pass the conditions on one column.
struct WholeRange {
  int64_t least = std::numeric_limits<int64_t>::min();
  int64_t most = std::numeric_limits<int64_t>::max();
  bool given = false;

  bool empty() const { return least > most; }
  bool one() const { return least == most; }
};

// A real bound as a whole number; none where it lies beyond all of them.
std::optional<int64_t> whole(double bound, bool up) {
  constexpr double kEnd = 9223372036854775808.0;  // 2^63
  const double rounded = up ? std::ceil(bound) : std::floor(bound);
  if (!(rounded >= -kEnd && rounded < kEnd)) return std::nullopt;
  return static_cast<int64_t>(rounded);
}

// A condition with a text says nothing of whole numbers here: SQLite judges it, as it judges again
// what a bound lets through at the ends of all whole numbers.
void bound(WholeRange& range, Op op, const SqlValue& value) {
  constexpr WholeRange kAll;
  const auto* integer = std::get_if<int64_t>(&value);
  const auto* real = std::get_if<double>(&value);
  if (integer == nullptr && real == nullptr) return;
  const bool from_below = op == Op::eq || op == Op::gt || op == Op::ge;
  const bool from_above = op == Op::eq || op == Op::lt || op == Op::le;
  range.given = true;
  if (from_below) {
    auto least = integer != nullptr ? std::optional(*integer) : whole(*real, true);
    if (op == Op::gt && integer != nullptr && *least != kAll.most) ++*least;
    if (least) range.least = std::max(range.least, *least);
  }
  if (from_above) {
    auto most = integer != nullptr ? std::optional(*integer) : whole(*real, false);
    if (op == Op::lt && integer != nullptr && *most != kAll.least) --*most;
    if (most) range.most = std::min(range.most, *most);
  }
}

struct Wanted {
  WholeRange ids;
  WholeRange streams;
  WholeRange begins;
  double least_number = -std::numeric_limits<double>::infinity();
  double most_number = std::numeric_limits<double>::infinity();
  bool by_number = false;
};

void bound_number(Wanted& wanted, Op op, const SqlValue& value) {
  double other = 0;
  if (const auto* integer = std::get_if<int64_t>(&value)) {
    other = static_cast<double>(*integer);
  } else if (const auto* real = std::get_if<double>(&value)) {
    other = *real;
  } else {
    return;
  }
  wanted.by_number = true;
  if (op == Op::eq || op == Op::gt || op == Op::ge) {
    wanted.least_number = std::max(wanted.least_number, other);
  }
  if (op == Op::eq || op == Op::lt || op == Op::le) {
    wanted.most_number = std::min(wanted.most_number, other);
  }
}

Wanted wanted_by(const std::vector<TableCondition>& conditions) {
  Wanted wanted;
  for (const TableCondition& condition : conditions) {
    if (!condition.value) continue;
    switch (condition.column) {
      case kId: bound(wanted.ids, condition.op, *condition.value); break;
      case kStream: bound(wanted.streams, condition.op, *condition.value); break;
      case kBegin: bound(wanted.begins, condition.op, *condition.value); break;
      default: bound_number(wanted, condition.op, *condition.value);
    }
  }
  return wanted;
}

// Pages are passed over by what is known of them.
bool may_hold(const Wanted& wanted, const SetFacts& facts) {
  if (wanted.ids.given && (number(facts.bounds.highest) < wanted.ids.least ||
                           number(facts.bounds.lowest) > wanted.ids.most)) {
    return false;
  }
  if (wanted.streams.given && (number(facts.last_stream) < wanted.streams.least ||
                               number(facts.first_stream) > wanted.streams.most)) {
    return false;
  }
  if (!wanted.by_number || !facts.results_known) return true;
  if (facts.numbers == 0) return false;
  const auto [least, most] = numbers_between(facts);
  return most >= wanted.least_number && least <= wanted.most_number;
}

ScanOrder order_of(Way way) {
  switch (way) {
    case Way::by_time:
    case Way::by_time_back: return ScanOrder::time;
    case Way::by_id:
    case Way::by_id_back: return ScanOrder::id;
    default: return ScanOrder::kept;
  }
}

ScanOptions scan_of(const Wanted& wanted, Way way) {
  ScanOptions options;
  if (wanted.streams.one()) options.stream = StreamId{wanted.streams.least};
  if (wanted.begins.given) {
    options.from = time_at(wanted.begins.least);
    options.to = time_at(wanted.begins.most);
  }
  options.order = order_of(way);
  options.descending = way == Way::by_time_back || way == Way::by_id_back;
  if (wanted.ids.given || wanted.streams.given || wanted.by_number) {
    options.sets = [wanted](const SetFacts& facts) {
      return may_hold(wanted, facts) ? Passing::some : Passing::none;
    };
  }
  return options;
}

SqlValue number_value(const Reading& reading) {
  const Value value = result_value(reading);
  if (const auto* integer = std::get_if<int64_t>(&value)) return *integer;
  if (const auto* decimal = std::get_if<Decimal>(&value)) return decimal->value;
  return {};
}

SqlValue column_of(const Reading& reading, int column) {
  switch (column) {
    case kId: return number(reading.id);
    case kStream: return number(reading.stream);
    case kBegin: return number(reading.phenomenon_time.begin);
    case kEnd: return number(reading.phenomenon_time.end);
    case kResult: return reading.result;
    case kNumber: return number_value(reading);
    case kQuality:
      if (reading.quality == Quality::unset) return {};
      return std::string(name_of(reading.quality));
    case kFeature: return reading.feature == kNoRow ? SqlValue{} : number(reading.feature);
    case kResultTime:
      return reading.result_time ? SqlValue{number(*reading.result_time)} : SqlValue{};
    case kExtras: return reading.extras.empty() ? SqlValue{} : SqlValue{reading.extras};
    case kArrived: return int64_t{reading.arrived_s} * 1'000'000;
    default: CHECK(false, "a column of the declaration");
  }
}

// One question's rows: the one that an id names, or those of a scan.
struct Rows {
  std::optional<ReadingCursor> scan;
  std::optional<Reading> one;
  const Reading* row = nullptr;

  Result<bool> next() {
    if (scan) {
      TRY(row, scan->next());
      return row != nullptr;
    }
    const bool first = row == nullptr && one.has_value();
    row = first ? &*one : nullptr;
    if (!first) one.reset();
    return first;
  }
};

Result<TableCursor> open_rows(const SeriesView& view, Way way,
                              const std::vector<TableCondition>& conditions) {
  const Wanted wanted = wanted_by(conditions);
  const auto rows = std::make_shared<Rows>();
  if (wanted.ids.empty() || wanted.streams.empty() || wanted.begins.empty()) {
    // Nothing can pass.
  } else if (wanted.ids.one()) {
    TRY(rows->one, view.find(ReadingId{wanted.ids.least}));
  } else {
    rows->scan.emplace(view, scan_of(wanted, way));
  }
  return TableCursor{[rows] { return rows->next(); },
                     [rows](int column) { return column_of(*rows->row, column); },
                     [rows] { return number(rows->row->id); }};
}

// Readings and pages that have to be looked at, by the bounds that are known and by guesses of
// those that are not. Of at least one stream.
ScanEstimate estimate(const SeriesView& view, double streams,
                      const std::vector<TableCondition>& conditions) {
  const Wanted wanted = wanted_by(conditions);
  ScanEstimate estimated = view.estimate(scan_of(wanted, Way::by_time));
  double share = 1;
  for (const TableCondition& condition : conditions) {
    if (condition.value) continue;
    const bool one_stream = condition.column == kStream && condition.op == Op::eq;
    share *= one_stream ? 1 / streams : kBoundedShare;
  }
  estimated.readings *= share;
  estimated.pages = std::max(estimated.pages * share, std::min(1.0, estimated.pages));
  return estimated;
}

// Whether these are the columns of the order, all up or all down.
bool orders_by(std::span<const TableOrder> order, std::initializer_list<int> columns, bool down) {
  if (order.empty() || order.size() > columns.size()) return false;
  auto column = columns.begin();
  return std::ranges::all_of(order, [&](const TableOrder& each) {
    return each.column == *column++ && each.descending == down;
  });
}

// The order that a plan can give without sorting; none: as they are kept.
std::optional<Way> way_for(std::span<const TableOrder> order, bool one_stream) {
  while (one_stream && !order.empty() && order.front().column == kStream) order = order.subspan(1);
  if (order.empty()) return one_stream ? Way::by_time : Way::as_kept;
  if (orders_by(order, {kBegin, kId}, false)) return Way::by_time;
  if (orders_by(order, {kBegin, kId}, true)) return Way::by_time_back;
  if (orders_by(order, {kId}, false)) return Way::by_id;
  if (orders_by(order, {kId}, true)) return Way::by_id_back;
  if (orders_by(order, {kStream, kBegin, kId}, false)) return Way::as_kept;
  return std::nullopt;
}

bool narrows(const TableCondition& condition) {
  return condition.column == kId || condition.column == kStream || condition.column == kBegin ||
         condition.column == kNumber;
}

TablePlan plan_for(const SeriesView& view, double streams, const TableQuestion& question) {
  TablePlan plan;
  bool one_id = false;
  bool one_stream = false;
  std::vector<TableCondition> used;
  for (size_t at = 0; at < question.conditions.size(); ++at) {
    const TableCondition& condition = question.conditions[at];
    if (!narrows(condition)) continue;
    plan.used.push_back(at);
    used.push_back(condition);
    one_id = one_id || (condition.column == kId && condition.op == Op::eq);
    one_stream = one_stream || (condition.column == kStream && condition.op == Op::eq);
  }
  if (one_id) {
    plan.way = static_cast<int>(Way::the_one);
    plan.says = name_of(Way::the_one);
    plan.at_most_one = true;
    plan.in_order = true;
    plan.rows = 1;
    plan.cost = kPageCost + 1;
    return plan;
  }
  const auto ordered = way_for(question.order, one_stream);
  const Way way = ordered.value_or(one_stream ? Way::by_time : Way::as_kept);
  plan.way = static_cast<int>(way);
  plan.says = fmt::format("{}{}", one_stream ? "of one stream, " : "", name_of(way));
  plan.in_order = ordered.has_value();
  const ScanEstimate estimated = estimate(view, streams, used);
  plan.rows = std::max(1.0, estimated.readings);
  plan.cost = estimated.readings + kPageCost * estimated.pages + 1;
  return plan;
}

}  // namespace

VirtualTable readings_table(const SeriesView& view) {
  const double streams = std::max(1.0, static_cast<double>(view.streams().size()));
  return {kColumns,
          [view, streams](const TableQuestion& question) {
            return plan_for(view, streams, question);
          },
          [view](int way, const std::vector<TableCondition>& used) {
            return open_rows(view, static_cast<Way>(way), used);
          }};
}

}  // namespace duliang
