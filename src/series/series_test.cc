#include "series/series.h"

#include "series/model_for_test.h"

namespace duliang {
namespace {

TEST(Series, AnEmptyOneAnswersEverythingWithNothing) {
  expect_same(SeriesView(), {}, kStreams);
  SeriesModel test("empty");
  expect_same(test.series->view(), {}, kStreams);
  ASSERT_TRUE(test.checkpoint().ok());
  expect_same(test.series->view(), {}, kStreams);
  EXPECT_TRUE(test.part_files().empty());
}

TEST(Series, AnswersAsTheModelDoesThroughCheckpointsAndRestarts) {
  for (uint64_t seed = 1; seed <= 15; ++seed) {
    Random random(seed);
    SeriesModel test("model");
    for (int step = 0; step < 60; ++step) {
      ASSERT_TRUE(test.post_random(random, kStreams).ok());
      if (random.chance(0.1)) {
        ASSERT_TRUE(test.checkpoint().ok());
      }
      if (random.chance(0.1)) {
        test.stop();
        ASSERT_TRUE(test.start().ok());
      }
      if (!random.chance(0.1)) continue;
      ASSERT_NO_FATAL_FAILURE(expect_same(test.series->view(), test.model, kStreams)) << seed;
      ASSERT_EQ(test.series->view().sequence(), test.frames.size());
    }
    ASSERT_NO_FATAL_FAILURE(expect_same(test.series->view(), test.model, kStreams)) << seed;
    for (const std::string& name : test.part_files()) {
      EXPECT_TRUE(verify_part(test.files, "data/parts/" + name).ok());
    }
  }
}

TEST(Series, TimeWindowsHoldBothTheirEnds) {
  Random random(20);
  SeriesModel test("windows");
  for (int step = 0; step < 60; ++step) {
    ASSERT_TRUE(test.post_random(random, kStreams).ok());
    if (step % 20 == 7) {
      ASSERT_TRUE(test.checkpoint().ok());
    }
  }
  for (int round = 0; round < 200; ++round) {
    ScanOptions options;
    const auto second = [&] {
      return kExampleStart + std::chrono::seconds{static_cast<int64_t>(random.below(620))};
    };
    if (random.chance(0.7)) options.from = second();
    if (random.chance(0.7)) options.to = second();
    if (random.chance(0.5)) options.stream = StreamId{1 + static_cast<int64_t>(random.below(7))};
    ASSERT_NO_FATAL_FAILURE(expect_same_scans(test.series->view(), test.model, options));
  }
}

TEST(Series, AViewShowsItsPictureWhateverComesAfterIt) {
  Random random(30);
  SeriesModel test("views");
  std::vector<std::pair<SeriesView, ReadingMap>> taken;
  for (int step = 0; step < 40; ++step) {
    ASSERT_TRUE(test.post_random(random, kStreams).ok());
    if (step % 7 == 3) {
      ASSERT_TRUE(test.checkpoint().ok());
    }
    if (step % 3 == 0) taken.emplace_back(test.series->view(), test.model);
  }
  for (const auto& [view, model] : taken) {
    ASSERT_NO_FATAL_FAILURE(expect_same(view, model, kStreams));
  }
  test.stop();  // a view outlives the series
  for (const auto& [view, model] : taken) {
    ASSERT_NO_FATAL_FAILURE(expect_same(view, model, kStreams));
  }
}

TEST(Series, WhatIsNotPublishedIsNotShown) {
  SeriesModel test("unpublished");
  ASSERT_TRUE(test.post({example_reading(0, 1, 0)}).ok());
  Reading second = example_reading(0, 1, 1);
  second.id = test.series->give_id(second.stream);
  test.series->append(second);
  EXPECT_EQ(test.series->tail_readings(), 2U);
  expect_same(test.series->view(), test.model, 1);
  // A checkpoint takes only what is published, and what is not stays in the tail, in its place.
  ASSERT_TRUE(test.checkpoint().ok());
  EXPECT_EQ(test.series->tail_readings(), 1U);
  expect_same(test.series->view(), test.model, 1);
  test.model[second.id] = second;
  test.series->publish(2);
  expect_same(test.series->view(), test.model, 1);
}

TEST(Series, AfterARestartTheSameInputsGetTheSameIds) {
  Random random(50);
  SeriesModel test("ids");
  for (int step = 0; step < 100; ++step) {
    ASSERT_TRUE(test.post_random(random, 3).ok());
    if (step == 60) {
      ASSERT_TRUE(test.checkpoint().ok());
    }
  }
  // Given and lost: never in a frame.
  std::vector<std::pair<StreamId, ReadingId>> lost;
  for (int i = 0; i < 600; ++i) {
    const StreamId stream{1 + static_cast<int64_t>(random.below(3))};
    lost.emplace_back(stream, test.series->give_id(stream));
  }
  test.stop();
  ASSERT_TRUE(test.start().ok());
  for (const auto& [stream, id] : lost) ASSERT_EQ(test.series->give_id(stream), id);
}

TEST(Series, TheDumpIsTheSameAfterARestart) {
  Random random(60);
  SeriesModel test("dump");
  for (int step = 0; step < 30; ++step) {
    ASSERT_TRUE(test.post_random(random, kStreams).ok());
    if (step == 20) {
      ASSERT_TRUE(test.checkpoint().ok());
    }
  }
  const auto before = dump_of(test);
  test.stop();
  ASSERT_TRUE(test.start().ok());
  EXPECT_EQ(dump_of(test), before);
}

TEST(Series, TheDumpDoesNotTellWhereReadingsStand) {
  Random random(61);
  SeriesModel test("dump_jobs");
  for (int step = 0; step < 60; ++step) {
    ASSERT_TRUE(test.post_random(random, kStreams, true).ok());
    if (step % 20 == 10) {
      ASSERT_TRUE(test.checkpoint().ok());
    }
  }
  ASSERT_FALSE(test.cuts.empty());
  const auto before = dump_of(test);
  ASSERT_TRUE(test.checkpoint().ok());
  EXPECT_EQ(dump_of(test), before);
  ASSERT_TRUE(test.merge().ok());
  EXPECT_EQ(dump_of(test), before);
}

TEST(Series, ALineOfTheDumpIsAJsonObject) {
  SeriesModel test("line");
  Reading reading = example_reading(0, 4, 0, "21.50");
  reading.result_time = reading.phenomenon_time.end;
  reading.feature = RowId{3};
  reading.extras = R"({"resultQuality":"good"})";
  ASSERT_TRUE(test.post({reading}).ok());
  EXPECT_EQ(dump_of(test),
            (std::vector<std::string>{
                R"({"reading":1,"stream":4,"phenomenonTime":"2026-11-24T13:20:40Z",)"
                R"("resultTime":"2026-11-24T13:20:40Z","feature":3,)"
                R"("arrived":"2026-11-24T13:21:40Z","result":21.50,)"
                R"("extras":{"resultQuality":"good"}})",
                R"({"lane":0,"lanes":1,"stream":4,"used":2})"}));
}

// Each at its frame: as it came, put right, gone, put back; and what a cut says.
TEST(Series, TheDumpHasEveryVersionOfAReadingAndTheCuts) {
  SeriesModel test("versions");
  ASSERT_TRUE(test.post({example_reading(0, 4, 0, "1.0")}).ok());
  Reading better = test.model.at(ReadingId{1});
  better.result = "1.5";
  better.quality = Quality::corrected;
  ASSERT_TRUE(test.post({}, {ReadingChange::replaced(better, "a \"slip\"")}).ok());
  ASSERT_TRUE(test.post({}, {ReadingChange::removed(ReadingId{1}, StreamId{4}, "")}).ok());
  ASSERT_TRUE(test.post({}, {ReadingChange::replaced(better, "back")}).ok());
  const Time cut = kExampleStart - std::chrono::seconds{40};
  ASSERT_TRUE(test.post({}, {ReadingChange::cut(StreamId{4}, cut, "old")}).ok());
  const std::string plain = R"("stream":4,"phenomenonTime":"2026-11-24T13:20:40Z",)"
                            R"("arrived":"2026-11-24T13:21:40Z","result":)";
  EXPECT_EQ(
      dump_of(test),
      (std::vector<std::string>{
          R"({"reading":1,)" + plain + R"(1.5,"quality":"corrected"})",
          R"({"version":1,"sequence":2,"time":"2026-11-24T13:20:42Z","actor":"tester",)"
          R"("reason":"a \"slip\"","before":{)" + plain + "1.0}}",
          R"({"version":1,"sequence":3,"time":"2026-11-24T13:20:43Z","actor":"tester",)"
          R"("reason":"","before":{)" + plain + R"(1.5,"quality":"corrected"}})",
          R"({"version":1,"sequence":4,"time":"2026-11-24T13:20:44Z","actor":"tester",)"
          R"("reason":"back"})",
          R"({"cut":4,"before":"2026-11-24T13:20:00Z","sequence":5})",
          R"({"lane":0,"lanes":1,"stream":4,"used":2})"}));
}

