#include "doors/csv/import.h"

#include "base/limits.h"
#include "doors/csv/transfer_for_test.h"

namespace duliang {
namespace {

constexpr const char* kMapping = R"(zone: "+08:00"
na: [NA]
time: {column: time}
readings:
  - {column: level, thing: 甲, datastream: level}
  - {column: note, thing: 甲, datastream: note, as: text}
)";

constexpr const char* kLong = R"(zone: Z
time: {column: time}
readings: [{column: value, as: json, thing: {column: thing}, datastream: {column: name}}]
)";

constexpr const char* kOneStream =
    "zone: Z\ntime: {column: t}\n"
    "readings: [{column: v, stream: 1}]\n";

class ImportTest : public ::testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(house.open().ok());
    add_station(house, "甲", {"level", "note"});
    add_station(house, "乙", {"level", "twin", "twin"});
  }
  HouseAccess here() { return access_to(*house.engine, ""); }

  HouseForTest house;
};

TEST_F(ImportTest, KeepsTextsAsTheyCameAndPassesGapsOver) {
  const auto told = import_text(house.files, here(), kMapping,
                                "\xEF\xBB\xBFtime,level,note\r\n"
                                "2026-11-24T08:00,21.50,\"a \"\"b\"\"\"\r\n"
                                "2026-11-24T08:00:30Z,-1e3,NA\r\n"
                                "2026-11-24T08:10, 3 ,\r\n");
  ASSERT_TRUE(told.status.ok()) << told.status.error().message;
  EXPECT_TRUE(told.faults.empty());
  EXPECT_EQ(told.counts.lines, 3U);
  EXPECT_EQ(told.counts.added, 4U);
  EXPECT_EQ(told.counts.missing, 2U);
  EXPECT_EQ(export_text(here()),
            "time,stream,thing,name,unit,result,quality\r\n"
            "2026-11-24T00:00:00Z,1,甲,level,u,21.50,\r\n"
            "2026-11-24T00:10:00Z,1,甲,level,u,3,\r\n"
            "2026-11-24T08:00:30Z,1,甲,level,u,-1e3,\r\n"
            "2026-11-24T00:00:00Z,2,甲,note,u,\"\"\"a \\\"\"b\\\"\"\"\"\",\r\n");
}

TEST_F(ImportTest, ListsBadLinesAndKeepsTheOthers) {
  const auto told = import_text(house.files, here(), kLong,
                                "time,thing,name,value\n"
                                "2026-11-24T08:00:00Z,甲,level,1\n"
                                "yesterday,甲,level,2\n"
                                "2026-11-24T08:02:00Z,丙,level,3\n"
                                "2026-11-24T08:03:00Z,乙,twin,4\n"
                                "2026-11-24T08:04:00Z,甲,level,+5\n"
                                "2026-11-24T08:05:00Z,甲\n"
                                "2026-11-24T08:06:00Z,甲,level,6,7\n"
                                ",甲,level,8\n"
                                "2026-11-24T08:08:00Z,甲,level,9\"\n"
                                "2026-11-24T08:09:00Z,甲,level,10,,\n");
  ASSERT_TRUE(told.status.ok());
  EXPECT_EQ(told.counts.lines, 10U);
  EXPECT_EQ(told.counts.added, 2U);
  EXPECT_EQ(told.counts.bad, 8U);
  ASSERT_EQ(told.faults.size(), 8U);
  EXPECT_NE(told.faults[0].find("f.csv:3: \"yesterday\" is no time"), std::string::npos);
  EXPECT_EQ(told.faults[1], "f.csv:4: there is no Datastream \"level\" of a Thing \"丙\"");
  EXPECT_NE(told.faults[2].find("several Datastreams"), std::string::npos);
  EXPECT_EQ(told.faults[3], "f.csv:6: \"+5\" is no JSON");
  EXPECT_EQ(told.faults[4], "f.csv:7: 2 fields; expected 4");
  EXPECT_EQ(told.faults[5], "f.csv:8: 5 fields; expected 4");
  EXPECT_EQ(told.faults[6], "f.csv:9: there is no time");
  EXPECT_NE(told.faults[7].find("f.csv:10: a quote stands"), std::string::npos);
  EXPECT_EQ(told.rejected[3], "2026-11-24T08:04:00Z,甲,level,+5");
}

