#include "doors/ops/ops.h"

#include "doors/house_for_test.h"
#include "doors/station_for_test.h"

namespace duliang {
namespace {

// The number of `name` in the text of /metrics; -1 where it is not.
double metric(HouseForTest& house, const std::string& name) {
  const std::string text = "\n" + house.get("/metrics").body;
  const size_t at = text.find("\n" + name + " ");
  if (at == std::string::npos) return -1;
  return std::strtod(text.c_str() + at + name.size() + 2, nullptr);
}

TEST(Ops, TellsHowItIs) {
  HouseForTest house;
  ASSERT_TRUE(house.open().ok());
  ASSERT_EQ(house.post("/v1.1/Things", station_body("甲")).status, 201);
  ASSERT_EQ(house.post("/v1.1/Datastreams(1)/Observations", R"({"result":1})").status, 201);
  ASSERT_EQ(house.post("/v1.1/Datastreams(7)/Observations", R"({"result":1})").status, 404);
  EXPECT_EQ(house.get_json("/healthz").find("alive")->dump(), "true");
  const Json ready = house.get_json("/readyz");
  EXPECT_EQ(ready.find("sequence")->dump(), "2");
  EXPECT_TRUE(ready.find("lostTail")->is_null());
  EXPECT_EQ(house.get_json("/version").find("name")->as_string(), "duliang");
  const std::string metrics = house.get("/metrics").body;
  EXPECT_NE(metrics.find("\nduliang_readings_total 1\n"), std::string::npos) << metrics;
  EXPECT_NE(metrics.find("\nduliang_commands_refused_total 1\n"), std::string::npos) << metrics;
  EXPECT_NE(metrics.find("# TYPE duliang_journal_sequence gauge"), std::string::npos);
}

TEST(Ops, CountsRefusalsByReason) {
  HouseForTest house;
  ASSERT_TRUE(house.open().ok());
  const std::string not_found = R"(duliang_refused_total{reason="not_found"})";
  const std::string bad_input = R"(duliang_refused_total{reason="bad_input"})";
  const double found_before = metric(house, not_found), bad_before = metric(house, bad_input);
  ASSERT_GE(found_before, 0);
  ASSERT_GE(bad_before, 0);
  EXPECT_EQ(house.get("/v1.1/Things(1)").status, 404);
  EXPECT_EQ(house.post("/v1.1/Datastreams(1)/Observations", R"({"result":1})").status, 404);
  EXPECT_EQ(house.post("/v1.1/Observations", "{").status, 400);
  EXPECT_EQ(metric(house, not_found), found_before + 2);
  EXPECT_EQ(metric(house, bad_input), bad_before + 1);
}

// Where the readings that a question took stood, and which pages it cost.
TEST(Ops, CountsWhereReadingsCameFrom) {
  HouseForTest house;
  ASSERT_TRUE(house.open().ok());
  ASSERT_EQ(house.post("/v1.1/Things", station_body("甲")).status, 201);
  const std::string stream = "/v1.1/Datastreams(1)/Observations";
  for (int i = 0; i < 3; ++i) ASSERT_EQ(house.post(stream, R"({"result":1})").status, 201);
  ASSERT_TRUE(house.engine->checkpoint().ok());
  ASSERT_EQ(house.post(stream, R"({"result":2})").status, 201);
  ASSERT_EQ(house.patch("/v1.1/Observations(2)", R"({"result":3})").status, 200);
  const auto asked = [&house](const std::string& name, const std::string& url) {
    const double before = metric(house, name);
    EXPECT_GE(before, 0) << name;
    EXPECT_EQ(house.get(url).status, 200);
    return metric(house, name) - before;
  };
  EXPECT_EQ(asked("duliang_read_tail_rows_total", stream), 1);
  EXPECT_EQ(asked("duliang_read_part_rows_total", stream), 2);
  EXPECT_EQ(asked("duliang_read_overlay_rows_total", stream), 1);
  EXPECT_EQ(asked("duliang_read_pages_total", stream), 1);
  EXPECT_EQ(asked("duliang_page_cache_hits_total", stream), 1);
  EXPECT_EQ(asked("duliang_pages_decoded_total", stream), 0);
  EXPECT_GT(metric(house, "duliang_page_cache_bytes"), 0);
  EXPECT_EQ(asked("duliang_read_part_rows_total", "/v1.1/Observations(1)"), 1);
  EXPECT_EQ(asked("duliang_read_overlay_rows_total", "/v1.1/Observations(2)"), 1);
  EXPECT_EQ(asked("duliang_read_tail_rows_total", "/v1.1/Observations(4)"), 1);
  const std::string nothing_new = stream + "?$filter=result gt 5&$count=true";
  EXPECT_EQ(asked("duliang_read_pages_total", nothing_new), 0) << "the page tells without";
}

TEST(Ops, ReadyzSaysNoWhereTheQueueIsFull) {
  HouseForTest house;
  ASSERT_TRUE(house.open().ok());
  EXPECT_EQ(house.get("/readyz").status, 200);
  for (size_t i = 0; i < limits::kQueuedCommands; ++i) {
    Command command;
    command.body = PostReadings{};
    house.engine->submit(std::move(command), [](const Result<Outcome>&) {});
  }
  const Response full = house.get("/readyz");
  EXPECT_EQ(full.status, 503);
  const auto json = parse_json(full.body);
  ASSERT_TRUE(json.ok());
  EXPECT_FALSE(json->find("ready")->as_bool());
  EXPECT_NE(json->find("reason")->as_string().find("queue"), std::string::npos) << full.body;
  EXPECT_EQ(house.get("/readyz").status, 200) << "the turns have emptied it";
}

TEST(Ops, ReadyzSaysNoWhileTheHouseCantDoItsWork) {
  HouseForTest house;
  ASSERT_TRUE(house.open().ok());
  ASSERT_EQ(house.post("/v1.1/Things", station_body("甲")).status, 201);
  house.close();
  house.clock.jump_wall(-std::chrono::hours{24 * 365});
  ASSERT_TRUE(house.open().ok());
  const Response halted = house.get("/readyz");
  EXPECT_EQ(halted.status, 503);
  const auto json = parse_json(halted.body);
  ASSERT_TRUE(json.ok());
  EXPECT_EQ(json->find("reason")->as_string(), house.engine->status().halted);
}

// How far back the journal reaches, and what it takes.
TEST(Ops, TellsOfTheHorizonAndOfSegments) {
  HouseForTest house;
  EngineOptions options;
  options.segments = {4096, 1024};
  options.keep_journal = std::chrono::hours{1};
  ASSERT_TRUE(house.open(options).ok());
  EXPECT_TRUE(house.get_json("/version").find("horizon")->is_null());
  for (int i = 0; i < 30; ++i) {
    ASSERT_EQ(house.post("/v1.1/Things", station_body("甲")).status, 201);
  }
  const auto tend = [&house] {
    for (int i = 0; i < 200; ++i) ASSERT_TRUE(house.engine->tend().ok());
  };
  tend();
  EXPECT_GT(metric(house, R"(duliang_journal_segments{form="sealed"})"), 1);
  EXPECT_EQ(metric(house, R"(duliang_journal_segments{form="written"})"), 1);
  EXPECT_GT(metric(house, R"(duliang_journal_bytes{form="sealed"})"), 100);
  EXPECT_GT(metric(house, "duliang_journal_sealed_total"), 1);
  EXPECT_EQ(metric(house, R"(duliang_journal_segments{form="retired"})"), 0);
  const std::string then = to_text(house.clock.now());
  house.clock.advance(std::chrono::hours{2});
  tend();
  const Json version = house.get_json("/version");
  const Json* horizon = version.find("horizon");
  ASSERT_FALSE(horizon->is_null());
  EXPECT_GT(horizon->find("sequence")->as_integer().value_or(0), 1);
  EXPECT_EQ(horizon->find("time")->as_string(), then);
  EXPECT_EQ(metric(house, R"(duliang_journal_segments{form="sealed"})"), 0);
  EXPECT_GT(metric(house, "duliang_journal_retired_total"), 1);
  EXPECT_EQ(metric(house, "duliang_journal_fault"), 0);
  EXPECT_TRUE(house.get_json("/readyz").find("journalFault")->is_null());
}

// A lost tail is said where those who run it look.
TEST(Ops, ReadyzNamesALostTail) {
  HouseForTest house;
  ASSERT_TRUE(house.open().ok());
  ASSERT_EQ(house.post("/v1.1/Things", station_body("甲")).status, 201);
  house.close();
  const auto names = house.files.list(journal_folder(kTestFolder));
  ASSERT_TRUE(names.ok());
  const std::string segment = journal_folder(kTestFolder) + "/" + names->front();
  auto content = read_file(house.files, segment);
  ASSERT_TRUE(content.ok());
  const size_t end = content->find_last_not_of('\0') + 1;
  auto file = File::open(house.files, segment, OpenMode::write);
  ASSERT_TRUE(file->write_at("half a record", end + 40).ok());
  ASSERT_TRUE(house.open().ok());
  const Json ready = house.get_json("/readyz");
  EXPECT_FALSE(ready.find("lostTail")->is_null()) << ready.dump();
}

}  // namespace
}  // namespace duliang
