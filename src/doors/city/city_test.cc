#include "doors/city/city.h"

#include "doors/house_for_test.h"
#include "doors/sensorthings/deep_insert.h"
#include "doors/station_for_test.h"

namespace duliang {
namespace {

class CityTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(house_.open().ok());
    ASSERT_TRUE(house_.load_packs({"liangping", "alarm-handling", "flood"}).ok());
    ASSERT_EQ(house_.post("/v1.1/Things", station_body("回龙站", R"(,"nameEn":"Huilong")")).status,
              201);
  }
  void read(const std::string& value) {
    house_.clock.advance(std::chrono::seconds{10});
    ASSERT_EQ(
        house_.post("/v1.1/Datastreams(1)/Observations", R"({"result":)" + value + "}").status,
        201);
  }
  void raise() {
    read("3.70");
    read("3.80");
  }
  void fall() {
    read("3.00");
    read("2.90");
  }
  Response act(const std::string& actor, const std::string& key, const std::string& note = "") {
    return house_.post("/city/v1/Cases(1)/Acts",
                       R"({"act":")" + key + R"(","note":")" + note + R"("})", actor);
  }
  HouseForTest house_;
};

TEST_F(CityTest, ThePacksAreThere) {
  EXPECT_EQ(house_.get_json("/city/v1/Towns?$count=true&$top=1").find("@iot.count")->dump(), "33");
  const Json pack = house_.get_json("/city/v1/Packs(1)");
  EXPECT_EQ(pack.find("files"), nullptr) << "only when selected";
  EXPECT_NE(house_.get_json("/city/v1/Packs(1)?$select=files").find("files"), nullptr);
  const Json district = house_.get_json("/city/v1/District");
  EXPECT_EQ(district.find("code")->as_string(), "500155");
  EXPECT_EQ(district.find("boundary")->find("type")->as_string(), "FeatureCollection");
}

TEST_F(CityTest, OneRequestTellsTheFirstScreen) {
  raise();
  const Json json = house_.get_json("/city/v1/Overview");
  EXPECT_EQ(json.find("alarms")->dump(),
            R"({"active":{"1":1,"2":0,"3":0,"4":0},"today":1,"clearedToday":0})");
  EXPECT_EQ(json.find("cases")->dump(), R"({"open":1,"late":0,"toCheck":0})");
  EXPECT_EQ(json.find("stations")->dump(), R"({"all":1,"reporting":1})");
  EXPECT_EQ(json.find("counts")->dump(), R"({"towns":33,"townsWithPoint":30})");
  house_.clock.advance(std::chrono::hours{3});
  const Json later = house_.get_json("/city/v1/Overview");
  EXPECT_EQ(later.find("cases")->find("late")->dump(), "1");
  EXPECT_EQ(later.find("stations")->find("reporting")->dump(), "0");
}

TEST_F(CityTest, StationsShowPlaceAndNewestReading) {
  read("3.10");
  const Json value = house_.get_json("/city/v1/Stations");
  const Json& station = value.find("value")->items().front();
  EXPECT_EQ(station.find("nameEn")->as_string(), "Huilong");
  EXPECT_EQ(station.find("point")->dump(), "[107.48,30.53]");
  EXPECT_EQ(station.find("townSource")->as_string(), "property");
  const Json& stream = station.find("streams")->items().front();
  EXPECT_EQ(stream.find("latest")->find("result")->dump(), "3.10");
  EXPECT_EQ(stream.find("lines")->items().size(), 2U);
  EXPECT_EQ(stream.find("lines")->items()[0].find("threshold")->dump(), "3.6");
}

TEST_F(CityTest, AThingWithoutALocationIsNoStation) {
  ASSERT_EQ(house_.post("/v1.1/Things", R"({"name":"机房","description":"d"})").status, 201);
  EXPECT_EQ(house_.get_json("/city/v1/Stations").find("value")->items().size(), 1U);
  EXPECT_EQ(house_.get_json("/city/v1/Overview").find("stations")->find("all")->dump(), "1");
}

