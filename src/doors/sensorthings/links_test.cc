// Links between entities that exist.
#include "doors/house_for_test.h"
#include "doors/station_for_test.h"

namespace duliang {
namespace {

class LinksTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(house_.open().ok());
    for (const char* name : {"甲", "乙"}) {
      ASSERT_EQ(house_.post("/v1.1/Things", station_body(name)).status, 201);
    }
  }
  size_t size(const std::string& target) {
    return house_.get_json(target).find("value")->items().size();
  }
  int64_t id_of(const std::string& target) {
    return house_.get_json(target).find("@iot.id")->as_integer().value_or(0);
  }
  HouseForTest house_;
};

TEST_F(LinksTest, WhatExistsIsLinkedByPost) {
  EXPECT_EQ(house_.post("/v1.1/Locations(2)/Things", R"({"@iot.id":1})").status, 200);
  EXPECT_EQ(house_.get("/v1.1/Things(1)/Locations(2)").status, 200);
  EXPECT_EQ(house_.post("/v1.1/Things(2)/Locations/$ref", R"({"@iot.id":1})").status, 200);
  EXPECT_EQ(house_.get("/v1.1/Things(2)/Locations(1)").status, 200);
  EXPECT_EQ(size("/v1.1/Locations"), 2U) << "nothing was made";
  EXPECT_EQ(house_.post("/v1.1/Things(2)/Datastreams", R"({"@iot.id":1})").status, 200);
  EXPECT_EQ(id_of("/v1.1/Datastreams(1)/Thing"), 2) << "it came over";
  EXPECT_EQ(house_.post("/v1.1/Things(2)/Datastreams", R"({"@iot.id":9})").status, 400);
  EXPECT_EQ(house_.post("/v1.1/Things(9)/Datastreams", R"({"@iot.id":1})").status, 404);
  EXPECT_EQ(house_.post("/v1.1/Things(2)/Locations/$ref", R"({"name":"new"})").status, 400);
}

TEST_F(LinksTest, ALinkToOneIsPut) {
  const std::string path = "/v1.1/Datastreams(1)/Thing/$ref";
  EXPECT_EQ(house_.put(path, R"({"@iot.id":2})").status, 200);
  EXPECT_EQ(id_of("/v1.1/Datastreams(1)/Thing"), 2);
  EXPECT_EQ(house_.patch(path, R"({"@iot.id":1})").status, 200);
  EXPECT_EQ(id_of("/v1.1/Datastreams(1)/Thing"), 1);
  EXPECT_EQ(house_.put(path, R"({"@iot.id":9})").status, 400);
  EXPECT_EQ(house_.put(path, R"({"name":"new"})").status, 400);
  EXPECT_EQ(house_.put("/v1.1/Datastreams(9)/Thing/$ref", R"({"@iot.id":1})").status, 404);
  EXPECT_EQ(house_.put("/v1.1/Datastreams(1)/Nothing/$ref", R"({"@iot.id":1})").status, 404);
  EXPECT_EQ(house_.put("/v1.1/Things(1)/Locations/$ref", R"({"@iot.id":1})").status, 501);
}

TEST_F(LinksTest, ALinkIsTakenOff) {
  EXPECT_EQ(house_.del("/v1.1/Things(1)/Locations(1)/$ref").status, 200);
  EXPECT_EQ(size("/v1.1/Things(1)/Locations"), 0U);
  EXPECT_EQ(house_.get("/v1.1/Locations(1)").status, 200) << "it is there still";
  EXPECT_EQ(house_.del("/v1.1/Things(1)/Locations(1)/$ref").status, 404);
  const std::string address = "http://127.0.0.1:8080/v1.1/Things(2)";
  EXPECT_EQ(house_.del("/v1.1/Locations(2)/Things/$ref?$id=" + address).status, 200);
  EXPECT_EQ(size("/v1.1/Things(2)/Locations"), 0U);
  EXPECT_EQ(house_.del("/v1.1/Things(2)/Locations/$ref").status, 404) << "which of them?";
  EXPECT_EQ(house_.del("/v1.1/Things(2)/Locations/$ref?$id=nothing").status, 400);
  EXPECT_EQ(house_.del("/v1.1/Datastreams(1)/Thing/$ref").status, 409) << "it needs one";
  EXPECT_EQ(house_.del("/v1.1/Things(1)/Datastreams(1)/$ref").status, 409);
}

TEST_F(LinksTest, OfAnObservation) {
  const char* feature = R"({"name":"f","description":"d","encodingType":"application/geo+json",
                            "feature":{"type":"Point","coordinates":[1,2]}})";
  ASSERT_EQ(house_.post("/v1.1/FeaturesOfInterest", feature).status, 201);
  ASSERT_EQ(house_.post("/v1.1/Datastreams(1)/Observations", R"({"result":1})").status, 201);
  const std::string path = "/v1.1/Observations(1)/FeatureOfInterest";
  EXPECT_EQ(house_.put(path + "/$ref", R"({"@iot.id":1})").status, 200);
  EXPECT_EQ(id_of(path), 1);
  EXPECT_EQ(house_.del(path + "/$ref").status, 200);
  EXPECT_EQ(house_.get(path).status, 404);
  const std::string stream = "/v1.1/Observations(1)/Datastream/$ref";
  EXPECT_EQ(house_.put(stream, R"({"@iot.id":2})").status, 400) << "it stays with its own";
  EXPECT_EQ(house_.del(stream).status, 400);
  EXPECT_EQ(house_.post("/v1.1/FeaturesOfInterest(1)/Observations/$ref", R"({"@iot.id":1})").status,
            501);
}

}  // namespace
}  // namespace duliang
