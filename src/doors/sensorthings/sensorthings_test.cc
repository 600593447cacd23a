#include "doors/house_for_test.h"
#include "doors/sensorthings/observation.h"
#include "doors/station_for_test.h"

namespace duliang {
namespace {

Result<Reading> observation(const std::string& body, int64_t stream = 1) {
  static JsonScanner scanner;
  return parse_observation(scanner, body, StreamId{stream});
}

TEST(Observation, KeepsWhatCame) {
  for (const char* result : {"1", "1.0", "21.50", "-0.0", "1e3", "true", "null", R"("text")",
                             R"({"a": [1]})", "[1, 2.50]", "9007199254740993"}) {
    const auto reading = observation(fmt::format(R"({{"result": {}}})", result));
    ASSERT_TRUE(reading.ok()) << result << reading.error().message;
    EXPECT_EQ(reading->result, result);
    EXPECT_EQ(reading->phenomenon_time.begin, kUnsetTime);
  }
}

// A live event and a line of a dump are one line.
TEST(Observation, LineBreaksBetweenThePartsOfAResultBecomeSpaces) {
  const auto reading = observation(
      "{\"result\":{\r\n\"a\":\n[1,\r2]},\"parameters\":{\n\"b\":\r\n\"c\\n\"},"
      "\"resultQuality\":[\n1]}");
  ASSERT_TRUE(reading.ok()) << reading.error().message;
  EXPECT_EQ(reading->result, "{  \"a\": [1, 2]}");
  EXPECT_EQ(reading->extras.find_first_of("\r\n"), std::string::npos) << reading->extras;
  EXPECT_NE(reading->extras.find(R"({"b":"c\n"})"), std::string::npos) << reading->extras;
}

TEST(Observation, TakesAllMembers) {
  const auto reading = observation(
      R"({"phenomenonTime":"2026-11-24T06:00:00Z/2026-11-24T07:00:00Z",
          "resultTime":"2026-11-24T15:00:00+08:00",
          "result":3,"Datastream":{"@iot.id":4},"FeatureOfInterest":{"@iot.id":2},
          "validTime":"2026-11-24T06:00:00Z/2026-11-25T06:00:00Z","parameters":{"a":1.50},
          "resultQuality":"good"})",
      0);
  ASSERT_TRUE(reading.ok()) << reading.error().message;
  EXPECT_EQ(reading->stream, StreamId{4});
  EXPECT_EQ(reading->feature, RowId{2});
  EXPECT_EQ(to_text(reading->phenomenon_time), "2026-11-24T06:00:00Z/2026-11-24T07:00:00Z");
  EXPECT_EQ(to_text(*reading->result_time), "2026-11-24T07:00:00Z");
  EXPECT_NE(reading->extras.find(R"("parameters":{"a":1.50})"), std::string::npos);
}

TEST(Observation, RefusalsNameTheField) {
  struct Case {
    const char* body;
    const char* field;
  };
  for (const Case& one : {Case{"{}", "result"},
                          Case{R"({"result":1,"phenomenonTime":"yesterday"})", "phenomenonTime"},
                          Case{R"({"result":1,"phenomenonTime":5})", "phenomenonTime"},
                          Case{R"({"result":1,"resultTime":"2026-02-30T00:00:00Z"})", "resultTime"},
                          Case{R"({"result":1,"Datastream":{"@iot.id":2}})", "Datastream"},
                          Case{R"({"result":1,"Datastream":{"@iot.id":"x"}})", "Datastream"},
                          Case{R"({"result":1,"Datastream":5})", "Datastream"},
                          Case{R"({"result":1,"parameters":[1]})", "parameters"},
                          Case{R"({"result":1,"validTime":"x"})", "validTime"},
                          Case{R"({"result":1,"reslut":2})", "reslut"}}) {
    const auto reading = observation(one.body);
    ASSERT_FALSE(reading.ok()) << one.body;
    EXPECT_EQ(reading.error().code, Code::bad_input);
    EXPECT_EQ(reading.error().field, one.field) << one.body;
  }
  for (const char* body : {"", "{", "[]", "1", R"({"result":1}x)", R"({"result":01})",
                           R"({"result":1,"result":2})", "{\"result\":\"\xff\"}"}) {
    EXPECT_FALSE(observation(body).ok()) << body;
  }
  EXPECT_EQ(observation(R"({"result":1})", 0).error().field, "Datastream");
}

class SensorThingsTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(house_.open().ok()); }
  HouseForTest house_;
};

TEST_F(SensorThingsTest, DeepInsertMakesAllOrNothing) {
  const Response made = house_.post("/v1.1/Things", station_body("甲"));
  EXPECT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.location, "http://127.0.0.1:8080/v1.1/Things(1)");
  EXPECT_EQ(house_.get_json("/v1.1/Things(1)/Locations").find("value")->items().size(), 1U);
  EXPECT_EQ(house_.get_json("/v1.1/Datastreams(1)/ObservedProperty").find("name")->as_string(),
            "water_level");
  std::string broken = station_body("乙");
  broken.replace(broken.find("\"metadata\":\"m\""), 14, "\"meta\":\"m\"   ");
  const Response refused = house_.post("/v1.1/Things", broken);
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(refused.body.find("Datastreams[0].Sensor.meta"), std::string::npos) << refused.body;
  EXPECT_EQ(house_.get_json("/v1.1/Things").find("value")->items().size(), 1U);
  EXPECT_EQ(house_.get_json("/v1.1/Locations").find("value")->items().size(), 1U);
}

TEST_F(SensorThingsTest, PostToARelationTakesItsParent) {
  ASSERT_EQ(house_.post("/v1.1/Things", station_body("甲")).status, 201);
  const char* stream = R"({"name":"x","description":"d","observationType":"o",
    "unitOfMeasurement":{"name":"m","symbol":"m","definition":null},
    "Sensor":{"@iot.id":1},"ObservedProperty":{"@iot.id":1}})";
  const Response made = house_.post("/v1.1/Things(1)/Datastreams", stream);
  EXPECT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(house_.get_json("/v1.1/Datastreams(2)/Thing").find("@iot.id")->dump(), "1");
  EXPECT_EQ(house_.post("/v1.1/Things(9)/Datastreams", stream).status, 404);
  const Response missing = house_.post("/v1.1/Datastreams", stream);
  EXPECT_EQ(missing.status, 400);
  EXPECT_NE(missing.body.find("Thing"), std::string::npos);
  std::string nowhere = stream;
  nowhere.replace(nowhere.find("\"Sensor\":{\"@iot.id\":1}"), 22, "\"Sensor\":{\"@iot.id\":8}");
  EXPECT_EQ(house_.post("/v1.1/Things(1)/Datastreams", nowhere).status, 400);
  const Response location =
      house_.post("/v1.1/Things(1)/Locations",
                  R"({"name":"l","description":"d","encodingType":"application/geo+json",
          "location":{"type":"Point","coordinates":[1,2]}})");
  EXPECT_EQ(location.status, 201) << location.body;
  EXPECT_EQ(house_.get_json("/v1.1/Things(1)/Locations").find("value")->items().size(), 1U);
  const Json been = house_.get_json("/v1.1/Things(1)/HistoricalLocations");
  EXPECT_EQ(been.find("value")->items().size(), 2U) << "a Thing is at one place at a time";
}

TEST_F(SensorThingsTest, AnObservationComesOutAsItWentIn) {
  ASSERT_EQ(house_.post("/v1.1/Things", station_body("甲")).status, 201);
  const Response made = house_.post("/v1.1/Observations",
                                    R"({"result":21.50,"phenomenonTime":"2026-11-24T14:00:00+08:00",
                                        "Datastream":{"@iot.id":1},"parameters":{"n":1.0}})");
  ASSERT_EQ(made.status, 201) << made.body;
  const Json json = house_.get_json(made.location.substr(21));
  EXPECT_EQ(json.find("result")->dump(), "21.50");
  EXPECT_EQ(json.find("phenomenonTime")->as_string(), "2026-11-24T06:00:00Z");
  EXPECT_TRUE(json.find("resultTime")->is_null()) << "shown as null where it is not known";
  EXPECT_EQ(json.find("parameters")->dump(), R"({"n":1.0})");
  EXPECT_EQ(house_.get_json("/v1.1/Datastreams(1)").find("phenomenonTime")->as_string(),
            "2026-11-24T06:00:00Z");
}

