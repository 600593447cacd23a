// Tells a timeline through the public doors: each event is a request that anyone could send, each
// expectation a question that anyone could ask. How a request gets there is the caller's: over the
// net (the demo), or straight to the endpoints on a simulated clock (tests).
#pragma once

#include <functional>
#include <map>

#include "doors/http/http.h"
#include "story/timeline.h"

namespace duliang {

class Player {
 public:
  using Send = std::function<Result<Response>(const Request&)>;
  // `start` is where the time axis has its zero.
  Player(Time start, Send send) : start_(start), send_(std::move(send)) {}

  // With the line: conflict where an expectation is not met; where a request is answered against
  // expectation, the code of that answer's status, so too_many and unavailable may pass later.
  // Restarts are the caller's. Stations and streams that exist already by name are used again, and
  // of a recorded past they get only what is newer than what they have.
  Status tell(const TimelineEvent& event);
  void move_start(Time start) { start_ = start; }

 private:
  Status tell_station(const TellStation& station);
  Status tell_stream(const TellStream& stream);
  Status tell_reading(const TellReading& reading);
  Status tell_act(const TellAct& act);
  Status expect_alarm(const ExpectAlarm& expected);
  Status expect_case(const ExpectCase& expected);
  Status expect_count(const ExpectCount& expected);

  Result<Json> get(const std::string& path, const std::string& query);
  Result<int64_t> post_entity(const std::string& path, const Json& body);
  // The only entity of the set with this name, or 0.
  Result<int64_t> find_named(const std::string& set, const std::string& name);
  Result<std::optional<Json>> newest(const std::string& set, const std::string& filter);
  Result<int64_t> stream_id(const std::string& stream) const;
  Result<std::optional<Time>> newest_reading(int64_t stream);
  Result<std::string> key_of(const std::string& set, const Json& entity, const char* relation);

  Time start_;
  Send send_;
  std::map<std::string, int64_t> stations_;
  struct KnownStream {
    int64_t id;
    std::optional<Time> past_until;  // newest reading that it had before this story
  };
  std::map<std::string, KnownStream> streams_;
};

}  // namespace duliang
