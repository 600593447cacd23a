// Paths, options and answers, as any client of SensorThings meets them.
#include "base/text.h"
#include "doors/house_for_test.h"
#include "doors/odata/render.h"
#include "doors/station_for_test.h"

namespace duliang {
namespace {

class ODataTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(house_.open().ok());
    for (const char* name : {"甲", "乙", "丙"}) {
      ASSERT_EQ(house_.post("/v1.1/Things", station_body(name)).status, 201);
    }
    for (int i = 0; i < 5; ++i) {
      house_.clock.advance(std::chrono::seconds{10});
      ASSERT_EQ(
          house_.post("/v1.1/Datastreams(1)/Observations", fmt::format(R"({{"result":{}.50}})", i))
              .status,
          201);
    }
  }
  std::vector<std::string> texts(const std::string& target, const char* member) {
    std::vector<std::string> found;
    const Json json = house_.get_json(target);
    for (const Json& one : json.find("value")->items()) found.push_back(one.find(member)->dump());
    return found;
  }
  HouseForTest house_;
};

using Texts = std::vector<std::string>;

TEST_F(ODataTest, PathsAlongRelations) {
  EXPECT_EQ(house_.get_json("/v1.1/Datastreams(2)/Thing").find("name")->as_string(), "乙");
  EXPECT_EQ(house_.get_json("/v1.1/Things(3)/Datastreams(3)/Sensor").find("name")->as_string(),
            "s");
  EXPECT_EQ(texts("/v1.1/Things(1)/Datastreams(1)/Observations", "result").size(), 5U);
  EXPECT_EQ(texts("/v1.1/Locations(2)/Things", "name"), (Texts{"\"乙\""}));
  EXPECT_EQ(house_.get("/v1.1/Things(1)/Datastreams(2)").status, 404) << "of another Thing";
}

TEST_F(ODataTest, SegmentsArePercentDecodedBehindTheSplit) {
  EXPECT_EQ(house_.get_json("/v1.1/Thi%6Egs%282%29").find("name")->as_string(), "乙");
  EXPECT_EQ(texts("/v1.1/Datastreams%281%29/Observations", "result").size(), 5U);
  EXPECT_EQ(house_.get("/v1.1/Datastreams(1)%2FObservations").status, 404);
  for (const char* bad : {"Things%", "Things%2", "Things%zz", "Things(1)/Datastreams%"}) {
    EXPECT_EQ(house_.get("/v1.1/" + std::string(bad)).status, 400) << bad;
  }
  EXPECT_EQ(house_
                .post("/v1.1/Datastreams%281%29/Observation%73",
                      R"({"result":1,"phenomenonTime":"2026-11-24T00:00:00Z"})")
                .status,
            201);
}

TEST_F(ODataTest, TheCityIsNotSeenFromSensorThings) {
  for (const char* path : {"Datastreams(1)/Alarms", "Datastreams(1)/Alarms(1)", "Alarms",
                           "Things(1)/Datastreams(1)/Alarms"}) {
    EXPECT_EQ(house_.get("/v1.1/" + std::string(path)).status, 404) << path;
  }
  EXPECT_EQ(house_.get("/v1.1/Datastreams?$select=Alarms").status, 400);
  EXPECT_EQ(house_.get("/v1.1/Datastreams(1)").body.find("Alarms"), std::string::npos);
}

TEST_F(ODataTest, WhatIsNotThereIs404) {
  for (const char* path :
       {"Things(99)", "Thinks", "Things(1)/Sensors", "Things()", "Things(1", "Things(x)", "Alarms",
        "Things(1)/", "Things/Datastreams", "Datastreams(1)/Thing(1)"}) {
    const Response response = house_.get("/v1.1/" + std::string(path));
    EXPECT_EQ(response.status, std::string_view(path) == "Things(1)/" ? 200 : 404) << path;
  }
  std::string deep = "/v1.1/Things(1)";
  for (size_t i = 0; i <= limits::kPathSegments; i += 2) deep += "/Datastreams(1)/Thing";
  EXPECT_EQ(house_.get(deep).status, 400) << "above the limit of segments";
}

