// Properties by path, their bare text, and addresses (18-088 clause 9.2).
#include "doors/odata/target.h"

#include "doors/house_for_test.h"
#include "doors/station_for_test.h"

namespace duliang {
namespace {

class TargetTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(house_.open().ok());
    const std::string more = R"(,"a":{"b":[1.50,{"c":"深"}],"none":null},"x y":true)";
    for (const char* name : {"甲", "乙"}) {
      ASSERT_EQ(house_.post("/v1.1/Things", station_body(name, more)).status, 201);
    }
    for (const char* result : {"21.50", R"("dry")", R"({"x":null})"}) {
      house_.clock.advance(std::chrono::seconds{10});
      const std::string body = fmt::format(R"({{"result":{}}})", result);
      ASSERT_EQ(house_.post("/v1.1/Datastreams(1)/Observations", body).status, 201);
    }
  }
  // "200 application/json {…}"
  std::string told(const std::string& target) {
    const Response response = house_.get(target);
    if (response.status >= 400) return std::to_string(response.status);
    return fmt::format("{} {} {}", response.status, response.content_type, response.body);
  }
  HouseForTest house_;
};

TEST_F(TargetTest, PropertiesAndWhatIsInsideThem) {
  const std::string json = "200 application/json ";
  EXPECT_EQ(told("/v1.1/Things(1)/name"), json + R"({"name":"甲"})");
  EXPECT_EQ(told("/v1.1/Datastreams(2)/Thing/name"), json + R"({"name":"乙"})");
  EXPECT_EQ(told("/v1.1/Things(2)/id"), json + R"({"@iot.id":2})");
  EXPECT_EQ(told("/v1.1/Things(1)/properties/a/b"), json + R"({"b":[1.50,{"c":"深"}]})");
  EXPECT_EQ(told("/v1.1/Things(1)/properties/a/b/1/c"), json + R"({"c":"深"})");
  EXPECT_EQ(told("/v1.1/Things(1)/properties/x%20y"), json + R"({"x y":true})");
  EXPECT_EQ(told("/v1.1/Datastreams(1)/unitOfMeasurement/symbol"), json + R"({"symbol":"m"})");
  EXPECT_EQ(told("/v1.1/Observations(1)/result"), json + R"({"result":21.50})");
  EXPECT_EQ(told("/v1.1/Observations(1)/phenomenonTime"),
            json + R"({"phenomenonTime":"2026-11-24T06:00:10Z"})");
  EXPECT_EQ(told("/v1.1/Datastreams(1)/phenomenonTime"),
            json + R"({"phenomenonTime":"2026-11-24T06:00:10Z/2026-11-24T06:00:30Z"})");
}

TEST_F(TargetTest, TheBareText) {
  const std::string text = "200 text/plain; charset=utf-8 ";
  EXPECT_EQ(told("/v1.1/Things(1)/name/$value"), text + "甲");
  EXPECT_EQ(told("/v1.1/Things(1)/n%61me/%24value"), text + "甲");
  EXPECT_EQ(told("/v1.1/Observations(1)/result/$value"), text + "21.50");
  EXPECT_EQ(told("/v1.1/Observations(2)/result/$value"), text + "dry");
  EXPECT_EQ(told("/v1.1/Things(1)/properties/a/b/0/$value"), text + "1.50");
  EXPECT_EQ(told("/v1.1/Things(1)/properties/a/b/1/$value"), text + R"({"c":"深"})");
}

TEST_F(TargetTest, NullHasNoContent) {
  for (const char* path : {"Observations(1)/parameters/$value", "Observations(3)/result/x",
                           "Things(1)/properties/a/none", "Datastreams(2)/phenomenonTime"}) {
    EXPECT_EQ(told("/v1.1/" + std::string(path)), "204  ") << path;
  }
}

TEST_F(TargetTest, AResultTimeThatNobodyKnowsIsShown) {
  EXPECT_EQ(told("/v1.1/Observations(1)/resultTime"),
            R"(200 application/json {"resultTime":null})");
  EXPECT_EQ(told("/v1.1/Observations(1)/resultTime/$value"),
            "200 text/plain; charset=utf-8 null");
}

TEST_F(TargetTest, WhatIsNoPropertyIs404) {
  for (const char* path :
       {"Things(1)/nome", "Things(9)/name", "Things/name", "Things(1)/name(1)", "Things(1)/name/x",
        "Things(1)/properties/no", "Things(1)/properties/a/b/2", "Things(1)/properties/a/b/-1",
        "Things(1)/properties/a/b/x", "Things(1)/$value", "Things/$value", "$value", "$ref",
        "Things(1)/name/$ref", "Things(1)/Datastreams(2)/name", "Things(1)/name/$value/x",
        "Observations(1)/quality", "Things(1)/$ref/$ref", "Observations(1)/resultTime/x"}) {
    EXPECT_EQ(told("/v1.1/" + std::string(path)), "404") << path;
  }
  std::string deep = "/v1.1/Things(1)/properties";
  for (size_t i = 0; i < limits::kPathSegments; ++i) deep += "/a";
  EXPECT_EQ(told(deep), "400") << "above the limit of segments";
}

