// How long a view may be held, and a folder that is only looked at.
#include "engine/engine_for_test.h"

namespace duliang {
namespace {

using std::chrono::seconds;

class EngineViewTest : public EngineTest {
 protected:
  // As `duliang sql` opens a folder.
  Result<std::unique_ptr<Engine>> look() {
    EngineOptions options;
    options.folder = "/data";
    options.vfs = kVfs;
    options.read_only = true;
    options.untouched = true;
    return Engine::open(options, clock_, files_, Random(1));
  }
};

TEST_F(EngineViewTest, AnswersFor30SecondsAndThenNothing) {
  ASSERT_TRUE(open().ok());
  ASSERT_TRUE(run(station("a")).ok());
  ASSERT_TRUE(run(reading(1, "1")).ok());
  {
    const View view = *engine_->view();
    clock_.advance(limits::kViewAge - seconds{1});
    EXPECT_TRUE(find_entity(view, TypeId::datastream, RowId{1}).value().has_value());
    clock_.advance(seconds{1});
    const auto refused = [](const auto& answer) {
      return !answer.ok() && answer.error().code == Code::unavailable;
    };
    EXPECT_TRUE(refused(find_entity(view, TypeId::thing, RowId{1})));
    EXPECT_TRUE(refused(find_entity(view, TypeId::observation, RowId{1})));
    Question question;
    question.type = TypeId::thing;
    EXPECT_TRUE(refused(duliang::ask(view, question)));
    question.type = TypeId::observation;
    EXPECT_TRUE(refused(duliang::ask(view, question)));
    question.count = true;
    EXPECT_TRUE(refused(duliang::ask(view, question)));
  }
  // Its connection is lent again, for 30 seconds more.
  const View next = *engine_->view();
  EXPECT_TRUE(find_entity(next, TypeId::thing, RowId{1}).value().has_value());
  EXPECT_TRUE(find_entity(next, TypeId::observation, RowId{1}).value().has_value());
}

TEST_F(EngineViewTest, AFolderThatIsLookedAtIsNotTouched) {
  ASSERT_TRUE(open(2).ok());
  ASSERT_TRUE(run(station("a")).ok());
  for (const char* result : {"1", "2", "3"}) {
    ASSERT_TRUE(run(reading(1, result)).ok());
    ASSERT_TRUE(engine_->tend().ok());
  }
  ASSERT_TRUE(run(reading(1, "4")).ok());
  ASSERT_TRUE(ask(RemoveReading{ReadingId{2}, "wrong"}).ok());
  EXPECT_EQ(look().error().code, Code::conflict) << "while it is in use";
  engine_.reset();
  files_.kill();
  ASSERT_TRUE(replace_file(files_, "/data/parts/unknown.part", "of a job that was cut off").ok());
  const uint64_t before = files_.changing_calls();
  {
    const auto engine = look();
    ASSERT_TRUE(engine.ok()) << engine.error().message;
    const View view = *(*engine)->view();
    EXPECT_EQ(view.series.count().value(), 3U);
    EXPECT_TRUE(find_entity(view, TypeId::thing, RowId{1}).value().has_value());
    clock_.advance(limits::kViewAge * 2);
    EXPECT_EQ(view.series.count().value(), 3U) << "nobody waits for it";
  }
  EXPECT_EQ(files_.changing_calls(), before + 1) << "the lock alone";
}

// Power takes the newest rows from the ledger, though not from the journal.
TEST_F(EngineViewTest, WhereRowsWouldHaveToBeMendedItIsSaid) {
  size_t refused = 0;
  for (uint64_t seed = 1; seed <= 12; ++seed) {
    ASSERT_TRUE(open().ok());
    ASSERT_TRUE(run(station(fmt::format("station {}", seed))).ok());
    engine_.reset();
    Random random(seed);
    files_.crash(random);
    const auto engine = look();
    if (engine.ok()) continue;
    ++refused;
    EXPECT_EQ(engine.error().code, Code::conflict);
    EXPECT_NE(engine.error().message.find("start the server"), std::string::npos);
  }
  EXPECT_GT(refused, 0U);
  ASSERT_TRUE(open().ok());
  engine_.reset();
  const auto engine = look();
  ASSERT_TRUE(engine.ok()) << engine.error().message;
  Question question;
  question.type = TypeId::thing;
  const auto answer = duliang::ask(*(*engine)->view(), question);
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->rows.size(), 12U);
}

}  // namespace
}  // namespace duliang
