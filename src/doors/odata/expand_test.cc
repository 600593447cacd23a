// $expand: entities inside of entities, each set with options of its own (18-088 clause 9.3.2.1).
#include "base/text.h"
#include "doors/house_for_test.h"
#include "doors/station_for_test.h"

namespace duliang {
namespace {

class ExpandTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(house_.open().ok());
    for (const char* name : {"甲", "乙"}) {
      ASSERT_EQ(house_.post("/v1.1/Things", station_body(name)).status, 201);
    }
    for (int i = 0; i < 5; ++i) {
      house_.clock.advance(std::chrono::seconds{10});
      const std::string body = fmt::format(R"({{"result":{}}})", i);
      ASSERT_EQ(house_.post("/v1.1/Datastreams(1)/Observations", body).status, 201);
    }
  }
  static std::string below_host(const std::string& link) {
    return link.substr(std::string("http://127.0.0.1:8080").size());
  }
  HouseForTest house_;
};

TEST_F(ExpandTest, TheNewestOfEveryStreamInOneQuestion) {
  const Json json = house_.get_json(
      "/v1.1/Datastreams?$select=id&$expand=Observations($orderby=phenomenonTime desc;$top=1;"
      "$select=result)");
  EXPECT_EQ(json.find("value")->dump(),
            R"([{"@iot.id":1,"Observations":[{"result":4}],"Observations@iot.nextLink":)"
            R"("http://127.0.0.1:8080/v1.1/Datastreams(1)/Observations?$orderby=phenomenonTime%20)"
            R"(desc&$top=1&$select=result&$skiptoken=2026-11-24T06:00:50Z,5"},)"
            R"({"@iot.id":2,"Observations":[]}])");
}

TEST_F(ExpandTest, InARowInBracketsAndMerged) {
  const Json in_a_row = house_.get_json("/v1.1/Things(1)?$expand=Datastreams/Sensor");
  const Json& stream = in_a_row.find("Datastreams")->items()[0];
  EXPECT_EQ(stream.find("Sensor")->find("name")->as_string(), "s");
  EXPECT_EQ(stream.find("Sensor@iot.navigationLink"), nullptr) << "the entity stands there";
  EXPECT_NE(stream.find("Thing@iot.navigationLink"), nullptr);
  EXPECT_EQ(in_a_row, house_.get_json("/v1.1/Things(1)?$expand=Datastreams($expand=Sensor)"));
  const Json merged = house_.get_json(
      "/v1.1/Things(1)?$expand=Datastreams/Sensor,Datastreams($select=name;$count=true)"
      "&$select=name");
  EXPECT_EQ(merged.find("Datastreams@iot.count")->dump(), "1");
  const Json& once = merged.find("Datastreams")->items()[0];
  EXPECT_NE(once.find("Sensor"), nullptr) << "what is expanded is selected";
  EXPECT_EQ(once.find("description"), nullptr);
}

TEST_F(ExpandTest, FiltersMayHoldWhatSeparates) {
  const Json json = house_.get_json(
      "/v1.1/Datastreams(1)?$expand=Observations($filter=(result gt 1 and result lt 4) or "
      "'a,b;)' eq result;$select=result),Thing($select=name)");
  EXPECT_EQ(json.find("Observations")->dump(), R"([{"result":2},{"result":3}])");
  EXPECT_EQ(json.find("Thing")->dump(), R"({"name":"甲"})");
}

TEST_F(ExpandTest, TheNestedNextLinkGoesOn) {
  const std::string first =
      "/v1.1/Things?$expand=Datastreams($expand=Observations($top=2;$select=result))";
  const Json json = house_.get_json(first);
  const Json& stream = json.find("value")->items()[0].find("Datastreams")->items()[0];
  const std::string next = stream.find("Observations@iot.nextLink")->as_string();
  const Json rest = house_.get_json(below_host(next));
  EXPECT_EQ(rest.find("value")->dump(), R"([{"result":2},{"result":3}])");
  EXPECT_NE(rest.find("@iot.nextLink"), nullptr);
}

TEST_F(ExpandTest, TheNestedNextLinkKeepsMomentAndInnerRelations) {
  const std::string then = "as_of=" + to_text(house_.clock.now());
  house_.clock.advance(std::chrono::seconds{10});
  ASSERT_EQ(house_.post("/v1.1/Datastreams(1)/Observations", R"({"result":9})").status, 201);
  const Json json = house_.get_json(
      "/v1.1/Datastreams(1)?" + then +
      "&$expand=Observations($top=4;$select=result;$expand=Datastream)");
  const std::string next = json.find("Observations@iot.nextLink")->as_string();
  const Json rest = house_.get_json(below_host(next));
  ASSERT_EQ(rest.find("value")->items().size(), 1U) << next;
  EXPECT_EQ(rest.find("value")->items()[0].find("result")->dump(), "4");
  EXPECT_NE(rest.find("value")->items()[0].find("Datastream"), nullptr);
}

TEST_F(ExpandTest, WhatIsNotThereIsNull) {
  ASSERT_EQ(house_.del("/v1.1/Observations(1)/FeatureOfInterest/$ref").status, 200);
  const Json json = house_.get_json("/v1.1/Observations(1)?$expand=FeatureOfInterest,Datastream");
  EXPECT_EQ(json.find("FeatureOfInterest")->dump(), "null");
  EXPECT_EQ(json.find("Datastream")->find("@iot.id")->dump(), "1");
}

TEST_F(ExpandTest, TheCityExpandsItsOwn) {
  ASSERT_TRUE(house_.load_packs({"liangping", "alarm-handling", "flood"}).ok());
  const Json json =
      house_.get_json("/city/v1/Units?$top=1&$expand=People($select=key;$top=1)&$select=key");
  EXPECT_EQ(json.find("value")->items()[0].find("People")->items().size(), 1U);
}

TEST_F(ExpandTest, DepthAndSizeAreBounded) {
  std::string deep = "Datastreams";
  for (size_t i = 1; i <= limits::kExpandDepth; ++i) deep += i % 2 == 1 ? "/Thing" : "/Datastreams";
  EXPECT_EQ(house_.get("/v1.1/Things?$expand=" + deep).status, 400);
  std::string nested = "Datastreams";
  for (size_t i = 1; i <= limits::kExpandDepth; ++i) {
    nested = (i % 2 == 1 ? "Thing" : "Datastreams") + std::string("($expand=") + nested + ")";
  }
  EXPECT_EQ(house_.get("/v1.1/Datastreams?$expand=" + nested).status, 400);
  const size_t in_one = limits::kDeepInsertRows - 1;
  std::string many = R"({"name":"n","description":"d","Locations":[)";
  for (size_t i = 0; i < in_one; ++i) {
    many += R"({"name":"l","description":"d","encodingType":"e","location":1},)";
  }
  many.back() = ']';
  ASSERT_EQ(house_.post("/v1.1/Things", many + "}").status, 201);
  const std::string each = "Locations($top=999;$select=id";
  EXPECT_EQ(house_.get("/v1.1/Things(3)?$expand=" + each + ")").status, 200);
  EXPECT_EQ(house_.get("/v1.1/Things(3)?$expand=" + each + ";$expand=Things($expand=" + each +
                       ")))")
                .status,
            413);
}

}  // namespace
}  // namespace duliang
