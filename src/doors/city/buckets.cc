// What the readings of a Datastream come to in each span of time: an extension for charts and
// reports, since clients of SensorThings must else fetch every reading to draw a line.
#include <array>
#include <cmath>

#include "base/limits.h"
#include "base/text.h"
#include "doors/city/city.h"
#include "doors/odata/as_of.h"

namespace duliang {
namespace {

constexpr size_t kDefaultBuckets = 200;

struct Component {
  std::string_view name;
  // Of a bucket that has readings; NaN: null.
  double (*value)(const Bucket& bucket);
};

double of_numbers(const Bucket& bucket, double value) {
  return bucket.numbers == 0 ? std::nan("") : value;
}

double mean_of(const Bucket& bucket) {
  return of_numbers(bucket, bucket.sum / static_cast<double>(bucket.numbers));
}

constexpr std::array kComponents{
    Component{"readings", [](const Bucket& b) { return static_cast<double>(b.readings); }},
    Component{"bad", [](const Bucket& b) { return static_cast<double>(b.bad); }},
    Component{"numbers", [](const Bucket& b) { return static_cast<double>(b.numbers); }},
    Component{"min", [](const Bucket& b) { return of_numbers(b, b.least); }},
    Component{"max", [](const Bucket& b) { return of_numbers(b, b.most); }},
    Component{"mean", mean_of},
    Component{"sum", [](const Bucket& b) { return of_numbers(b, b.sum); }},
    Component{"first", [](const Bucket& b) { return of_numbers(b, b.first); }},
    Component{"last", [](const Bucket& b) { return of_numbers(b, b.last); }}};

// What the query asks for; what it leaves open follows from the readings there are.
struct BucketOptions {
  std::optional<Time> from;
  std::optional<Time> to;
  std::optional<Duration> step;
  size_t count = kDefaultBuckets;
  std::vector<Component> components{kComponents.begin(), kComponents.end()};
};

Error expects(std::string_view name, std::string_view what) {
  return {Code::bad_input, fmt::format("{} expects {}.", name, what), std::string(name)};
}

Result<Time> time_of(const std::string& name, const std::string& value) {
  auto time = parse_time(value);
  if (time.ok()) return time;
  return expects(name, "a time, such as 2026-11-24T06:00:00Z");
}

Result<std::vector<Component>> parse_select(const std::string& value) {
  std::vector<Component> components;
  for (const std::string_view name : split(value, ',')) {
    const auto found = std::ranges::find(kComponents, name, &Component::name);
    if (found == kComponents.end()) {
      return expects("$select", "readings, bad, numbers, min, max, mean, sum, first or last");
    }
    components.push_back(*found);
  }
  return components;
}

Result<BucketOptions> parse_bucket_options(std::string_view query) {
  BucketOptions options;
  TRY(const auto pairs, parse_query(query));
  for (const auto& [name, value] : pairs) {
    if (name == kAsOf) continue;
    if (name == "from") {
      TRY(options.from, time_of(name, value));
    } else if (name == "to") {
      TRY(options.to, time_of(name, value));
    } else if (name == "step") {
      const auto step = parse_duration(value);
      if (!step.ok() || *step < std::chrono::milliseconds{1}) {
        return expects(name, "a length of time from a millisecond on, such as 5m or PT1H");
      }
      options.step = *step;
    } else if (name == "count") {
      const auto count = parse_integer(value);
      if (!count || *count < 1 || *count > static_cast<int64_t>(limits::kBuckets)) {
        return expects(name, fmt::format("1 to {}", limits::kBuckets));
      }
      options.count = static_cast<size_t>(*count);
    } else if (name == "$select") {
      TRY(options.components, parse_select(value));
    } else {
      return expects(name, "nothing here: from, to, step, count, $select and as_of are known");
    }
  }
  return options;
}

// Down to a whole number of steps, as the district's clocks show them: days begin at its midnight.
Time aligned(Time time, Duration step) {
  const Duration local = time.time_since_epoch() + kDistrictZone.offset;
  Duration over = local % step;
  if (over < Duration::zero()) over += step;
  return time - over;
}

Result<BucketsAsked> spans(const SeriesView& series, StreamId stream,
                           const BucketOptions& options) {
  BucketsAsked asked{stream, {}, {}, options.step.value_or(std::chrono::milliseconds{1})};
  TRY(const StreamExtent extent, series.extent(stream));
  const bool none = extent.readings == 0;
  asked.from = options.from.value_or(none ? options.to.value_or(Time{}) : extent.first);
  if (!options.from && options.step) asked.from = aligned(asked.from, *options.step);
  asked.to = options.to.value_or(none ? asked.from : extent.last + Duration{1});
  if (asked.to < asked.from) {
    if (options.to && options.from) return expects("to", "a time behind from");
    asked.to = asked.from;
  }
  if (!options.step) {
    const auto count = static_cast<int64_t>(options.count);
    const Duration each = (asked.to - asked.from + Duration{count - 1}) / count;
    asked.step = std::max<Duration>(std::chrono::ceil<std::chrono::milliseconds>(each),
                                    std::chrono::milliseconds{1});
  }
  if (asked.count() > limits::kBuckets) {
    return Error{Code::too_large,
                 fmt::format("These are {} spans of time; one answer has at most {}.",
                             asked.count(), limits::kBuckets),
                 "step"};
  }
  return asked;
}

std::string render(const BucketsAsked& asked, const std::vector<Bucket>& buckets,
                   const std::vector<Component>& components) {
  const auto seconds = std::chrono::duration<double>(asked.step).count();
  std::string out = fmt::format(R"({{"from":"{}","to":"{}","step":"PT{}S","components":["from")",
                                to_text(asked.from), to_text(asked.to), seconds);
  for (const Component& component : components) out += fmt::format(",\"{}\"", component.name);
  out += R"(],"dataArray":[)";
  for (size_t i = 0; i < buckets.size(); ++i) {
    if (buckets[i].readings == 0) continue;
    if (out.back() != '[') out += ',';
    const Time from = asked.from + asked.step * static_cast<int64_t>(i);
    out += fmt::format("[\"{}\"", to_text(from));
    for (const Component& component : components) {
      out += ',';
      Json(component.value(buckets[i])).dump_to(out);
    }
    out += ']';
  }
  return out + "]}";
}

Result<std::string> answer(Engine& engine, StreamId stream, std::string_view query) {
  TRY(const BucketOptions options, parse_bucket_options(query));
  TRY(const View view, view_for(engine, query));
  TRY(const auto row, view.ledger.find(TypeId::datastream, RowId{number(stream)}));
  if (!row) {
    return Error{Code::not_found, fmt::format("There is no Datastream with id {}.", number(stream)),
                 ""};
  }
  TRY(const BucketsAsked asked, spans(view.series, stream, options));
  TRY(const auto buckets, view.series.buckets(asked));
  return render(asked, buckets, options.components);
}

}  // namespace

void GetBuckets::operator()(const Request& request, Reply reply, StreamId stream) const {
  auto json = answer(*engine, stream, request.query);
  if (!json.ok()) return reply.send(error_response(json.error()));
  reply.send(json_response(200, std::move(json).value()));
}

}  // namespace duliang