TEST_F(ODataTest, Options) {
  EXPECT_EQ(texts("/v1.1/Things?$filter=name%20eq%20%27%E4%B9%99%27", "@iot.id"), (Texts{"2"}));
  EXPECT_EQ(texts("/v1.1/Things?$orderby=id%20desc&$top=2", "@iot.id"), (Texts{"3", "2"}));
  EXPECT_EQ(texts("/v1.1/Things?$skip=1", "@iot.id"), (Texts{"2", "3"}));
  EXPECT_EQ(texts("/v1.1/Observations?$filter=result%20gt%202.5%20and%20Datastream/id%20eq%201",
                  "result"),
            (Texts{"3.50", "4.50"}));
  EXPECT_EQ(
      texts("/v1.1/Datastreams(1)/Observations?$orderby=phenomenonTime%20desc&$top=2", "result"),
      (Texts{"4.50", "3.50"}));
  EXPECT_EQ(texts("/v1.1/Things?$filter=indexof(concat(name,'!'),'!')%20eq%201%20and%20id%20lt%203",
                  "@iot.id"),
            (Texts{"1", "2"}));
  EXPECT_EQ(texts("/v1.1/Things?$filter=Datastreams/any(d:%20d/Observations/any(o:"
                  "%20o/result%20gt%204%20and%20d/id%20eq%201))",
                  "@iot.id"),
            (Texts{"1"}));
  const Json counted = house_.get_json("/v1.1/Things?$count=true&$top=0");
  EXPECT_EQ(counted.find("@iot.count")->dump(), "3");
  EXPECT_TRUE(counted.find("value")->items().empty());
  EXPECT_EQ(counted.find("@iot.nextLink"), nullptr);
}

TEST_F(ODataTest, AZoneIsUnderstoodWithAPlusThatIsNotEncoded) {
  const std::string times = "/v1.1/Observations?$count=true&$top=0&$filter=phenomenonTime%20";
  const auto count = [&](const char* rest) {
    return house_.get_json(times + rest).find("@iot.count")->dump();
  };
  const std::string all = count("gt%202000-01-01T00:00:00Z");
  EXPECT_NE(all, "0");
  EXPECT_EQ(count("gt%202000-01-01T08:00:00+08:00"), all);
  EXPECT_EQ(count("gt%202000-01-01T08:00:00%2B08:00"), all);
  EXPECT_EQ(count("lt%202000-01-01T08:00:00+0800"), "0");
  const std::string past = "/v1.1/Things?as_of=2000-01-01T08:00:00";
  EXPECT_EQ(house_.get(past + "+08:00").body, house_.get(past + "%2B08:00").body);
}

