// A backup of a house that runs, without sockets: what is copied is one consistent state.
#include "doors/ops/backup.h"

#include "base/text.h"
#include "doors/house_for_test.h"
#include "doors/station_for_test.h"
#include "review/review.h"

namespace duliang {
namespace {

class LiveBackupTest : public testing::Test {
 protected:
  void SetUp() override {
    EngineOptions options;
    options.segments = {4096, 1024};
    options.tail_readings = 5;
    ASSERT_TRUE(house_.open(options).ok());
    add_backup(*house_.router, {house_.engine.get(), &house_.files, kTestFolder, kTestVfs});
    for (int i = 0; i < 10; ++i) {
      ASSERT_EQ(house_.post("/v1.1/Things", station_body("甲")).status, 201);
    }
    live();
  }

  // Readings, and the work beside the turns.
  void live() {
    for (int i = 0; i < 30; ++i) {
      house_.clock.advance(std::chrono::milliseconds{10});
      ASSERT_EQ(house_.post("/v1.1/Datastreams(1)/Observations", R"({"result":1})").status, 201);
      ASSERT_TRUE(house_.engine->tend().ok());
    }
  }

  std::string begun() {
    const Response response = house_.post("/backup", "");
    EXPECT_EQ(response.status, 200) << response.body;
    return parse_json(response.body)->find("id")->as_string();
  }

  // Pieces of few bytes of a file at a time, while the house goes on.
  BackupSource source_of(const std::string& id) {
    BackupSource source;
    const Json listed = house_.get_json("/backup?id=" + id);
    for (const Json& file : listed.find("files")->items()) {
      source.files.push_back({file.find("name")->as_string(),
                              static_cast<uint64_t>(*file.find("bytes")->as_integer())});
    }
    source.read = [this, id](const std::string& name, uint64_t from) -> Result<std::string> {
      live();
      const Response piece =
          house_.get(fmt::format("/backup/file?id={}&name={}&from={}", id, name, from));
      if (piece.status != 200) return Error{Code::io, piece.body, ""};
      return piece.body.substr(0, 10'000);
    };
    return source;
  }

  ReviewInput at(const std::string& folder) {
    return {folder, &house_.files, &house_.clock, kTestVfs};
  }

  HouseForTest house_;
  const Print silent_ = [](std::string_view) {};
};

TEST_F(LiveBackupTest, TakesAConsistentStateWhileTheHouseGoesOn) {
  const std::string id = begun();
  live();
  const BackupSource source = source_of(id);
  const uint64_t listed = house_.engine->status().sequence;
  live();
  const auto taken = write_backup(at("/backup"), source, silent_);
  ASSERT_TRUE(taken.ok()) << taken.error().message;
  EXPECT_EQ(taken->frames, listed);
  EXPECT_EQ(house_.del("/backup?id=" + id).status, 200);
  EXPECT_FALSE(house_.files.exists("/data/ledger.sqlite.copy").value());
  const auto restored = restore(at("/restored"), "/backup", silent_);
  ASSERT_TRUE(restored.ok()) << restored.error().message;
  EXPECT_TRUE(restored->well) << restored->first_fault;
  const auto judged = rejudge(at("/restored"), silent_);
  ASSERT_TRUE(judged.ok()) << judged.error().message;
  EXPECT_TRUE(judged->well) << judged->first_fault;
  const auto dumped = dump(at("/restored"), silent_);
  ASSERT_TRUE(dumped.ok()) << dumped.error().message;
  EXPECT_EQ(dumped->frames, listed);
  EXPECT_EQ(house_.get("/healthz").status, 200);
}

TEST_F(LiveBackupTest, OneAtATimeAndOnlyWhatWasListed) {
  const std::string id = begun();
  EXPECT_EQ(house_.post("/backup", "").status, 409);
  EXPECT_EQ(house_.get("/backup?id=other").status, 404);
  source_of(id);
  const auto status_of = [&](const std::string& name) {
    return house_.get(fmt::format("/backup/file?id={}&name={}&from=0", id, name)).status;
  };
  EXPECT_EQ(status_of("ledger.sqlite"), 200);
  EXPECT_EQ(status_of("lock"), 404);
  EXPECT_EQ(status_of("../data/ledger.sqlite"), 404);
  EXPECT_EQ(status_of("parts/none"), 404);
  house_.clock.advance(std::chrono::minutes{2});
  ASSERT_TRUE(house_.engine->tend().ok());
  EXPECT_EQ(status_of("ledger.sqlite"), 404) << "files may have been replaced since";
  EXPECT_EQ(house_.post("/backup", "").status, 200);
}

}  // namespace
}  // namespace duliang