// Doors refuse such a unit today; a folder may hold one all the same.
TEST_F(CityTest, StationsAreShownWhateverTheLedgerHolds) {
  const auto body = parse_json(station_body("乙", R"(,"nameEn":[7])"));
  ASSERT_TRUE(body.ok());
  for (const Json& unit : {Json("m"), Json(5), Json(Json::Array{Json(1)})}) {
    auto put = parse_deep_insert(TypeId::thing, *body, std::nullopt, kNoRow);
    ASSERT_TRUE(put.ok()) << put.error().message;
    for (RowChange& change : put->changes) {
      if (change.row.type == TypeId::datastream) {
        change.row["unitOfMeasurement"] = to_value(unit);
      }
    }
    Command command;
    command.body = std::move(put).value();
    house_.engine->submit(std::move(command),
                          [](const Result<Outcome>& outcome) { EXPECT_TRUE(outcome.ok()); });
    while (house_.engine->has_work()) ASSERT_TRUE(house_.engine->turn().ok());
  }
  const Json stations = house_.get_json("/city/v1/Stations");
  ASSERT_EQ(stations.find("value")->items().size(), 4U);
  const Json& last = stations.find("value")->items().back();
  EXPECT_EQ(last.find("nameEn")->as_string(), "乙") << "a list is no name";
  EXPECT_TRUE(last.find("streams")->items()[0].find("unitSymbol")->is_null());
}

TEST_F(CityTest, AnAlarmIsHandledToItsEndAndProved) {
  raise();
  EXPECT_EQ(house_.get_json("/city/v1/Alarms(1)/Datastream/Thing").find("@iot.id")->dump(), "1")
      << "the city sees its stations";
  const Json alarm = house_.get_json("/city/v1/Alarms(1)");
  EXPECT_EQ(alarm.find("level")->dump(), "1");
  EXPECT_EQ(alarm.find("Datastream@iot.id")->dump(), "1");
  const Json before = house_.get_json("/city/v1/Cases(1)/Acts", "tang-yue");
  EXPECT_EQ(before.find("value")->items()[0].find("allowed")->dump(), "false");
  EXPECT_NE(before.find("value")->items()[0].find("reason")->as_string(), "");
  EXPECT_EQ(act("tang-yue", "sign").status, 403);
  EXPECT_EQ(act("", "sign").status, 403);
  EXPECT_EQ(act("chen-min", "sign").status, 200);
  EXPECT_EQ(act("chen-min", "finish", "闸门已开启").status, 200);
  EXPECT_EQ(act("chen-min", "close").status, 403);
  EXPECT_EQ(act("wu-tong", "close").status, 403) << "the alarm stands";
  fall();
  const Response closed = act("wu-tong", "close");
  EXPECT_EQ(closed.status, 200) << closed.body;
  EXPECT_NE(closed.body.find(R"("state":"closed")"), std::string::npos);

  const Json proof = house_.get_json("/city/v1/Alarms(1)/Proof");
  EXPECT_EQ(proof.find("rule")->find("version")->as_string(), "1");
  ASSERT_FALSE(proof.find("readings")->items().empty());
  EXPECT_EQ(proof.find("readings")->items().back().find("result")->dump(), "3.80");
  const Json& tasks = *proof.find("cases")->items().front().find("Tasks");
  EXPECT_EQ(tasks.items().back().find("step")->as_string(),
            house_.get_json("/city/v1/Cases(1)").find("step")->as_string());
  bool signed_by_chen = false;
  for (const Json& task : tasks.items())
    signed_by_chen |= task.find("personNameEn")->dump() == "\"Chen Min\"";
  EXPECT_TRUE(signed_by_chen);
  EXPECT_GE(proof.find("frames")->items().size(), 4U) << "raised, signed, finished, closed";
  EXPECT_EQ(
      proof.find("frames")->items().back().find("commands")->items()[0].find("actor")->as_string(),
      "wu-tong");
  EXPECT_EQ(house_.get("/city/v1/Alarms(9)/Proof").status, 404);
}

