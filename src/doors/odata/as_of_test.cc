// The past, asked through the doors: against the answers that were given when it was the present.
#include "doors/house_for_test.h"
#include "doors/station_for_test.h"
#include "engine/past.h"

namespace duliang {
namespace {

class AsOfTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(house_.open().ok());
    ASSERT_TRUE(house_.load_packs({"liangping", "alarm-handling", "flood"}).ok());
    pass();
    ASSERT_EQ(house_.post("/v1.1/Things", station_body("回龙站")).status, 201);
  }
  void pass() { house_.clock.advance(std::chrono::seconds{10}); }
  void read(const std::string& value) {
    pass();
    ASSERT_EQ(
        house_.post("/v1.1/Datastreams(1)/Observations", R"({"result":)" + value + "}").status,
        201);
  }
  std::string body(const std::string& target) {
    const Response response = house_.get(target);
    EXPECT_EQ(response.status, 200) << target << " " << response.body;
    return response.body;
  }
  static std::string as_of(const std::string& target, Time time) {
    return target + (target.find('?') == std::string::npos ? "?" : "&") + "as_of=" + to_text(time);
  }
  // What is asked now and has to be answered so ever after.
  void remember() {
    for (const char* target :
         {"/v1.1/Things", "/v1.1/Observations?$count=true", "/city/v1/Alarms?$orderby=id desc",
          "/v1.1/Datastreams(1)/Observations?$filter=result gt 3.5", "/city/v1/Cases",
          "/city/v1/Tasks?$count=true", "/city/v1/Cases?$filter=state eq 'open'",
          "/city/v1/Stations"}) {
      said_.emplace_back(as_of(target, house_.clock.now()), body(target));
    }
    pass();
  }
  void expect_the_same() {
    for (const auto& [target, answer] : said_) EXPECT_EQ(body(target), answer) << target;
  }
  // A year's story: an alarm, its case, corrections, a reading that goes.
  void live() {
    remember();
    read("3.20");
    remember();
    read("3.90");
    read("3.90");
    remember();
    ASSERT_EQ(house_.patch("/v1.1/Observations(2)", R"({"result":3.10})").status, 200);
    remember();
    ASSERT_EQ(house_.del("/v1.1/Observations(1)").status, 200);
    ASSERT_TRUE(house_.engine->checkpoint().ok());
    read("3.00");
    remember();
    read("2.90");
    ASSERT_EQ(house_.post("/v1.1/Things", station_body("新站")).status, 201);
    remember();
  }
  HouseForTest house_;
  std::vector<std::pair<std::string, std::string>> said_;
};

TEST_F(AsOfTest, EveryQuestionIsAnsweredAsItWasThen) {
  live();
  ASSERT_NE(body("/city/v1/Cases"), said_[4].second) << "there is a case now";
  expect_the_same();
  house_.close();
  ASSERT_TRUE(house_.open().ok());
  expect_the_same();
}

TEST_F(AsOfTest, AMomentKeepsToItsSecond) {
  const Time second = std::chrono::floor<std::chrono::seconds>(house_.clock.now()) +
                      std::chrono::seconds{1};
  house_.clock.advance(second - house_.clock.now() + std::chrono::milliseconds{300});
  ASSERT_EQ(house_.post("/v1.1/Things", station_body("早")).status, 201);
  const std::string count = "/v1.1/Things?$count=true&$top=0";
  EXPECT_EQ(house_.get_json(as_of(count, second)).find("@iot.count")->dump(), "2");
  const Time before = second - Duration{1};
  EXPECT_EQ(house_.get_json(as_of(count, before)).find("@iot.count")->dump(), "1");
}

TEST_F(AsOfTest, TheNextPageIsOfTheSameMoment) {
  pass();
  const Time then = house_.clock.now();
  const Json page = house_.get_json(as_of("/city/v1/Towns?$top=30", then));
  const std::string next = page.find("@iot.nextLink")->as_string();
  EXPECT_NE(next.find("as_of=" + to_text(then)), std::string::npos) << next;
}

TEST_F(AsOfTest, OneRowIsLookedUpWithoutAMoment) {
  read("3.90");
  read("3.90");
  const Time then = house_.clock.now();
  const std::string alarm = body("/city/v1/Alarms(1)");
  pass();
  read("2.00");
  read("2.00");
  ASSERT_NE(body("/city/v1/Alarms(1)"), alarm);
  EXPECT_EQ(body(as_of("/city/v1/Alarms(1)", then)), alarm);
  EXPECT_EQ(body(as_of("/city/v1/Alarms(1)?$select=level", then)), R"({"level":1})");
  EXPECT_EQ(house_.get(as_of("/city/v1/Alarms(1)", then - std::chrono::seconds{30})).status, 404);
  EXPECT_FALSE(house_.files.exists(moments_folder(kTestFolder)).value());
}

TEST_F(AsOfTest, TheLastThreeMomentsAreKeptAndGoWithTheHouse) {
  live();
  expect_the_same();
  EXPECT_EQ(house_.files.list(moments_folder(kTestFolder))->size(), Past::kMomentsKept);
  house_.close();
  EXPECT_TRUE(house_.files.list(moments_folder(kTestFolder))->empty());
  const std::string left = moments_folder(kTestFolder) + "/7.sqlite";
  ASSERT_TRUE(replace_file(house_.files, left, "left by a crash").ok());
  ASSERT_TRUE(house_.open().ok());
  EXPECT_FALSE(house_.files.exists(left).value());
}

TEST_F(AsOfTest, TheHouseKeepsItsRoom) {
  pass();
  const std::string target = as_of("/v1.1/Things", house_.clock.now());
  house_.files.set_capacity(limits::kDiskReserve + 4096);
  EXPECT_EQ(house_.get(target).status, 507);
  house_.files.set_capacity(0);
  EXPECT_EQ(house_.get(target).status, 200);
}

TEST_F(AsOfTest, WhatIsNoMomentOfTheHouseIsToldSo) {
  const auto told = [&](const std::string& time) {
    const Response response = house_.get("/v1.1/Things?as_of=" + time);
    EXPECT_NE(response.body.find("as_of"), std::string::npos) << response.body;
    return response.status;
  };
  EXPECT_EQ(told("yesterday"), 400);
  EXPECT_EQ(told(to_text(house_.clock.now() + std::chrono::seconds{2})), 400);
  EXPECT_EQ(told("2001-01-01T00:00:00Z"), 404);
}

TEST_F(AsOfTest, VersionsTellWhatAnEntityWasAndWhoDidIt) {
  read("3.90");
  read("3.90");
  ASSERT_EQ(house_.post("/city/v1/Cases(1)/Acts", R"({"act":"sign"})", "chen-min").status, 200);
  const Json json = house_.get_json("/city/v1/Cases(1)/Versions");
  const auto& versions = json.find("value")->items();
  ASSERT_EQ(versions.size(), 2U);
  EXPECT_EQ(versions[0].find("until")->dump(), "null");
  EXPECT_EQ(versions[1].find("until")->dump(), versions[0].find("frame")->dump());
  EXPECT_NE(versions[0].find("entity")->find("step")->dump(),
            versions[1].find("entity")->find("step")->dump());
  const auto& frames = json.find("frames")->items();
  ASSERT_EQ(frames.size(), 2U);
  EXPECT_EQ(frames[1].find("sequence")->dump(), versions[0].find("frame")->dump());
  EXPECT_EQ(frames[1].find("commands")->items()[0].find("actor")->as_string(), "chen-min");
  EXPECT_EQ(house_.get("/city/v1/Cases(2)/Versions").status, 404);
}

}  // namespace
}  // namespace duliang
