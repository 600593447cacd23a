// Deep inserts with Observations in them, and what the house makes of places by itself, through the
// door.
#include "doors/house_for_test.h"
#include "doors/station_for_test.h"

namespace duliang {
namespace {

class DeepInsertTest : public testing::Test {
 protected:
  // A station whose Datastream has these Observations.
  static std::string with_observations(const std::string& observations) {
    std::string body = station_body("甲");
    const std::string stream = R"("name":"level",)";
    return body.insert(body.find(stream), R"("Observations":)" + observations + ",");
  }
  Json value(const std::string& target) { return *house_.get_json(target).find("value"); }

  Response post_with_key(const std::string& path, const std::string& body, const char* key) {
    Request request;
    request.method = Method::post;
    request.path = path;
    request.body = body;
    request.idempotency_key = key;
    return house_.send(request).value();
  }

  void SetUp() override { ASSERT_TRUE(house_.open().ok()); }
  HouseForTest house_;
};

TEST_F(DeepInsertTest, ObservationsComeWithTheirDatastream) {
  const Response made = house_.post(
      "/v1.1/Things",
      with_observations(R"([{"result":21.50,"phenomenonTime":"2026-11-24T05:00:00Z"},
          {"result":"wet","phenomenonTime":"2026-11-24T06:00:00Z","FeatureOfInterest":
             {"name":"f","description":"d","encodingType":"application/geo+json",
              "feature":{"type":"Point","coordinates":[1,2]}}}])"));
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.location, "http://127.0.0.1:8080/v1.1/Things(1)");
  const Json all = value("/v1.1/Datastreams(1)/Observations?$expand=FeatureOfInterest&$orderby=id");
  ASSERT_EQ(all.items().size(), 2U);
  EXPECT_EQ(all.items()[0].find("result")->dump(), "21.50");
  EXPECT_EQ(all.items()[0].find("FeatureOfInterest")->find("name")->as_string(), "l");
  EXPECT_EQ(all.items()[1].find("result")->dump(), R"("wet")");
  EXPECT_EQ(all.items()[1].find("FeatureOfInterest")->find("name")->as_string(), "f");
}

TEST_F(DeepInsertTest, OneThatIsWrongRefusesAllAndIsNamed) {
  struct Case {
    const char* observations;
    const char* field;
  };
  for (const Case& one : std::vector<Case>{
           {R"([{"result":1},{"phenomenonTime":"2026-11-24T05:00:00Z"}])",
            "Datastreams[0].Observations[1].result"},
           {R"([{"result":1,"resultTime":"yesterday"}])",
            "Datastreams[0].Observations[0].resultTime"},
           {R"([{"result":1,"colour":"red"}])", "Datastreams[0].Observations[0].colour"},
           {R"([{"result":1,"Datastream":{"@iot.id":1}}])",
            "Datastreams[0].Observations[0].Datastream"},
           {R"([{"result":1,"FeatureOfInterest":{"name":"f"}}])",
            "Datastreams[0].Observations[0].FeatureOfInterest.description"},
           {R"([{"result":1,"FeatureOfInterest":{"@iot.id":99}}])", "FeatureOfInterest"},
           {R"([7])", "Datastreams[0].Observations[0]"}}) {
    const Response refused = house_.post("/v1.1/Things", with_observations(one.observations));
    EXPECT_EQ(refused.status, 400) << one.observations;
    EXPECT_NE(refused.body.find(fmt::format("\"{}\"", one.field)), std::string::npos)
        << one.observations << refused.body;
  }
  for (const char* set : {"Things", "Sensors", "Datastreams", "Locations", "Observations",
                          "HistoricalLocations", "FeaturesOfInterest"}) {
    EXPECT_TRUE(value(std::string("/v1.1/") + set).items().empty()) << set;
  }
}

TEST_F(DeepInsertTest, AnObservationBringsItsFeatureOrItsDatastream) {
  ASSERT_EQ(house_.post("/v1.1/Things", station_body("甲")).status, 201);
  const std::string feature =
      R"("FeatureOfInterest":{"name":"f","description":"d","encodingType":"application/geo+json",
          "feature":{"type":"Point","coordinates":[1,2]}})";
  const Response made =
      house_.post("/v1.1/Datastreams(1)/Observations", R"({"result":7,)" + feature + "}");
  ASSERT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(made.location, "http://127.0.0.1:8080/v1.1/Observations(1)");
  EXPECT_EQ(house_.get_json("/v1.1/Observations(1)/FeatureOfInterest").find("name")->as_string(),
            "f");
  const std::string stream = R"("Datastream":{"name":"new","description":"d",
      "observationType":"t","unitOfMeasurement":{"name":"m","symbol":"m","definition":"u"},
      "Thing":{"@iot.id":1},"Sensor":{"@iot.id":1},"ObservedProperty":{"@iot.id":1}})";
  const Response both =
      house_.post("/v1.1/Observations", R"({"result":8,)" + stream + "," + feature + "}");
  ASSERT_EQ(both.status, 201) << both.body;
  const std::string path = both.location.substr(both.location.find("/v1.1"));
  EXPECT_EQ(house_.get_json(path + "/Datastream").find("name")->as_string(), "new");
  EXPECT_EQ(house_.get_json(path + "/FeatureOfInterest").find("@iot.id")->dump(), "2");
  const Response twice =
      house_.post("/v1.1/Datastreams(1)/Observations", R"({"result":8,)" + stream + "}");
  EXPECT_EQ(twice.status, 400) << "the address names another one";
}

