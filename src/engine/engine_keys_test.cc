// Commands that come again with their idempotency key.
#include "engine/answered_keys.h"
#include "engine/engine_for_test.h"

namespace duliang {
namespace {

class EngineKeysTest : public EngineTest {
 protected:
  static Command with_key(const std::string& key, Command command) {
    command.key = key;
    return command;
  }
  static Command posting(size_t count, bool each = false) {
    PostReadings post;
    for (size_t i = 0; i < count; ++i) {
      Reading one;
      one.stream = StreamId{1};
      const Time time{std::chrono::seconds{1'795'000'000 + i}};
      one.phenomenon_time = {time, time};
      one.result = "1";
      post.readings.push_back(one);
    }
    post.each = each;
    Command command;
    command.actor = "ann";
    command.body = std::move(post);
    return command;
  }
  uint64_t readings() { return engine_->view()->series.count().value(); }
  void restart(bool checkpoint) {
    if (checkpoint) {
      ASSERT_TRUE(engine_->checkpoint().ok());
    }
    engine_.reset();
    files_.kill();
    ASSERT_TRUE(open().ok());
  }
};

TEST_F(EngineKeysTest, WhatComesAgainIsAnsweredTheSameAndDoneOnce) {
  ASSERT_TRUE(open().ok());
  ASSERT_TRUE(run(station("a")).ok());
  const auto put = run(with_key("put", station("b")));
  const auto post = run(with_key("post", posting(3)));
  const auto removed = run([&] {
    Command command;
    command.key = "remove";
    command.body = RemoveRow{TypeId::sensor, RowId{2}, ""};
    return command;
  }());
  ASSERT_TRUE(put.ok() && post.ok() && removed.ok());
  const uint64_t sequence = engine_->status().sequence;
  // At once, from the frames behind the checkpoint, and from what it saved.
  for (const bool checkpoint : {false, true, false}) {
    const auto put_again = run(with_key("put", station("b")));
    ASSERT_TRUE(put_again.ok()) << put_again.error().message;
    EXPECT_EQ(put_again->rows, put->rows);
    EXPECT_EQ(put_again->sequence, put->sequence);
    EXPECT_EQ(run(with_key("post", posting(3)))->readings, post->readings);
    Command remove;
    remove.key = "remove";
    remove.body = RemoveRow{TypeId::sensor, RowId{2}, ""};
    EXPECT_EQ(run(remove)->rows, removed->rows) << "there is none any more, but it was we who";
    EXPECT_EQ(engine_->status().sequence, sequence) << "nothing is added";
    EXPECT_EQ(readings(), 3U);
    restart(checkpoint);
  }
}

TEST_F(EngineKeysTest, ItMayComeAgainBeforeItIsAnswered) {
  ASSERT_TRUE(open().ok());
  ASSERT_TRUE(run(station("a")).ok());
  std::vector<ReadingId> ids;
  for (int i = 0; i < 2; ++i) {
    engine_->submit(with_key("k", posting(1)), [&ids](const Result<Outcome>& outcome) {
      ids.push_back(outcome->readings.at(0));
    });
  }
  while (engine_->has_work()) ASSERT_TRUE(engine_->turn().ok());
  ASSERT_EQ(ids.size(), 2U);
  EXPECT_EQ(ids[0], ids[1]);
  EXPECT_EQ(readings(), 1U);
}

TEST_F(EngineKeysTest, RowsThatWereRefusedAreRefusedAgain) {
  ASSERT_TRUE(open().ok());
  ASSERT_TRUE(run(station("a")).ok());
  Command command = with_key("k", posting(5, true));
  for (const size_t wrong : {0, 2, 4}) {
    std::get<PostReadings>(command.body).readings[wrong].stream = StreamId{2};
  }
  const auto first = run(command);
  ASSERT_TRUE(first.ok());
  for (int round = 0; round < 2; ++round) {
    const auto again = run(command);
    ASSERT_TRUE(again.ok());
    EXPECT_EQ(again->readings, first->readings);
    ASSERT_EQ(again->refused.size(), 3U);
    EXPECT_EQ(again->refused[1].first, 2U);
    EXPECT_EQ(again->refused[1].second.code, Code::not_found);
    EXPECT_EQ(readings(), 2U);
    restart(false);
  }
  // Also where they would be taken now: an answer is an answer.
  ASSERT_TRUE(run(station("b")).ok());
  EXPECT_EQ(run(command)->refused[1].second.code, Code::conflict);
  EXPECT_EQ(readings(), 2U);
}

TEST_F(EngineKeysTest, WhatWasCutOffInTheMiddleGoesOn) {
  ASSERT_TRUE(open().ok());
  ASSERT_TRUE(run(station("a")).ok());
  const size_t count = limits::kTurnReadings + 10;
  engine_->submit(with_key("k", posting(count)), [](const Result<Outcome>&) { ADD_FAILURE(); });
  ASSERT_TRUE(engine_->turn().ok());
  EXPECT_EQ(readings(), limits::kTurnReadings);
  restart(false);
  const auto whole = run(with_key("k", posting(count)));
  ASSERT_TRUE(whole.ok());
  EXPECT_EQ(readings(), count);
  EXPECT_EQ(std::set(whole->readings.begin(), whole->readings.end()).size(), count);
  EXPECT_EQ(run(with_key("k", posting(count)))->readings, whole->readings);
  EXPECT_EQ(readings(), count);
}

TEST_F(EngineKeysTest, AKeyIsOfOneRequest) {
  ASSERT_TRUE(open().ok());
  ASSERT_TRUE(run(station("a")).ok());
  ASSERT_TRUE(run(with_key("k", posting(2))).ok());
  EXPECT_EQ(run(with_key("k", station("b"))).error().code, Code::conflict);
  EXPECT_EQ(run(with_key("k", posting(1))).error().field, "Idempotency-Key");
  Command other = with_key("k", posting(2));
  other.actor = "ben";
  EXPECT_EQ(run(other).error().code, Code::conflict);
  EXPECT_EQ(run(with_key(std::string(limits::kKeyBytes + 1, 'k'), posting(1))).error().code,
            Code::bad_input);
  // A refusal is not remembered: the same may be taken later.
  Command early = with_key("early", reading(2, "1"));
  EXPECT_EQ(run(early).error().code, Code::not_found);
  ASSERT_TRUE(run(station("b")).ok());
  EXPECT_TRUE(run(early).ok());
}

TEST_F(EngineKeysTest, TheOldestKeysAreForgotten) {
  ASSERT_TRUE(open().ok());
  ASSERT_TRUE(run(station("a")).ok());
  for (size_t i = 0; i <= limits::kKeysKept; ++i) {
    engine_->submit(with_key(fmt::format("{}", i), posting(1)), [](const Result<Outcome>&) {});
    if (i % 1000 != 0) continue;
    while (engine_->has_work()) ASSERT_TRUE(engine_->turn().ok());
  }
  while (engine_->has_work()) ASSERT_TRUE(engine_->turn().ok());
  const uint64_t all = readings();
  ASSERT_TRUE(run(with_key("1", posting(1))).ok());
  EXPECT_EQ(readings(), all);
  ASSERT_TRUE(run(with_key("0", posting(1))).ok());
  EXPECT_EQ(readings(), all + 1) << "too long ago";
  // Those with many ids count as many.
  ASSERT_TRUE(run(with_key("many", posting(limits::kKeyIdsKept))).ok());
  EXPECT_EQ(readings(), all + 1 + limits::kKeyIdsKept);
  ASSERT_TRUE(run(with_key("2", posting(1))).ok());
  EXPECT_EQ(readings(), all + 2 + limits::kKeyIdsKept);
}

}  // namespace
}  // namespace duliang
