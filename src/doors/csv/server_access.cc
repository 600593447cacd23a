// The house behind a server: asked page by page, posted to in the arrays of CreateObservations
// (18-088, clause 11), or one by one where the server does not know them.
#include <algorithm>

#include "base/limits.h"
#include "base/text.h"
#include "doors/csv/house_access.h"
#include "doors/http/client.h"
#include "doors/odata/render.h"
#include "model/reading_change.h"

namespace duliang {
namespace {

// Of a scan: most want a few readings, and who wants them all gets larger pages.
constexpr size_t kFirstPage = 250;
constexpr size_t kLargestPage = 4000;

std::string text_member(const Json& entity, std::string_view name) {
  const Json* value = entity.find(name);
  return value != nullptr && value->is_string() ? value->as_string() : "";
}

class ServerAccess {
 public:
  ServerAccess(Send send, std::string actor) : send_(std::move(send)), actor_(std::move(actor)) {}

  Result<Json> ask(const std::string& path, const std::string& query) {
    Request request;
    request.path = path;
    request.query = query;
    TRY(const Response response, send_(request));
    if (response.status != 200) return refusal_of(response);
    return parse_json(response.body);
  }

  Status scan(const ScanOptions& options, const std::function<bool(const Reading&)>& each);
  Result<Refusals> post(std::span<const Reading> readings);

 private:
  // The readings of a stream from a time on, without the first `skip` of them.
  struct Page {
    StreamId stream;
    std::optional<Time> from;
    size_t skip = 0;
    size_t top = kFirstPage;
  };
  Result<std::vector<Reading>> read(const Page& page);
  Result<Response> post_body(std::string path, std::string body) {
    Request request;
    request.method = Method::post;
    request.path = std::move(path);
    request.body = std::move(body);
    request.actor = actor_;
    return send_(request);
  }
  Result<Refusals> post_arrays(std::span<const Reading> readings);
  Result<Refusals> post_one(const Reading& reading);

