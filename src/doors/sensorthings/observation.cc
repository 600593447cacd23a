#include "doors/sensorthings/observation.h"

#include "base/text.h"
#include "doors/sensorthings/members.h"

namespace duliang {
namespace {

// A reference as clients write it, without a space or with one; none where it is written in
// another way.
std::optional<int64_t> plain_reference(std::string_view raw) {
  constexpr std::string_view kBefore = R"({"@iot.id":)";
  if (!raw.starts_with(kBefore) || !raw.ends_with('}')) return std::nullopt;
  raw = raw.substr(kBefore.size(), raw.size() - kBefore.size() - 1);
  if (raw.starts_with(' ')) raw.remove_prefix(1);
  const auto number = parse_integer(raw);
  return number && *number > 0 ? number : std::nullopt;
}

// {"@iot.id": 5}
Result<int64_t> parse_reference(std::string_view field, const ScannedValue& value) {
  const Error refused = expected(field, R"(a reference: {"@iot.id": 1})");
  if (value.kind != ScannedValue::Kind::object) return refused;
  if (const auto plain = plain_reference(value.raw)) return *plain;
  TRY(const Json json, parse_json(value.raw));
  const auto id = reference(json);
  if (!id) return refused;
  return number(*id);
}

}  // namespace

Error expected(std::string_view field, std::string_view what) {
  return {Code::bad_input, fmt::format("{} expects {}.", field, what), std::string(field)};
}

Result<StreamId> parse_stream_reference(const ScannedValue& value) {
  TRY(const int64_t id, parse_reference("Datastream", value));
  return StreamId{id};
}

Status ObservationReader::member(std::string_view name, const ScannedValue& value) {
  if (name == "result") {
    reading_.result.assign(value.raw);
    // Valid JSON has line breaks between its parts only, where a space says the same; a live event
    // and a line of a dump must stay one line.
    for (char& c : reading_.result)
      if (c == '\n' || c == '\r') c = ' ';
    has_result_ = true;
    return {};
  }
  if (name == "phenomenonTime") return phenomenon_time(value);
  if (name == "resultTime") return result_time(value);
  if (name == "Datastream") {
    TRY(reading_.stream, parse_stream_reference(value));
    return {};
  }
  if (name == "FeatureOfInterest") {
    TRY(const int64_t id, parse_reference(name, value));
    reading_.feature = RowId{id};
    has_feature_ = true;
    return {};
  }
  if (name == "validTime" || name == "parameters" || name == "resultQuality") {
    return extra(name, value);
  }
  if (name == "@iot.id" || name == "id") return {};  // the server gives ids
  return Error{Code::bad_input, fmt::format("An Observation has no '{}'.", name.substr(0, 80)),
               std::string(name.substr(0, 80))};
}

Status ObservationReader::finish(StreamId from_path) {
  if (!has_result_) return expected("result", "a value: an Observation needs one");
  if (reading_.stream == StreamId{0}) reading_.stream = from_path;
  if (reading_.stream == StreamId{0}) return expected("Datastream", R"({"@iot.id": 1})");
  if (from_path != StreamId{0} && from_path != reading_.stream) {
    return Error{Code::bad_input, "The body and the URL name different Datastreams.", "Datastream"};
  }
  reading_.extras = extras_text(extras_);
  return {};
}

ReadingPatch ObservationReader::patch() {
  ReadingPatch patch;
  if (reading_.stream != StreamId{0}) patch.stream = reading_.stream;
  if (reading_.phenomenon_time.begin != kUnsetTime) {
    patch.phenomenon_time = reading_.phenomenon_time;
  }
  if (has_result_time_) patch.result_time = reading_.result_time;
  if (has_result_) patch.result = std::move(reading_.result);
  if (has_feature_) patch.feature = reading_.feature;
  patch.extras = std::move(extras_);
  return patch;
}

Result<ReadingPatch> ObservationReader::whole() {
  if (!has_result_) return expected("result", "a value: an Observation needs one");
  if (reading_.phenomenon_time.begin == kUnsetTime) {
    return expected("phenomenonTime", "an ISO 8601 time or interval: an Observation needs one");
  }
  has_result_time_ = true;
  for (const char* name : {"validTime", "resultQuality", "parameters"}) extras_[name];
  return patch();
}

Status ObservationReader::phenomenon_time(const ScannedValue& value) {
  if (value.kind != ScannedValue::Kind::string) {
    return expected("phenomenonTime", "an ISO 8601 time or interval as text");
  }
  auto interval = parse_interval(value.text);
  if (!interval.ok()) return expected("phenomenonTime", "an ISO 8601 time or interval");
  reading_.phenomenon_time = *interval;
  return {};
}

Status ObservationReader::result_time(const ScannedValue& value) {
  has_result_time_ = true;
  if (value.kind == ScannedValue::Kind::null) return {};
  if (value.kind != ScannedValue::Kind::string) {
    return expected("resultTime", "an ISO 8601 time as text, or null");
  }
  auto time = parse_time(value.text);
  if (!time.ok()) return expected("resultTime", "an ISO 8601 time");
  reading_.result_time = *time;
  return {};
}

// A null is kept in a patch, where it takes the member away, and means nothing in a new reading.
Status ObservationReader::extra(std::string_view name, const ScannedValue& value) {
  if (value.kind == ScannedValue::Kind::null) {
    extras_[name] = Json();
    return {};
  }
  if (name == "parameters" && value.kind != ScannedValue::Kind::object) {
    return expected(name, "an object");
  }
  if (name == "validTime" &&
      (value.kind != ScannedValue::Kind::string || !parse_interval(value.text).ok())) {
    return expected(name, "an ISO 8601 interval");
  }
  TRY(extras_[name], parse_json(value.raw));
  return {};
}

Result<Reading> parse_observation(JsonScanner& scanner, std::string_view body, StreamId from_path) {
  Reading reading;
  ObservationReader reader(reading);
  TRY_DO(scanner.scan(body, [&reader](std::string_view name, const ScannedValue& value) {
    return reader.member(name, value);
  }));
  TRY_DO(reader.finish(from_path));
  return reading;
}

namespace {

// What an answer shows of ids and links may be sent back.
Status read_change(JsonScanner& scanner, std::string_view body, ObservationReader& reader) {
  return scanner.scan(body, [&reader](std::string_view name, const ScannedValue& value) -> Status {
    if (name.find("@iot.") != std::string_view::npos) return {};
    return reader.member(name, value);
  });
}

}  // namespace

Result<ReadingPatch> parse_observation_patch(JsonScanner& scanner, std::string_view body) {
  Reading reading;
  ObservationReader reader(reading);
  TRY_DO(read_change(scanner, body, reader));
  return reader.patch();
}

Result<ReadingPatch> parse_observation_put(JsonScanner& scanner, std::string_view body) {
  Reading reading;
  ObservationReader reader(reading);
  TRY_DO(read_change(scanner, body, reader));
  return reader.whole();
}

}  // namespace duliang