// What lies behind the horizon of the journal is named, and who listens is told to read anew.
TEST_F(CityTest, ProofAndEventsSayWhatIsRetired) {
  EngineOptions options;
  options.segments = {2048, 512};
  options.keep_journal = std::chrono::hours{1};
  house_.close();
  ASSERT_TRUE(house_.open(options).ok());
  raise();
  EXPECT_TRUE(house_.get_json("/city/v1/Alarms(1)/Proof").find("retiredFrames")->items().empty());
  for (int i = 0; i < 9; ++i) read("3.80");
  house_.clock.advance(std::chrono::hours{2});
  EXPECT_EQ(act("chen-min", "sign", std::string(2000, 'x')).status, 200);
  EXPECT_EQ(act("chen-min", "finish", "闸门已开启").status, 200);
  for (int i = 0; i < 300; ++i) ASSERT_TRUE(house_.engine->tend().ok());
  const auto horizon = house_.engine->status().horizon;
  ASSERT_TRUE(horizon);

  const Json proof = house_.get_json("/city/v1/Alarms(1)/Proof");
  const auto& retired = proof.find("retiredFrames")->items();
  const auto& frames = proof.find("frames")->items();
  ASSERT_FALSE(retired.empty());
  ASSERT_FALSE(frames.empty());
  const auto number = [](const Json& json) { return json.as_integer().value_or(0); };
  const auto last_retired = static_cast<int64_t>(horizon->tail.sequence);
  EXPECT_LE(number(retired.back()), last_retired);
  EXPECT_GT(number(*frames.front().find("sequence")), last_retired);

  const auto told_from = [this](const std::string& id) {
    Request request;
    request.path = "/city/v1/Events";
    request.last_event_id = id;
    EXPECT_TRUE(house_.send(request).ok());
    return house_.events->text;
  };
  EXPECT_NE(told_from("1").find("event: reset"), std::string::npos);
  const std::string hash = to_hex(horizon->tail.hash).substr(0, 8);
  const std::string behind = told_from(fmt::format("{}-{}", last_retired, hash));
  EXPECT_EQ(behind.find("event: reset"), std::string::npos) << "its hash is kept";
  EXPECT_NE(behind.find(fmt::format("id: {}-", last_retired + 1)), std::string::npos) << behind;
  EXPECT_NE(told_from(fmt::format("{}-00000000", last_retired)).find("event: reset"),
            std::string::npos);
}

// A station is taken away while its alarm stands: the matter goes on to its end, and is proved.
TEST_F(CityTest, AMatterOutlivesItsStation) {
  raise();
  ASSERT_EQ(act("chen-min", "sign").status, 200);
  ASSERT_EQ(house_.del("/v1.1/Things(1)", "gao").status, 200);
  EXPECT_EQ(house_.get("/city/v1/Alarms(1)/Datastream").status, 404);
  const Json alarm = house_.get_json("/city/v1/Alarms(1)");
  EXPECT_EQ(alarm.find("state")->as_string(), "cleared");
  EXPECT_EQ(alarm.find("Datastream@iot.id")->dump(), "1") << "it goes on naming what was";
  EXPECT_EQ(alarm.find("proof"), nullptr) << "only when selected";
  EXPECT_EQ(act("chen-min", "finish", "撤站").status, 200);
  EXPECT_EQ(act("wu-tong", "close").status, 200);
  const Json proof = house_.get_json("/city/v1/Alarms(1)/Proof");
  const Json& last = proof.find("readings")->items().back();
  EXPECT_EQ(last.find("result")->dump(), "3.80");
  EXPECT_EQ(last.find("removed")->dump(), "true");
  EXPECT_EQ(last.find("@iot.selfLink"), nullptr);
  EXPECT_EQ(proof.find("cases")->items().front().find("state")->as_string(), "closed");
  EXPECT_NE(proof.find("frames")->dump().find("remove_row"), std::string::npos);
  EXPECT_EQ(house_.get_json("/city/v1/Overview").find("stations")->find("all")->dump(), "0");
}