TEST_F(SensorThingsTest, RefusalsOfTheEngineReachTheClient) {
  EXPECT_EQ(house_.post("/v1.1/Datastreams(5)/Observations", R"({"result":1})").status, 404);
  ASSERT_EQ(house_.post("/v1.1/Things", station_body("甲")).status, 201);
  EXPECT_EQ(house_
                .post("/v1.1/Datastreams(1)/Observations",
                      R"({"result":1,"FeatureOfInterest":{"@iot.id":3}})")
                .status,
            400);
  const Response to_entity = house_.post("/v1.1/Things(1)", "{}");
  EXPECT_EQ(to_entity.status, 405);
  ASSERT_EQ(to_entity.headers.size(), 1U);
  EXPECT_EQ(to_entity.headers[0], (std::pair<std::string, std::string>{"Allow", "GET"}));
  EXPECT_EQ(house_.post("/v1.1/Datastreams(1)/Thing", "{}").status, 405);
  EXPECT_EQ(house_.post("/v1.1/Things", "{").status, 400);
  EXPECT_EQ(house_.post("/v1.1/Things", "[]").status, 400);
}

TEST_F(SensorThingsTest, WhatNamesTheDatastreamDecidesWhichFaultItIs) {
  ASSERT_EQ(house_.post("/v1.1/Things", station_body("甲")).status, 201);
  for (const char* url : {"Datastreams(0)", "Datastreams(-1)", "Datastreams(9)"}) {
    const std::string path = "/v1.1/" + std::string(url) + "/Observations";
    EXPECT_EQ(house_.post(path, R"({"result":1})").status, 404) << url;
    EXPECT_EQ(house_.post(path, R"({"result":1,"Datastream":{"@iot.id":1}})").status,
              std::string_view(url) == "Datastreams(9)" ? 400 : 404)
        << url;
  }
  const Response named =
      house_.post("/v1.1/Observations", R"({"result":1,"Datastream":{"@iot.id":9}})");
  EXPECT_EQ(named.status, 400);
  EXPECT_NE(named.body.find(R"("field":"Datastream")"), std::string::npos) << named.body;
  EXPECT_EQ(house_.post("/v1.1/Things(1)/Datastreams(1)/Observations", R"({"result":1})").status,
            201);
}

// Alarms come from rules and cases from alarms: nobody posts one.
TEST_F(SensorThingsTest, EntitiesOfTheCityAreNotWritten) {
  ASSERT_EQ(house_.post("/v1.1/Things", station_body("甲")).status, 201);
  const std::string rule = R"("Rule":{"key":"k","version":"1","name":"n","declaration":5})";
  const std::string alarm = R"({"title":"t","level":1,"state":"active",)" + rule + "}";
  EXPECT_EQ(house_.post("/v1.1/Datastreams(1)/Alarms", alarm).status, 404);
  EXPECT_EQ(house_.post("/v1.1/Rules", "{}").status, 404);
  std::string deep = station_body("乙");
  const std::string stream = R"("name":"level",)";
  deep.replace(deep.find(stream), stream.size(), stream + R"("Alarms":[)" + alarm + "],");
  const Response refused = house_.post("/v1.1/Things", deep);
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(refused.body.find("Datastreams[0].Alarms"), std::string::npos) << refused.body;
  EXPECT_EQ(house_.get_json("/v1.1/Things").find("value")->items().size(), 1U);
  for (const char* set : {"Alarms", "Rules", "Cases"}) {
    const Json json = house_.get_json("/city/v1/" + std::string(set));
    EXPECT_TRUE(json.find("value")->items().empty()) << set;
  }
}

TEST_F(SensorThingsTest, UnitAndPropertiesAreObjects) {
  const std::string good = station_body("甲");
  const auto with = [&](std::string_view from, std::string_view to) {
    std::string body = good;
    body.replace(body.find(from), from.size(), to);
    return house_.post("/v1.1/Things", body);
  };
  const std::string_view unit = R"({"name":"metre","symbol":"m","definition":null})";
  for (const char* wrong : {R"("m")", "5", "true", "[1]", "null"}) {
    const Response refused = with(unit, wrong);
    EXPECT_EQ(refused.status, 400) << wrong;
    EXPECT_NE(refused.body.find(R"("field":"Datastreams[0].unitOfMeasurement")"), std::string::npos)
        << refused.body;
  }
  const Response refused = with(R"({"guaranteed_m":3.6,"warning_m":3.2})", "[]");
  EXPECT_EQ(refused.status, 400);
  EXPECT_NE(refused.body.find("Datastreams[0].properties"), std::string::npos) << refused.body;
}

