// Next links while readings come, are corrected and go: what stood all the time comes exactly once.
#include <map>
#include <set>

#include "base/text.h"
#include "doors/house_for_test.h"
#include "doors/odata/options.h"
#include "doors/station_for_test.h"

namespace duliang {
namespace {

constexpr const char* kHost = "http://127.0.0.1:8080";

class PagingTest : public testing::Test {
 protected:
  void SetUp() override {
    EngineOptions options;
    options.series_sizes = {.chunk_rows = 8, .page_rows = 4};
    ASSERT_TRUE(house_.open(options).ok());
    for (const char* name : {"甲", "乙"}) {
      ASSERT_EQ(house_.post("/v1.1/Things", station_body(name)).status, 201);
    }
  }
  // Many have the same time, so that ids decide.
  void read(uint64_t stream, uint64_t minute, uint64_t result) {
    const Response made = house_.post(
        fmt::format("/v1.1/Datastreams({})/Observations", stream),
        fmt::format(R"({{"phenomenonTime":"2026-11-24T05:{:02}:00Z","result":{}}})", minute,
                    result));
    ASSERT_EQ(made.status, 201) << made.body;
    const size_t bracket = made.location.rfind('(');
    ids_.push_back(std::stoll(made.location.substr(bracket + 1)));
  }
  void remove(int64_t id) {
    ASSERT_EQ(house_.del(fmt::format("/v1.1/Observations({})", id)).status, 200);
    std::erase(ids_, id);
  }
  void read_any() { read(1 + random_.below(2), random_.below(20), random_.below(100)); }

  // What others do between two pages; whom it touches does not stand all the time.
  void disturb(std::set<int64_t>& touched) {
    for (int i = 0; i < 2; ++i) read_any();
    const int64_t moved = ids_[random_.below(ids_.size())];
    const int64_t gone = ids_[random_.below(ids_.size())];
    const int64_t corrected = ids_[random_.below(ids_.size())];
    touched.insert({moved, gone});
    house_.patch(fmt::format("/v1.1/Observations({})", moved),
                 fmt::format(R"({{"phenomenonTime":"2026-11-24T05:{:02}:30Z"}})",
                             random_.below(20)));
    house_.patch(fmt::format("/v1.1/Observations({})", corrected), R"({"result":50})");
    remove(gone);
    if (random_.below(4) == 0) {
      ASSERT_TRUE(house_.engine->checkpoint().ok());
    }
  }

  std::vector<int64_t> ids_of(const Json& page) {
    std::vector<int64_t> ids;
    for (const Json& one : page.find("value")->items()) {
      ids.push_back(*one.find("@iot.id")->as_integer());
    }
    return ids;
  }
  static std::string below_host(const std::string& link) {
    return link.substr(std::string(kHost).size());
  }
  // Those that match now.
  std::vector<int64_t> all_of(const std::string& target) {
    return ids_of(house_.get_json(target + "&$top=10000"));
  }

