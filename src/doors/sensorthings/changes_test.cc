// PATCH and PUT of entities, and the conditions of a change: what the client sees. What becomes of
// two changes at once, and of the rules, is shown by engine_change_test.
#include "doors/house_for_test.h"
#include "doors/station_for_test.h"

namespace duliang {
namespace {

class ChangesTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(house_.open().ok());
    for (const char* name : {"甲", "乙"}) {
      ASSERT_EQ(house_.post("/v1.1/Things", station_body(name)).status, 201);
    }
  }
  static std::string header(const Response& response, std::string_view name) {
    for (const auto& [known, value] : response.headers) {
      if (known == name) return value;
    }
    return {};
  }
  std::string etag(const std::string& target) { return header(house_.get(target), "ETag"); }
  Response with_match(Method method, const std::string& path, const std::string& tags,
                      const std::string& body = "") {
    Request request;
    request.method = method;
    request.path = path;
    request.body = body;
    request.if_match = tags;
    return *house_.send(request);
  }
  // 400, and the field that is named.
  void refused(const Response& response, std::string_view field) {
    EXPECT_EQ(response.status, 400) << field << response.body;
    const std::string named = fmt::format(R"("field":"{}")", field);
    EXPECT_NE(response.body.find(named), std::string::npos) << response.body;
  }
  std::string member(const std::string& target, std::string_view name) {
    const Json json = house_.get_json(target);
    const Json* found = json.find(name);
    return found == nullptr ? "" : found->dump();
  }

  HouseForTest house_;
};

TEST_F(ChangesTest, APatchChangesWhatItNames) {
  const Response patched = house_.patch(
      "/v1.1/Things(1)", R"({"name":"丙","properties":{"owner":{"id":1.50}},"@iot.id":9})");
  ASSERT_EQ(patched.status, 200) << patched.body;
  const Json now = house_.get_json("/v1.1/Things(1)");
  EXPECT_EQ(parse_json(patched.body).value(), now);
  EXPECT_EQ(now.find("name")->as_string(), "丙");
  EXPECT_EQ(now.find("description")->as_string(), "d");
  EXPECT_EQ(now.find("properties")->dump(), R"({"owner":{"id":1.50}})") << "replaced as a whole";
  EXPECT_EQ(house_.patch("/v1.1/Things(1)", R"({"properties":null})").status, 200);
  EXPECT_EQ(member("/v1.1/Things(1)", "properties"), "");
  EXPECT_EQ(house_.patch("/v1.1/Things(1)", "{}").status, 200) << "nothing has to be done";
  EXPECT_EQ(member("/v1.1/Things(2)", "name"), R"("乙")");
}

TEST_F(ChangesTest, EveryEntityIsPatched) {
  const char* feature = R"({"name":"f","description":"d","encodingType":"application/geo+json",
                            "feature":{"type":"Point","coordinates":[1,2]}})";
  const char* history = R"({"time":"2026-11-24T05:00:00Z","Thing":{"@iot.id":1},
                            "Locations":[{"@iot.id":1}]})";
  ASSERT_EQ(house_.post("/v1.1/FeaturesOfInterest", feature).status, 201);
  ASSERT_EQ(house_.post("/v1.1/HistoricalLocations", history).status, 201);
  for (const char* set : {"Things", "Locations", "Datastreams", "Sensors", "ObservedProperties",
                          "FeaturesOfInterest"}) {
    const std::string path = "/v1.1/" + std::string(set) + "(1)";
    EXPECT_EQ(house_.patch(path, R"({"description":"other"})").status, 200) << set;
    EXPECT_EQ(member(path, "description"), R"("other")") << set;
    EXPECT_NE(member(path, "name"), "") << set;
  }
  const std::string path = "/v1.1/HistoricalLocations(1)";
  EXPECT_EQ(house_.patch(path, R"({"time":"2026-11-24T14:00:00+08:00"})").status, 200);
  EXPECT_EQ(member(path, "time"), R"("2026-11-24T06:00:00Z")");
}

