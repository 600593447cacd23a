#include "doors/sensorthings/data_array.h"

#include "doors/sensorthings/observation.h"

namespace duliang {
namespace {

constexpr std::string_view kRows = "dataArray";

Error expected(std::string_view field, std::string_view what) {
  return {Code::bad_input, fmt::format("{} expects {}.", field, what), std::string(field)};
}

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
  ObservationReader probe;
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
    if (name == "components") {
      TRY(head_.components, parse_components(value.raw));
      return {};
    }
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
    auto reading = read(cells);
    out_.faults.push_back(reading.ok() ? std::string() : reading.error().message);
    if (reading.ok()) out_.readings.push_back(std::move(reading).value());
    return {};
  }

  // What is missing when the object is over; the rows that came too early are to be read now.
  Result<std::string> end() {
    if (head_.stream == StreamId{0}) return expected("Datastream", R"({"@iot.id": 1})");
    if (head_.components.empty()) return expected("components", "names of members");
    return std::move(head_.late_rows);
  }

 private:
  Result<Reading> read(std::span<const ScannedValue> cells) {
    if (cells.size() != head_.components.size()) {
      return Error{Code::bad_input,
                   fmt::format("The row has {} values; components names {}.", cells.size(),
                               head_.components.size()),
                   std::string(kRows)};
    }
    ObservationReader reader;
    for (size_t i = 0; i < cells.size(); ++i) TRY_DO(cell(reader, head_.components[i], cells[i]));
    TRY(Reading reading, reader.finish(head_.stream));
    return reading;
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
};

}  // namespace

Result<DataArray> DataArrayParser::parse(std::string_view body) {
  DataArray out;
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
  return out;
}

}  // namespace duliang
