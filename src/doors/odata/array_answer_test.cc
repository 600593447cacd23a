// $resultFormat=dataArray, against the same questions answered as entities.
#include "doors/odata/array_answer.h"

#include "doors/house_for_test.h"
#include "doors/station_for_test.h"

namespace duliang {
namespace {

constexpr const char* kArray = "$resultFormat=dataArray";

class ArrayAnswerTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(house_.open().ok());
    for (const char* name : {"甲", "乙"}) {
      ASSERT_EQ(house_.post("/v1.1/Things", station_body(name)).status, 201);
    }
    read(1, R"("phenomenonTime":"2026-11-24T05:00:00Z","result":21.50)");
    read(2, R"("phenomenonTime":"2026-11-24T05:01:00Z/2026-11-24T06:00:00.250Z","result":"a\"b")");
    read(1, R"("phenomenonTime":"2026-11-24T05:02:00.125Z","result":null,
               "resultTime":"2026-11-25T00:00:01Z","parameters":{"depth":2})");
    read(1, R"("phenomenonTime":"0001-01-01T00:00:00Z","result":{"x":[1,2]})");
  }
  void read(int stream, const std::string& members) {
    ASSERT_EQ(
        house_.post(fmt::format("/v1.1/Datastreams({})/Observations", stream), "{" + members + "}")
            .status,
        201);
  }
  std::string body(const std::string& target) {
    const Response response = house_.get(target);
    EXPECT_EQ(response.status, 200) << target << " " << response.body;
    return response.body;
  }
  HouseForTest house_;
};

TEST_F(ArrayAnswerTest, GroupsByDatastream) {
  EXPECT_EQ(
      body("/v1.1/Observations?$count=true&" + std::string(kArray)),
      R"j({"@iot.count":4,"value":[{"Datastream@iot.navigationLink":)j"
      R"j("http://127.0.0.1:8080/v1.1/Datastreams(1)",)j"
      R"j("components":["id","phenomenonTime","resultTime","result"],"dataArray@iot.count":3,)j"
      R"j("dataArray":[[1,"2026-11-24T05:00:00Z",null,21.50],)j"
      R"j([2,"2026-11-24T05:02:00.125Z","2026-11-25T00:00:01Z",null],)j"
      R"j([3,"0001-01-01T00:00:00Z",null,{"x":[1,2]}]]},)j"
      R"j({"Datastream@iot.navigationLink":"http://127.0.0.1:8080/v1.1/Datastreams(2)",)j"
      R"j("components":["id","phenomenonTime","resultTime","result"],"dataArray@iot.count":1,)j"
      R"j("dataArray":[[256,"2026-11-24T05:01:00Z/2026-11-24T06:00:00.250Z",null,"a\"b"]]}]})j");
  EXPECT_EQ(body("/v1.1/Observations?$filter=result gt 99&" + std::string(kArray)),
            R"({"value":[]})");
}

TEST_F(ArrayAnswerTest, SelectChoosesComponents) {
  const Json json = house_.get_json("/v1.1/Datastreams(1)/Observations?$select=result,parameters,id"
                                    "&$orderby=phenomenonTime desc&" +
                                    std::string(kArray));
  const Json& group = json.find("value")->items()[0];
  EXPECT_EQ(group.find("components")->dump(), R"(["result","parameters","id"])");
  EXPECT_EQ(group.find("dataArray")->dump(),
            R"([[null,{"depth":2},2],[21.50,null,1],[{"x":[1,2]},null,3]])");
  const std::string quality = "Observations?$select=id,quality&" + std::string(kArray);
  EXPECT_NE(body("/city/v1/" + quality).find(R"(["id","quality"])"), std::string::npos);
  EXPECT_NE(body("/v1.1/" + quality).find(R"(["id"])"), std::string::npos);
}

TEST_F(ArrayAnswerTest, TheOtherOptionsHoldAndLinksCarryTheFormat) {
  for (const std::string order : {"", "&$orderby=phenomenonTime desc", "&$orderby=result"}) {
    std::vector<std::string> rows, entities;
    std::string target = "/v1.1/Observations?$top=1&$filter=id gt 1&" + std::string(kArray) + order;
    while (!target.empty()) {
      const Json page = house_.get_json(target);
      ASSERT_EQ(page.find("value")->items().size(), 1U) << target;
      const Json& group = page.find("value")->items()[0];
      rows.push_back(group.find("dataArray")->items()[0].items()[0].dump());
      const Json* next = page.find("@iot.nextLink");
      target = next == nullptr ? "" : next->as_string();
      if (next == nullptr) break;
      EXPECT_NE(target.find(kArray), std::string::npos) << target;
      target = target.substr(target.find("/v1.1"));
      ASSERT_LE(rows.size(), 4U) << target;
    }
    const Json whole = house_.get_json("/v1.1/Observations?$filter=id gt 1" + order);
    for (const Json& one : whole.find("value")->items()) {
      entities.push_back(one.find("@iot.id")->dump());
    }
    EXPECT_EQ(rows, entities) << order;
  }
  const std::string past = "&as_of=" + to_text(house_.clock.now());
  house_.clock.advance(std::chrono::seconds{10});
  const std::string question = "/v1.1/Observations?" + std::string(kArray);
  const std::string then = body(question);
  read(2, R"("result":1)");
  EXPECT_EQ(body(question + past), then);
}

TEST_F(ArrayAnswerTest, WhatIsNoDataArrayIsRefused) {
  const auto told = [this](const std::string& target) {
    return house_.get("/v1.1/" + target).status;
  };
  const std::string array(kArray);
  EXPECT_EQ(told("Observations?$expand=Datastream&" + array), 400);
  EXPECT_EQ(told("Observations?" + array + "&$select=Datastream"), 400);
  EXPECT_EQ(told("Things?" + array), 400);
  EXPECT_EQ(told("Observations(1)?" + array), 400);
  EXPECT_EQ(told("Observations/$ref?" + array), 400);
  EXPECT_EQ(told("Datastreams?$expand=Observations(" + array + ")"), 400);
  EXPECT_EQ(told("Observations?$resultFormat=CSV"), 501);
}

// Its own maximum of rows, and of bytes.
TEST_F(ArrayAnswerTest, TheAnswerIsBounded) {
  const Json json = house_.get_json("/v1.1/Observations?$top=999999999&" + std::string(kArray));
  EXPECT_EQ(json.find("value")->items().size(), 2U);
  const std::string large = fmt::format(R"("result":"{}")", std::string(500'000, 'x'));
  const size_t fit = limits::kArrayBytes / 500'000;
  for (size_t i = 0; i <= fit; ++i) read(2, large);
  const std::string all = "/v1.1/Datastreams(2)/Observations?$top=600000&$count=true&";
  const Json first = house_.get_json(all + kArray);
  EXPECT_EQ(first.find("@iot.count")->dump(), std::to_string(fit + 2)) << "of the whole set";
  const size_t shown = first.find("value")->items()[0].find("dataArray")->items().size();
  EXPECT_LT(shown, fit + 2);
  const std::string next = first.find("@iot.nextLink")->as_string();
  const Json rest = house_.get_json(next.substr(next.find("/v1.1")));
  EXPECT_EQ(shown + rest.find("value")->items()[0].find("dataArray")->items().size(), fit + 2);
  EXPECT_EQ(rest.find("@iot.nextLink"), nullptr);
}

}  // namespace
}  // namespace duliang