  HouseForTest house_;
  Random random_{7};
  std::vector<int64_t> ids_;  // that stand
};

void expect_next(const Json& page, const std::string& query) {
  const std::string next = page.find("@iot.nextLink")->as_string();
  EXPECT_EQ(next.substr(next.find('?') + 1), query);
}

TEST_F(PagingTest, WhatStandsAllTheTimeComesOnce) {
  const std::vector<std::string> orders = {"", "$orderby=id desc&", "$orderby=phenomenonTime&",
                                           "$orderby=phenomenonTime desc&",
                                           "$orderby=phenomenonTime desc,id desc&"};
  for (int turn = 0; turn < 30; ++turn) {
    while (ids_.size() < 60) read_any();
    while (ids_.size() > 60) remove(ids_[random_.below(ids_.size())]);
    const std::string set = turn % 3 == 0 ? "Observations" : "Datastreams(1)/Observations";
    const std::string filter = turn % 2 == 0 ? "$filter=result ge 0" : "$filter=id gt 3";
    const std::string whole =
        fmt::format("/v1.1/{}?{}{}", set, orders[static_cast<size_t>(turn) % 5], filter);
    std::map<int64_t, int> times;
    std::set<int64_t> touched;
    const std::vector<int64_t> before = all_of(whole);
    std::string target = whole + fmt::format("&$top={}&$count=true", 3 + random_.below(6));
    for (int pages = 0; !target.empty(); ++pages) {
      ASSERT_LT(pages, 200) << whole;
      const Json page = house_.get_json(target);
      EXPECT_EQ(*page.find("@iot.count")->as_integer(),
                static_cast<int64_t>(all_of(whole).size()))
          << "of all, whichever the page";
      for (const int64_t id : ids_of(page)) ++times[id];
      const Json* next = page.find("@iot.nextLink");
      target = next == nullptr ? "" : below_host(next->as_string());
      disturb(touched);
    }
    for (const int64_t id : before) {
      if (touched.contains(id)) continue;
      EXPECT_EQ(times[id], 1) << whole << " id " << id;
    }
    for (const auto& [id, shown] : times) {
      if (touched.contains(id)) continue;
      EXPECT_EQ(shown, 1) << whole << " id " << id;
    }
  }
}

TEST_F(PagingTest, RowsTooWhateverTheirNumber) {
  for (const std::string order : {"", "$orderby=id desc&"}) {
    std::string target = "/v1.1/Things?" + order + "$top=1&$select=id";
    const Json first = house_.get_json(target);
    ASSERT_EQ(house_.post("/v1.1/Things", station_body("丙")).status, 201);
    const int64_t shown = ids_of(first).front();
    ASSERT_EQ(house_.del(fmt::format("/v1.1/Things({})", shown)).status, 200);
    const Json second = house_.get_json(below_host(first.find("@iot.nextLink")->as_string()));
    EXPECT_EQ(ids_of(second).front(), order.empty() ? shown + 1 : shown - 1)
        << "the one behind, though the one before is gone";
  }
}

TEST_F(PagingTest, LinksKeepWhatTheClientGave) {
  for (uint64_t minute = 0; minute < 9; ++minute) read(1, minute, minute);
  const std::string set = "/v1.1/Datastreams(1)/Observations?";
  const Json by_time = house_.get_json(
      set + "$orderby=phenomenonTime desc&$top=2&$skip=3&$filter=result ge 0");
  expect_next(by_time, "$orderby=phenomenonTime desc&$top=2&$filter=result ge 0"
                       "&$skiptoken=2026-11-24T05:04:00Z,5");
  const Json second = house_.get_json(below_host(by_time.find("@iot.nextLink")->as_string()));
  EXPECT_EQ(ids_of(second), (std::vector<int64_t>{4, 3}));
  expect_next(house_.get_json(set + "$top=2&$skip=1"), "$top=2&$skiptoken=3");
  const Json both = house_.get_json(set + "$top=2&$skiptoken=3&$skip=1");
  EXPECT_EQ(ids_of(both), (std::vector<int64_t>{5, 6})) << "skipped behind the place";
  const Json sorted = house_.get_json(set + "$top=2&$orderby=result desc&$skip=1");
  expect_next(sorted, "$top=2&$orderby=result desc&$skip=3");
  const Json last = house_.get_json(set + "$top=2&$skiptoken=7");
  EXPECT_EQ(ids_of(last), (std::vector<int64_t>{8, 9}));
  EXPECT_EQ(last.find("@iot.nextLink"), nullptr);
}

TEST_F(PagingTest, NestedLinksGoOnBehindTheLastToo) {
  for (uint64_t minute = 0; minute < 5; ++minute) read(1, minute, minute);
  const Json json = house_.get_json(
      "/v1.1/Datastreams(1)?$expand=Observations($orderby=phenomenonTime desc;$top=2)");
  read(1, 30, 9);
  const std::string next = json.find("Observations@iot.nextLink")->as_string();
  EXPECT_EQ(ids_of(house_.get_json(below_host(next))), (std::vector<int64_t>{3, 2}));
  const Json rows = house_.get_json("/v1.1/Things(1)?$expand=Locations($top=1)");
  EXPECT_EQ(rows.find("Locations@iot.nextLink"), nullptr) << "there is one";
}

TEST_F(PagingTest, APlaceOfAnotherOrderIsRefused) {
  read(1, 0, 0);
  for (const char* query :
       {"$skiptoken=x", "$skiptoken=", "$skiptoken=2026-11-24T05:04:00Z", "$skiptoken=x,5",
        "$skiptoken=2026-11-24T05:04:00Z,5", "$skiptoken=5&$orderby=phenomenonTime",
        "$skiptoken=5&$orderby=result", "$skiptoken=5&$skiptoken=6"}) {
    const Response response = house_.get("/v1.1/Observations?" + std::string(query));
    EXPECT_EQ(response.status, 400) << query;
  }
  const Response response = house_.get("/v1.1/Observations?$skiptoken=5&$orderby=result");
  EXPECT_NE(response.body.find(R"("field":"$skiptoken")"), std::string::npos) << response.body;
}

TEST(NextQuery, ReplacesThePlaceHoweverItIsWritten) {
  Question asked;
  asked.skip = 3;
  Answer answer;
  answer.more = true;
  answer.shown = 2;
  EXPECT_EQ(next_query("", asked, answer), "$skip=5");
  EXPECT_EQ(next_query("$top=2&$skip=3&$count=true", asked, answer), "$top=2&$count=true&$skip=5");
  EXPECT_EQ(next_query("%24skip=3&$top=2", asked, answer), "$top=2&$skip=5");
  EXPECT_EQ(next_query("$top=2&%24%73kip=3&", asked, answer), "$top=2&$skip=5");
  answer.last = PlaceInOrder{std::nullopt, RowId{7}};
  EXPECT_EQ(next_query("$skip=3&$top=2&%24skiptoken=5", asked, answer), "$top=2&$skiptoken=7");
  answer.last.reset();
  asked.skip = limits::kSkipMax - 1;
  EXPECT_EQ(next_query("$top=2", asked, answer), std::nullopt) << "it would be refused";
  asked.skip = 3;
  answer.more = false;
  EXPECT_EQ(next_query("$top=2", asked, answer), std::nullopt);
}

}  // namespace
}  // namespace duliang
