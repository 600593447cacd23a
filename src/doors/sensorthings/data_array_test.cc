#include "doors/sensorthings/data_array.h"

#include <gtest/gtest.h>

#include "engine/command.h"

namespace duliang {
namespace {

Result<DataArray> parse(const std::string& body) {
  static DataArrayParser parser;
  return parser.parse(body);
}

TEST(DataArray, TakesRowsOfManyStreams) {
  const auto parsed = parse(R"([
    {"Datastream":{"@iot.id":4},"components":["phenomenonTime","result","FeatureOfInterest/id"],
     "dataArray@iot.count":2,
     "dataArray":[["2026-11-24T06:00:00Z",21.50,7],["2026-11-24T07:00:00Z","x\n",null]]},
    {"dataArray":[[1.0],[null]],"components":["result"],"Datastream":{"@iot.id":5}}])");
  ASSERT_TRUE(parsed.ok()) << parsed.error().message;
  EXPECT_EQ(parsed->faults, std::vector<std::string>(4));
  ASSERT_EQ(parsed->readings.size(), 4U);
  const Reading& first = parsed->readings[0];
  EXPECT_EQ(first.stream, StreamId{4});
  EXPECT_EQ(first.feature, RowId{7});
  EXPECT_EQ(first.result, "21.50");
  EXPECT_EQ(to_text(first.phenomenon_time), "2026-11-24T06:00:00Z");
  EXPECT_EQ(parsed->readings[1].result, R"("x\n")");
  EXPECT_EQ(parsed->readings[1].feature, kNoRow);
  EXPECT_EQ(parsed->readings[2].stream, StreamId{5}) << "rows may stand before their components";
  EXPECT_EQ(parsed->readings[2].result, "1.0");
  EXPECT_EQ(parsed->readings[2].phenomenon_time.begin, kUnsetTime);
  EXPECT_EQ(parsed->readings[3].result, "null");
}

TEST(DataArray, ABadRowHarmsNoOther) {
  const auto parsed = parse(R"([
    {"Datastream":{"@iot.id":4},"components":["phenomenonTime","result"],
     "dataArray":[["yesterday",1],["2026-11-24T06:00:00Z"],["2026-11-24T06:00:00Z",2],[]]}])");
  ASSERT_TRUE(parsed.ok()) << parsed.error().message;
  ASSERT_EQ(parsed->faults.size(), 4U);
  EXPECT_NE(parsed->faults[0].find("phenomenonTime"), std::string::npos);
  EXPECT_NE(parsed->faults[1].find("1 values; components names 2"), std::string::npos);
  EXPECT_EQ(parsed->faults[2], "");
  EXPECT_NE(parsed->faults[3], "");
  ASSERT_EQ(parsed->readings.size(), 1U);
  EXPECT_EQ(parsed->readings[0].result, "2");
}

TEST(DataArray, RefusesABodyThatIsNone) {
  struct Case {
    const char* body;
    const char* says;
  };
  for (const Case& one : {
           Case{"{}", "array"},
           Case{R"([{"components":["result"],"dataArray":[[1]]}])", "Datastream"},
           Case{R"([{"Datastream":{"@iot.id":1},"dataArray":[[1]]}])", "components"},
           Case{R"([{"Datastream":{"@iot.id":1},"components":["phenomenonTime"],"dataArray":[]}])",
                "result"},
           Case{R"([{"Datastream":{"@iot.id":1},"components":["result","nonsense"]}])", "nonsense"},
           Case{R"([{"Datastream":{"@iot.id":1},"components":["result","result"]}])", "twice"},
           Case{R"([{"Datastream":{"@iot.id":1},"components":["result","Datastream"]}])", "once"},
           Case{R"([{"Datastream":{"@iot.id":1},"components":["result"],"rows":[]}])", "rows"},
           Case{R"([{"Datastream":{"@iot.id":1},"components":["result"],"dataArray":[1]}])",
                "array"},
           Case{R"([{"Datastream":{"@iot.id":"a"},"components":["result"],"dataArray":[]}])",
                "Datastream"},
       }) {
    const auto parsed = parse(one.body);
    ASSERT_FALSE(parsed.ok()) << one.body;
    EXPECT_EQ(parsed.error().code, Code::bad_input);
    EXPECT_NE(parsed.error().message.find(one.says), std::string::npos) << parsed.error().message;
  }
}

}  // namespace
}  // namespace duliang