TEST_F(ChangesTest, RefusalsOfAPatchNameTheField) {
  const std::string thing = "/v1.1/Things(1)";
  const std::string stream = "/v1.1/Datastreams(1)";
  refused(house_.patch(thing, R"({"name":null})"), "name");
  refused(house_.patch(thing, R"({"name":5})"), "name");
  refused(house_.patch(thing, R"({"nmae":"x"})"), "nmae");
  refused(house_.patch(thing, R"({"properties":[1]})"), "properties");
  refused(house_.patch(thing, R"({"Alarms":[]})"), "Alarms");
  refused(house_.patch(thing, R"({"Locations":{"@iot.id":1}})"), "Locations");
  refused(house_.patch(thing, R"({"Locations":[{"name":"new"}]})"), "Locations[0]");
  refused(house_.patch(thing, R"({"Locations":[{"@iot.id":9}]})"), "Locations");
  refused(house_.patch(stream, R"({"Thing":{"name":"new","description":"d"}})"), "Thing");
  refused(house_.patch(stream, R"({"Thing":null})"), "Thing");
  refused(house_.patch(stream, R"({"Thing":{"@iot.id":9}})"), "Thing");
  refused(house_.patch(stream, R"({"Observations":[]})"), "Observations");
  refused(house_.patch("/v1.1/HistoricalLocations(1)", R"({"time":"noon"})"), "time");
  EXPECT_EQ(house_.patch(thing, "[]").status, 400);
  EXPECT_EQ(house_.patch(thing, "{").status, 400);
  EXPECT_EQ(house_.patch("/v1.1/Things(9)", R"({"name":"x"})").status, 404);
  EXPECT_EQ(house_.patch("/v1.1/Alarms(1)", "{}").status, 404) << "of the city";
  const std::string long_name(limits::kNameBytes + 1, 'x');
  EXPECT_EQ(house_.patch(thing, R"({"name":")" + long_name + "\"}").status, 413);
  std::string many = R"({"Locations":[)";
  for (size_t i = 0; i <= limits::kDeepInsertRows; ++i) many += R"({"@iot.id":1},)";
  many.back() = ']';
  EXPECT_EQ(house_.patch(thing, many + "}").status, 413);
  EXPECT_EQ(member(thing, "name"), R"("甲")");
}

TEST_F(ChangesTest, APatchLeadsElsewhere) {
  EXPECT_EQ(house_.patch("/v1.1/Datastreams(1)", R"({"Thing":{"@iot.id":2}})").status, 200);
  EXPECT_EQ(member("/v1.1/Datastreams(1)/Thing", "@iot.id"), "2");
  EXPECT_TRUE(house_.get_json("/v1.1/Things(1)/Datastreams").find("value")->items().empty());
  // From the other side, several at once.
  const char* both = R"({"Datastreams":[{"@iot.id":1},{"@iot.id":2},{"@iot.id":1}]})";
  EXPECT_EQ(house_.patch("/v1.1/Things(1)", both).status, 200);
  EXPECT_EQ(house_.get_json("/v1.1/Things(1)/Datastreams").find("value")->items().size(), 2U);
  EXPECT_EQ(house_.patch("/v1.1/Things(1)", R"({"Locations":[{"@iot.id":2}]})").status, 200);
  EXPECT_EQ(house_.get("/v1.1/Things(1)/Locations(2)").status, 200);
}

TEST_F(ChangesTest, APutTakesAwayWhatItDoesNotName) {
  const std::string path = "/v1.1/Datastreams(1)";
  Json stream = house_.get_json(path);  // what was read may be sent back
  std::erase_if(stream.members(), [](const auto& one) { return one.first == "properties"; });
  stream["name"] = Json("renamed");
  const Response put = house_.put(path, stream.dump());
  ASSERT_EQ(put.status, 200) << put.body;
  EXPECT_EQ(member(path, "name"), R"("renamed")");
  EXPECT_EQ(member(path, "properties"), "");
  EXPECT_EQ(member(path + "/Thing", "@iot.id"), "1") << "relations that are not named stay";
  EXPECT_EQ(parse_json(put.body).value(), house_.get_json(path));
  refused(house_.put("/v1.1/Things(1)", R"({"name":"x"})"), "description");
  refused(house_.put("/v1.1/Things(1)", R"({"name":"x","description":null})"), "description");
  EXPECT_EQ(house_.put("/v1.1/Things(9)", R"({"name":"x","description":"d"})").status, 404);
  EXPECT_EQ(house_.put("/v1.1/Things(1)", R"({"name":"x","description":"d"})").status, 200);
}

TEST_F(ChangesTest, AnObservationIsPut) {
  ASSERT_EQ(house_.post("/v1.1/Datastreams(1)/Observations",
                        R"({"result":1,"resultTime":"2026-11-24T05:00:00Z","parameters":{"a":1}})")
                .status,
            201);
  const std::string path = "/v1.1/Observations(1)";
  refused(house_.put(path, R"({"result":2})"), "phenomenonTime");
  refused(house_.put(path, R"({"phenomenonTime":"2026-11-24T05:00:00Z"})"), "result");
  Json reading = house_.get_json(path);
  for (const char* name : {"resultTime", "parameters"}) {
    std::erase_if(reading.members(), [&](const auto& one) { return one.first == name; });
  }
  reading["result"] = Json(2);
  ASSERT_EQ(house_.put(path, reading.dump()).status, 200);
  EXPECT_EQ(member(path, "result"), "2");
  EXPECT_EQ(member(path, "resultTime"), "null");
  EXPECT_EQ(member(path, "parameters"), "");
}

