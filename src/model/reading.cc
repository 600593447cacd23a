#include "model/reading.h"

#include "base/bytes.h"
#include "base/check.h"
#include "base/plain_number.h"
#include "base/text.h"
#include "model/reading_change.h"

namespace duliang {
namespace {

// The first byte of a reading says which of its fields are as expected and so are left out. The
// others follow in this order, as differences; a result of length 0 is the one before again.
enum Flag : uint8_t {
  kSameStream = 1,
  kNextId = 2,  // one more than before
  kSameBegin = 4,
  kInstant = 8,  // end == begin
  kHasResultTime = 16,
  kResultTimeIsEnd = 32,  // of phenomenonTime; only with kHasResultTime
  kSameFeature = 64,
  kHasExtras = 128,
};

uint8_t flags_of(const Reading& reading, const Reading& before) {
  const Interval& when = reading.phenomenon_time;
  int flags = 0;
  if (reading.stream == before.stream) flags |= kSameStream;
  if (minus(number(reading.id), number(before.id)) == 1) flags |= kNextId;
  if (when.begin == before.phenomenon_time.begin) flags |= kSameBegin;
  if (when.instant()) flags |= kInstant;
  if (reading.result_time) flags |= kHasResultTime;
  if (reading.result_time == OptionalTime(when.end)) flags |= kResultTimeIsEnd;
  if (reading.feature == before.feature) flags |= kSameFeature;
  if (!reading.extras.empty()) flags |= kHasExtras;
  return static_cast<uint8_t>(flags);
}

// Where the values of an observation stand in its row; by name once, not for each reading.
struct ObservationPlaces {
  size_t phenomenon_time, result, result_time, result_quality, valid_time, parameters, quality;
  size_t datastream, feature;
};

const ObservationPlaces& places() {
  static const ObservationPlaces found = [] {
    const EntityType& type = type_of(TypeId::observation);
    const auto property = [&](std::string_view name) {
      return static_cast<size_t>(type.property_index(name));
    };
    const auto relation = [&](std::string_view name) {
      return static_cast<size_t>(type.relation_index(name));
    };
    return ObservationPlaces{
        property("phenomenonTime"), property("result"),     property("resultTime"),
        property("resultQuality"),  property("validTime"),  property("parameters"),
        property("quality"),        relation("Datastream"), relation("FeatureOfInterest")};
  }();
  return found;
}

void set_extras(Row& row, const std::string& extras) {
  const auto json = parse_json(extras);
  if (!json.ok()) return;
  const ObservationPlaces& at = places();
  if (const Json* quality = json->find("resultQuality"))
    row.values[at.result_quality] = to_value(*quality);
  if (const Json* parameters = json->find("parameters"))
    row.values[at.parameters] = to_value(*parameters);
  const Json* valid = json->find("validTime");
  if (valid == nullptr || !valid->is_string()) return;
  if (const auto interval = parse_interval(valid->as_string()); interval.ok())
    row.values[at.valid_time] = *interval;
}

bool times_show(const Reading& reading) {
  return shows(reading.phenomenon_time.begin) && shows(reading.phenomenon_time.end) &&
         (!reading.result_time || shows(*reading.result_time));
}

bool starts_number(std::string_view text) {
  return !text.empty() && (text[0] == '-' || (text[0] >= '0' && text[0] <= '9'));
}

}  // namespace

std::optional<double> number_of(const Reading& reading) {
  if (!starts_number(reading.result)) return std::nullopt;
  const auto plain = parse_plain(reading.result);  // most are, and are quicker so
  const auto nearest = plain ? nearest_double(*plain) : std::nullopt;
  return nearest ? nearest : parse_double(reading.result);
}

Value result_value(const Reading& reading) {
  if (starts_number(reading.result)) return to_value(Json(JsonNumber{reading.result}));
  const auto json = parse_json(reading.result);
  return json.ok() ? to_value(*json) : Value{};
}

std::string extras_text(const Json& members) {
  Json kept;
  if (members.is_null()) return {};
  for (const auto& [name, value] : members.members()) {
    if (!value.is_null()) kept[name] = value;
  }
  return kept.is_null() ? std::string() : kept.dump();
}

Row to_row(const Reading& reading) {
  const ObservationPlaces& at = places();
  Row row = make_row(TypeId::observation, static_cast<RowId>(reading.id));
  row.values[at.phenomenon_time] = reading.phenomenon_time;
  row.values[at.result] = result_value(reading);
  if (reading.result_time) row.values[at.result_time] = *reading.result_time;
  if (!reading.extras.empty()) set_extras(row, reading.extras);
  if (reading.quality != Quality::unset) {
    row.values[at.quality] = std::string(name_of(reading.quality));
  }
  row.links[at.datastream] = static_cast<RowId>(reading.stream);
  row.links[at.feature] = reading.feature;
  return row;
}

void encode(std::string& out, const Reading& reading, const Reading& before) {
  CHECK(!reading.result.empty(), "a result is JSON, at least null");
  CHECK(reading.quality == Quality::unset, "a reading comes in without a verdict on it");
  CHECK(times_show(reading), "what is not decoded must not be written");
  const Interval& when = reading.phenomenon_time;
  const uint8_t flags = flags_of(reading, before);
  put_u8(out, flags);
  if (!(flags & kSameStream)) put_zigzag(out, minus(number(reading.stream), number(before.stream)));
  if (!(flags & kNextId)) put_zigzag(out, minus(number(reading.id), number(before.id)));
  if (!(flags & kSameBegin))
    put_zigzag(out, minus(number(when.begin), number(before.phenomenon_time.begin)));
  if (!(flags & kInstant)) put_zigzag(out, minus(number(when.end), number(when.begin)));
  if ((flags & kHasResultTime) && !(flags & kResultTimeIsEnd))
    put_zigzag(out, minus(number(*reading.result_time), number(when.end)));
  if (!(flags & kSameFeature))
    put_zigzag(out, minus(number(reading.feature), number(before.feature)));
  put_text(out, reading.result == before.result ? std::string_view{} : reading.result);
  if (flags & kHasExtras) put_text(out, reading.extras);
}

Result<Reading> decode_reading(Reader& in, const Reading& before) {
  Reading reading;
  const uint8_t flags = in.u8();
  const auto delta = [&](Flag left_out) { return flags & left_out ? 0 : in.zigzag(); };
  reading.stream = static_cast<StreamId>(plus(number(before.stream), delta(kSameStream)));
  const int64_t id_step = flags & kNextId ? 1 : in.zigzag();
  reading.id = static_cast<ReadingId>(plus(number(before.id), id_step));
  Interval& when = reading.phenomenon_time;
  when.begin = time_at(plus(number(before.phenomenon_time.begin), delta(kSameBegin)));
  when.end = time_at(plus(number(when.begin), delta(kInstant)));
  if (flags & kHasResultTime)
    reading.result_time = time_at(plus(number(when.end), delta(kResultTimeIsEnd)));
  reading.feature = static_cast<RowId>(plus(number(before.feature), delta(kSameFeature)));
  const std::string_view result = in.text();
  reading.result = result.empty() ? before.result : std::string(result);
  if (flags & kHasExtras) reading.extras = std::string(in.text());
  const bool contradiction = (flags & kResultTimeIsEnd) && !(flags & kHasResultTime);
  if (!in.ok() || contradiction || !times_show(reading))
    return Error{Code::corrupt,
                 "A reading does not decode: it ends early, contradicts itself, or its time is "
                 "beyond all times.",
                 ""};
  return reading;
}

}  // namespace duliang