TEST_F(CityTest, BadActsAreRefusedWithTheField) {
  raise();
  EXPECT_EQ(house_.post("/city/v1/Cases(1)/Acts", "{}", "chen-min").status, 400);
  EXPECT_EQ(house_.post("/city/v1/Cases(1)/Acts", R"({"act":1})", "chen-min").status, 400);
  EXPECT_EQ(house_.post("/city/v1/Cases(1)/Acts", R"({"act":"sign","x":1})", "chen-min").status,
            400);
  EXPECT_EQ(house_.post("/city/v1/Cases(7)/Acts", R"({"act":"sign"})", "chen-min").status, 404);
  EXPECT_EQ(house_.post("/city/v1/Towns", "{}", "chen-min").status, 404);
  EXPECT_EQ(act("chen-min", "sign", std::string(limits::kNoteBytes + 1, 'x')).status, 413);
}

// "6-9f86d081" to "6".
std::vector<std::string> numbers_of(std::vector<std::string> ids) {
  for (std::string& id : ids) id.resize(id.find('-'));
  return ids;
}

std::vector<std::string> ids_of(const std::string& events) {
  std::vector<std::string> ids;
  for (size_t at = events.find("id: "); at != std::string::npos; at = events.find("id: ", at + 1)) {
    ids.push_back(events.substr(at + 4, events.find('\n', at) - at - 4));
  }
  return ids;
}

Request events_request(const std::string& query, const std::string& last) {
  Request request;
  request.path = "/city/v1/Events";
  request.query = query;
  request.last_event_id = last;
  return request;
}

TEST_F(CityTest, EventsTellEachStepLive) {
  ASSERT_TRUE(house_.send(events_request("types=Alarm,Case,Reading", "")).ok());
  const auto events = house_.events;
  EXPECT_NE(events->text.find("event: hello"), std::string::npos);
  raise();
  EXPECT_EQ(ids_of(events->text).size(), 2U);
  EXPECT_NE(events->text.find(R"("set":"Alarms")"), std::string::npos);
  EXPECT_NE(events->text.find(R"("set":"Cases")"), std::string::npos);
  EXPECT_EQ(events->text.find(R"("set":"Tasks")"), std::string::npos) << "not asked for";
  EXPECT_NE(events->text.find(R"("result":3.80)"), std::string::npos);
}

TEST_F(CityTest, WhoComesBackGetsWhatWasMissedOnceAndInOrder) {
  ASSERT_TRUE(house_.send(events_request("", "")).ok());
  const auto first = house_.events;
  raise();
  const auto seen = ids_of(first->text);
  ASSERT_EQ(seen.size(), 2U);
  first->is_closed = true;
  ASSERT_EQ(act("chen-min", "sign").status, 200);
  ASSERT_EQ(act("chen-min", "finish", "done").status, 200);
  ASSERT_TRUE(house_.send(events_request("", seen[0])).ok());
  const auto again = house_.events;
  ASSERT_EQ(act("wu-tong", "return", "again").status, 200);
  EXPECT_EQ(numbers_of(ids_of(again->text)), (std::vector<std::string>{"6", "7", "8", "9"}))
      << again->text;
  EXPECT_EQ(ids_of(again->text)[0], seen[1]) << "live and caught up, an event has one id";
  EXPECT_EQ(house_.hub->listeners(), 1U) << "the closed one is forgotten";
  ASSERT_TRUE(house_.send(events_request("", "999")).ok());
  EXPECT_NE(house_.events->text.find("event: reset"), std::string::npos)
      << "a future of another folder";
  for (const char* bad : {"x", "-1", "1-", "1-12345678x", "1-1234567", "1-1234567G"}) {
    EXPECT_EQ(house_.send(events_request("", bad))->status, 400) << bad;
  }
  EXPECT_EQ(house_.send(events_request("types=Dragon", ""))->status, 400);
}

