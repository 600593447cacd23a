// The house as an import and an export need it, wherever it is: its streams, their readings in
// order of time, and a way to post. access_to() makes it of an engine in this process, or of a
// server that is asked over HTTP. One thread; what it was made of outlives it.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "doors/http/http.h"
#include "engine/engine.h"

namespace duliang {

struct StreamName {
  StreamId id{};
  std::string thing;
  std::string name;
  std::string unit;  // symbol, may be empty
};

// What became of each reading of a post: empty where it is kept, else why it was refused.
using Refusals = std::vector<std::string>;

struct HouseAccess {
  // All streams.
  std::function<Result<std::vector<StreamName>>()> streams;
  // One stream (options.stream is set) from `from` to `to` in order of time; `each` returns false
  // to stop.
  std::function<Status(const ScanOptions& options, const std::function<bool(const Reading&)>& each)>
      scan;
  // At most limits::kImportReadings and kImportBytes of results. too_many, unavailable: some of
  // them may be kept, look before you post again.
  std::function<Result<Refusals>(std::span<const Reading> readings)> post;
  // Makes durable what was posted; called once at the end.
  std::function<Status()> finish;
};

// An answer of the SensorThings door, by path and query; an Error of its refusal.
using Ask = std::function<Result<Json>(const std::string& path, const std::string& query)>;
Result<std::vector<StreamName>> list_streams(const Ask& ask);

// `actor`: the key of who imports, for the journal; may be empty. With an engine opened read_only
// post must not be called.
HouseAccess access_to(Engine& engine, std::string actor);
// `send` as Client::send.
using Send = std::function<Result<Response>(const Request&)>;
HouseAccess access_to(Send send, std::string actor);

// Posts all at once, and where that is refused in halves, so that one bad reading spoils no other
// and none is too many. `post_all` gives an Error for all, or a refusal for each.
Result<Refusals> post_in_halves(
    std::span<const Reading> readings,
    const std::function<Result<Refusals>(std::span<const Reading>)>& post_all);

// Streams by what a mapping or an option calls them.
class StreamBook {
 public:
  explicit StreamBook(std::vector<StreamName> streams);
  const std::vector<StreamName>& all() const { return streams_; }
  // bad_input: there is none, or there are several of these names.
  Result<StreamId> by_id(std::string_view id) const;
  Result<StreamId> by_names(const std::string& thing, const std::string& name) const;
  // By id, by name ("level"), or by "thing/name": all that it may mean. not_found: none.
  Result<std::vector<StreamName>> matching(const std::string& text) const;

 private:
  std::vector<StreamName> streams_;  // by id
  std::multimap<std::pair<std::string, std::string>, StreamId> by_names_;
};

}  // namespace duliang
