#include "doors/csv/export.h"

#include "base/limits.h"
#include "doors/csv/transfer_for_test.h"

namespace duliang {
namespace {

// What an export gives, into another folder with the same streams.
constexpr const char* kBack = R"(zone: Z
time: {column: time}
readings: [{column: result, as: json, thing: {column: thing}, datastream: {column: name}}]
)";

void open_example(HouseForTest& house) {
  ASSERT_TRUE(house.open().ok());
  add_station(house, "甲", {"level", "note"});
  add_station(house, "乙", {"level"});
}

void add(HouseForTest& house, int stream, const std::string& time, const std::string& result) {
  const std::string body = fmt::format(R"({{"phenomenonTime":"{}","result":{}}})", time, result);
  const std::string target = fmt::format("/v1.1/Datastreams({})/Observations", stream);
  ASSERT_EQ(house.post(target, body).status, 201) << body;
}

void add_examples(HouseForTest& house) {
  add(house, 3, "2026-11-24T00:02:00Z", "2");
  add(house, 1, "2026-11-24T00:01:00Z", "21.50");
  add(house, 1, "2026-11-24T00:00:00.25Z/2026-11-24T00:10:00Z", "1.0");
  add(house, 2, "2026-11-24T00:01:00Z", R"("a, \"b\"")");
  add(house, 2, "2026-11-24T00:02:00Z", R"({"x":[1,null],"y":true})");
  add(house, 1, "2026-11-24T00:03:00Z", "null");
}

class ExportTest : public ::testing::Test {
 protected:
  void SetUp() override { open_example(house); }
  HouseAccess here() { return access_to(*house.engine, ""); }

  HouseForTest house;
};

// Whoever reads it slowly: each line costs a second, and a view is good for thirty.
TEST_F(ExportTest, GoesOnWithTheNextViewWhereOneHasExpired) {
  std::string body = R"([{"Datastream":{"@iot.id":1},"components":["phenomenonTime","result"],
"dataArray":[)";
  for (int i = 0; i < 400; ++i) {
    const auto minute = i / 2;  // two at each time
    body += fmt::format(R"({}["2026-11-24T{:02}:{:02}:00Z",{}])", i == 0 ? "" : ",", minute / 60,
                        minute % 60, i);
  }
  ASSERT_EQ(house.post("/v1.1/CreateObservations", body + "]}]").status, 201);
  ASSERT_TRUE(house.engine->checkpoint().ok());
  ScanOptions options;
  options.stream = StreamId{1};
  std::vector<std::string> results, expected;
  for (int i = 0; i < 400; ++i) expected.push_back(std::to_string(i));
  const Status scanned = here().scan(options, [&](const Reading& reading) {
    results.push_back(reading.result);
    house.clock.advance(std::chrono::seconds{1});
    return true;
  });
  ASSERT_TRUE(scanned.ok()) << scanned.error().message;
  EXPECT_EQ(results, expected);
}

TEST_F(ExportTest, InAZoneAndWithinTimes) {
  add_examples(house);
  ExportOptions options;
  options.zone = kDistrictZone;
  options.streams = {"甲/level", "3", "level"};
  options.from = *parse_moment("2026-11-24", Zone{});
  options.to = *parse_moment("2026-11-24T08:03", kDistrictZone);
  EXPECT_EQ(export_text(here(), options),
            "time,stream,thing,name,unit,result,quality\r\n"
            "2026-11-24T08:00:00.250+08:00/2026-11-24T08:10:00+08:00,1,甲,level,u,1.0,\r\n"
            "2026-11-24T08:01:00+08:00,1,甲,level,u,21.50,\r\n"
            "2026-11-24T08:02:00+08:00,3,乙,level,u,2,\r\n");
  options.streams = {"levle"};
  const auto refused = export_csv(here(), options, [](std::string_view) { return Status(); });
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().message, "There is no Datastream \"levle\". Did you mean \"level\"?");
}

TEST(Export, ImportedElsewhereItIsTheSame) {
  std::string text;
  {
    HouseForTest house;
    open_example(house);
    add_examples(house);
    text = export_text(access_to(*house.engine, ""));
    EXPECT_EQ(export_text(access_to(send_to(house), "")), text);
  }
  HouseForTest other;
  open_example(other);
  SimFiles files;
  const auto told = import_text(files, access_to(*other.engine, ""), kBack, text);
  ASSERT_TRUE(told.status.ok());
  EXPECT_EQ(told.counts.added, 6U);
  EXPECT_TRUE(told.faults.empty());
  EXPECT_EQ(export_text(access_to(*other.engine, "")), text);
}

