#include "doors/sensorthings/data_array.h"

#include "doors/sensorthings/observation.h"

namespace duliang {
namespace {

constexpr std::string_view kRows = "dataArray";

// One column of the rows: a member of Observation, or a link given by id.
struct Component {
  std::string name;
  bool is_link = false;
};

// Of one group: which stream, and what its columns are.
struct GroupHead {
  StreamId stream{0};  // 0: none was named
  std::vector<Component> components;
  std::string late_rows;  // that stood before the components
};

Result<std::vector<Component>> parse_components(std::string_view raw) {
  const Error refused = expected("components", R"(names of members: ["phenomenonTime", "result"])");
  TRY(const Json json, parse_json(raw));
  if (!json.is_array()) return refused;
  std::vector<Component> components;
  bool has_result = false;
  for (const Json& item : json.items()) {
    if (!item.is_string()) return refused;
    Component component{item.as_string(), false};
    // The standard writes FeatureOfInterest/id, clients also the name of the id in answers.
    if (component.name == "FeatureOfInterest/id" || component.name == "FeatureOfInterest/@iot.id") {
      component = {"FeatureOfInterest", true};
    }
    for (const Component& before : components) {
      if (before.name == component.name) {
        return Error{Code::bad_input, fmt::format("components has '{}' twice.", component.name),
                     "components"};
      }
    }
    has_result |= component.name == "result";
    components.push_back(std::move(component));
  }
  if (!has_result) return expected("components", "a result among its names");
  // Whether each name is one of an Observation is found out here, not again by every row.
  Reading unused;
  ObservationReader probe(unused);
  for (const Component& component : components) {
    const ScannedValue null{ScannedValue::Kind::null, "null", "null"};
    if (component.name == "Datastream")
      return expected("components", "no Datastream: it is named once");
    const bool takes_null = component.name != "phenomenonTime" && !component.is_link;
    if (takes_null) TRY_DO(probe.member(component.name, null));
  }
  return components;
}

class GroupReader {
 public:
  explicit GroupReader(DataArray& out) : out_(out) {}

  Status begin() {
    head_ = {};
    return {};
  }

  Status member(std::string_view name, const ScannedValue& value) {
    if (name == "Datastream") {
      TRY(head_.stream, parse_stream_reference(value));
      return {};
    }
    if (name == "components") return components(value.raw);
    if (name == kRows) {
      head_.late_rows = value.raw;
      return {};
    }
    if (name == "dataArray@iot.count") return {};
    return Error{Code::bad_input, fmt::format("A dataArray has no '{}'.", name.substr(0, 80)),
                 std::string(name.substr(0, 80))};
  }

  bool ready() const { return head_.stream != StreamId{0} && !head_.components.empty(); }

  Status row(std::span<const ScannedValue> cells) {
    const Status read_all = read(cells, out_.readings.emplace_back());
    out_.faults.push_back(read_all.ok() ? std::string() : read_all.error().message);
    if (!read_all.ok()) out_.readings.pop_back();
    return {};
  }

  // What is missing when the object is over; the rows that came too early are to be read now.
  Result<std::string> end() {
    if (head_.stream == StreamId{0}) return expected("Datastream", R"({"@iot.id": 1})");
    if (head_.components.empty()) return expected("components", "names of members");
    return std::move(head_.late_rows);
  }

 private:
  // A gateway names the same components for each of its streams.
  Status components(std::string_view raw) {
    if (raw != known_text_) {
      TRY(known_, parse_components(raw));
      known_text_ = raw;
    }
    head_.components = known_;
    return {};
  }

  Status read(std::span<const ScannedValue> cells, Reading& into) {
    if (cells.size() != head_.components.size()) {
      return Error{Code::bad_input,
                   fmt::format("The row has {} values; components names {}.", cells.size(),
                               head_.components.size()),
                   std::string(kRows)};
    }
    ObservationReader reader(into);
    for (size_t i = 0; i < cells.size(); ++i) TRY_DO(cell(reader, head_.components[i], cells[i]));
    return reader.finish(head_.stream);
  }

  static Status cell(ObservationReader& reader, const Component& component,
                     const ScannedValue& value) {
    if (!component.is_link) {
      const bool no_time =
          component.name == "phenomenonTime" && value.kind == ScannedValue::Kind::null;
      return no_time ? Status() : reader.member(component.name, value);
    }
    if (value.kind == ScannedValue::Kind::null) return {};
    const std::string reference = fmt::format(R"({{"@iot.id":{}}})", value.raw);
    return reader.member(component.name, {ScannedValue::Kind::object, reference, {}});
  }

  DataArray& out_;
  GroupHead head_;
  std::string known_text_;
  std::vector<Component> known_;
};

}  // namespace

Result<DataArray> DataArrayParser::parse(std::string_view body) {
  DataArray out;
  out.readings.reserve(rows_before_);
  GroupReader reader(out);
  const auto row = [&reader](std::span<const ScannedValue> cells) { return reader.row(cells); };
  GroupVisitor visitor;
  visitor.begin = [&reader] { return reader.begin(); };
  visitor.member = [&reader](std::string_view name, const ScannedValue& value) {
    return reader.member(name, value);
  };
  visitor.ready = [&reader] { return reader.ready(); };
  visitor.row = row;
  visitor.end = [this, &reader, &row]() -> Status {
    TRY(const std::string late_rows, reader.end());
    return late_rows.empty() ? Status() : rows_.scan_rows(late_rows, row);
  };
  TRY_DO(groups_.scan_groups(body, kRows, visitor));
  rows_before_ = out.readings.size();
  return out;
}

}  // namespace duliang
