// What readings come to in spans of time, through the door.
#include "doors/house_for_test.h"
#include "doors/station_for_test.h"

namespace duliang {
namespace {

class BucketsTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(house_.open().ok());
    ASSERT_EQ(house_.post("/v1.1/Things", station_body("甲")).status, 201);
    // Ten minutes from 2026-11-24T00:00+08:00 on, one a minute: 0 to 9.
    for (int minute = 0; minute < 10; ++minute) {
      post(fmt::format("2026-11-23T16:{:02}:00Z", minute), std::to_string(minute));
    }
  }
  void post(const std::string& time, const std::string& result) {
    const std::string body =
        fmt::format(R"({{"phenomenonTime":"{}","result":{}}})", time, result);
    ASSERT_EQ(house_.post("/v1.1/Datastreams(1)/Observations", body).status, 201);
  }
  Json buckets(const std::string& query) {
    return house_.get_json("/city/v1/Datastreams(1)/Buckets?" + query);
  }
  std::string rows(const std::string& query) {
    return buckets(query).find("dataArray")->dump();
  }

  HouseForTest house_;
};

TEST_F(BucketsTest, ShowWhatReadingsComeTo) {
  const Json json = buckets("step=5m");
  EXPECT_EQ(json.find("components")->dump(),
            R"(["from","readings","bad","numbers","min","max","mean","sum","first","last"])");
  EXPECT_EQ(json.find("dataArray")->dump(),
            R"([["2026-11-23T16:00:00Z",5,0,5,0,4,2,10,0,4],)"
            R"(["2026-11-23T16:05:00Z",5,0,5,5,9,7,35,5,9]])");
  EXPECT_EQ(json.find("step")->as_string(), "PT300S");
  EXPECT_EQ(json.find("from")->as_string(), "2026-11-23T16:00:00Z");
}

TEST_F(BucketsTest, OfASpanInSoManyOrSoLongPieces) {
  const std::string span = "from=2026-11-23T16:02:00Z&to=2026-11-23T16:08:00Z&$select=min,max";
  EXPECT_EQ(rows(span + "&count=2"),
            R"([["2026-11-23T16:02:00Z",2,4],["2026-11-23T16:05:00Z",5,7]])");
  EXPECT_EQ(rows(span + "&step=PT4M"),
            R"([["2026-11-23T16:02:00Z",2,5],["2026-11-23T16:06:00Z",6,7]])");
  EXPECT_EQ(rows("step=1d&$select=sum"), R"([["2026-11-23T16:00:00Z",45]])")
      << "a day begins at the district's midnight";
  EXPECT_EQ(rows("from=2026-12-01T00:00:00Z&to=2026-12-02T00:00:00Z"), "[]");
  EXPECT_EQ(rows("from=2026-12-01T00:00:00Z"), "[]") << "behind the last reading";
}

TEST_F(BucketsTest, LeaveOutWhatIsBadAndCountWhatIsNoNumber) {
  post("2026-11-23T16:01:30Z", "\"wet\"");
  ASSERT_TRUE(house_.load_packs({"liangping"}).ok());
  const Json people = *house_.get_json("/city/v1/People?$top=1").find("value");
  ASSERT_FALSE(people.items().empty());
  const std::string person = people.items()[0].find("key")->as_string();
  ASSERT_EQ(house_.put("/city/v1/Observations(5)/Quality",
                       R"({"quality":"bad","reason":"a spider"})", person)
                .status,
            200);
  EXPECT_EQ(rows("step=5m&to=2026-11-23T16:05:00Z&$select=readings,bad,numbers,max,last"),
            R"([["2026-11-23T16:00:00Z",6,1,4,3,3]])");
}

TEST_F(BucketsTest, OfThePast) {
  house_.clock.advance(std::chrono::seconds{10});
  const std::string then = to_text(house_.clock.now());
  house_.clock.advance(std::chrono::seconds{10});
  post("2026-11-23T16:00:30Z", "100");
  const std::string query = "step=5m&to=2026-11-23T16:05:00Z&$select=max";
  EXPECT_EQ(rows(query), R"([["2026-11-23T16:00:00Z",100]])");
  EXPECT_EQ(rows(query + "&as_of=" + then), R"([["2026-11-23T16:00:00Z",4]])");
}

TEST_F(BucketsTest, WhatIsWrongIsNamed) {
  const std::string path = "/city/v1/Datastreams(1)/Buckets?";
  for (const char* query :
       {"from=yesterday", "to=1", "step=0s", "step=-5m", "step=soon", "count=0", "count=10001",
        "count=x", "$select=min,average", "$select=", "colour=red",
        "from=2026-11-23T16:05:00Z&to=2026-11-23T16:00:00Z"}) {
    const Response refused = house_.get(path + query);
    EXPECT_EQ(refused.status, 400) << query;
    const std::string name = std::string(query).substr(0, std::string(query).find('='));
    EXPECT_NE(refused.body.find(name), std::string::npos) << refused.body;
  }
  EXPECT_EQ(house_.get(path + "from=0001-01-01T00:00:00Z&to=9999-01-01T00:00:00Z&step=1ms").status,
            413);
  EXPECT_EQ(house_.get("/city/v1/Datastreams(9)/Buckets").status, 404);
}

}  // namespace
}  // namespace duliang