TEST_F(SensorThingsTest, WhatIsComputedIsIgnoredWhereItIsSent) {
  std::string body = station_body("甲");
  const std::string stream = R"("name":"level",)";
  body.replace(body.find(stream), stream.size(),
               stream + R"("phenomenonTime":"2020-01-01T00:00:00Z/2021-01-01T00:00:00Z",)" +
                   R"("resultTime":"2020-01-01T00:00:00Z","observedArea":{"type":"Polygon"},)");
  ASSERT_EQ(house_.post("/v1.1/Things", body).status, 201);
  const Json json = house_.get_json("/v1.1/Datastreams(1)");
  for (const char* name : {"phenomenonTime", "resultTime", "observedArea"}) {
    EXPECT_EQ(json.find(name), nullptr) << json.dump();
  }
  const Json found = house_.get_json("/v1.1/Datastreams?$filter=phenomenonTime%20eq%20null");
  EXPECT_EQ(found.find("value")->items().size(), 1U);
}

TEST_F(SensorThingsTest, LimitsOfADeepInsert) {
  std::string many = R"({"name":"n","description":"d","Locations":[)";
  for (size_t i = 0; i < limits::kDeepInsertRows; ++i) {
    many += R"({"name":"l","description":"d","encodingType":"e","location":1},)";
  }
  many.back() = ']';
  EXPECT_EQ(house_.post("/v1.1/Things", many + "}").status, 413);
  EXPECT_EQ(
      house_.post("/v1.1/Things", station_body(std::string(limits::kNameBytes + 1, 'x'))).status,
      413);
  const std::string english = std::string(limits::kNameBytes + 1, 'x');
  const Response long_english =
      house_.post("/v1.1/Things", station_body("甲", R"(,"nameEn":")" + english + "\""));
  EXPECT_EQ(long_english.status, 413);
  EXPECT_NE(long_english.body.find(R"("field":"properties.nameEn")"), std::string::npos);
}

TEST_F(SensorThingsTest, CreateObservationsAnswersEachRow) {
  ASSERT_EQ(house_.post("/v1.1/Things", station_body("甲")).status, 201);
  const Response made = house_.post("/v1.1/CreateObservations", R"([
    {"Datastream":{"@iot.id":1},"components":["phenomenonTime","result"],
     "dataArray":[["2026-11-24T05:00:00Z",3.10],["never",1],["2026-11-24T05:01:00Z","3.2"]]},
    {"Datastream":{"@iot.id":9},"components":["result"],"dataArray":[[1]]},
    {"Datastream":{"@iot.id":1},"components":["result"],"dataArray":[[4]]}])");
  ASSERT_EQ(made.status, 201) << made.body;
  const Json rows = parse_json(made.body).value();
  ASSERT_EQ(rows.items().size(), 5U);
  EXPECT_EQ(rows.items()[0].as_string(), "http://127.0.0.1:8080/v1.1/Observations(1)");
  EXPECT_TRUE(rows.items()[1].as_string().starts_with("error: phenomenonTime"));
  EXPECT_EQ(rows.items()[2].as_string(), "http://127.0.0.1:8080/v1.1/Observations(2)");
  EXPECT_EQ(rows.items()[3].as_string(), "error: There is no Datastream with id 9.");
  EXPECT_EQ(rows.items()[4].as_string(), "http://127.0.0.1:8080/v1.1/Observations(3)");
  EXPECT_EQ(house_.get_json("/v1.1/Observations(1)").find("result")->dump(), "3.10");
  EXPECT_EQ(house_.get_json("/v1.1/Observations(2)").find("result")->dump(), R"("3.2")");
  EXPECT_EQ(house_.post("/v1.1/CreateObservations", "[]").body, "[]");
  EXPECT_EQ(house_.post("/v1.1/CreateObservations", "{}").status, 400);
}

