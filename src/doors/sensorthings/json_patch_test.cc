#include "doors/sensorthings/json_patch.h"

#include "doors/house_for_test.h"
#include "doors/station_for_test.h"

namespace duliang {
namespace {

class JsonPatchTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(house_.open().ok());
    ASSERT_EQ(house_.post("/v1.1/Things", station_body("甲")).status, 201);
    ASSERT_EQ(house_.post("/v1.1/Things", station_body("乙")).status, 201);
    const char* properties = R"({"properties":{"a":[1,2.50,{"x/y":"~"}],"b":{"c":null}}})";
    ASSERT_EQ(house_.patch("/v1.1/Things(1)", properties).status, 200);
  }
  Request request_of(const std::string& path, const std::string& operations) {
    Request request;
    request.method = Method::patch;
    request.path = path;
    request.body = operations;
    request.is_json_patch = true;
    return request;
  }
  Response patch(const std::string& path, const std::string& operations) {
    return *house_.send(request_of(path, operations));
  }
  std::string properties() {
    const Json json = house_.get_json("/v1.1/Things(1)");
    const Json* found = json.find("properties");
    return found == nullptr ? "" : found->dump();
  }
  // Nothing is changed; the answer names the field.
  void refused(const std::string& operations, int status, const std::string& field) {
    const Json before = house_.get_json("/v1.1/Things(1)");
    const Response response = patch("/v1.1/Things(1)", operations);
    EXPECT_EQ(response.status, status) << operations << response.body;
    const std::string named = fmt::format(R"("field":"{}")", field);
    EXPECT_NE(response.body.find(named), std::string::npos) << operations << response.body;
    EXPECT_EQ(house_.get_json("/v1.1/Things(1)"), before) << operations;
  }

  HouseForTest house_;
};

TEST_F(JsonPatchTest, EachOperation) {
  struct Case {
    const char* operations;
    const char* properties;  // behind it, of what was there before
  };
  for (const Case& one : {
           Case{R"([])", R"({"a":[1,2.50,{"x/y":"~"}],"b":{"c":null}})"},
           Case{R"([{"op":"add","path":"/properties/d","value":{"e":1.0}}])",
                R"({"a":[1,2.50,{"x/y":"~"}],"b":{"c":null},"d":{"e":1.0}})"},
           Case{R"([{"op":"add","path":"/properties/a/1","value":"new"}])",
                R"({"a":[1,"new",2.50,{"x/y":"~"}],"b":{"c":null}})"},
           Case{R"([{"op":"add","path":"/properties/a/-","value":9}])",
                R"({"a":[1,2.50,{"x/y":"~"},9],"b":{"c":null}})"},
           Case{R"([{"op":"add","path":"/properties/a","value":0}])",
                R"({"a":0,"b":{"c":null}})"},
           Case{R"([{"op":"replace","path":"/properties/a/2/x~1y","value":[]}])",
                R"({"a":[1,2.50,{"x/y":[]}],"b":{"c":null}})"},
           Case{R"([{"op":"remove","path":"/properties/a/0"}])",
                R"({"a":[2.50,{"x/y":"~"}],"b":{"c":null}})"},
           Case{R"([{"op":"remove","path":"/properties/b/c"}])",
                R"({"a":[1,2.50,{"x/y":"~"}],"b":{}})"},
           Case{R"([{"op":"remove","path":"/properties"}])", ""},
           Case{R"([{"op":"copy","from":"/properties/a/1","path":"/properties/b/c"}])",
                R"({"a":[1,2.50,{"x/y":"~"}],"b":{"c":2.50}})"},
           Case{R"([{"op":"move","from":"/properties/a","path":"/properties/b/c"}])",
                R"({"b":{"c":[1,2.50,{"x/y":"~"}]}})"},
           Case{R"([{"op":"test","path":"/properties","value":
                    {"b":{"c":null},"a":[1.0,2.5,{"x/y":"~"}]}},
                    {"op":"remove","path":"/properties/a"}])",
                R"({"b":{"c":null}})"},
       }) {
    const std::string before = properties();
    const Response response = patch("/v1.1/Things(1)", one.operations);
    EXPECT_EQ(response.status, 200) << one.operations << response.body;
    EXPECT_EQ(properties(), one.properties) << one.operations;
    ASSERT_EQ(house_.patch("/v1.1/Things(1)", R"({"properties":)" + before + "}").status, 200);
  }
}

TEST_F(JsonPatchTest, SeveralMembersAndARelation) {
  const Response response = patch("/v1.0/Datastreams(1)", R"([
      {"op":"replace","path":"/name","value":"stage"},
      {"op":"add","path":"/Thing","value":{"@iot.id":2}},
      {"op":"replace","path":"/unitOfMeasurement/symbol","value":"cm"}])");
  ASSERT_EQ(response.status, 200) << response.body;
  const Json stream = house_.get_json("/v1.1/Datastreams(1)");
  EXPECT_EQ(stream.find("name")->as_string(), "stage");
  EXPECT_EQ(stream.find("unitOfMeasurement")->find("symbol")->as_string(), "cm");
  EXPECT_EQ(house_.get_json("/v1.1/Datastreams(1)/Thing").find("@iot.id")->dump(), "2");
}

