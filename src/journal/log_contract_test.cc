// What every Log must guarantee, the same cases over each of them.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "base/limits.h"
#include "base/os/os_files.h"
#include "base/sim/sim_files.h"
#include "journal/file_log.h"
#include "journal/frames_for_test.h"
#include "journal/sim_log.h"

namespace duliang {
namespace {

enum class Kind { file_on_sim, file_on_os, sealed, sim };

// Each record in a segment of its own, and every segment but the last sealed before anybody reads.
class SealedAsItGoes final : public Log {
 public:
  explicit SealedAsItGoes(Files& files)
      : log_(FileLog::open(files, "/data/sealed", true, {1, 1}).value()) {}

  void append(std::string_view record, Durability durability, Done done) override {
    log_->append(record, durability, [&](const AppendResult& result) {
      if (result.ok) seal();
      done(result);
    });
  }
  Result<Place> read(Place from, size_t bytes_max, const Sink& sink) override {
    return log_->read(from, bytes_max, sink);
  }
  Result<Place> end() override { return log_->end(); }
  Status trim(Place before) override { return log_->trim(before); }
  Result<Place> sync() override { return log_->sync(); }
  SegmentTotals totals() const { return log_->totals(); }

 private:
  void seal() {
    while (const auto job = log_->seal_next().value()) {
      while (!job->step().value()) {
      }
    }
  }
  std::unique_ptr<FileLog> log_;
};

class LogContract : public testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    if (GetParam() == Kind::sim) {
      log_ = std::make_unique<SimLog>();
    } else if (GetParam() == Kind::file_on_sim) {
      log_ = FileLog::open(sim_files_, "/data/journal", true, {3000, 1000}).value();
    } else if (GetParam() == Kind::sealed) {
      log_ = std::make_unique<SealedAsItGoes>(sim_files_);
    } else {
      std::string pattern = std::filesystem::temp_directory_path() / "duliang_log_XXXXXX";
      ASSERT_NE(mkdtemp(pattern.data()), nullptr);
      folder_ = pattern;
      log_ = FileLog::open(os_files_, folder_ + "/journal", true, {3000, 1000}).value();
    }
  }
  void TearDown() override {
    log_.reset();
    if (!folder_.empty()) std::filesystem::remove_all(folder_);
  }

  AppendResult append(const std::string& record, Durability durability = Durability::power) {
    AppendResult answer;
    log_->append(record, durability, [&](const AppendResult& result) { answer = result; });
    return answer;
  }
  std::vector<std::pair<Place, std::string>> read_all(Place from = 0, size_t bytes_max = 1000) {
    std::vector<std::pair<Place, std::string>> records;
    while (true) {
      const Place next =
          log_->read(from, bytes_max, [&](Place place, std::string_view record) {
                records.emplace_back(place, record);
                return true;
              }).value();
      if (next == from) return records;
      from = next;
    }
  }

  SimFiles sim_files_;
  OsFiles os_files_;
  std::string folder_;
  std::unique_ptr<Log> log_;
};

TEST_P(LogContract, IsEmptyAtFirst) {
  EXPECT_EQ(log_->end().value(), 0u);
  EXPECT_TRUE(read_all().empty());
}

TEST_P(LogContract, KeepsTheOrderAndThePlaces) {
  Place expected = 0;
  std::vector<std::pair<Place, std::string>> written;
  for (uint64_t i = 1; i <= 100; ++i) {
    const std::string record = test::record_of(i, 0, i * 7 % 50);
    const AppendResult answer = append(record, i % 3 ? Durability::power : Durability::process);
    ASSERT_TRUE(answer.ok) << answer.why;
    EXPECT_EQ(answer.stored.place, expected);
    EXPECT_EQ(answer.stored.next, expected + record.size());
    expected = answer.stored.next;
    written.emplace_back(answer.stored.place, record);
    EXPECT_EQ(log_->end().value(), expected);
  }
  EXPECT_EQ(read_all(), written);
  EXPECT_EQ(read_all(0, 1), written);
  const std::vector<std::pair<Place, std::string>> rest(written.begin() + 40, written.end());
  EXPECT_EQ(read_all(written[40].first), rest);
}

TEST_P(LogContract, SaysWhatSurvivesALossOfPower) {
  EXPECT_EQ(append(test::record_of(1), Durability::process).stored.synced, 0u);
  const AppendResult second = append(test::record_of(2), Durability::power);
  EXPECT_EQ(second.stored.synced, second.stored.next);
  const AppendResult third = append(test::record_of(3), Durability::process);
  EXPECT_EQ(third.stored.synced, second.stored.next);
  EXPECT_EQ(log_->sync().value(), third.stored.next);
  EXPECT_EQ(log_->sync().value(), third.stored.next);
}

TEST_P(LogContract, TakesTheLargestRecordAndRefusesALargerOne) {
  const size_t filler = limits::kFrameBytes - test::record_of(1).size() - 2;
  const std::string largest = test::record_of(1, 0, filler);
  ASSERT_EQ(largest.size(), limits::kFrameBytes);
  EXPECT_TRUE(append(largest).ok);
  EXPECT_TRUE(append(test::record_of(2)).ok);
  EXPECT_EQ(read_all()[0].second, largest);
  const AppendResult refused = append(largest + "x");
  EXPECT_FALSE(refused.ok);
  EXPECT_EQ(refused.error, LogError::unavailable);
  EXPECT_EQ(read_all().size(), 2u);
}

