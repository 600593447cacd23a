#include "journal/admit.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "journal/frames_for_test.h"

namespace duliang {
namespace {

// A log as a page of a ledger: one line a record, as "claim EPOCH ID", "frame EPOCH ID SEQUENCE
// PREVIOUS" (PREVIOUS is the number of the line whose hash the frame names; 0: none), "mark" or
// "garbage".
class Page {
 public:
  // Judges the record of the line, and says what became of it.
  std::string judge(std::string_view line) {
    const std::string bytes = record_of(line);
    lines_.push_back(bytes);
    const Tail before = tail_;
    const Verdict verdict = admit(tail_, place_, bytes);
    if (verdict != Verdict::corrupt) {
      place_ += bytes.size();
      EXPECT_EQ(tail_.place, place_) << line;
    }
    const bool moved = tail_.sequence != before.sequence || tail_.hash != before.hash;
    EXPECT_EQ(moved, verdict == Verdict::valid) << line;
    EXPECT_EQ(tail_.epoch != before.epoch, verdict == Verdict::claimed) << line;
    return names_[static_cast<size_t>(verdict)];
  }
  const Tail& tail() const { return tail_; }

 private:
  std::string record_of(std::string_view line) const {
    const std::vector<std::string_view> words = split(line, ' ');
    const auto number = [&](size_t i) { return static_cast<uint64_t>(*parse_integer(words[i])); };
    if (words[0] == "claim") return encode_claim({number(1), number(2), "here", {}}, 0);
    if (words[0] == "mark") return encode_mark(1, 1, 0, {});
    if (words[0] == "garbage") return "no record at all";
    FrameHeader header;
    header.kind = RecordKind::frame;
    header.epoch = number(1);
    header.claim_id = number(2);
    header.sequence = number(3);
    if (number(4) > 0) header.previous = hash_of(lines_[number(4) - 1]);
    return encode_frame(header, test::body_of(static_cast<int64_t>(lines_.size()))).value();
  }

  static constexpr const char* names_[] = {"valid",     "claimed", "mark",   "fenced",
                                           "duplicate", "orphan",  "corrupt"};
  std::vector<std::string> lines_;
  Tail tail_;
  Place place_ = 0;
};

TEST(Admit, JudgesEachRecordByTheOrderOfTheLog) {
  struct Line {
    const char* record;
    const char* verdict;
  };
  const Line page[] = {
      {"frame 1 7 1 0", "fenced"},      // 1: before any claim
      {"claim 1 7", "claimed"},         // 2
      {"frame 1 7 1 0", "valid"},       // 3: the first of the chain
      {"frame 1 7 2 3", "valid"},       // 4
      {"mark", "mark"},                 // 5: outside the chain
      {"frame 1 7 2 3", "duplicate"},   // 6: its sequence was there
      {"frame 1 7 4 4", "orphan"},      // 7: one is missing before it
      {"frame 1 7 3 3", "orphan"},      // 8: names the wrong frame before it
      {"frame 1 7 3 4", "valid"},       // 9: the void ones changed nothing
      {"claim 1 8", "fenced"},          // 10: this epoch is taken
      {"frame 1 8 4 9", "fenced"},      // 11: so its writer has no right
      {"claim 2 8", "claimed"},         // 12: a higher epoch takes over
      {"frame 1 7 4 9", "fenced"},      // 13: the one before does not know it yet
      {"frame 2 7 4 9", "fenced"},      // 14: right epoch, but not the one who claimed it
      {"frame 2 8 4 9", "valid"},       // 15: the chain goes on over the change of hands
      {"claim 1 9", "fenced"},          // 16: too late
      {"claim 9 7", "claimed"},         // 17: epochs may leave some out
      {"garbage", "corrupt"},           // 18
      {"frame 9 7 5 15", "valid"},      // 19: a corrupt record did not move the tail
  };
  Page log;
  int number = 0;
  for (const Line& line : page) EXPECT_EQ(log.judge(line.record), line.verdict) << ++number;
  EXPECT_EQ(log.tail().epoch, 9u);
  EXPECT_EQ(log.tail().claim_id, 7u);
  EXPECT_EQ(log.tail().sequence, 5u);
}

TEST(Admit, DoesNotTakeAClaimWithABrokenBody) {
  const std::string claim = encode_claim({1, 7, "a", {}}, 0);
  Record record = decode_record(claim).value();
  record.body = record.body.substr(0, 1);
  Tail tail;
  EXPECT_EQ(admit(tail, 0, record), Verdict::corrupt);
  EXPECT_EQ(tail.epoch, 0u);
  EXPECT_EQ(tail.place, 0u);
}

}  // namespace
}  // namespace duliang