TEST_F(JsonPatchTest, AnObservation) {
  ASSERT_EQ(house_.post("/v1.1/Datastreams(1)/Observations",
                        R"({"result":{"a":1},"parameters":{"p":1}})")
                .status,
            201);
  const Response response = patch("/v1.1/Observations(1)", R"([
      {"op":"test","path":"/resultTime","value":null},
      {"op":"add","path":"/result/b","value":21.50},
      {"op":"remove","path":"/parameters"}])");
  ASSERT_EQ(response.status, 200) << response.body;
  const Json reading = house_.get_json("/v1.1/Observations(1)");
  EXPECT_EQ(reading.find("result")->dump(), R"({"a":1,"b":21.50})");
  EXPECT_EQ(reading.find("parameters"), nullptr);
  EXPECT_EQ(patch("/v1.1/Observations(1)", R"([{"op":"remove","path":"/result"}])").status, 400);
}

TEST_F(JsonPatchTest, RefusalsChangeNothingAndNameTheOperation) {
  const std::string first = R"([{"op":"replace","path":"/name","value":"丙"},)";
  refused(first + R"({"op":"test","path":"/name","value":"甲"}])", 409, "[1].path");
  refused(first + R"({"op":"remove","path":"/properties/z"}])", 400, "[1].path");
  refused(first + R"({"op":"replace","path":"/properties/a/3","value":1}])", 400, "[1].path");
  refused(first + R"({"op":"add","path":"/properties/a/4","value":1}])", 400, "[1].path");
  refused(first + R"({"op":"add","path":"/properties/a/01","value":1}])", 400, "[1].path");
  refused(first + R"({"op":"add","path":"/properties/z/y","value":1}])", 400, "[1].path");
  refused(first + R"({"op":"add","path":"/name/y","value":1}])", 400, "[1].path");
  refused(first + R"({"op":"add","path":"","value":{}}])", 400, "[1].path");
  refused(first + R"({"op":"add","path":"name","value":"x"}])", 400, "[1].path");
  refused(first + R"({"op":"add","path":"/a~2","value":"x"}])", 400, "[1].path");
  refused(first + R"({"op":"add","path":"/name"}])", 400, "[1].value");
  refused(first + R"({"op":"copy","path":"/name"}])", 400, "[1].from");
  refused(first + R"({"op":"move","from":"/properties","path":"/properties/a"}])", 400, "[1].path");
  refused(first + R"({"op":"merge","path":"/name","value":"x"}])", 400, "[1].op");
  refused(first + R"({"path":"/name","value":"x"}])", 400, "[1].op");
  refused(first + "7]", 400, "[1].op");
  refused(R"([{"op":"remove","path":"/name"}])", 400, "name");
  refused(R"([{"op":"add","path":"/nome","value":"x"}])", 400, "nome");
  refused(R"([{"op":"replace","path":"/name","value":null}])", 400, "name");
  EXPECT_EQ(patch("/v1.1/Things(1)", R"({"name":"x"})").status, 400) << "no list of operations";
  EXPECT_EQ(patch("/v1.1/Things(1)", "[").status, 400);
  EXPECT_EQ(patch("/v1.1/Things(9)", "[]").status, 404);
}

// A few operations that copy would else make much of little.
TEST_F(JsonPatchTest, WhatIsPutInIsBounded) {
  std::string copies = "[";
  for (int i = 0; i < 40; ++i) {
    const std::string comma = i == 0 ? "" : ",";
    copies += comma;
    copies += fmt::format(R"({{"op":"copy","from":"/properties","path":"/properties/{}"}})", i);
  }
  EXPECT_EQ(patch("/v1.1/Things(1)", copies + "]").status, 413);
  std::string many = R"([{"op":"test","path":"/name","value":"甲"})";
  for (int i = 0; i < 1000; ++i) many += R"(,{"op":"test","path":"/name","value":"甲"})";
  EXPECT_EQ(patch("/v1.1/Things(1)", many + "]").status, 413);
}

TEST_F(JsonPatchTest, ConditionsAndKeys) {
  Request request =
      request_of("/v1.1/Things(1)", R"([{"op":"replace","path":"/name","value":"丁"}])");
  request.if_match = "\"9-9\"";
  EXPECT_EQ(house_.send(request)->status, 412);
  request.if_match = "*";
  EXPECT_EQ(house_.send(request)->status, 200);
  request.idempotency_key = "k";
  EXPECT_EQ(house_.send(request)->status, 400);
}

}  // namespace
}  // namespace duliang
