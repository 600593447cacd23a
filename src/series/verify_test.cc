// That parts, manifest, lanes and overlay which are not of one series are told; that nothing is
// told of what is well.
#include "series/verify.h"

#include "series/model_for_test.h"

namespace duliang {
namespace {

constexpr int64_t kVerifyStreams = 3;

class SeriesVerifierTest : public testing::Test {
 protected:
  // Readings of two months in parts, one in the tail, changes of both.
  void SetUp() override {
    ASSERT_TRUE(test_.post({example_reading(0, 1, 0), example_reading(0, 2, 5)}).ok());
    ASSERT_TRUE(test_.post({example_reading(0, 1, 86'400 * 31)}).ok());
    ASSERT_TRUE(test_.checkpoint().ok());
    ASSERT_TRUE(test_.post({example_reading(0, 2, 10)}).ok());
    change(1);
    change(257);
  }

  void change(int64_t id) {
    Reading better = test_.model.at(ReadingId{id});
    better.result = "7";
    ASSERT_TRUE(test_.post({}, {ReadingChange::replaced(better, "seen")}).ok());
  }

  // All that is told; readings behind the parts are taken where that is asked for.
  std::string told(bool take = true) {
    std::string faults;
    auto verifier = SeriesVerifier::open(test_.files, kFolder, test_.connection,
                                         [&](const Error& error) { faults += error.message; });
    if (!verifier.ok()) return verifier.error().message;
    EXPECT_TRUE(verifier->verify_parts().ok());
    const uint64_t in_parts = read_position(test_.connection).value();
    for (const ExampleFrame& frame : test_.frames) {
      if (!take || frame.sequence <= in_parts) continue;
      for (const Reading& reading : frame.readings) verifier->take(reading);
    }
    verifier->verify_changes(take);
    return faults;
  }

  void expect_told(const std::string& what) {
    const std::string faults = told();
    EXPECT_NE(faults.find(what), std::string::npos) << faults;
  }

  void execute(const std::string& sql) { ASSERT_TRUE(test_.connection.execute(sql).ok()); }
  std::string part(size_t at) { return kFolder + "/" + test_.part_files().at(at); }

  const std::string kFolder = "data/parts";
  SeriesModel test_{"verify"};
};

TEST_F(SeriesVerifierTest, WhatIsWellIsNotTold) {
  EXPECT_EQ(told(), "");
  EXPECT_EQ(told(false), "") << "a change of what may be in a frame that was not taken";
}

TEST_F(SeriesVerifierTest, WhateverHappenedIsWell) {
  Random random(70);
  for (int step = 0; step < 60; ++step) {
    ASSERT_TRUE(test_.post_random(random, kVerifyStreams, true).ok());
    if (step % 9 == 4) {
      ASSERT_TRUE(test_.checkpoint().ok());
    }
    if (step % 27 == 20) {
      ASSERT_TRUE(test_.merge().ok());
    }
    ASSERT_EQ(told(), "") << step;
  }
}

TEST_F(SeriesVerifierTest, SoundPartsThatWereExchangedAreTold) {
  const std::string one = read_file(test_.files, part(0)).value();
  const std::string other = read_file(test_.files, part(1)).value();
  ASSERT_TRUE(replace_file(test_.files, part(0), other).ok());
  ASSERT_TRUE(replace_file(test_.files, part(1), one).ok());
  for (const size_t at : {0, 1}) {
    EXPECT_TRUE(verify_part(test_.files, part(at)).ok());
    expect_told("The part " + part(at) + " holds");
  }
}

TEST_F(SeriesVerifierTest, EachColumnOfTheManifestIsCompared) {
  for (const std::string column : {"month", "sequence", "readings", "bytes"}) {
    execute("UPDATE part SET " + column + " = " + column + " + 1");
    expect_told("and the manifest says");
    execute("UPDATE part SET " + column + " = " + column + " - 1");
    EXPECT_EQ(told(), "");
  }
}

TEST_F(SeriesVerifierTest, PartsThatAreGoneOrTooManyAreNamed) {
  const std::string bytes = read_file(test_.files, part(0)).value();
  ASSERT_TRUE(replace_file(test_.files, kFolder + "/left.part", bytes).ok());
  auto verifier = SeriesVerifier::open(test_.files, kFolder, test_.connection, {});
  ASSERT_TRUE(verifier.ok());
  EXPECT_EQ(verifier->unnamed_parts().value(), std::vector<std::string>{"left.part"});
  EXPECT_EQ(told(), "") << "the next start removes it";
  const std::string gone = part(0);
  ASSERT_TRUE(test_.files.remove(gone).ok());
  expect_told("The manifest names the part " + gone);
}

TEST_F(SeriesVerifierTest, ReadingsHaveIdsOfLanesOfTheirStreams) {
  execute("UPDATE lane SET used = 1 WHERE first = 1");
  EXPECT_EQ(told(), "");
  execute("UPDATE lane SET used = 0 WHERE first = 1");
  expect_told("The reading 256 of stream 2 has an id that the lanes did not give it");
  execute("UPDATE lane SET used = 1, stream = 3 - stream");
  expect_told("The reading 1 of stream 1 has an id that the lanes did not give it");
  expect_told("The changed reading 1 of stream 1 is in a lane of another stream");
  execute("UPDATE lane SET lanes = 2");
  expect_told("of the table of lanes is not valid");
}

TEST_F(SeriesVerifierTest, WhatAChangeHidesMustBeThere) {
  execute("UPDATE overlay SET kept = kept + 1000000 WHERE id = 1");
  expect_told("The changed reading 1 of stream 1 says that it hides one that begins "
              "2026-11-24T13:20:41Z, and there is one that begins 2026-11-24T13:20:40Z");
  execute("UPDATE overlay SET kept = NULL WHERE id = 1");
  expect_told("says that it hides none, and there is one that begins");
}

TEST_F(SeriesVerifierTest, AChangeOfNoReadingIsTold) {
  execute("UPDATE overlay SET id = 9, reading = NULL WHERE id = 1");
  expect_told("The changed reading 9 of stream 1 is in no frame");
  execute("UPDATE overlay SET id = 5 * 256 WHERE id = 9");
  expect_told("The changed reading 1280 of stream 1 is in no frame");
  EXPECT_EQ(told(false), "") << "it may be in one that was not taken";
}

}  // namespace
}  // namespace duliang
