// Real files with the mappings of docs/examples. They stand beside the project, or where
// DULIANG_DATA says; without them these tests are skipped.
#include <cstdlib>
#include <filesystem>
#include <set>

#include "base/os/os_clock.h"
#include "base/os/os_files.h"
#include "doors/csv/text_input.h"
#include "doors/csv/transfer_for_test.h"

namespace duliang {
namespace {

std::string data_file(const std::string& name) {
  const char* folder = std::getenv("DULIANG_DATA");
  return (folder != nullptr ? std::string(folder) : std::string("../shared/data")) + "/" + name;
}

// The first lines of a file, unpacked.
std::string first_lines(const std::string& path, size_t lines) {
  OsFiles files;
  auto input = TextInput::open(files, path);
  if (!input.ok()) return "";
  std::string text;
  char piece[4096];
  while (lines > 0) {
    const auto got = input->read(piece, sizeof piece);
    if (!got.ok() || *got == 0) break;
    for (size_t i = 0; i < *got && lines > 0; ++i) {
      text += piece[i];
      if (piece[i] == '\n') --lines;
    }
  }
  return text;
}

std::string mapping_of(const std::string& name) {
  OsFiles files;
  const auto text = read_file(files, "docs/examples/" + name + ".yaml");
  EXPECT_TRUE(text.ok());
  return text.ok() ? *text : "";
}

TEST(RealFiles, HoursOfAirWithGapsAndDatesInFourColumns) {
  const std::string text = first_lines(data_file("air/beijing-aotizhongxin-hourly.csv.gz"), 3001);
  if (text.empty()) GTEST_SKIP() << "shared data is not there";
  HouseForTest house;
  ASSERT_TRUE(house.open().ok());
  add_station(house, "Aotizhongxin", {"PM2.5", "PM10", "SO2", "NO2", "CO", "O3", "TEMP", "wd"});
  const HouseAccess access = access_to(*house.engine, "");
  const auto told = import_text(house.files, access, mapping_of("beijing-air"), text);
  ASSERT_TRUE(told.status.ok()) << told.status.error().message;
  EXPECT_TRUE(told.faults.empty()) << told.faults.front();
  EXPECT_EQ(told.counts.lines, 3000U);
  EXPECT_GT(told.counts.missing, 0U);
  EXPECT_EQ(told.counts.added + told.counts.missing, 8 * 3000U);
  ExportOptions options;
  options.streams = {"PM2.5", "TEMP", "wd"};
  options.zone = kDistrictZone;
  options.wide = true;
  options.to = *parse_moment("2013-03-01T02:00", kDistrictZone);
  EXPECT_EQ(export_text(access, options),
            "time,Aotizhongxin/PM2.5 (u),Aotizhongxin/TEMP (u),Aotizhongxin/wd (u)\r\n"
            "2013-03-01T00:00:00+08:00,4,-0.7,\"\"\"NNW\"\"\"\r\n"
            "2013-03-01T01:00:00+08:00,8,-1.1,\"\"\"N\"\"\"\r\n");
}

// 35,717 rows of which 216 stand twice, all with the same count; 12 counts are below 0.
TEST(RealFiles, CarParksWithDoubledRowsAndNegativeCounts) {
  const std::string text = first_lines(data_file("parking/birmingham-2016.csv.gz"), 1'000'000);
  if (text.empty()) GTEST_SKIP() << "shared data is not there";
  HouseForTest house;
  ASSERT_TRUE(house.open().ok());
  std::set<std::string> parks;
  for (size_t at = text.find('\n'); at + 1 < text.size(); at = text.find('\n', at + 1)) {
    parks.insert(text.substr(at + 1, text.find(',', at) - at - 1));
  }
  for (const std::string& park : parks) add_station(house, park, {"occupied"});
  const HouseAccess access = access_to(*house.engine, "");
  const std::string mapping = mapping_of("birmingham-parking");
  const auto told = import_text(house.files, access, mapping, text);
  ASSERT_TRUE(told.status.ok()) << told.status.error().message;
  EXPECT_TRUE(told.faults.empty()) << told.faults.front();
  EXPECT_EQ(told.counts.lines, 35'717U);
  EXPECT_EQ(told.counts.present, 216U);
  EXPECT_EQ(told.counts.added, 35'717U - 216U);
  const Json below =
      house.get_json("/v1.1/Observations?$filter=result%20lt%200&$count=true&$top=0");
  EXPECT_EQ(below.find("@iot.count")->dump(), "12");
}

TEST(RealFiles, CountsOfPedestriansWithoutHeader) {
  const std::string zip = data_file("park/melbourne-pedestrians.zip");
  if (!std::filesystem::exists(zip) || std::system("command -v unzip >/dev/null") != 0)
    GTEST_SKIP() << "shared data, or unzip, is not there";
  const auto scratch =
      std::filesystem::temp_directory_path() /
      fmt::format("duliang-pedestrians-{}", OsClock().now().time_since_epoch().count());
  const std::string unpack =
      fmt::format("unzip -p '{}' | head -n 9000 >'{}'", zip, scratch.string());
  ASSERT_EQ(std::system(unpack.c_str()), 0);
  const std::string text = first_lines(scratch.string(), 9000);
  std::filesystem::remove(scratch);
  HouseForTest house;
  ASSERT_TRUE(house.open().ok());
  add_station(house, "Town Hall (West)", {"pedestrians"});
  add_station(house, "Victoria Point", {"pedestrians"});
  const HouseAccess access = access_to(*house.engine, "");
  const auto told = import_text(house.files, access, mapping_of("melbourne-pedestrians"), text);
  ASSERT_TRUE(told.status.ok()) << told.status.error().message;
  EXPECT_EQ(told.counts.lines, 9000U);
  EXPECT_EQ(told.counts.added, 998U);
  ASSERT_FALSE(told.faults.empty());
  EXPECT_EQ(told.faults[0],
            "f.csv:2: there is no Datastream \"pedestrians\" of a Thing \"Collins Place (South)\"");
}

}  // namespace
}  // namespace duliang