TEST_F(SensorThingsTest, AnObservationIsPatchedAndDeleted) {
  ASSERT_EQ(house_.post("/v1.1/Things", station_body("甲")).status, 201);
  ASSERT_EQ(
      house_
          .post("/v1.1/Observations",
                R"({"result":3.10,"resultTime":"2026-11-24T05:00:00Z","Datastream":{"@iot.id":1},
                            "parameters":{"a":1}})")
          .status,
      201);
  const Response patched = house_.patch(
      "/v1.1/Observations(1)",
      R"({"result":3.2,"resultTime":null,"parameters":null,"resultQuality":{"by":"hand"}})", "gao");
  ASSERT_EQ(patched.status, 200) << patched.body;
  const Json now = house_.get_json("/v1.1/Observations(1)");
  EXPECT_EQ(parse_json(patched.body).value(), now);
  EXPECT_EQ(now.find("result")->dump(), "3.2");
  EXPECT_TRUE(now.find("resultTime")->is_null());
  EXPECT_EQ(now.find("parameters"), nullptr);
  EXPECT_EQ(now.find("resultQuality")->dump(), R"({"by":"hand"})");
  EXPECT_EQ(now.find("quality"), nullptr) << "not of the standard";
  const std::string path = "/v1.1/Observations(1)";
  EXPECT_EQ(house_.patch(path, R"({"Datastream":{"@iot.id":1}})").status, 200) << "it is its own";
  EXPECT_EQ(house_.patch(path, R"({"Datastream":{"@iot.id":2}})").status, 400);
  EXPECT_EQ(house_.patch(path, R"({"FeatureOfInterest":{"@iot.id":7}})").status, 400);
  EXPECT_EQ(house_.patch(path, R"({"nonsense":1})").status, 400);
  EXPECT_EQ(house_.patch("/v1.1/Observations(2)", R"({"result":1})").status, 404);
  EXPECT_EQ(house_.patch("/v1.1/Things", R"({"name":"x"})").status, 501) << "not all of them";
  EXPECT_EQ(house_.del(path).status, 200);
  EXPECT_EQ(house_.get(path).status, 404);
  EXPECT_EQ(house_.del(path).status, 404);
  EXPECT_EQ(
      house_.get_json("/v1.1/Datastreams(1)/Observations?$count=true").find("@iot.count")->dump(),
      "0");
}

// 18-088 clause 10.4: what goes with what.
TEST_F(SensorThingsTest, DeletedEntitiesTakeWhatIsTheirs) {
  for (const char* name : {"甲", "乙", "丙", "丁"}) {
    ASSERT_EQ(house_.post("/v1.1/Things", station_body(name)).status, 201);
  }
  for (const char* stream : {"1", "2", "3", "4"}) {
    const std::string path = fmt::format("/v1.1/Datastreams({})/Observations", stream);
    ASSERT_EQ(house_.post(path, R"({"result":1})").status, 201);
  }
  const std::string history = R"({"time":"2026-11-24T05:00:00Z","Thing":{"@iot.id":4},
                                  "Locations":[{"@iot.id":4}]})";
  ASSERT_EQ(house_.post("/v1.1/HistoricalLocations", history).status, 201);
  ASSERT_EQ(house_.post("/v1.1/HistoricalLocations", history).status, 201);
  struct Case {
    const char* deleted;
    std::vector<const char*> gone;
    std::vector<const char*> left;
  };
  const std::vector<Case> cases{
      {"Things(1)", {"Datastreams(1)", "Observations(1)", "HistoricalLocations(1)"},
       {"Sensors(1)", "Locations(1)"}},
      {"Datastreams(2)", {"Observations(256)"}, {"Things(2)", "ObservedProperties(2)"}},
      {"Sensors(3)", {"Datastreams(3)", "Observations(512)"}, {"Things(3)"}},
      {"ObservedProperties(4)", {"Datastreams(4)", "Observations(768)"}, {"Things(4)"}},
      {"HistoricalLocations(5)", {}, {"Things(4)", "Locations(4)"}},
      {"Locations(4)", {"HistoricalLocations(4)"}, {"Things(4)"}},
      {"Things(4)", {}, {"Things(2)"}}};
  for (const Case& one : cases) {
    const std::string root = "/v1.1/";
    for (const auto* paths : {&one.gone, &one.left}) {
      for (const char* path : *paths) EXPECT_EQ(house_.get(root + path).status, 200) << path;
    }
    EXPECT_EQ(house_.del(root + one.deleted).status, 200) << one.deleted;
    EXPECT_EQ(house_.get(root + one.deleted).status, 404) << one.deleted;
    EXPECT_EQ(house_.del(root + one.deleted).status, 404) << one.deleted;
    for (const char* path : one.gone) EXPECT_EQ(house_.get(root + path).status, 404) << path;
    for (const char* path : one.left) EXPECT_EQ(house_.get(root + path).status, 200) << path;
  }
  EXPECT_TRUE(house_.get_json("/v1.1/Things(2)/Datastreams").find("value")->items().empty());
  EXPECT_TRUE(house_.get_json("/v1.1/Observations").find("value")->items().empty());
}

