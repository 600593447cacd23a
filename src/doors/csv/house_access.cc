#include "doors/csv/house_access.h"

#include <algorithm>

#include "base/text.h"
#include "doors/odata/render.h"

namespace duliang {
namespace {

constexpr size_t kPageRows = 1000;

Error unexpected(const std::string& path) {
  return {Code::bad_input, fmt::format("The answer to {} is not what was asked for.", path), ""};
}

int64_t integer_of(const Json& entity, std::string_view name) {
  const Json* value = entity.find(name);
  return value != nullptr && value->is_number() ? value->as_integer().value_or(0) : 0;
}

std::string text_of(const Json* value) {
  return value != nullptr && value->is_string() ? value->as_string() : "";
}

// Every entity of a set, by id, page by page.
Status each_of(const Ask& ask, const std::string& path, const std::string& select,
               const std::function<void(const Json&)>& each) {
  int64_t last = 0;
  while (true) {
    const std::string filter = encode_percent(fmt::format("id gt {}", last));
    TRY(const Json page, ask(path, fmt::format("$filter={}&$orderby=id&$top={}&$select={}", filter,
                                               kPageRows, select)));
    const Json* rows = page.find("value");
    if (rows == nullptr || !rows->is_array()) return unexpected(path);
    for (const Json& row : rows->items()) {
      const int64_t id = integer_of(row, "@iot.id");
      if (id <= last) return unexpected(path);
      last = id;
      each(row);
    }
    if (rows->items().size() < kPageRows) return {};
  }
}

bool is_refusal(const Error& error) {
  return error.code == Code::bad_input || error.code == Code::forbidden ||
         error.code == Code::not_found || error.code == Code::conflict ||
         error.code == Code::too_large;
}

}  // namespace

// Thing by Thing, as an answer does not show which Thing a Datastream belongs to.
Result<std::vector<StreamName>> list_streams(const Ask& ask) {
  const std::string root = std::string(kSensorThingsRoot) + "/Things";
  std::vector<std::pair<int64_t, std::string>> things;
  TRY_DO(each_of(ask, root, "id,name", [&things](const Json& thing) {
    things.emplace_back(integer_of(thing, "@iot.id"), text_of(thing.find("name")));
  }));
  std::vector<StreamName> streams;
  for (const auto& [id, name] : things) {
    const std::string path = fmt::format("{}({})/Datastreams", root, id);
    TRY_DO(each_of(ask, path, "id,name,unitOfMeasurement", [&](const Json& row) {
      const Json* unit = row.find("unitOfMeasurement");
      streams.push_back({StreamId{integer_of(row, "@iot.id")}, name, text_of(row.find("name")),
                         unit != nullptr ? text_of(unit->find("symbol")) : ""});
    }));
  }
  return streams;
}

Result<Refusals> post_in_halves(
    std::span<const Reading> readings,
    const std::function<Result<Refusals>(std::span<const Reading>)>& post_all) {
  auto posted = post_all(readings);
  if (posted.ok() || !is_refusal(posted.error())) return posted;
  if (readings.size() == 1) return Refusals{posted.error().message};
  const size_t half = readings.size() / 2;
  TRY(Refusals refusals, post_in_halves(readings.first(half), post_all));
  TRY(const Refusals others, post_in_halves(readings.subspan(half), post_all));
  refusals.insert(refusals.end(), others.begin(), others.end());
  return refusals;
}

StreamBook::StreamBook(std::vector<StreamName> streams) : streams_(std::move(streams)) {
  std::ranges::sort(streams_, {}, &StreamName::id);
  for (const StreamName& stream : streams_) {
    by_names_.emplace(std::pair(stream.thing, stream.name), stream.id);
  }
}

Result<StreamId> StreamBook::by_id(std::string_view id) const {
  const StreamId wanted{parse_integer(id).value_or(0)};
  if (std::ranges::binary_search(streams_, wanted, {}, &StreamName::id)) return wanted;
  return Error{Code::bad_input, fmt::format("there is no Datastream with id {}", quoted(id)), ""};
}

Result<StreamId> StreamBook::by_names(const std::string& thing, const std::string& name) const {
  const auto [begin, end] = by_names_.equal_range({thing, name});
  if (begin == end) {
    return Error{
        Code::bad_input,
        fmt::format("there is no Datastream {} of a Thing {}", quoted(name), quoted(thing)), ""};
  }
  if (std::next(begin) != end) {
    return Error{Code::bad_input,
                 fmt::format("there are several Datastreams {} of Things {}; name it by id",
                             quoted(name), quoted(thing)),
                 ""};
  }
  return begin->second;
}

Result<std::vector<StreamName>> StreamBook::matching(const std::string& text) const {
  std::vector<StreamName> found;
  std::vector<std::string> names;
  for (const StreamName& stream : streams_) {
    const std::string full = stream.thing + "/" + stream.name;
    const bool is_id = parse_integer(text) == static_cast<int64_t>(stream.id);
    if (is_id || stream.name == text || full == text) found.push_back(stream);
    names.push_back(stream.name);
    names.push_back(full);
  }
  if (!found.empty()) return found;
  const std::string near = nearest(text, names);
  return Error{Code::not_found,
               fmt::format("There is no Datastream {}.{}", quoted(text),
                           near.empty() ? "" : fmt::format(" Did you mean {}?", quoted(near))),
               "stream"};
}

}  // namespace duliang