TEST_F(DeepInsertTest, ObservationsArePostedToTheirFeatureToo) {
  ASSERT_EQ(house_.post("/v1.1/Things", station_body("甲")).status, 201);
  ASSERT_EQ(house_.post("/v1.1/Datastreams(1)/Observations", R"({"result":1})").status, 201);
  const std::string path = "/v1.1/FeaturesOfInterest(1)/Observations";
  const Response made = house_.post(path, R"({"result":2,"Datastream":{"@iot.id":1}})");
  EXPECT_EQ(made.status, 201) << made.body;
  EXPECT_EQ(value(path).items().size(), 2U);
  EXPECT_EQ(house_.post(path, R"({"result":2})").status, 400) << "of which Datastream?";
  EXPECT_EQ(house_.post(path, R"({"result":2,"Datastream":{"@iot.id":9}})").status, 400);
  EXPECT_EQ(house_.post(path, R"({"@iot.id":1})").status, 501);
}

// As clients send back what they have read.
TEST_F(DeepInsertTest, AReferenceMaySayMoreThanItsId) {
  ASSERT_EQ(house_.post("/v1.1/Things", station_body("甲")).status, 201);
  ASSERT_EQ(house_.post("/v1.1/Things", station_body("乙")).status, 201);
  for (const char* path : {"/v1.1/Observations", "/v1.1/Datastreams(2)/Observations"}) {
    const Response made =
        house_.post(path, R"({"result":1,"Datastream":{"name":"level","@iot.id":2}})");
    EXPECT_EQ(made.status, 201) << made.body;
  }
  EXPECT_EQ(value("/v1.1/Datastreams(2)/Observations").items().size(), 2U);
  const Response moved =
      house_.patch("/v1.1/Datastreams(2)", R"({"Thing":{"@iot.id":1,"name":"甲"}})");
  EXPECT_EQ(moved.status, 200) << moved.body;
  const Response station = house_.post("/v1.1/Things", R"({"name":"丙","description":"d",
      "Locations":[{"@iot.id":1,"name":"l"}],
      "Datastreams":[{"@iot.id":1,"name":"x","description":"d","observationType":"o",
        "unitOfMeasurement":{"symbol":"m"},"Sensor":{"@iot.id":1,"name":"s"},
        "ObservedProperty":{"@iot.id":1}}]})");
  ASSERT_EQ(station.status, 201) << station.body;
  EXPECT_EQ(value("/v1.1/Things(3)/Locations").items()[0].find("@iot.id")->dump(), "1");
  EXPECT_EQ(value("/v1.1/Things(3)/Datastreams").items()[0].find("@iot.id")->dump(), "3")
      << "a new one";
  EXPECT_EQ(house_.get_json("/v1.1/Datastreams(3)/Sensor").find("@iot.id")->dump(), "1");
}

TEST_F(DeepInsertTest, WhatIsAskedAgainWithItsKeyIsAnsweredTheSame) {
  const std::string body = with_observations(R"([{"result":1}])");
  const Response first = post_with_key("/v1.1/Things", body, "key-1");
  const Response second = post_with_key("/v1.1/Things", body, "key-1");
  EXPECT_EQ(first.status, 201);
  EXPECT_EQ(first.location, second.location);
  EXPECT_EQ(value("/v1.1/Observations").items().size(), 1U);
  const std::string inline_feature =
      R"({"result":7,"FeatureOfInterest":{"name":"f","description":"d",
          "encodingType":"application/geo+json","feature":{"type":"Point","coordinates":[1,2]}}})";
  const std::string path = "/v1.1/Datastreams(1)/Observations";
  const Response third = post_with_key(path, inline_feature, "key-2");
  EXPECT_EQ(post_with_key(path, inline_feature, "key-2").location, third.location);
  EXPECT_EQ(value("/v1.1/Observations").items().size(), 2U);
}

}  // namespace
}  // namespace duliang