TEST_F(SensorThingsTest, ARequestWithAKeyIsDoneOnce) {
  ASSERT_EQ(house_.post("/v1.1/Things", station_body("甲")).status, 201);
  Request request;
  request.method = Method::post;
  request.idempotency_key = "k1";
  request.path = "/v1.1/Things";
  request.body = station_body("乙");
  const Response first = *house_.send(request);
  EXPECT_EQ(first.status, 201);
  EXPECT_EQ(house_.send(request)->location, first.location);
  EXPECT_EQ(house_.get_json("/v1.1/Things").find("value")->items().size(), 2U);
  request.path = "/v1.1/CreateObservations";
  request.body = R"([{"Datastream":{"@iot.id":1},"components":["result"],"dataArray":[[1],[2]]},
                     {"Datastream":{"@iot.id":9},"components":["result"],"dataArray":[[3]]}])";
  EXPECT_EQ(house_.send(request)->status, 409) << "the key is of another request";
  request.idempotency_key = "k2";
  const std::string rows = house_.send(request)->body;
  EXPECT_EQ(house_.send(request)->body, rows);
  EXPECT_EQ(house_.get_json("/v1.1/Observations").find("value")->items().size(), 2U);
  request.method = Method::del;
  request.path = "/v1.1/Things(2)";
  request.idempotency_key = "k3";
  EXPECT_EQ(house_.send(request)->status, 200);
  EXPECT_EQ(house_.send(request)->status, 200) << "it was this request that took it away";
  request.idempotency_key.clear();
  EXPECT_EQ(house_.send(request)->status, 404);
}

TEST_F(SensorThingsTest, AFeatureOfInterestGoesWithItsObservations) {
  ASSERT_EQ(house_.post("/v1.1/Things", station_body("甲")).status, 201);
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(house_
                  .post("/v1.1/FeaturesOfInterest",
                        R"({"name":"f","description":"d","encodingType":"application/geo+json",
                            "feature":{"type":"Point","coordinates":[1,2]}})")
                  .status,
              201);
  }
  for (const char* feature : {"1", "2", "1"}) {
    const std::string body =
        fmt::format(R"({{"result":1,"FeatureOfInterest":{{"@iot.id":{}}}}})", feature);
    ASSERT_EQ(house_.post("/v1.1/Datastreams(1)/Observations", body).status, 201);
  }
  EXPECT_EQ(house_.del("/v1.1/FeaturesOfInterest(1)").status, 200);
  EXPECT_EQ(house_.get("/v1.1/FeaturesOfInterest(1)").status, 404);
  EXPECT_EQ(house_.del("/v1.1/FeaturesOfInterest(1)").status, 404);
  const Json left = house_.get_json("/v1.1/Datastreams(1)/Observations");
  ASSERT_EQ(left.find("value")->items().size(), 1U);
  EXPECT_EQ(left.find("value")->items()[0].find("@iot.id")->dump(), "2");
}

TEST_F(SensorThingsTest, WhatIsNoEntityIsNotDeleted) {
  ASSERT_EQ(house_.post("/v1.1/Things", station_body("甲")).status, 201);
  EXPECT_EQ(house_.del("/v1.1/Things(9)").status, 404);
  EXPECT_EQ(house_.del("/v1.1/Dragons(1)").status, 404);
  EXPECT_EQ(house_.del("/v1.1/Alarms(1)").status, 404) << "of the city";
  EXPECT_EQ(house_.del("/v1.1/Things").status, 501) << "not all of them";
  EXPECT_EQ(house_.del("/v1.1/Things(1)/Datastreams(1)").status, 404);
  EXPECT_EQ(house_.get("/v1.1/Things(1)").status, 200);
}

}  // namespace
}  // namespace duliang