TEST_F(CityTest, EventsGoOnOverARestart) {
  raise();
  const uint64_t sequence = house_.engine->status().sequence;
  house_.close();
  house_.files.kill();
  ASSERT_TRUE(house_.open().ok());
  ASSERT_TRUE(house_.send(events_request("", std::to_string(sequence - 1))).ok());
  EXPECT_EQ(numbers_of(ids_of(house_.events->text)),
            (std::vector<std::string>{std::to_string(sequence)}));
}

bool is_reset(const CollectedEvents& events) {
  return events.text.find("event: reset") != std::string::npos;
}

// Where the end of the journal was lost with the power, its numbers are given anew.
TEST_F(CityTest, WhoSawAPastThatIsNoMoreStartsAnew) {
  ASSERT_TRUE(house_.send(events_request("", "")).ok());
  raise();
  const std::string last = ids_of(house_.events->text).back();
  for (const bool newest : {true, false}) {
    ASSERT_TRUE(house_.send(events_request("", last)).ok());
    EXPECT_FALSE(is_reset(*house_.events)) << house_.events->text;
    EXPECT_EQ(ids_of(house_.events->text).size(), newest ? 0U : 1U);
    std::string other = last;
    other.back() = other.back() == '0' ? '1' : '0';
    ASSERT_TRUE(house_.send(events_request("", other)).ok());
    EXPECT_TRUE(is_reset(*house_.events)) << house_.events->text;
    EXPECT_TRUE(ids_of(house_.events->text).empty());
    if (newest) read("3.90");
  }
}