TEST_F(ImportTest, OneBadCellSpoilsNoOtherOfItsLine) {
  const auto told =
      import_text(house.files, here(), kMapping, "time,level,note\n2026-11-24T08:00,NaN,fine\n");
  EXPECT_EQ(told.counts.added, 1U);
  ASSERT_EQ(told.faults.size(), 1U);
  EXPECT_EQ(told.faults[0], "f.csv:2: column 2: \"NaN\" is no number");
}

TEST_F(ImportTest, AgainAddsNothing) {
  std::string text = "t,v\n";
  for (size_t i = 0; i < 2 * limits::kImportReadings + 100; ++i) {
    const Time time = kTestStart + std::chrono::seconds((i * 7919) % 100'000);
    text += fmt::format("{},{}\n", to_text(time), i);
  }
  const auto first = import_text(house.files, here(), kOneStream, text);
  ASSERT_TRUE(first.status.ok());
  EXPECT_EQ(first.counts.added, 2 * limits::kImportReadings + 100);
  const std::string before = export_text(here());
  // Also after a restart, when the readings stand in a part.
  house.close();
  ASSERT_TRUE(house.open().ok());
  const auto again = import_text(house.files, here(), kOneStream, text);
  EXPECT_EQ(again.counts.added, 0U);
  EXPECT_EQ(again.counts.present, first.counts.added);
  EXPECT_EQ(again.counts.bad, 0U);
  EXPECT_EQ(export_text(here()), before);
}

// Far apart in a stream with much between them: looked for in pieces.
TEST_F(ImportTest, FindsWhatStandsFarApart) {
  std::string dense = "t,v\n";
  for (int i = 0; i < 5000; ++i) {
    dense += fmt::format("{},1\n", to_text(kTestStart + std::chrono::seconds(i)));
  }
  ASSERT_EQ(import_text(house.files, here(), kOneStream, dense).counts.added, 5000U);
  std::string sparse = "t,v\n";
  for (const int i : {-5, 0, 1, 2500, 4000, 4999, 6000}) {
    sparse += fmt::format("{},1\n", to_text(kTestStart + std::chrono::seconds(i)));
  }
  for (const HouseAccess& access : {here(), access_to(send_to(house), "")}) {
    const auto told = import_text(house.files, access, kOneStream, sparse);
    EXPECT_EQ(told.counts.present + told.counts.added, 7U);
  }
  EXPECT_EQ(house.get_json("/v1.1/Observations?$count=true&$top=0").find("@iot.count")->dump(),
            "5002");
}

TEST_F(ImportTest, AnotherResultAtATimeIsForAPersonToLookAt) {
  const auto told = import_text(house.files, here(), kOneStream,
                                "t,v\n2026-11-24T00:00:00Z,1.0\n2026-11-24T00:00:00Z,1.00\n"
                                "2026-11-24T00:00:00Z,2\n");
  EXPECT_EQ(told.counts.added, 1U);
  EXPECT_EQ(told.counts.present, 1U) << "1.00 says the same";
  ASSERT_EQ(told.faults.size(), 1U);
  EXPECT_EQ(told.faults[0],
            "f.csv:4: the stream 1 has \"1.0\" at 2026-11-24T00:00:00Z; here stands \"2\"");
  const auto later = import_text(house.files, here(), kOneStream, "t,v\n2026-11-24T00:00:00Z,3\n");
  EXPECT_EQ(later.counts.added, 0U);
  EXPECT_EQ(later.faults.size(), 1U);
}

TEST_F(ImportTest, AFileThatDoesNotFitIsRefusedWhole) {
  const auto error = [&](const char* mapping, const char* text) {
    const auto told = import_text(house.files, here(), mapping, text);
    EXPECT_EQ(told.counts.added, 0U);
    return told.status.ok() ? "" : told.status.error().message;
  };
  EXPECT_EQ(error(kMapping, "tme,level,note\n"),
            "f.csv: m.yaml:3: the file has no column \"time\"; did you mean \"tme\"?");
  EXPECT_NE(error(kMapping, "time,level,level\n").find("2 columns \"level\""), std::string::npos);
  EXPECT_NE(error(kMapping, "").find("expected a header"), std::string::npos);
  EXPECT_NE(error("zone: Z\ntime: {column: t}\nreadings: [{column: v, stream: 77}]\n", "t,v\n")
                .find("m.yaml:3: there is no Datastream with id \"77\""),
            std::string::npos);
}

TEST_F(ImportTest, WithoutHeaderColumnsAreNumbers) {
  const auto told = import_text(house.files, here(),
                                "zone: Z\nheader: false\nseparator: \";\"\n"
                                "time: {column: 3, pattern: dd.MM.yyyy HH:mm}\n"
                                "readings: [{column: 1, stream: 1}]\n",
                                "7;x;24.11.2026 10:00;more\n8;x\n");
  EXPECT_EQ(told.counts.added, 1U);
  ASSERT_EQ(told.faults.size(), 1U);
  EXPECT_EQ(told.faults[0], "f.csv:2: 2 fields; expected 3");
}

// A rule takes room for its decision from each command: far fewer readings than a batch has.
TEST_F(ImportTest, StreamsWithRulesAreTakenInAsManyPiecesAsItNeeds) {
  ASSERT_TRUE(house.load_packs({"liangping", "alarm-handling", "flood"}).ok());
  ASSERT_EQ(house
                .post("/v1.1/Things", R"({"name":"丁","description":"d","Datastreams":[
    {"name":"level","description":"d","observationType":"o","unitOfMeasurement":{"symbol":"m"},
     "properties":{"guaranteed_m":3.6,"warning_m":3.2},
     "Sensor":{"name":"s","description":"d","encodingType":"text/html","metadata":"m"},
     "ObservedProperty":{"name":"water_level","definition":"u","description":"d"}}]})")
                .status,
            201);
  std::string text = "time,thing,name,value\n";
  for (int i = 0; i < 100; ++i) {
    text += fmt::format("{},丁,level,1\n", to_text(kTestStart + std::chrono::seconds(i)));
  }
  const auto told = import_text(house.files, here(), kLong, text);
  EXPECT_TRUE(told.status.ok());
  EXPECT_EQ(told.counts.added, 100U);
}

