#include "doors/ops/ops.h"

#include "doors/house_for_test.h"
#include "doors/station_for_test.h"

namespace duliang {
namespace {

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
  EXPECT_NE(metrics.find("\nduliang_refused_total 1\n"), std::string::npos) << metrics;
  EXPECT_NE(metrics.find("# TYPE duliang_journal_sequence gauge"), std::string::npos);
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
