// One engine under two roots: what is asked for under /v1.0 is answered as under /v1.1, with links
// that stay there.
#include "doors/house_for_test.h"
#include "doors/station_for_test.h"

namespace duliang {
namespace {

constexpr std::string_view kHost = "http://127.0.0.1:8080";

class VersionRootsTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(house_.open().ok());
    ASSERT_EQ(house_.post("/v1.1/Things", station_body("甲")).status, 201);
    for (const char* result : {"1", "2", "3"}) {
      const std::string body = fmt::format(R"({{"result":{}}})", result);
      ASSERT_EQ(house_.post("/v1.1/Datastreams(1)/Observations", body).status, 201);
    }
  }
  // An answer under a root, with the root itself left out.
  std::string answer_under(const std::string& root, const std::string& target) {
    const Response response = house_.get(root + target);
    std::string text = fmt::format("{} {}", response.status, response.body);
    for (size_t at = text.find(root); at != std::string::npos; at = text.find(root, at)) {
      text.replace(at, root.size(), "ROOT");
    }
    return text;
  }

  HouseForTest house_;
};

TEST_F(VersionRootsTest, TheSetsStandAtTheRootWithAbsoluteAddresses) {
  for (const std::string root : {"/v1.0", "/v1.0/", "/v1.1", "/v1.1/"}) {
    const Json json = house_.get_json(root);
    const Json& sets = *json.find("value");
    ASSERT_EQ(sets.items().size(), 8U) << root;
    for (const Json& set : sets.items()) {
      const std::string name = set.find("name")->as_string();
      EXPECT_EQ(set.find("url")->as_string(),
                fmt::format("{}{}/{}", kHost, root.substr(0, 5), name));
    }
    const bool is_newest = root.starts_with("/v1.1");
    EXPECT_EQ(json.find("serverSettings") != nullptr, is_newest) << root;
    if (is_newest) {
      EXPECT_FALSE(json.find("serverSettings")->find("conformance")->items().empty());
    }
  }
  EXPECT_EQ(house_.get_json("/city/v1").find("serverSettings"), nullptr);
  EXPECT_EQ(house_.get("/v1.2").status, 404);
  EXPECT_EQ(house_.get("/v1.00").status, 404);
}

TEST_F(VersionRootsTest, AnswersAreTheSame) {
  for (const char* target :
       {"/Things", "/Things(1)", "/Things(9)", "/Things(1)/Datastreams/$ref",
        "/Things(1)/properties/town", "/Things(1)/name/$value", "/Datastreams(1)/Thing",
        "/Things?$expand=Datastreams/Observations($top=1;$count=true),Locations",
        "/Datastreams(1)/Observations?$top=2&$count=true",
        "/Observations?$resultFormat=dataArray&$top=2", "/Things?$select=properties",
        "/Observations?$filter=result gt 1", "/Observations?$apply=x", "/Alarms"}) {
    const std::string newest = answer_under("/v1.1", target);
    EXPECT_EQ(answer_under("/v1.0", target), newest) << target;
    const Response before = house_.get(std::string("/v1.0") + target);
    EXPECT_EQ(before.body.find("/v1.1"), std::string::npos) << before.body;
  }
}

TEST_F(VersionRootsTest, WhatIsWrittenIsLinkedWhereItWasAskedFor) {
  EXPECT_EQ(house_.post("/v1.0/Things", station_body("乙")).location,
            fmt::format("{}/v1.0/Things(2)", kHost));
  EXPECT_EQ(house_.get_json("/v1.1/Things(2)").find("name")->as_string(), "乙");
  const Response reading = house_.post("/v1.0/Datastreams(2)/Observations", R"({"result":1})");
  EXPECT_TRUE(reading.location.starts_with(fmt::format("{}/v1.0/Observations(", kHost)))
      << reading.location;
  const Response rows = house_.post(
      "/v1.0/CreateObservations",
      R"([{"Datastream":{"@iot.id":2},"components":["result"],"dataArray":[[1]]}])");
  EXPECT_EQ(rows.status, 201) << rows.body;
  EXPECT_NE(rows.body.find("/v1.0/Observations("), std::string::npos) << rows.body;
  for (const Response& changed : {house_.patch("/v1.0/Things(2)", R"({"name":"丙"})"),
                                  house_.patch(reading.location.substr(kHost.size()),
                                               R"({"result":2})")}) {
    EXPECT_EQ(changed.status, 200) << changed.body;
    EXPECT_NE(changed.body.find("/v1.0/"), std::string::npos) << changed.body;
    EXPECT_EQ(changed.body.find("/v1.1/"), std::string::npos) << changed.body;
  }
  EXPECT_EQ(house_.put("/v1.0/Datastreams(2)/Thing/$ref", R"({"@iot.id":1})").status, 200);
  EXPECT_EQ(house_.post("/v1.0/Things(2)/Locations/$ref", R"({"@iot.id":1})").status, 200);
  EXPECT_EQ(house_.del("/v1.0/Things(2)/Locations(1)/$ref").status, 200);
  EXPECT_EQ(house_.del("/v1.0/Things(2)").status, 200);
  EXPECT_EQ(house_.get("/v1.1/Things(2)").status, 404);
}

// The city's links to entities of SensorThings lead to their newest version.
TEST_F(VersionRootsTest, TheCityLinksToTheNewest) {
  EXPECT_EQ(house_.get_json("/city/v1/Things(1)").find("@iot.selfLink")->as_string(),
            fmt::format("{}/v1.1/Things(1)", kHost));
}

}  // namespace
}  // namespace duliang