TEST_F(TargetTest, AddressesAlone) {
  EXPECT_EQ(house_.get("/v1.1/Things/$ref").body,
            R"j({"value":[{"@iot.selfLink":"http://127.0.0.1:8080/v1.1/Things(1)"},)j"
            R"j({"@iot.selfLink":"http://127.0.0.1:8080/v1.1/Things(2)"}]})j");
  EXPECT_EQ(house_.get("/v1.1/Things(2)/Datastreams/%24ref").body,
            R"j({"value":[{"@iot.selfLink":"http://127.0.0.1:8080/v1.1/Datastreams(2)"}]})j");
  const std::string one = R"j({"@iot.selfLink":"http://127.0.0.1:8080/v1.1/Things(2)"})j";
  EXPECT_EQ(house_.get("/v1.1/Datastreams(2)/Thing/$ref").body, one);
  EXPECT_EQ(house_.get("/v1.1/Things(2)/$ref").body, one);
  const Json page = house_.get_json("/v1.1/Datastreams(1)/Observations/$ref?$top=2&$count=true"
                                    "&$orderby=phenomenonTime desc&$filter=id gt 0");
  EXPECT_EQ(page.find("@iot.count")->dump(), "3");
  EXPECT_EQ(page.find("value")->items().size(), 2U);
  const std::string next = page.find("@iot.nextLink")->as_string();
  const Json rest = house_.get_json(next.substr(next.find("/v1.1")));
  EXPECT_EQ(rest.find("value")->dump(),
            R"j([{"@iot.selfLink":"http://127.0.0.1:8080/v1.1/Observations(1)"}])j");
}

TEST_F(TargetTest, OptionsThatSayNothingOfThemAreRefused) {
  for (const char* target : {"Things(1)/name?$select=name", "Things(1)/name?$top=1",
                             "Things(1)/$ref?$select=name", "Things/$ref?$select=name",
                             "Things/$ref?$expand=Datastreams", "Things(1)/name?name=x"}) {
    EXPECT_EQ(told("/v1.1/" + std::string(target)), "400") << target;
  }
  EXPECT_EQ(told("/v1.1/Things(1)/name?$format=x"), "501");
}

TEST_F(TargetTest, ThePastAndTheCityToo) {
  const std::string then = "?as_of=" + to_text(house_.clock.now());
  house_.clock.advance(std::chrono::seconds{10});
  ASSERT_EQ(house_.patch("/v1.1/Observations(1)", R"({"result":1})").status, 200);
  ASSERT_EQ(house_.post("/v1.1/Things", station_body("丙")).status, 201);
  EXPECT_EQ(house_.get("/v1.1/Observations(1)/result/$value" + then).body, "21.50");
  EXPECT_EQ(house_.get("/v1.1/Observations(1)/result/$value").body, "1");
  EXPECT_EQ(house_.get_json("/v1.1/Things/$ref" + then).find("value")->items().size(), 2U);
  EXPECT_EQ(told("/v1.1/Things(3)/name" + then), "404");
  EXPECT_EQ(told("/city/v1/Things(1)/name/$value"), "200 text/plain; charset=utf-8 甲");
  EXPECT_EQ(told("/city/v1/Observations(1)/quality"), "204  ");
  ASSERT_TRUE(house_.load_packs({"liangping", "alarm-handling", "flood"}).ok());
  EXPECT_NE(house_.get("/city/v1/Units(1)/key/$value").body, "");
  EXPECT_EQ(house_.get("/city/v1/Units(1)/$ref").body,
            R"j({"@iot.selfLink":"http://127.0.0.1:8080/city/v1/Units(1)"})j");
}

TEST_F(TargetTest, NothingIsPostedToAPart) {
  EXPECT_EQ(house_.post("/v1.1/Things(1)/name", "{}").status, 404);
  // Addresses take a reference, where what it names can be linked.
  for (const std::string path : {"Things/$ref", "Datastreams(1)/Observations/$ref"}) {
    EXPECT_EQ(house_.post("/v1.1/" + path, "{}").status, 400) << path;
    EXPECT_EQ(house_.post("/v1.1/" + path, R"({"@iot.id":1})").status, 400) << path;
  }
}

}  // namespace
}  // namespace duliang