TEST_P(LogContract, FailsForGoodAfterTheFirstFailure) {
  ASSERT_TRUE(append(test::record_of(1)).ok);
  ASSERT_FALSE(append(std::string(limits::kFrameBytes + 1, 'x')).ok);
  const AppendResult later = append(test::record_of(2));
  EXPECT_FALSE(later.ok);
  EXPECT_EQ(later.error, LogError::unavailable);
  EXPECT_FALSE(log_->sync().ok());
  EXPECT_EQ(read_all().size(), 1u);
}

TEST_P(LogContract, ReadsWhatWasWrittenMeanwhile) {
  append(test::record_of(1));
  const Place next = log_->end().value();
  EXPECT_EQ(read_all().size(), 1u);
  EXPECT_TRUE(read_all(next).empty());
  append(test::record_of(2), Durability::process);
  ASSERT_EQ(read_all(next).size(), 1u);
  EXPECT_EQ(read_all(next)[0].first, next);
}

TEST_P(LogContract, StopsWhereTheReaderSaysSo) {
  for (uint64_t i = 1; i <= 3; ++i) append(test::record_of(i));
  int seen = 0;
  const Place next = log_->read(0, 1'000'000, [&](Place, std::string_view) {
                           return ++seen < 2;
                         }).value();
  EXPECT_EQ(seen, 2);
  EXPECT_EQ(read_all(next).size(), 1u);
}

TEST_P(LogContract, KnowsNoPlaceBehindItsEndOrWithinARecord) {
  append(test::record_of(1));
  const Log::Sink none = [](Place, std::string_view) { return true; };
  EXPECT_EQ(log_->read(99'999, 1000, none).value(), 99'999u);
  EXPECT_EQ(log_->read(1, 1000, none).error().code, Code::corrupt);
}

TEST_P(LogContract, MayForgetWhatIsTrimmedAndKeepsTheRest) {
  std::vector<std::pair<Place, std::string>> written;
  for (uint64_t i = 1; i <= 100; ++i)
    written.emplace_back(append(test::record_of(i, 0, 100)).stored.place,
                         test::record_of(i, 0, 100));
  const Place middle = written[50].first;
  ASSERT_TRUE(log_->trim(middle).ok());
  const std::vector<std::pair<Place, std::string>> kept(written.begin() + 50, written.end());
  EXPECT_EQ(read_all(middle), kept);
  const auto gone = log_->read(0, 1000, [](Place, std::string_view) { return true; });
  EXPECT_EQ(gone.error().code, Code::not_found);
  const AppendResult more = append(test::record_of(101));
  EXPECT_TRUE(more.ok);
  EXPECT_EQ(read_all(more.stored.place).size(), 1u);
  ASSERT_TRUE(log_->trim(~Place{0}).ok());
  EXPECT_TRUE(append(test::record_of(102)).ok);
}

// Only the order counts: a log does not ask who writes. What one writer's claim makes of another's
// records is the rule of admit().
TEST_P(LogContract, KeepsTheRecordsOfTwoWritersInOneOrder) {
  std::vector<std::pair<Place, std::string>> written;
  for (uint64_t i = 1; i <= 40; ++i) {
    const bool first = i % 3 != 0;
    const std::string record =
        i % 10 == 1 ? encode_claim({i, first ? 1u : 2u, "a:1", test::at(0)}, 0)
                    : test::record_of(i, 0, first ? 10 : 200);
    const AppendResult answer = append(record, first ? Durability::power : Durability::process);
    ASSERT_TRUE(answer.ok) << answer.why;
    written.emplace_back(answer.stored.place, record);
  }
  EXPECT_EQ(read_all(), written);
}

TEST_P(LogContract, ReadsWhatWasTrimmedMeanwhileAsNotFound) {
  for (uint64_t i = 1; i <= 60; ++i) append(test::record_of(i, 0, 100));
  Place second = 0;
  const auto one = [&](Place, std::string_view record) { return second = record.size(), false; };
  ASSERT_TRUE(log_->read(0, 1, one).ok());
  ASSERT_TRUE(log_->trim(log_->end().value()).ok());
  EXPECT_EQ(log_->read(second, 1, one).error().code, Code::not_found);
  EXPECT_EQ(log_->read(0, 1, one).error().code, Code::not_found);
}

std::string name_of(const testing::TestParamInfo<Kind>& tested) {
  switch (tested.param) {
    case Kind::file_on_sim: return "FileLogOnSimFiles";
    case Kind::file_on_os: return "FileLogOnOsFiles";
    case Kind::sealed: return "FileLogSealedAsItGoes";
    case Kind::sim: return "SimLog";
  }
  return "";
}

INSTANTIATE_TEST_SUITE_P(Logs, LogContract,
                         testing::Values(Kind::file_on_sim, Kind::file_on_os, Kind::sealed,
                                         Kind::sim),
                         name_of);

// Else the contract would be proved of nothing that is sealed.
TEST(SealedAsItGoes, HasAllButTheLastRecordSealed) {
  SimFiles files;
  SealedAsItGoes log(files);
  for (uint64_t i = 1; i <= 10; ++i) {
    log.append(test::record_of(i), Durability::process, [](const AppendResult& result) {
      EXPECT_TRUE(result.ok) << result.why;
    });
  }
  EXPECT_EQ(log.totals().sealed.segments, 9U);
  EXPECT_EQ(log.totals().written.segments, 1U);
}

TEST(SimLogFailure, UnknownMayBeStoredAllTheSame) {
  for (const bool stored : {true, false}) {
    SimLog log;
    log.fail_next(LogError::unknown, stored);
    AppendResult answer;
    log.append(test::record_of(1), Durability::power, [&](const AppendResult& r) { answer = r; });
    EXPECT_FALSE(answer.ok);
    EXPECT_EQ(answer.error, LogError::unknown);
    EXPECT_EQ(log.end().value() > 0, stored);
  }
}

}  // namespace
}  // namespace duliang
