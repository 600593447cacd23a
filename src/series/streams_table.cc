#include "series/tables.h"

namespace duliang {
namespace {

using Op = TableCondition::Op;

enum Column : int { kStream, kReadings, kFirst, kLast };
constexpr const char* kColumns = "stream INTEGER, readings INTEGER, first INTEGER, last INTEGER";

// The extent of a stream is read from the directories of the parts, and a page that it shares with
// other streams is decoded.
constexpr double kExtentCost = 300;

using Streams = std::shared_ptr<const std::vector<StreamId>>;  // ascending

struct Rows {
  SeriesView view;
  Streams held;
  std::span<const StreamId> streams;
  size_t next = 0;
  StreamExtent extent;

  Result<bool> go_on() {
    if (next == streams.size()) return false;
    TRY(extent, view.extent(streams[next++]));
    return true;
  }
  SqlValue column(int column) const {
    if (column == kStream) return number(streams[next - 1]);
    if (column == kReadings) return static_cast<int64_t>(extent.readings);
    if (extent.readings == 0) return {};
    return number(column == kFirst ? extent.first : extent.last);
  }
};

TablePlan plan_for(double streams, const TableQuestion& question) {
  TablePlan plan;
  for (size_t at = 0; at < question.conditions.size(); ++at) {
    const TableCondition& condition = question.conditions[at];
    if (condition.column != kStream || condition.op != Op::eq) continue;
    plan.used.push_back(at);
    plan.at_most_one = true;
  }
  plan.says = plan.at_most_one ? "one stream" : "every stream";
  plan.rows = plan.at_most_one ? 1 : std::max(1.0, streams);
  plan.cost = 1 + kExtentCost * plan.rows;
  plan.in_order = plan.at_most_one ||
                  (question.order.size() == 1 && question.order.front().column == kStream &&
                   !question.order.front().descending);
  return plan;
}

// A whole number names a stream; with anything else SQLite compares each.
Result<TableCursor> open_rows(const SeriesView& view, const Streams& streams,
                              const std::vector<TableCondition>& conditions) {
  const auto rows = std::make_shared<Rows>(Rows{view, streams, *streams, 0, {}});
  for (const TableCondition& condition : conditions) {
    const auto* id = std::get_if<int64_t>(&*condition.value);
    if (id == nullptr) continue;
    const auto [first, last] = std::ranges::equal_range(rows->streams, StreamId{*id});
    rows->streams = {first, last};
  }
  return TableCursor{[rows] { return rows->go_on(); },
                     [rows](int column) { return rows->column(column); },
                     [rows] { return number(rows->streams[rows->next - 1]); }};
}

Result<SqlValue> time_text(const SqlValue& value) {
  const auto* micros = std::get_if<int64_t>(&value);
  if (micros == nullptr || !shows(time_at(*micros))) return SqlValue{};
  return SqlValue{to_text(time_at(*micros))};
}

Result<SqlValue> time_of(const SqlValue& value) {
  const auto* text = std::get_if<std::string>(&value);
  if (text == nullptr) return SqlValue{};
  TRY(const Time time, parse_time(*text));
  return SqlValue{number(time)};
}

}  // namespace

VirtualTable streams_table(const SeriesView& view) {
  const auto streams = std::make_shared<const std::vector<StreamId>>(view.streams());
  return {kColumns,
          [count = static_cast<double>(streams->size())](const TableQuestion& question) {
            return plan_for(count, question);
          },
          [view, streams](int, const std::vector<TableCondition>& used) {
            return open_rows(view, streams, used);
          }};
}

Status add_reading_tables(Connection& connection, const SeriesView& view) {
  TRY_DO(add_table(connection, "readings", readings_table(view)));
  TRY_DO(add_table(connection, "streams", streams_table(view)));
  TRY_DO(add_function(connection, "time_text", time_text));
  return add_function(connection, "time_of", time_of);
}

}  // namespace duliang
