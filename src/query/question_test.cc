#include "query/question.h"

#include "base/limits.h"
#include "query/evaluate.h"
#include "query/query_for_test.h"

namespace duliang {
namespace {

using enum TypeId;

class QuestionTest : public ::testing::Test {
 protected:
  std::string ask_for(const Asked& asked) { return ask_in(house_, asked); }
  House house_;
};

struct Line {
  Asked asked;
  const char* answer;
};

TEST_F(QuestionTest, RowsByOptions) {
  const Line lines[] = {
      {{.type = thing}, "1 2 3"},
      {{.type = thing, .count = true}, "1 2 3, of 3"},
      {{.type = thing, .top = 2}, "1 2, more"},
      {{.type = thing, .top = 2, .count = true}, "1 2, of 3, more"},
      {{.type = thing, .top = 2, .skip = 1}, "2 3"},
      {{.type = thing, .top = 1, .skip = 1, .count = true}, "2, of 3, more"},
      {{.type = thing, .skip = 3, .count = true}, "none, of 3"},
      {{.type = thing, .top = 0, .count = true}, "none, of 3"},
      {{.type = thing, .top = 0}, "none"},
      {{.type = thing, .top = 3}, "1 2 3"},
      {{.type = thing, .filter = "id gt 1", .top = 1, .count = true}, "2, of 2, more"},
      {{.type = thing, .filter = "id gt 1", .top = 0, .count = true}, "none, of 2"},
      {{.type = thing, .filter = "name eq 'gaotan'"}, "3"},
      {{.type = thing, .filter = "tolower(name) eq 'gaotan'"}, "2 3"},
      {{.type = thing, .filter = "@iot.id eq 2"}, "2"},
      {{.type = thing, .filter = "id eq '2'"}, "2"},
      {{.type = thing, .filter = "properties/height gt 5"}, "1"},
      {{.type = thing, .filter = "not (properties/height gt 5)"}, "2"},
      {{.type = thing, .filter = "properties eq null"}, "3"},
      {{.type = datastream, .filter = "Thing/properties/code eq 'b'"}, "1 2"},
      {{.type = datastream, .filter = "Thing/id eq 1 and ObservedProperty/name eq 'pm2_5'"}, "2"},
      {{.type = datastream, .filter = "Thing eq 2"}, "3"},
      {{.type = case_file, .filter = "Handler eq null"}, "2"},
      {{.type = case_file, .filter = "Handler/Unit/key eq 'water'"}, "1"},
      {{.type = case_file, .filter = "Alarm/Datastream/Thing/id eq 1", .count = true}, "1 2, of 2"},
      {{.type = alarm, .filter = "level le 2"}, "1"},
      {{.type = alarm, .filter = "level lt 3.5 and level gt 1.5"}, "1"},
      {{.type = alarm, .filter = "level gt 1e30"}, "none"},
  };
  for (const Line& line : lines) EXPECT_EQ(ask_for(line.asked), line.answer) << line.asked.filter;
}

TEST_F(QuestionTest, RowsInOrder) {
  const Line lines[] = {
      {{.type = thing, .order = "id desc"}, "3 2 1"},
      {{.type = thing, .order = "@iot.id desc,name", .top = 2}, "3 2, more"},
      {{.type = thing, .order = "name"}, "2 3 1"},
      {{.type = thing, .order = "name desc"}, "1 3 2"},
      {{.type = thing, .order = "name", .top = 1, .skip = 1, .count = true}, "3, of 3, more"},
      {{.type = thing, .order = "properties/height"}, "3 2 1"},
      {{.type = thing, .order = "properties/height desc"}, "1 2 3"},
      {{.type = thing, .order = "tolower(name)"}, "2 3 1"},
      {{.type = thing, .order = "tolower(name) desc"}, "1 3 2"},
      {{.type = thing, .order = "length(name),name desc"}, "1 3 2"},
      {{.type = datastream, .order = "Thing/properties/code,name"}, "4 3 2 1"},
      {{.type = datastream, .order = "Thing/properties/code desc,name desc"}, "1 2 3 4"},
      {{.type = datastream, .filter = "id lt 4", .order = "Thing/name,id desc"}, "3 2 1"},
      {{.type = datastream, .order = "ObservedProperty/name desc"}, "3 1 4 2"},
  };
  for (const Line& line : lines) EXPECT_EQ(ask_for(line.asked), line.answer) << line.asked.order;
}

TEST_F(QuestionTest, StepsOfEachKind) {
  const Line lines[] = {
      {{.type = thing, .from_type = datastream, .step = "Thing", .from = 3}, "2"},
      {{.type = thing, .count = true, .from_type = datastream, .step = "Thing", .from = 3},
       "2, of 1"},
      {{.type = thing, .from_type = datastream, .step = "Thing", .from = 99}, "none"},
      {{.type = person, .from_type = case_file, .step = "Handler", .from = 2}, "none"},
      {{.type = thing, .filter = "id eq 1", .from_type = datastream, .step = "Thing", .from = 3},
       "none"},
      {{.type = datastream, .from_type = thing, .step = "Datastreams", .from = 1}, "1 2"},
      {{.type = datastream, .count = true, .from_type = thing, .step = "Datastreams", .from = 1},
       "1 2, of 2"},
      {{.type = datastream, .filter = "name eq 'air 1'", .from_type = thing,
        .step = "Datastreams", .from = 1},
       "2"},
      {{.type = datastream, .order = "name", .from_type = thing, .step = "Datastreams", .from = 1},
       "2 1"},
      {{.type = location, .from_type = thing, .step = "Locations", .from = 1}, "1 2"},
      {{.type = location, .order = "id desc", .top = 1, .count = true, .from_type = thing,
        .step = "Locations", .from = 1},
       "2, of 2, more"},
      {{.type = thing, .from_type = location, .step = "Things", .from = 2}, "1 2"},
      {{.type = thing, .filter = "name eq 'Gaotan'", .count = true, .from_type = location,
        .step = "Things", .from = 2},
       "2, of 1"},
      {{.type = observation, .from_type = datastream, .step = "Observations", .from = 3},
       "16 17 18"},
      {{.type = observation, .count = true, .from_type = datastream, .step = "Observations",
        .from = 1, },
       "0 1 2 3 4 5 6 7 8 9, of 10"},
      {{.type = observation, .count = true, .from_type = datastream, .step = "Observations",
        .from = 4},
       "none, of 0"},
      {{.type = observation, .top = 2, .count = true, .from_type = feature_of_interest,
        .step = "Observations", .from = 2},
       "10 11, of 6, more"},
  };
  for (const Line& line : lines) EXPECT_EQ(ask_for(line.asked), line.answer) << line.asked.step;
  const auto of_reading = static_cast<int64_t>(house_.readings[16].id);
  EXPECT_EQ(ask_for({.type = datastream, .from_type = observation, .step = "Datastream",
                     .from = of_reading}),
            "3");
  EXPECT_EQ(ask_for({.type = feature_of_interest, .from_type = observation,
                     .step = "FeatureOfInterest", .from = of_reading}),
            "1");
}

TEST_F(QuestionTest, ReadingsByOptions) {
  const Line lines[] = {
      {{.type = observation, .top = 3, .count = true}, "0 1 2, of 19, more"},
      {{.type = observation, .skip = 16}, "16 17 18"},
      {{.type = observation, .filter = "result gt 3"}, "7 8 9 10"},
      {{.type = observation, .filter = "result gt '3'"}, "7 8 9 11 18"},
      {{.type = observation, .filter = "result eq 3"}, "6 14 18"},
      {{.type = observation, .filter = "result eq '3.0'"}, "18"},
      {{.type = observation, .filter = "result eq null"}, "12"},
      {{.type = observation, .filter = "result eq true"}, "13"},
      {{.type = observation, .filter = "result eq 'dry'"}, "11"},
      {{.type = observation, .filter = "result/x/y eq 7"}, "15"},
      {{.type = observation, .filter = "parameters/depth eq 2 and Datastream/id eq 3"}, "18"},
      {{.type = observation, .filter = "resultTime eq null", .top = 1, .count = true},
       "1, of 9, more"},
      {{.type = observation, .filter = "Datastream/id eq 3"}, "16 17 18"},
      {{.type = observation, .filter = "Datastream/Thing/id eq 2 and result gt 1.5"}, "17 18"},
      {{.type = observation, .filter = "FeatureOfInterest/name eq 'air'", .top = 2},
       "10 11, more"},
      {{.type = observation, .filter = "FeatureOfInterest eq null"}, "18"},
      {{.type = observation,
        .filter = "Datastream/id eq 1 and phenomenonTime ge 2026-11-24T07:00:00Z"},
       "7 8 9"},
      {{.type = observation, .filter = "phenomenonTime gt now() sub duration'PT4H'"}, "8"},
      {{.type = observation, .filter = "phenomenonTime lt 2026-11-24T01:00:00Z"}, "0 10"},
      {{.type = observation,
        .filter = "phenomenonTime le 2026-11-24T02:00:00Z and Datastream/id eq 3"},
       "16"},
      {{.type = observation, .top = 0, .count = true}, "none, of 19"},
      {{.type = observation, .top = 1, .skip = 5, .count = true, .from_type = datastream,
        .step = "Observations", .from = 1},
       "5, of 10, more"},
      {{.type = observation, .filter = "Datastream/id eq 3", .from_type = datastream,
        .step = "Observations", .from = 1},
       "none"},
  };
  for (const Line& line : lines) EXPECT_EQ(ask_for(line.asked), line.answer) << line.asked.filter;
}

TEST_F(QuestionTest, ReadingsInOrder) {
  const auto of_stream = [](const char* order, size_t top) {
    return Asked{.type = observation, .order = order, .top = top, .from_type = datastream,
                 .step = "Observations", .from = 1};
  };
  const Line lines[] = {
      {of_stream("phenomenonTime desc", 3), "8 9 7, more"},
      {of_stream("phenomenonTime", 5), "0 1 2 4 5, more"},
      {of_stream("phenomenonTime desc,id desc", 3), "8 9 7, more"},
      {of_stream("phenomenonTime desc,id", 3), "8 9 7, more"},
      {of_stream("id desc", 2), "9 8, more"},
      {of_stream("result desc", 2), "8 9, more"},
      {of_stream("result mul -1", 2), "8 9, more"},
      {of_stream("resultTime desc", 2), "8 6, more"},
      // Over all streams: equal times by id, in the direction of the last term.
      {{.type = observation, .order = "phenomenonTime", .top = 4}, "0 10 16 1, more"},
      {{.type = observation, .order = "phenomenonTime desc,id", .top = 11, .skip = 6},
       "5 14 4 13 18 2 12 17 1 11 0, more"},
      {{.type = observation, .order = "phenomenonTime,id desc", .top = 4}, "16 10 0 11, more"},
      {{.type = observation, .order = "phenomenonTime desc", .top = 4, .skip = 6},
       "14 5 18 13, more"},
      {{.type = observation, .filter = "result eq 3", .order = "Datastream/name desc,id"},
       "18 6 14"},
      // Kinds of results in their order: null, booleans, numbers, texts, JSON.
      {{.type = observation, .filter = "Datastream/id eq 2", .order = "result"},
       "12 13 14 10 11 15"},
  };
  for (const Line& line : lines) EXPECT_EQ(ask_for(line.asked), line.answer) << line.asked.order;
}

TEST_F(QuestionTest, OrderByTimeComesOutAsSortingWould) {
  for (const char* direction : {"", " desc"}) {
    const std::string scanned = fmt::format("phenomenonTime{}", direction);
    const std::string sorted =
        fmt::format("phenomenonTime{0},phenomenonTime{0},id{0}", direction);
    for (size_t skip = 0; skip < 20; skip += 3)
      EXPECT_EQ(
          ask_for({.type = observation, .order = scanned, .top = 5, .skip = skip, .count = true}),
          ask_for({.type = observation, .order = sorted, .top = 5, .skip = skip, .count = true}));
  }
}

TEST_F(QuestionTest, AReadingByItsId) {
  for (const Reading& reading : house_.readings) {
    const auto id = static_cast<int64_t>(reading.id);
    const std::string filter = fmt::format("id eq {}", id);
    const auto answer = answer_to(house_, {.type = observation, .filter = filter});
    ASSERT_TRUE(answer.ok());
    ASSERT_EQ(answer->rows.size(), 1u);
    EXPECT_EQ(answer->rows[0]["result"], result_value(reading));
    EXPECT_EQ(answer->rows[0].link("Datastream"), static_cast<RowId>(reading.stream));
    const auto found = find_entity(house_.view(), observation, RowId{id});
    ASSERT_TRUE(found.ok() && found->has_value());
    EXPECT_EQ((*found)->id, RowId{id});
  }
  const auto id = static_cast<int64_t>(house_.readings[16].id);
  const std::string filter = fmt::format("id eq {}", id);
  const auto elsewhere = answer_to(house_, {.type = observation, .filter = filter,
                                            .from_type = datastream, .step = "Observations",
                                            .from = 1});
  EXPECT_EQ(shown(house_, elsewhere), "none");
  EXPECT_EQ(ask_for({.type = observation, .filter = "id eq 123456789"}), "none");
  EXPECT_EQ(ask_for({.type = observation, .filter = "id gt 5 and id lt 5"}), "none");
  EXPECT_FALSE(find_entity(house_.view(), observation, RowId{123456789})->has_value());
}

Value extent(int from, int to) {
  return Interval{kHouseStart + std::chrono::hours{from}, kHouseStart + std::chrono::hours{to}};
}

TEST_F(QuestionTest, ADatastreamTellsTheExtentOfItsReadings) {
  const auto all = answer_to(house_, {.type = datastream});
  ASSERT_TRUE(all.ok());
  EXPECT_EQ(all->rows[0]["phenomenonTime"], extent(0, 9));
  EXPECT_EQ(all->rows[2]["phenomenonTime"], extent(0, 5));
  EXPECT_TRUE(is_null(all->rows[3]["phenomenonTime"]));
  const auto one = find_entity(house_.view(), datastream, RowId{2});
  ASSERT_TRUE(one.ok() && one->has_value());
  EXPECT_EQ((**one)["phenomenonTime"], extent(0, 5));
  const auto reading = find_entity(house_.view(), observation,
                                   static_cast<RowId>(house_.readings[0].id));
  const auto followed =
      follow_to_one(house_.view(), **reading, *find_step(observation, "Datastream"));
  ASSERT_TRUE(followed.ok() && followed->has_value());
  EXPECT_EQ((**followed)["phenomenonTime"], extent(0, 9));
  // Also to filters and orders; without readings it never matches.
  EXPECT_EQ(ask_for({.type = datastream,
                     .filter = "phenomenonTime ge 2026-11-24T00:00:00Z/2026-11-24T05:00:00Z"}),
            "1 2 3");
  EXPECT_EQ(ask_for({.type = datastream,
                     .filter = "phenomenonTime gt 2026-11-23T00:00:00Z and "
                               "phenomenonTime le 2026-11-24T05:00:00Z"}),
            "2 3");
  EXPECT_EQ(ask_for({.type = datastream, .order = "phenomenonTime eq null desc"}), "4 3 2 1");
}

TEST_F(QuestionTest, ToOneStepsLeadOn) {
  const View view = house_.view();
  const auto handled = find_entity(view, case_file, RowId{1});
  const auto handler = follow_to_one(view, **handled, *find_step(case_file, "Handler"));
  ASSERT_TRUE(handler.ok() && handler->has_value());
  EXPECT_EQ((**handler).text("name"), "Li");
  const auto unhandled = find_entity(view, case_file, RowId{2});
  EXPECT_FALSE(follow_to_one(view, **unhandled, *find_step(case_file, "Handler"))->has_value());
  EXPECT_FALSE(find_entity(view, thing, RowId{99})->has_value());
}

// A comparison holds where it holds for one of those behind the relation.
TEST_F(QuestionTest, FiltersThroughRelationsToMany) {
  const Line lines[] = {
      {{.type = datastream, .filter = "Observations/result gt 4"}, "1 2"},
      {{.type = datastream, .filter = "Observations/result gt 4", .count = true}, "1 2, of 2"},
      {{.type = datastream, .filter = "Observations/result gt 100"}, "none"},
      {{.type = datastream, .filter = "not (Observations/result ge 0)"}, "4"},
      {{.type = datastream, .filter = "Observations/phenomenonTime ge 2026-11-24T09:00:00Z"}, "1"},
      {{.type = datastream, .filter = "Observations/FeatureOfInterest/name eq 'air'"}, "2"},
      // Each comparison for itself: 4.5 at 9 o'clock and 0 at 0 are two readings.
      {{.type = datastream, .filter = "Observations/result eq 0 and Observations/result eq 4.5"},
       "1"},
      {{.type = thing, .filter = "Datastreams/name eq 'air 1'"}, "1"},
      {{.type = thing, .filter = "startswith(Datastreams/name,'level')"}, "1 2"},
      {{.type = thing, .filter = "Locations/name eq 'place 2' and name ne 'Gaotan'"}, "1"},
      {{.type = thing, .filter = "Datastreams/Observations/result gt 4"}, "1"},
      {{.type = thing, .filter = "Datastreams/ObservedProperty/name eq 'pm2_5'"}, "1 3"},
      // With what stands in front of the relation.
      {{.type = thing, .filter = "Datastreams/Observations/result gt properties/height"}, "none"},
      {{.type = thing, .filter = "Datastreams/Observations/result ge properties/height sub 1"},
       "1 2"},
      // Behind one to one.
      {{.type = observation, .filter = "Datastream/Thing/Locations/name eq 'place 2'", .top = 1},
       "0, more"},
      {{.type = observation, .filter = "Datastream/Thing/Locations/name eq 'place 9'"}, "none"},
      {{.type = observation, .filter = "result eq 3 and Datastream/Thing/Locations/id eq 1"},
       "6 14"},
  };
  for (const Line& line : lines) {
    EXPECT_EQ(ask_for(line.asked), line.answer) << line.asked.filter;
    Asked wide = line.asked;
    wide.narrow = false;
    EXPECT_EQ(ask_for(wide), line.answer) << line.asked.filter << ", not narrowed";
  }
  const Line refused[] = {
      {{.type = thing, .filter = "Datastreams eq 1"},
       "At position 1: the relation leads to many entities; a property of them must follow."},
      {{.type = thing, .filter = "Datastreams/name eq Locations/name"},
       "At position 21: a comparison can't go through two relations to many."},
      {{.type = thing, .filter = "Datastreams/colour eq 1"},
       "At position 1: Datastream has no \"colour\"."},
      {{.type = thing, .filter = "Datastreams/Observations/colour eq 1"},
       "At position 1: Observation has no \"colour\"."},
      {{.type = thing, .filter = "Datastreams/name eq colour"},
       "At position 21: Thing has no \"colour\"."},
  };
  for (const Line& line : refused)
    EXPECT_EQ(ask_for(line.asked), line.answer) << line.asked.filter;
}

TEST_F(QuestionTest, NamesThatDoNotExistAreRefused) {
  const Line lines[] = {
      {{.type = thing, .filter = "id gt 1 and nam eq 'a'"},
       "At position 13: Thing has no \"nam\". Did you mean \"name\"?"},
      {{.type = datastream, .filter = "Thing/foo eq 1"}, "At position 1: Thing has no \"foo\"."},
      {{.type = thing, .order = "id,xyzzy"}, "At position 4: Thing has no \"xyzzy\"."},
      {{.type = thing, .filter = "name/x eq 1"},
       "At position 1: name of Thing is not JSON and has no parts."},
      {{.type = thing, .filter = "id/x eq 1"},
       "At position 1: nothing can follow the id in a path."},
      {{.type = thing, .order = "Datastreams/id"},
       "At position 1: \"Datastreams\" leads to many entities; a path may only follow relations "
       "to one."},
  };
  for (const Line& line : lines) EXPECT_EQ(ask_for(line.asked), line.answer);
  EXPECT_EQ(answer_to(house_, {.type = thing, .filter = "foo"}).error().code, Code::bad_input);
  EXPECT_EQ(answer_to(house_, {.type = thing, .order = "Locations/name"}).error().code,
            Code::unsupported);
}

TEST_F(QuestionTest, LimitsOfAnAnswer) {
  for (int64_t id = 10; id < 10 + static_cast<int64_t>(limits::kTopMax); ++id)
    house_.put(town, id, {{"code", fmt::format("{}", id)}});
  const auto all = answer_to(house_, {.type = town, .top = limits::kTopMax + 1});
  ASSERT_TRUE(all.ok());
  EXPECT_EQ(all->rows.size(), limits::kTopMax);
  EXPECT_FALSE(all->more);
  const auto refused = [&](const Asked& asked) {
    const auto answer = answer_to(house_, asked);
    return !answer.ok() && answer.error().code == Code::too_large;
  };
  EXPECT_TRUE(refused({.type = thing, .skip = limits::kSkipMax + 1}));
  EXPECT_FALSE(refused({.type = thing, .skip = limits::kSkipMax}));
  EXPECT_TRUE(refused({.type = thing, .order = "name", .top = 1, .skip = limits::kSortRows}));
  EXPECT_FALSE(refused({.type = thing, .order = "name", .top = 1, .skip = limits::kSortRows - 1}));
  EXPECT_FALSE(refused({.type = thing, .order = "id desc", .skip = limits::kSortRows + 1}));
}

// More than the page holds at once, so that the last ones are forgotten again and again.
TEST_F(QuestionTest, ALongListIsSortedWithoutHoldingIt) {
  const int64_t towns = 6000;
  for (int64_t id = 1; id <= towns; ++id)
    house_.put(town, id, {{"code", fmt::format("{:05}", id * 7919 % towns)}});
  for (const bool descending : {false, true}) {
    const auto answer = answer_to(house_, {.type = town, .order = descending ? "code desc" : "code",
                                           .top = 10, .skip = 20, .count = true});
    ASSERT_TRUE(answer.ok());
    EXPECT_EQ(answer->count, static_cast<uint64_t>(towns));
    EXPECT_TRUE(answer->more);
    ASSERT_EQ(answer->rows.size(), 10u);
    for (int64_t i = 0; i < 10; ++i) {
      const int64_t code = descending ? towns - 1 - 20 - i : 20 + i;
      EXPECT_EQ(answer->rows[static_cast<size_t>(i)].text("code"), fmt::format("{:05}", code));
    }
  }
}

TEST_F(QuestionTest, AScopeOfAnEntityHasItsNames) {
  const View view = house_.view();
  const auto row = find_entity(view, case_file, RowId{1});
  const Scope scope = scope_of(view.ledger, **row, view.now);
  const std::pair<const char*, const char*> cases[] = {
      {"id", "1"},
      {"number", "\"LP-1\""},
      {"Handler", "1"},
      {"Handler/Unit/name", "\"Water bureau\""},
      {"Checker", "null"},
      {"Checker/Unit/name", "null"},
      {"Alarm/Datastream/Thing/properties/height", "12.5"},
      {"dueAt", "null"},
      {"nothing", "null"},
      {"now()", "\"2026-11-24T12:00:00Z\""},
  };
  for (const auto& [text, expected] : cases)
    EXPECT_EQ(to_json(*evaluate(*parse_expression(text), scope)).dump(), expected) << text;
}

// Behind the last of each page comes what the whole answer has there, and the count stays.
TEST_F(QuestionTest, GoesOnBehindAPlace) {
  for (const char* order : {"", "id desc", "phenomenonTime", "phenomenonTime desc, id desc"}) {
    for (const char* filter : {"", "result ge 0.5", "FeatureOfInterest/name ne 'air'"}) {
      for (const TypeId type : {TypeId::observation, TypeId::datastream}) {
        if (type == TypeId::datastream && (*filter != 0 || order[0] == 'p')) continue;
        Question question;
        question.type = type;
        question.count = true;
        if (*filter != 0) question.filter = parse_expression(filter).value();
        if (*order != 0) question.order = parse_order(order).value();
        const Answer whole = ask(house_.view(), question).value();
        for (size_t top = 1; top < whole.rows.size(); ++top) {
          question.after.reset();
          question.top = top;
          question.after = ask(house_.view(), question)->last;
          question.top = 100;
          const Answer rest = ask(house_.view(), question).value();
          ASSERT_EQ(rest.rows.size(), whole.rows.size() - top) << order << " " << filter;
          EXPECT_EQ(rest.rows.front().id, whole.rows[top].id) << order << " " << filter;
          EXPECT_EQ(rest.rows.back().id, whole.rows.back().id) << order << " " << filter;
          EXPECT_EQ(rest.count, whole.count) << order << " " << filter;
        }
      }
    }
  }
}

}  // namespace
}  // namespace duliang