TEST(Series, ALineOfTheDumpHasEveryPropertyOfTheModel) {
  SeriesModel test("properties");
  Reading reading = example_reading(0, 4, 0);
  reading.result_time = reading.phenomenon_time.end;
  reading.extras = R"({"resultQuality":1,"validTime":"2026-11-24T13:20:40Z","parameters":{}})";
  ASSERT_TRUE(test.post({reading}).ok());
  reading = test.model.at(ReadingId{1});
  reading.quality = Quality::good;
  ASSERT_TRUE(test.post({}, {ReadingChange::replaced(reading, "looked at")}).ok());
  const std::string line = dump_of(test).front();
  for (const Property& property : type_of(TypeId::observation).properties) {
    EXPECT_NE(line.find(fmt::format(R"("{}":)", property.name)), std::string::npos)
        << property.name;
  }
}

TEST(Series, TheManifestAndTheFilesMustAgree) {
  SeriesModel test("manifest");
  for (int step = 0; step < 10; ++step) {
    ASSERT_TRUE(test.post({example_reading(0, 1, step)}).ok());
  }
  ASSERT_TRUE(test.checkpoint().ok());
  const std::string name = test.part_files().at(0);
  EXPECT_EQ(name, "000000000000000a-202611.part");
  test.stop();

  ASSERT_TRUE(test.files.rename("data/parts/" + name, "data/hidden").ok());
  Status started = test.start();
  ASSERT_FALSE(started.ok());
  EXPECT_EQ(started.error().code, Code::corrupt);
  EXPECT_EQ(started.error().field, "data/parts/" + name);
  test.stop();

  ASSERT_TRUE(test.files.rename("data/hidden", "data/parts/" + name).ok());
  ASSERT_TRUE(test.start().ok());
  ASSERT_TRUE(test.connection.execute("UPDATE part SET readings = readings + 1").ok());
  test.stop();
  started = test.start();
  ASSERT_FALSE(started.ok());
  EXPECT_EQ(started.error().code, Code::corrupt);
}

TEST(Series, OnlyPartsThatTheManifestDoesNotNameAreRemoved) {
  SeriesModel test("others");
  ASSERT_TRUE(test.post({example_reading(0, 1, 0)}).ok());
  ASSERT_TRUE(test.checkpoint().ok());
  test.stop();
  ASSERT_TRUE(replace_file(test.files, "data/parts/0000000000000002-202611.part", "half").ok());
  ASSERT_TRUE(replace_file(test.files, "data/parts/notes.txt", "kept").ok());
  ASSERT_TRUE(test.start().ok());
  EXPECT_EQ(test.part_files(),
            (std::vector<std::string>{"0000000000000001-202611.part", "notes.txt"}));
}

}  // namespace
}  // namespace duliang