TEST_F(ODataTest, SelectShowsNothingElse) {
  const Json json = house_.get_json("/v1.1/Things(1)?$select=name,id");
  EXPECT_EQ(json.dump(), R"({"@iot.id":1,"name":"甲"})");
  EXPECT_EQ(
      house_.get_json("/v1.1/Things(1)?$select=Datastreams").dump(),
      R"({"Datastreams@iot.navigationLink":"http://127.0.0.1:8080/v1.1/Things(1)/Datastreams"})");
}

TEST_F(ODataTest, NextLinksLeadThroughAll) {
  std::string target = "/v1.1/Observations?$top=2&$filter=result%20ge%200";
  Texts all;
  for (int page = 0; page < 5 && !target.empty(); ++page) {
    const Json json = house_.get_json(target);
    for (const Json& one : json.find("value")->items()) all.push_back(one.find("result")->dump());
    const Json* next = json.find("@iot.nextLink");
    if (next == nullptr) break;
    EXPECT_NE(next->as_string().find("$filter="), std::string::npos);
    target = next->as_string().substr(std::string("http://127.0.0.1:8080").size());
  }
  EXPECT_EQ(all, (Texts{"0.50", "1.50", "2.50", "3.50", "4.50"}));
}

TEST_F(ODataTest, BadOptionsNameTheOption) {
  struct Case {
    const char* query;
    int status;
    const char* field;
  };
  for (const Case& one : {Case{"$top=-1", 400, "$top"},
                          {"$top=x", 400, "$top"},
                          {"$skip=1.5", 400, "$skip"},
                          {"$count=yes", 400, "$count"},
                          {"$filter=name%20eq", 400, "$filter"},
                          {"$filter=nome%20eq%201", 400, "$filter"},
                          {"$orderby=nome", 400, "$orderby"},
                          {"$select=nome", 400, "$select"},
                          {"$apply=x", 501, "$apply"},
                          {"$expand=Datastream", 400, "$expand"},
                          {"$expand=Datastreams($top=-1)", 400, "$top"},
                          {"$expand=Datastreams($top=1", 400, "$expand"},
                          {"$expand=Datastreams($top=1;$top=2)", 400, "$top"},
                          {"$expand=Datastreams(top)", 400, "$expand"},
                          {"$expand=Datastreams/Sensor($top=1)", 400, "$top"},
                          {"$skip=99999999999", 400, "$skip"},
                          {"top=1", 400, "top"},
                          {"filter=name%20eq%201", 400, "filter"},
                          {"$top=%zz", 400, ""},
                          {"$top=1&$top=2", 400, ""}}) {
    const Response response = house_.get("/v1.1/Things?" + std::string(one.query));
    EXPECT_EQ(response.status, one.status) << one.query << response.body;
    const auto json = parse_json(response.body);
    ASSERT_TRUE(json.ok()) << response.body;
    if (*one.field == 0) continue;
    EXPECT_EQ(json->find("field")->as_string(), one.field) << response.body;
  }
  for (const char* option : {"$filter=true", "$orderby=name", "$top=1", "$skip=0", "$count=true"}) {
    const Response response = house_.get("/v1.1/Things(1)?" + std::string(option));
    EXPECT_EQ(response.status, 400) << option << ": one entity is no set";
    EXPECT_NE(response.body.find(R"("field":"$)"), std::string::npos) << response.body;
  }
}

// More Locations than one answer may hold, from as few requests as may create them.
TEST_F(ODataTest, TheServersMaximumHoldsAboveTop) {
  const size_t in_one = limits::kDeepInsertRows - 1;
  std::string many = R"({"name":"n","description":"d","Locations":[)";
  for (size_t i = 0; i < in_one; ++i) {
    many += R"({"name":"l","description":"d","encodingType":"e","location":1},)";
  }
  many.back() = ']';
  many += '}';
  for (size_t made = 0; made <= limits::kTopMax; made += in_one) {
    ASSERT_EQ(house_.post("/v1.1/Things", many).status, 201);
  }
  const Json json =
      house_.get_json("/v1.1/Locations?$select=id&$top=" + std::to_string(limits::kTopMax + 1));
  EXPECT_EQ(json.find("value")->items().size(), limits::kTopMax);
  EXPECT_NE(json.find("@iot.nextLink"), nullptr);
}

TEST_F(ODataTest, WhoHeldAViewForTooLongIsToldSo) {
  const View view = *house_.engine->view();
  house_.clock.advance(limits::kViewAge);
  const auto answer = answer_get(view, rendering_of("h", Face::sensorthings), "Things", "");
  ASSERT_FALSE(answer.ok());
  const Response told = error_response(answer.error());
  EXPECT_EQ(told.status, 503);
  EXPECT_NE(told.body.find("longer than 30 s"), std::string::npos) << told.body;
}

TEST_F(ODataTest, TheRootNamesTheSets) {
  const Json json = house_.get_json("/v1.1");
  EXPECT_EQ(json.find("value")->items().size(), 8U);
  EXPECT_EQ(json.find("value")->items()[0].dump(),
            R"({"name":"Things","url":"http://127.0.0.1:8080/v1.1/Things"})");
}

}  // namespace
}  // namespace duliang
