#include "engine/read_ahead.h"

#include <gtest/gtest.h>

#include "journal/frames_for_test.h"
#include "journal/sim_log.h"

namespace duliang {
namespace {

// More than the batches that may wait, so that the reader has to wait too.
constexpr uint64_t kFrames = 1200;
constexpr int64_t kReadings = 100;  // of each

class ReadAheadTest : public testing::Test {
 protected:
  void fill(uint64_t frames) {
    Journal journal(log_, {});
    ASSERT_TRUE(journal.claim(7, "here", test::at(0)).ok());
    for (uint64_t i = 1; i <= frames; ++i) {
      FrameBody body = test::body_of(static_cast<int64_t>(i));
      body.readings.resize(kReadings, body.readings.front());
      ASSERT_TRUE(journal.append(body, Durability::process).ok());
    }
  }
  SimLog log_;
};

TEST_F(ReadAheadTest, GivesTheFramesOfFollowInTheirOrder) {
  fill(kFrames);
  std::vector<Hash> expected, given;
  Journal plain(log_, {});
  ASSERT_TRUE(plain.follow([&](Frame& frame) { return expected.push_back(frame.hash), Status(); })
                  .ok());
  Journal journal(log_, {});
  uint64_t last = 0;
  const Status status = follow_ahead(journal, [&](Frame& frame) {
    EXPECT_EQ(frame.header.sequence, ++last);
    given.push_back(frame.hash);
    return Status();
  });
  ASSERT_TRUE(status.ok()) << status.error().message;
  EXPECT_EQ(given, expected);
  EXPECT_EQ(journal.tail().sequence, kFrames);
  EXPECT_EQ(journal.tail().hash, plain.tail().hash);
}

TEST_F(ReadAheadTest, AnEmptyJournalHasNoFrames) {
  Journal journal(log_, {});
  ASSERT_TRUE(follow_ahead(journal, [](Frame&) -> Status {
                return Error{Code::corrupt, "there is none", ""};
              }).ok());
}

TEST_F(ReadAheadTest, AnErrorOfTheSinkEndsIt) {
  fill(kFrames);
  Journal journal(log_, {});
  uint64_t taken = 0;
  const Status status = follow_ahead(journal, [&](Frame&) -> Status {
    if (++taken == 3) return Error{Code::io, "the third is one too many", ""};
    return {};
  });
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().message, "the third is one too many");
  EXPECT_EQ(taken, 3U);
}

TEST_F(ReadAheadTest, WhatStandsBeforeAFaultIsStillTaken) {
  fill(5);
  log_.insert("no record");
  uint64_t taken = 0;
  Journal journal(log_, {});
  const Status status = follow_ahead(journal, [&](Frame&) { return ++taken, Status(); });
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().code, Code::corrupt);
  EXPECT_EQ(taken, 5U);
}

}  // namespace
}  // namespace duliang