TEST_F(ImportTest, OverHttpItIsTheSame) {
  const std::string text =
      "time,level,note\n2026-11-24T08:00,21.50,a\n2026-11-24T08:10,x,b\n2026-11-24T08:20,3,c\n";
  const HouseAccess server = access_to(send_to(house), "");
  const auto told = import_text(house.files, server, kMapping, text);
  ASSERT_TRUE(told.status.ok()) << told.status.error().message;
  EXPECT_EQ(told.counts.added, 5U);
  EXPECT_EQ(told.faults.size(), 1U);
  const auto again = import_text(house.files, server, kMapping, text);
  EXPECT_EQ(again.counts.added, 0U);
  EXPECT_EQ(again.counts.present, 5U);
  EXPECT_EQ(export_text(server), export_text(here()));
}

// The standard's form of CreateObservations, answered as a server does that refuses one reading.
TEST_F(ImportTest, PostsInArraysWhereTheServerTakesThem) {
  std::vector<std::string> bodies;
  const Send send = [&](const Request& request) -> Result<Response> {
    if (request.path != "/v1.1/CreateObservations") return house.send(request);
    bodies.push_back(request.body);
    return json_response(201, R"x(["http://s/v1.1/Observations(1)","error: too hot",
                                  "http://s/v1.1/Observations(2)"])x");
  };
  const auto told =
      import_text(house.files, access_to(send, "wu-tong"), kMapping,
                  "time,level,note\n2026-11-24T08:00,21.50,a\n2026-11-24T08:10,99,\n");
  ASSERT_TRUE(told.status.ok());
  ASSERT_EQ(bodies.size(), 1U);
  EXPECT_EQ(bodies[0],
            R"([{"Datastream":{"@iot.id":1},"components":["phenomenonTime","result"],"dataArray":[)"
            R"(["2026-11-24T00:00:00Z",21.50],["2026-11-24T00:10:00Z",99]]},)"
            R"({"Datastream":{"@iot.id":2},"components":["phenomenonTime","result"],"dataArray":[)"
            R"(["2026-11-24T00:00:00Z","a"]]}])");
  EXPECT_EQ(told.counts.added, 2U);
  ASSERT_EQ(told.faults.size(), 1U);
  EXPECT_EQ(told.faults[0], "f.csv:3: error: too hot");
}

