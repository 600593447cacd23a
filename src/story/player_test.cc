#include "story/player.h"

#include "doors/house_for_test.h"
#include "story/schedule.h"

namespace duliang {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr const char* kPlayed =
    "loop 1m\n"
    "station s \"S\" at 107.5,30.6\n"
    "stream s/river \"River\" property water_level unit m\n"
    "stream s/air \"Air\" property pm2_5 unit g\n"
    "+0s read s/river history 20m : 1 2 3\n"
    "+9s replay air.csv column pm into s/air until 2026-01-01T02:00:00Z history 2h\n"
    "+5s read s/river every 40s : 4 5\n";

class PlayerTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(house_.open().ok());
    SimFiles packs;
    ASSERT_TRUE(packs.make_folder("/packs").ok());
    ASSERT_TRUE(replace_file(packs, "/packs/air.csv",
                             "time,pm\n2026-01-01T00:00:00Z,10\n2026-01-01T01:00:00Z,11\n"
                             "2026-01-01T02:00:00Z,12\n2026-01-01T03:00:00Z,13\n")
                    .ok());
    auto parsed = parse_timeline(kPlayed, packs, "/packs");
    ASSERT_TRUE(parsed.ok()) << parsed.error().message;
    timeline_ = std::move(*parsed);
  }

  // Plays for so long from now on, as the demo does after a start.
  void play(Duration span) {
    const Time start = house_.clock.now();
    Player player(start, [this](const Request& request) { return house_.send(request); });
    Schedule schedule(timeline_, start);
    while (const auto due = schedule.next(house_.clock.now())) {
      if (due->at > start + span) break;
      if (due->at > house_.clock.now()) house_.clock.advance(due->at - house_.clock.now());
      player.move_start(due->start);
      const auto told = player.tell(*due->event);
      ASSERT_TRUE(told.ok()) << told.error().message;
    }
    house_.clock.advance(start + span - house_.clock.now());
  }

  // "seconds since the start of the test=result", by time.
  std::vector<std::string> readings(int stream) {
    const Json json = house_.get_json(fmt::format(
        "/v1.1/Datastreams({})/Observations?$orderby=phenomenonTime&$top=1000", stream));
    std::vector<std::string> shown;
    for (const Json& reading : json.find("value")->items()) {
      const auto time = parse_time(reading.find("phenomenonTime")->as_string());
      EXPECT_TRUE(time.ok());
      shown.push_back(
          fmt::format("{}={}", (*time - kTestStart) / seconds{1}, reading.find("result")->dump()));
    }
    return shown;
  }

  HouseForTest house_;
  Timeline timeline_;
};

TEST_F(PlayerTest, AStoryLoopsAndItsPastIsToldOnce) {
  play(seconds{130});
  EXPECT_EQ(readings(1), (std::vector<std::string>{"-3600=1", "-2400=2", "-1200=3", "5=4", "45=5",
                                                   "65=4", "105=5", "125=4"}));
  EXPECT_EQ(readings(2), (std::vector<std::string>{"-7191=10", "-3591=11", "9=12"}));
}

TEST_F(PlayerTest, ToldAgainInTheSameHouseItDoublesNothing) {
  play(seconds{50});
  const auto river = readings(1);
  const auto air = readings(2);
  play(seconds{4});  // a restart at once
  EXPECT_EQ(readings(1), river);
  EXPECT_EQ(readings(2), air);
  house_.clock.advance(minutes{30} - seconds{54});
  play(seconds{4});  // one after half an hour: what is newer than the newest is told
  EXPECT_EQ(readings(1),
            (std::vector<std::string>{"-3600=1", "-2400=2", "-1200=3", "5=4", "45=5", "600=3"}));
  EXPECT_EQ(readings(2), air);
}

TEST_F(PlayerTest, ARecordGoesOnInAHouseThatHasItsPast) {
  play(hours{1} + seconds{20});
  EXPECT_EQ(readings(2), (std::vector<std::string>{"-7191=10", "-3591=11", "9=12", "3609=13"}));
  play(seconds{10});  // the row of now is new; its past is not
  EXPECT_EQ(readings(2),
            (std::vector<std::string>{"-7191=10", "-3591=11", "9=12", "3609=13", "3629=12"}));
}

TEST(Player, TellsWhatMayPassLater) {
  struct Case {
    int status;
    Code code;
  };
  for (const Case& one :
       {Case{429, Code::too_many}, Case{503, Code::unavailable}, Case{403, Code::forbidden},
        Case{409, Code::conflict}, Case{404, Code::not_found}, Case{413, Code::too_large},
        Case{500, Code::io}, Case{400, Code::bad_input}}) {
    Player player(kTestStart, [&one](const Request& request) -> Result<Response> {
      Response response;
      response.body = R"({"value":[{"@iot.id":1}]})";
      if (request.path.ends_with("/Observations")) response.body = R"({"value":[]})";
      if (request.method == Method::post) response.status = one.status;
      return response;
    });
    ASSERT_TRUE(player.tell({seconds{0}, 1, TellStation{"s", "S", "S", {}, ""}}).ok());
    ASSERT_TRUE(
        player.tell({seconds{0}, 2, TellStream{"s", "b", "B", "B", "p", "m", "", {}}}).ok());
    for (const Telling& telling : {Telling{TellReading{"s/b", "1", Duration{0}, false}},
                                   Telling{TellAct{"ann", "sign", "s/b", "", 200}}}) {
      const auto told = player.tell({seconds{1}, 3, telling});
      ASSERT_FALSE(told.ok());
      EXPECT_EQ(told.error().code, one.code) << told.error().message;
      EXPECT_TRUE(told.error().message.starts_with("line 3: ")) << told.error().message;
    }
  }
}

}  // namespace
}  // namespace duliang