TEST_F(CityTest, WhoMissedTooManyFramesStartsAnew) {
  EventHub hub(*house_.engine, house_.files, journal_folder(kTestFolder), 3);
  const uint64_t before = house_.engine->status().sequence;
  house_.engine->subscribe(
      [&hub](const std::shared_ptr<const Frame>& frame) { hub.publish(frame); });
  for (const char* value : {"1.0", "1.1", "1.2", "1.3"}) read(value);
  std::vector<std::shared_ptr<CollectedEvents>> joined;
  for (const auto& [missed, reset] : {std::pair{uint64_t{3}, false}, {uint64_t{4}, true}}) {
    const auto events = std::make_shared<CollectedEvents>();
    hub.join(events, {}, EventId{before + 4 - missed, ""}, rendering_of("h", Face::city));
    EXPECT_EQ(is_reset(*events), reset) << events->text;
    EXPECT_EQ(ids_of(events->text).size(), reset ? 0U : missed);
    joined.push_back(events);
  }
  EXPECT_EQ(hub.listeners(), 2U);
  for (const auto& events : joined) events->is_closed = true;
  hub.keep_alive();
  EXPECT_EQ(hub.listeners(), 0U) << "no frame need come for the closed to be forgotten";
  static_assert(limits::kCatchUpFrames == 20'000);
}

// What does not fit before a reader takes it would cut the reader off, again and again.
TEST_F(CityTest, WhoMissedTooManyBytesStartsAnew) {
  const uint64_t before = house_.engine->status().sequence;
  const std::string large = "\"" + std::string(500'000, 'x') + "\"";
  for (size_t sent = 0; sent <= limits::kFeedBacklogBytes / 2; sent += large.size()) read(large);
  ASSERT_TRUE(house_.send(events_request("", std::to_string(before))).ok());
  EXPECT_TRUE(is_reset(*house_.events));
  EXPECT_LE(house_.events->text.size(), limits::kFeedBacklogBytes / 2 + 1000);
  EXPECT_EQ(house_.hub->listeners(), 1U) << "it goes on from here";
}

TEST_F(CityTest, AnEventIsOneLineOfData) {
  ASSERT_TRUE(house_.send(events_request("types=Reading", "")).ok());
  read("{\n\"a\":\r\n1}");
  const std::string& text = house_.events->text;
  const size_t data = text.find("\ndata: {\"sequence\"", text.find("event: changes"));
  ASSERT_NE(data, std::string::npos) << text;
  EXPECT_EQ(text.find_first_of("\r\n", data + 1), text.size() - 2) << text;
  EXPECT_NE(text.find(R"("result":{ "a":  1})"), std::string::npos) << text;
}

// What was said of a reading, by whom and why, is there when the reading itself is gone.
TEST_F(CityTest, AQualityIsSaidChangedAndTakenBack) {
  read("3.00");
  const std::string path = "/city/v1/Observations(1)/Quality";
  EXPECT_TRUE(house_.get_json(path).find("quality")->is_null());
  EXPECT_EQ(house_.put(path, R"({"quality":"doubtful","reason":"ice"})", "chen-min").status, 200);
  const std::string by_hand = R"({"quality":"corrected","result":2.90,"reason":"read by hand"})";
  const Response corrected = house_.put(path, by_hand, "chen-min");
  ASSERT_EQ(corrected.status, 200) << corrected.body;
  EXPECT_EQ(house_.get_json("/city/v1/Observations(1)").find("quality")->as_string(), "corrected");
  EXPECT_EQ(house_.get_json("/v1.1/Observations(1)").find("result")->dump(), "2.90");
  const Json found = house_.get_json("/city/v1/Observations?$filter=quality%20eq%20'corrected'");
  EXPECT_EQ(found.find("value")->items().size(), 1U);
  EXPECT_EQ(house_.del(path, "chen-min").status, 200);
  EXPECT_EQ(house_.del("/v1.1/Observations(1)", "chen-min").status, 200);
  const Json said = house_.get_json(path);
  EXPECT_TRUE(said.find("removed")->as_bool());
  ASSERT_EQ(said.find("versions")->items().size(), 4U);
  const Json& second = said.find("versions")->items()[1];
  EXPECT_EQ(second.find("actor")->as_string(), "chen-min");
  EXPECT_EQ(second.find("reason")->as_string(), "read by hand");
  EXPECT_EQ(second.find("before")->find("result")->dump(), "3.00");
  EXPECT_EQ(second.find("before")->find("quality")->as_string(), "doubtful");
}

TEST_F(CityTest, AQualityThatIsNoneIsRefused) {
  read("3.00");
  const std::string path = "/city/v1/Observations(1)/Quality";
  for (const char* body :
       {"", "[]", "{}", R"({"quality":"fine"})", R"({"quality":5})", R"({"quality":"bad","x":1})",
        R"({"quality":"bad","result":1})", R"({"quality":"bad","reason":5})"}) {
    EXPECT_EQ(house_.put(path, body, "chen-min").status, 400) << body;
  }
  EXPECT_EQ(house_.put("/city/v1/Observations(9)/Quality",
                       R"({"quality":"bad","reason":"ice"})", "chen-min").status, 404);
  EXPECT_EQ(house_.get("/city/v1/Observations(9)/Quality").status, 404);
  EXPECT_EQ(house_.put("/city/v1/Cases(1)/Acts", R"({"quality":"bad"})").status, 404);
}

// What others leave out of account must be answered for: why, and by whom.
TEST_F(CityTest, WhoFindsFaultWithAReadingSaysWhyAndWho) {
  read("3.00");
  const std::string path = "/city/v1/Observations(1)/Quality";
  const std::string of_span = fmt::format(R"({{"from":"{}","to":"{}",)", to_text(kTestStart),
                                          to_text(kTestStart + std::chrono::hours{1}));
  const auto span = [&](const std::string& rest, const char* actor) {
    return house_.patch("/city/v1/Datastreams(1)/Quality", of_span + rest + "}", actor);
  };
  for (const std::string quality : {"doubtful", "bad", "corrected"}) {
    const std::string said = R"("quality":")" + quality + R"(")";
    for (const std::string reason : {"", R"(,"reason":"")", R"(,"reason":" ")"}) {
      const Response refused = house_.put(path, "{" + said + reason + "}", "chen-min");
      EXPECT_EQ(refused.status, 400) << quality << reason;
      EXPECT_NE(refused.body.find(R"("field":"reason")"), std::string::npos) << refused.body;
      EXPECT_EQ(span(said + reason, "chen-min").status, 400) << quality << reason;
    }
    for (const char* actor : {"", "nobody"}) {
      const std::string because = said + R"(,"reason":"ice")";
      const Response refused = house_.put(path, "{" + because + "}", actor);
      EXPECT_EQ(refused.status, 403) << quality << actor;
      EXPECT_NE(refused.body.find("X-Duliang-Actor"), std::string::npos) << refused.body;
      const int status = span(because, actor).status;
      EXPECT_EQ(status, quality == "corrected" ? 400 : 403) << "of a span there is none";
    }
  }
  EXPECT_TRUE(house_.get_json(path).find("versions")->items().empty());
  EXPECT_EQ(house_.put(path, R"({"quality":"good"})").status, 200);
  EXPECT_EQ(span(R"("quality":null)", "").body, R"({"changed":1})");
}

TEST_F(CityTest, AQualityIsSaidOfASpanOfAStream) {
  for (const char* value : {"3.00", "3.01", "9.99", "3.02"}) read(value);
  const std::string path = "/city/v1/Datastreams(1)/Quality";
  const auto span = [&](int from_s, int to_s, const std::string& rest) {
    return fmt::format(R"({{"from":"{}","to":"{}",{}}})",
                       to_text(kTestStart + std::chrono::seconds{from_s}),
                       to_text(kTestStart + std::chrono::seconds{to_s}), rest);
  };
  const std::string bad = R"("quality":"bad","reason":"probe was dirty")";
  const Response said = house_.patch(path, span(20, 40, bad), "chen-min");
  EXPECT_EQ(said.status, 200) << said.body;
  EXPECT_EQ(said.body, R"({"changed":2})") << "from, and before to";
  EXPECT_EQ(house_.patch(path, span(20, 40, bad), "chen-min").body, R"({"changed":0})");
  const Json quality = house_.get_json("/city/v1/Observations(3)/Quality");
  EXPECT_EQ(quality.find("quality")->as_string(), "bad");
  const Json& version = quality.find("versions")->items().at(0);
  EXPECT_EQ(version.find("actor")->as_string(), "chen-min");
  EXPECT_EQ(version.find("reason")->as_string(), "probe was dirty");
  EXPECT_EQ(house_.get_json("/city/v1/Observations(4)").find("quality"), nullptr);
  EXPECT_EQ(house_.patch(path, span(0, 99, R"("quality":null)")).body, R"({"changed":2})");
  for (const std::string none : {"Datastreams(7)", "Things(1)"}) {
    const std::string none_such = "/city/v1/" + none + "/Quality";
    EXPECT_EQ(house_.patch(none_such, span(0, 9, bad), "chen-min").status, 404) << none;
  }
  for (const std::string& wrong :
       {std::string("[]"), std::string("{}"), span(9, 9, bad), span(0, 9, R"("quality":"odd")"),
        span(0, 9, R"("quality":"corrected")"), span(0, 9, R"("reason":"no quality")"),
        span(0, 9, R"("quality":"bad","result":1)"), span(0, 9, R"("quality":"bad","reason":1)"),
        std::string(R"({"from":"now","to":"later","quality":"bad"})")}) {
    EXPECT_EQ(house_.patch(path, wrong, "chen-min").status, 400) << wrong;
  }
}

}  // namespace
}  // namespace duliang
