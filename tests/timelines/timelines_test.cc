// Every timeline of every pack, and those of this folder, on the simulated clock; and all of them
// again with a restart after each line, with a kill after each line, and with a checkpoint after
// each reading. After the story the folder must verify, be judged anew without a difference, and be
// built from its journal alone. A pack without a timeline fails.
#include <filesystem>

#include "base/os/os_files.h"
#include "doors/house_for_test.h"
#include "review/review.h"
#include "story/player.h"

namespace duliang {
namespace {

namespace fs = std::filesystem;

struct Configuration {
  const char* name;
  bool restart_after_each = false;
  bool kill_after_each = false;
  size_t tail_readings = limits::kTailReadings;
};
constexpr Configuration kConfigurations[] = {
    {"plain"},
    {"restart after each line", true},
    {"kill after each line", false, true},
    {"checkpoint after each reading", false, false, 1},
};

std::vector<std::string> timelines() {
  std::vector<std::string> paths;
  for (const char* root : {"packs", "tests/timelines"}) {
    for (const auto& entry : fs::recursive_directory_iterator(root)) {
      if (entry.path().extension() == ".tl" && entry.path().parent_path().filename() != "demo") {
        paths.push_back(entry.path().string());
      }
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

class StoryRun {
 public:
  StoryRun(const Timeline& timeline, const Configuration& configuration)
      : timeline_(timeline), configuration_(configuration) {}

  Status tell() {
    TRY_DO(open());
    TRY_DO(house_.load_packs(timeline_.packs));
    Player player(kTestStart, [this](const Request& request) { return house_.send(request); });
    for (const TimelineEvent& event : timeline_.events) {
      const Duration wait = kTestStart + event.at - house_.clock.now();
      if (wait > Duration{0}) house_.clock.advance(wait);
      if (const auto* restart = std::get_if<TellRestart>(&event.telling)) {
        TRY_DO(restart_house(restart->kill));
      }
      TRY_DO(player.tell(event));
      TRY_DO(house_.engine->tend());
      if (configuration_.restart_after_each) TRY_DO(restart_house(false));
      if (configuration_.kill_after_each) TRY_DO(restart_house(true));
    }
    house_.close();
    return review();
  }

 private:
  Status open() {
    EngineOptions options;
    options.tail_readings = configuration_.tail_readings;
    return house_.open(options);
  }

  Status restart_house(bool kill) {
    if (!kill) TRY_DO(house_.engine->checkpoint());
    house_.close();
    house_.files.kill();
    return open();
  }

  Status review() {
    const auto silent = [](std::string_view) {};
    const ReviewInput input{kTestFolder, &house_.files, &house_.clock, kTestVfs};
    for (const auto& review : {&verify, &rejudge}) {
      TRY(const Report report, review(input, silent));
      if (!report.well) return Error{Code::corrupt, report.first_fault, ""};
    }
    TRY([[maybe_unused]] const Report replayed, replay(input, "/replayed", silent));
    TRY(const std::string live, dump_lines(kTestFolder));
    TRY(const std::string again, dump_lines("/replayed"));
    if (live != again) return Error{Code::corrupt, "the replayed folder differs", ""};
    return {};
  }

  Result<std::string> dump_lines(const std::string& folder) {
    std::string text;
    TRY([[maybe_unused]] const Report report,
        dump({folder, &house_.files, &house_.clock, kTestVfs},
             [&text](std::string_view line) { text.append(line).append("\n"); }));
    return text;
  }

  const Timeline& timeline_;
  const Configuration& configuration_;
  HouseForTest house_;
};

TEST(Timelines, HoldInEveryConfiguration) {
  OsFiles files;
  const auto paths = timelines();
  ASSERT_GE(paths.size(), 6U);
  for (const std::string& path : paths) {
    const auto text = read_file(files, path);
    ASSERT_TRUE(text.ok()) << path;
    const auto timeline = parse_timeline(*text, files, "packs");
    ASSERT_TRUE(timeline.ok()) << path << ": " << timeline.error().message;
    for (const Configuration& configuration : kConfigurations) {
      const auto told = StoryRun(*timeline, configuration).tell();
      EXPECT_TRUE(told.ok()) << path << " (" << configuration.name << ") " << told.error().message;
    }
  }
}

TEST(Timelines, EveryPackHasOne) {
  OsFiles files;
  const auto packs = find_packs(files, "packs");
  ASSERT_TRUE(packs.ok()) << packs.error().message;
  for (const std::string& pack : *packs) {
    EXPECT_TRUE(fs::exists(pack + "/timelines")) << pack << " proves nothing";
  }
}

// The demo's story may not promise what it does not show within 20 seconds.
TEST(Timelines, DemoShowsTheMainJobWithinTwentySeconds) {
  OsFiles files;
  const auto text = read_file(files, "packs/liangping/demo/demo.tl");
  ASSERT_TRUE(text.ok());
  const auto timeline = parse_timeline(*text, files, "packs");
  ASSERT_TRUE(timeline.ok()) << timeline.error().message;
  HouseForTest house;
  ASSERT_TRUE(house.open().ok());
  ASSERT_TRUE(house.load_packs({"liangping", "alarm-handling", "flood", "air"}).ok());
  Player player(kTestStart, [&house](const Request& request) { return house.send(request); });
  for (const TimelineEvent& event : timeline->events) {
    if (event.at > std::chrono::seconds{20}) break;
    const Duration wait = kTestStart + event.at - house.clock.now();
    if (wait > Duration{0}) house.clock.advance(wait);
    const auto told = player.tell(event);
    ASSERT_TRUE(told.ok()) << told.error().message;
  }
  const Json overview = house.get_json("/city/v1/Overview");
  EXPECT_GE(overview.find("cases")->find("open")->as_integer(), 2) << overview.dump();
}

}  // namespace
}  // namespace duliang
