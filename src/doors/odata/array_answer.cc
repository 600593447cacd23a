#include "doors/odata/array_answer.h"

#include <array>
#include <unordered_map>

#include "base/limits.h"
#include "query/names.h"

namespace duliang {
namespace {

// Those of the standard's own example; others are rare, and chosen by $select.
constexpr std::array<std::string_view, 4> kComponents = {"id", "phenomenonTime", "resultTime",
                                                         "result"};
// That a row may have beside its result: id, times, commas.
constexpr size_t kRowBytes = 128;
// That a group has beside its rows: its link, components and count.
constexpr size_t kGroupBytes = 512;

// As a reading has it by itself; `other` needs the row.
enum class Component : uint8_t { id, phenomenon_time, result_time, result, other };

Component component_of(std::string_view name) {
  if (is_id_name(name)) return Component::id;
  if (name == "phenomenonTime") return Component::phenomenon_time;
  if (name == "resultTime") return Component::result_time;
  return name == "result" ? Component::result : Component::other;
}

// Writes times as to_text() does, the date of a day once.
class TimeWriter {
 public:
  void write(std::string& out, Time time) {
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const auto second = std::chrono::floor<std::chrono::seconds>(time);
    if (second != time) {
      out += to_text(time);
      return;
    }
    if (date_.empty() || day != day_) {
      day_ = day;
      date_ = to_text(Time(day));
      date_.resize(date_.find('T') + 1);
    }
    const auto of_day = static_cast<unsigned>((second - day).count());
    out += date_;
    two_digits(out, of_day / 3600);
    out += ':';
    two_digits(out, of_day / 60 % 60);
    out += ':';
    two_digits(out, of_day % 60);
    out += 'Z';
  }
  void write(std::string& out, const Interval& interval) {
    write(out, interval.begin);
    if (interval.instant()) return;
    out += '/';
    write(out, interval.end);
  }

 private:
  static void two_digits(std::string& out, unsigned number) {
    out += static_cast<char>('0' + number / 10);
    out += static_cast<char>('0' + number % 10);
  }

  std::chrono::sys_days day_{};
  std::string date_;  // "2026-11-24T"
};

class ArrayWriter {
 public:
  ArrayWriter(const Rendering& rendering, const std::vector<std::string>& select);

  // False: there is no room for it.
  bool take(const Reading& reading);
  // The groups, one behind the other, in the order of their first rows. Once.
  void finish(std::string& out);

 private:
  struct Group {
    StreamId stream{};
    uint64_t count = 0;
    std::string rows;  // "[1,…],[2,…]"
  };
  struct Column {
    Component component;
    size_t property = 0;  // of `other`: its place in the row
  };
  Group& group_of(StreamId stream);
  void write_cell(std::string& out, const Column& column, const Reading& reading,
                  std::optional<Row>& row);

  const Rendering& rendering_;
  std::string components_ = "[";  // as JSON
  std::vector<Column> columns_;
  std::vector<Group> groups_;
  std::unordered_map<StreamId, size_t> places_;
  size_t last_ = 0;    // the group of the last row
  size_t bytes_ = 0;   // of all rows
  TimeWriter times_;
};

ArrayWriter::ArrayWriter(const Rendering& rendering, const std::vector<std::string>& select)
    : rendering_(rendering) {
  const EntityType& type = type_of(TypeId::observation);
  const auto add = [&](std::string_view name) {
    const Component component = component_of(name);
    const int property = type.property_index(name);
    if (component == Component::other) {
      CHECK(property >= 0, "what is selected is known");
      const bool city_only = type.properties[static_cast<size_t>(property)].city_only;
      if (city_only && rendering.face != Face::city) return;
    }
    if (!columns_.empty()) components_ += ',';
    append_json_string(components_, component == Component::id ? "id" : name);
    columns_.push_back({component, static_cast<size_t>(std::max(property, 0))});
  };
  if (select.empty()) std::ranges::for_each(kComponents, add);
  std::ranges::for_each(select, add);
  components_ += ']';
}

bool ArrayWriter::take(const Reading& reading) {
  const size_t more = reading.result.size() + reading.extras.size() + kRowBytes;
  if (bytes_ > 0 && bytes_ + more > limits::kArrayBytes) return false;
  Group& group = group_of(reading.stream);
  std::string& out = group.rows;
  const size_t before = out.size();
  if (group.count++ > 0) out += ',';
  out += '[';
  std::optional<Row> row;
  for (const Column& column : columns_) {
    if (&column != columns_.data()) out += ',';
    write_cell(out, column, reading, row);
  }
  out += ']';
  bytes_ += out.size() - before;
  return true;
}

ArrayWriter::Group& ArrayWriter::group_of(StreamId stream) {
  if (!groups_.empty() && groups_[last_].stream == stream) return groups_[last_];
  const auto [found, is_new] = places_.try_emplace(stream, groups_.size());
  if (is_new) {
    groups_.push_back({stream, 0, {}});
    bytes_ += kGroupBytes;
  }
  last_ = found->second;
  return groups_[last_];
}

void ArrayWriter::write_cell(std::string& out, const Column& column, const Reading& reading,
                             std::optional<Row>& row) {
  switch (column.component) {
    case Component::id: {
      const fmt::format_int id(number(reading.id));
      out.append(id.data(), id.size());
      return;
    }
    case Component::phenomenon_time:
      out += '"';
      times_.write(out, reading.phenomenon_time);
      out += '"';
      return;
    case Component::result_time:
      if (!reading.result_time) {
        out += "null";
        return;
      }
      out += '"';
      times_.write(out, *reading.result_time);
      out += '"';
      return;
    case Component::result:
      out += reading.result;
      return;
    case Component::other:
      if (!row) row = to_row(reading);
      append_json(out, row->values[column.property]);
  }
}

void ArrayWriter::finish(std::string& out) {
  out.reserve(out.size() + bytes_ + groups_.size() * components_.size() + kGroupBytes);
  for (Group& group : groups_) {
    if (&group != groups_.data()) out += ',';
    out += R"({"Datastream@iot.navigationLink":)";
    append_json_string(out, self_link(rendering_, TypeId::datastream, RowId{number(group.stream)}));
    out += R"(,"components":)";
    out += components_;
    fmt::format_to(std::back_inserter(out), R"(,"dataArray@iot.count":{},"dataArray":[)",
                   group.count);
    out += group.rows;
    out += "]}";
    group.rows = {};
  }
}

}  // namespace

Result<Response> answer_array(const View& view, const Rendering& rendering,
                              const ArrayQuestion& asked) {
  const Question& question = asked.options.question;
  ArrayWriter writer(rendering, asked.options.select);
  TRY(const Answer answer,
      ask_readings(view, question, [&](const Reading& reading) { return writer.take(reading); }));
  std::string out = "{";
  if (answer.count) out += fmt::format("\"@iot.count\":{},", *answer.count);
  out += "\"value\":[";
  writer.finish(out);
  out += ']';
  if (const auto next = next_query(asked.query, question, answer)) {
    out += ",\"@iot.nextLink\":";
    append_json_string(out, fmt::format("{}/{}?{}", rendering.root(), asked.path, *next));
  }
  out += '}';
  return json_response(200, std::move(out));
}

}  // namespace duliang