TEST_F(ChangesTest, AChangeThatExpectsAnotherVersionIsRefused) {
  const std::string path = "/v1.1/Things(1)";
  const std::string first = etag(path);
  ASSERT_GT(first.size(), 2U);
  EXPECT_EQ(etag(path + "?$select=name"), first);
  EXPECT_EQ(etag("/v1.1/Things"), "") << "a set has none";
  const Response patched = with_match(Method::patch, path, first, R"({"name":"a"})");
  ASSERT_EQ(patched.status, 200) << patched.body;
  const std::string second = etag(path);
  EXPECT_EQ(header(patched, "ETag"), second);
  EXPECT_NE(second, first);
  for (const Method method : {Method::patch, Method::put, Method::del}) {
    const Response other = with_match(method, path, first, R"({"name":"b","description":"d"})");
    EXPECT_EQ(other.status, 412) << other.body;
    EXPECT_NE(other.body.find(R"("type":"precondition_failed")"), std::string::npos) << other.body;
  }
  EXPECT_EQ(member(path, "name"), R"("a")");
  EXPECT_EQ(with_match(Method::patch, "/v1.1/Things(9)", first, "{}").status, 404);
  const std::string either = first + ", " + second;
  EXPECT_EQ(with_match(Method::put, path, either, R"({"name":"c","description":"d"})").status, 200);
  EXPECT_EQ(with_match(Method::del, path, "*").status, 200);
}

TEST_F(ChangesTest, AnObservationHasAVersionOfItsOwn) {
  const std::string path = "/v1.1/Observations(1)";
  ASSERT_EQ(house_.post("/v1.1/Datastreams(1)/Observations", R"({"result":1})").status, 201);
  ASSERT_EQ(house_.post("/v1.1/Datastreams(1)/Observations", R"({"result":1})").status, 201);
  const std::string first = etag(path);
  EXPECT_NE(etag("/v1.1/Observations(2)"), first);
  ASSERT_TRUE(house_.engine->checkpoint().ok());
  EXPECT_EQ(etag(path), first) << "wherever it is kept";
  const Response patched = with_match(Method::patch, path, first, R"({"result":2})");
  EXPECT_EQ(patched.status, 200) << patched.body;
  EXPECT_EQ(header(patched, "ETag"), etag(path));
  EXPECT_EQ(with_match(Method::patch, path, first, R"({"result":3})").status, 412);
  EXPECT_EQ(with_match(Method::del, path, first).status, 412);
  EXPECT_EQ(with_match(Method::del, path, etag(path)).status, 200);
}

TEST_F(ChangesTest, AFeatureOfInterestGoesOnlyAsItIsExpected) {
  const char* feature = R"({"name":"f","description":"d","encodingType":"application/geo+json",
                            "feature":{"type":"Point","coordinates":[1,2]}})";
  ASSERT_EQ(house_.post("/v1.1/FeaturesOfInterest", feature).status, 201);
  const char* reading = R"({"result":1,"FeatureOfInterest":{"@iot.id":1}})";
  ASSERT_EQ(house_.post("/v1.1/Datastreams(1)/Observations", reading).status, 201);
  const std::string path = "/v1.1/FeaturesOfInterest(1)";
  EXPECT_EQ(with_match(Method::del, path, R"("0")").status, 412);
  EXPECT_EQ(house_.get("/v1.1/Observations(1)").status, 200) << "nor did its readings";
  EXPECT_EQ(with_match(Method::del, path, etag(path)).status, 200);
  EXPECT_EQ(house_.get("/v1.1/Observations(1)").status, 404);
}

TEST_F(ChangesTest, WhatTheClientHasIsNotSentAgain) {
  const auto get = [this](const std::string& path, const std::string& tags,
                          const std::string& query = "") {
    Request request;
    request.path = path;
    request.query = query;
    request.if_none_match = tags;
    return *house_.send(request);
  };
  const std::string path = "/v1.1/Things(1)";
  const std::string tag = etag(path);
  const Response known = get(path, R"("0", W/)" + tag);
  EXPECT_EQ(known.status, 304);
  EXPECT_EQ(known.body, "");
  EXPECT_EQ(header(known, "ETag"), tag);
  EXPECT_EQ(get(path, R"("0")").status, 200);
  EXPECT_EQ(get(path, tag, "$expand=Locations").status, 200) << "a Location may have changed";
  EXPECT_EQ(get("/v1.1/Datastreams(1)", etag("/v1.1/Datastreams(1)")).status, 200)
      << "its times are those of its readings";
}

// Who was not answered asks again with the condition under which it was done.
TEST_F(ChangesTest, AKeyIsStrongerThanACondition) {
  Request request;
  request.method = Method::patch;
  request.path = "/v1.1/Things(1)";
  request.body = R"({"name":"x"})";
  request.idempotency_key = "k1";
  request.if_match = etag(request.path);
  EXPECT_EQ(house_.send(request)->status, 200);
  EXPECT_EQ(house_.send(request)->status, 200);
  request.idempotency_key = "k2";
  EXPECT_EQ(house_.send(request)->status, 412);
}

}  // namespace
}  // namespace duliang