  Send send_;
  std::string actor_;
  bool takes_arrays_ = true;  // until the server says that it does not
};

Result<std::vector<Reading>> ServerAccess::read(const Page& page) {
  const std::string path = fmt::format("{}/Datastreams({})/Observations", kSensorThingsRoot,
                                       static_cast<int64_t>(page.stream));
  std::string query = fmt::format(
      "$orderby=phenomenonTime,id&$top={}&$skip={}&$select=id,phenomenonTime,result,resultQuality",
      page.top, page.skip);
  if (page.from) {
    query += "&$filter=" + encode_percent("phenomenonTime ge " + to_text(*page.from));
  }
  TRY(const Json answer, ask(path, query));
  const Error unexpected{Code::bad_input, fmt::format("{} shows no Observations.", path), ""};
  const Json* rows = answer.find("value");
  if (rows == nullptr || !rows->is_array()) return unexpected;
  std::vector<Reading> readings;
  for (const Json& row : rows->items()) {
    const Json* id = row.find("@iot.id");
    const Json* result = row.find("result");
    if (id == nullptr || !id->is_number() || result == nullptr) return unexpected;
    Reading reading;
    reading.id = ReadingId{id->as_integer().value_or(0)};
    reading.stream = page.stream;
    TRY(reading.phenomenon_time, parse_interval(text_member(row, "phenomenonTime")));
    reading.result = result->dump();
    reading.quality = quality_of(text_member(row, "resultQuality")).value_or(Quality::unset);
    readings.push_back(std::move(reading));
  }
  return readings;
}

Status ServerAccess::scan(const ScanOptions& options,
                          const std::function<bool(const Reading&)>& each) {
  CHECK(options.stream && options.order == ScanOrder::time && !options.descending,
        "as the header says");
  // The end is not part of the question: of an interval that is still going on `lt` says no.
  Page page{*options.stream, options.from};
  while (true) {
    TRY(const auto readings, read(page));
    for (const Reading& reading : readings) {
      const Time begin = reading.phenomenon_time.begin;
      if (options.to && begin > *options.to) return {};
      // The next page begins with all that begin then; these have been handed out.
      page.skip = page.from == begin ? page.skip + 1 : 1;
      page.from = begin;
      if (!each(reading)) return {};
    }
    if (readings.size() < page.top) return {};
    page.top = std::min(page.top * 2, kLargestPage);
  }
}

// {"Datastream":…,"components":…,"dataArray":[…]} for each run of readings of one stream, so that
// the answers come in the order of the readings.
std::string body_of(std::span<const Reading> readings) {
  std::string body = "[";
  for (size_t i = 0; i < readings.size(); ++i) {
    const Reading& reading = readings[i];
    if (i > 0 && reading.stream == readings[i - 1].stream) {
      body += ',';
    } else {
      if (i > 0) body += "]},";
      body += fmt::format(R"({{"Datastream":{{"@iot.id":{}}},"components":["phenomenonTime",)"
                          R"("result"],"dataArray":[)",
                          static_cast<int64_t>(reading.stream));
    }
    body += fmt::format(R"(["{}",{}])", to_text(reading.phenomenon_time), reading.result);
  }
  return body + "]}]";
}

Result<Refusals> ServerAccess::post_arrays(std::span<const Reading> readings) {
  const std::string path = fmt::format("{}/CreateObservations", kSensorThingsRoot);
  TRY(const Response response, post_body(path, body_of(readings)));
  if (response.status >= 300) return refusal_of(response);
  TRY(const Json answer, parse_json(response.body));
  if (!answer.is_array() || answer.items().size() != readings.size()) {
    return Error{Code::io, fmt::format("{} did not answer for each reading.", path), ""};
  }
  Refusals refusals;
  for (const Json& item : answer.items()) {
    const std::string text = item.is_string() ? item.as_string() : item.dump();
    refusals.push_back(text.starts_with("error") ? text : "");
  }
  return refusals;
}

Result<Refusals> ServerAccess::post_one(const Reading& reading) {
  TRY(const Response response,
      post_body(fmt::format("{}/Datastreams({})/Observations", kSensorThingsRoot,
                            static_cast<int64_t>(reading.stream)),
                fmt::format(R"({{"phenomenonTime":"{}","result":{}}})",
                            to_text(reading.phenomenon_time), reading.result)));
  if (response.status != 201) return refusal_of(response);
  return Refusals{""};
}

Result<Refusals> ServerAccess::post(std::span<const Reading> readings) {
  if (takes_arrays_) {
    auto posted =
        post_in_halves(readings, [this](std::span<const Reading> some) -> Result<Refusals> {
          auto all = post_arrays(some);
          // Said of the door, not of the readings.
          const bool no_door = !all.ok() && (all.error().code == Code::not_found ||
                                             all.error().code == Code::unsupported);
          if (no_door) return Error{Code::unsupported, all.error().message, ""};
          return all;
        });
    if (posted.ok() || posted.error().code != Code::unsupported) return posted;
    takes_arrays_ = false;
  }
  Refusals refusals;
  for (size_t i = 0; i < readings.size(); ++i) {
    TRY(const Refusals one,
        post_in_halves(readings.subspan(i, 1),
                       [this](std::span<const Reading> alone) { return post_one(alone.front()); }));
    refusals.push_back(one.front());
  }
  return refusals;
}

}  // namespace

HouseAccess access_to(Send send, std::string actor) {
  const auto server = std::make_shared<ServerAccess>(std::move(send), std::move(actor));
  HouseAccess access;
  access.streams = [server] {
    return list_streams([&server](const std::string& path, const std::string& query) {
      return server->ask(path, query);
    });
  };
  access.scan = [server](const ScanOptions& options, const auto& each) {
    return server->scan(options, each);
  };
  access.post = [server](std::span<const Reading> readings) { return server->post(readings); };
  access.finish = [] { return Status(); };  // it answers when it is durable
  return access;
}

}  // namespace duliang