// The largest request that an import makes is one that a server takes.
TEST_F(ImportTest, ABatchFitsABodyOfHttp) {
  size_t largest = 0;
  const Send send = [&](const Request& request) -> Result<Response> {
    if (request.path != "/v1.1/CreateObservations") return house.send(request);
    largest = std::max(largest, request.body.size());
    return Error{Code::bad_input, "Only looked at.", ""};
  };
  std::vector<Reading> readings(limits::kImportReadings);
  const std::string result(limits::kImportBytes / limits::kImportReadings - 2, 'x');
  for (size_t i = 0; i < readings.size(); ++i) {
    readings[i].stream = StreamId{i % 2 == 0 ? int64_t{1} << 52 : int64_t{1} << 51};
    readings[i].phenomenon_time = {kTestStart + Duration(1), kTestStart + Duration(i + 1)};
    readings[i].result = '"' + result + '"';
  }
  EXPECT_TRUE(access_to(send, "").post(readings).ok());
  EXPECT_GT(largest, limits::kImportBytes);
  EXPECT_LE(largest, limits::kBodyBytes);
}

// A request whose answer is lost was done all the same: nothing comes twice.
TEST_F(ImportTest, LooksAgainWhereAnAnswerIsLost) {
  bool lost = false;
  const Send send = [&](const Request& request) -> Result<Response> {
    auto answer = house.send(request);
    const bool done = request.method == Method::post && answer.ok() && answer->status < 300;
    if (!done || lost) return answer;
    lost = true;
    return Error{Code::unavailable, "Lost.", ""};
  };
  const std::string text =
      "t,v\n2026-11-24T00:00:00Z,1\n2026-11-24T00:01:00Z,2\n"
      "2026-11-24T00:02:00Z,3\n";
  const auto told = import_text(house.files, access_to(send, ""), kOneStream, text);
  ASSERT_TRUE(told.status.ok());
  EXPECT_EQ(told.waits, 1U);
  EXPECT_EQ(told.counts.added, 3U);
  EXPECT_EQ(told.counts.present, 0U);
  EXPECT_EQ(house.get_json("/v1.1/Observations?$count=true").find("@iot.count")->dump(), "3");
}

TEST_F(ImportTest, GivesUpWhereTheServerStaysAway) {
  const Send send = [&](const Request& request) -> Result<Response> {
    if (request.method == Method::post) return Error{Code::unavailable, "Gone.", ""};
    return house.send(request);
  };
  const auto told =
      import_text(house.files, access_to(send, ""), kOneStream, "t,v\n2026-11-24T00:00:00Z,1\n");
  ASSERT_FALSE(told.status.ok());
  EXPECT_EQ(told.status.error().message, "Gone.");
  EXPECT_EQ(told.counts.added, 0U);
}

}  // namespace
}  // namespace duliang