TEST_F(ExportTest, WideHasALineForEachTime) {
  add_examples(house);
  add(house, 3, "2026-11-24T00:02:00Z", "2.5");
  ExportOptions options;
  options.wide = true;
  const std::string text =
      "time,甲/level (u),甲/note (u),乙/level (u)\r\n"
      "2026-11-24T00:00:00.250Z/2026-11-24T00:10:00Z,1.0,,\r\n"
      "2026-11-24T00:01:00Z,21.50,\"\"\"a, \\\"\"b\\\"\"\"\"\",\r\n"
      "2026-11-24T00:02:00Z,,\"{\"\"x\"\":[1,null],\"\"y\"\":true}\",2\r\n"
      "2026-11-24T00:02:00Z,,,2.5\r\n"
      "2026-11-24T00:03:00Z,null,,\r\n";
  EXPECT_EQ(export_text(here(), options), text);
  EXPECT_EQ(export_text(access_to(send_to(house), ""), options), text);
}

// More than a wide export holds of a stream, and more than a page over HTTP has, with a long run at
// one moment: nothing twice, nothing left out.
TEST_F(ExportTest, LongStreamsComeInPieces) {
  std::vector<Reading> readings;
  for (int i = 0; i < 700; ++i) {
    Reading reading;
    reading.stream = StreamId{1};
    const Time time = kTestStart + std::chrono::seconds(i < 200 ? i : std::max(i, 500));
    reading.phenomenon_time = {time, time};
    reading.result = std::to_string(i);
    readings.push_back(reading);
  }
  ASSERT_TRUE(here().post(readings).ok());
  size_t expected = 0;
  ScanOptions scan;
  scan.stream = StreamId{1};
  const Status scanned = access_to(send_to(house), "").scan(scan, [&](const Reading& reading) {
    EXPECT_EQ(reading.result, std::to_string(expected));
    ++expected;
    return true;
  });
  EXPECT_TRUE(scanned.ok());
  EXPECT_EQ(expected, 700U);

  // Many streams share what a wide export may hold.
  constexpr int64_t kStreams = 1000;
  static_assert(limits::kWideReadings / kStreams < 300, "less than the run at one moment");
  HouseAccess many = here();
  many.streams = [] {
    std::vector<StreamName> streams;
    for (int64_t i = 1; i <= kStreams; ++i) {
      streams.push_back({StreamId{i}, "t", std::to_string(i), ""});
    }
    return Result<std::vector<StreamName>>(streams);
  };
  uint64_t lines = 0;
  ExportOptions options;
  options.wide = true;
  options.from = kTestStart + std::chrono::seconds(150);
  options.to = kTestStart + std::chrono::seconds(501);
  const auto count = export_csv(many, options, [&lines](std::string_view text) -> Status {
    lines += static_cast<uint64_t>(std::ranges::count(text, '\n'));
    return {};
  });
  ASSERT_TRUE(count.ok());
  EXPECT_EQ(*count, 351U);
  EXPECT_EQ(lines, 352U);
}

TEST_F(ExportTest, WideHasALimit) {
  HouseAccess many = here();
  many.streams = [] {
    std::vector<StreamName> streams(limits::kWideStreams + 1);
    for (size_t i = 0; i < streams.size(); ++i)
      streams[i].id = StreamId{static_cast<int64_t>(i) + 1};
    return Result<std::vector<StreamName>>(streams);
  };
  ExportOptions options;
  options.wide = true;
  const auto refused = export_csv(many, options, [](std::string_view) { return Status(); });
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Code::too_large);
}

TEST_F(ExportTest, AWriterThatFailsEndsIt) {
  add_examples(house);
  const auto count = export_csv(here(), {}, [](std::string_view) -> Status {
    return Error{Code::io, "Full.", ""};
  });
  ASSERT_FALSE(count.ok());
  EXPECT_EQ(count.error().message, "Full.");
}

}  // namespace
}  // namespace duliang
