// any and all, from the text to the answer. Comparisons through relations to many are in
// question_test.cc.
#include "query/query_for_test.h"

namespace duliang {
namespace {

using enum TypeId;

class RelatedTest : public ::testing::Test {
 protected:
  RelatedTest() {
    house_.put(datastream, 5,
               {{"name", "rain"}, {"unitOfMeasurement", to_value(*parse_json(kUnit))}},
               {{"Thing", 3}, {"Sensor", 1}, {"ObservedProperty", 1}});
  }
  static constexpr const char* kUnit = R"({"symbol":"mm","of":{"base":"m"}})";

  void expect(const Asked& asked, const char* answer) {
    EXPECT_EQ(ask_in(house_, asked), answer) << asked.filter;
    Asked wide = asked;
    wide.narrow = false;
    EXPECT_EQ(ask_in(house_, wide), answer) << asked.filter << ", not narrowed";
  }
  House house_;
};

struct Line {
  const char* filter;
  const char* answer;
};

TEST_F(RelatedTest, OfThings) {
  const Line lines[] = {
      {"Datastreams/any(d: d/name eq 'air 1')", "1"},
      {"Datastreams/any(d: d/name eq 'level 1' or d/name eq 'level 2')", "1 2"},
      // Of one entity, while two comparisons ask of one each.
      {"Datastreams/any(d: d/name eq 'level 1' and d/ObservedProperty/name eq 'pm2_5')", "none"},
      {"Datastreams/name eq 'level 1' and Datastreams/ObservedProperty/name eq 'pm2_5'", "1"},
      {"Datastreams/any(d: d/name eq 'rain' and d/unitOfMeasurement/symbol eq 'mm')", "3"},
      {"Datastreams/any(d: d/unitOfMeasurement/of/base eq 'm')", "3"},
      {"Locations/any()", "1 2"},
      {"not Locations/any()", "3"},
      {"Locations/any() eq false", "3"},
      {"Datastreams/all(d: startswith(d/name,'level'))", "2"},
      // All of none.
      {"Locations/all(l: l/id eq 2)", "2 3"},
      {"not Locations/all(l: l/id eq 2)", "1"},
      // What stands in front.
      {"Datastreams/any(d: d/name eq 'level 2' and name eq 'Gaotan')", "2"},
      {"Datastreams/any(d: d/id eq id)", "1"},
      // Within one another.
      {"Datastreams/any(d: d/Observations/any(o: o/result gt 4))", "1"},
      {"Datastreams/any(d: d/Observations/any(o: o/result ge d/id))", "1 2"},
      {"Datastreams/any(d: d/Observations/any(o: o/result ge properties/height))", "2"},
      {"Datastreams/all(d: d/Observations/any())", "1 2"},
      {"Datastreams/any(d: d/Observations/result gt 4 and d/id eq 1)", "1"},
      {"Datastreams/Observations/any(o: o/result gt 4)", "1"},
      {"Datastreams/Observations/all(o: o/result ge 0)", "2 3"},
      {"Datastreams/any(d: d/Sensor/Datastreams/any(e: e/name eq 'empty' and e/id gt d/id))",
       "1 2"},
  };
  for (const Line& line : lines) expect({.type = thing, .filter = line.filter}, line.answer);
}

TEST_F(RelatedTest, OfStreamsAndReadings) {
  const Line streams[] = {
      // Null is not true: a reading that is no number, and one without a feature.
      {"Observations/all(o: o/result ge 0)", "1 3 4 5"},
      {"Observations/all(o: o/FeatureOfInterest/name eq 'river')", "1 4 5"},
      {"Observations/any(o: o/result gt 1 and phenomenonTime gt 2026-11-23T00:00:00Z)", "1 2 3"},
      {"Observations/any(o: o/result gt 3 and o/phenomenonTime lt 2026-11-24T01:00:00Z)", "2"},
      {"Observations/any(o: not (o/result lt 3) and length(name) gt 5)", "1 3"},
      {"Thing/Locations/any(l: l/name eq 'place 1')", "1 2"},
  };
  for (const Line& line : streams) expect({.type = datastream, .filter = line.filter}, line.answer);
  const Line readings[] = {
      {"Datastream/Thing/Locations/any(l: l/name eq 'place 1') and result eq 3", "6 14"},
      {"Datastream/Thing/Locations/all(l: l/id eq 2) and result eq 3", "18"},
  };
  for (const Line& line : readings)
    expect({.type = observation, .filter = line.filter}, line.answer);
}

TEST_F(RelatedTest, WhatIsRefusedNamesItsPosition) {
  const Line lines[] = {
      {"Datastreams/any(d: d/colour eq 1)", "At position 20: Datastream has no \"colour\"."},
      {"Datastreams/any(d: colour eq 1)", "At position 20: Thing has no \"colour\"."},
      {"Datastreams/any(d: d/Observations/any(o: o/colour eq 1))",
       "At position 42: Observation has no \"colour\"."},
      {"colour/any()", "At position 1: Thing has no \"colour\"."},
      {"properties/any(d: d/x eq 1)",
       "At position 1: any and all ask of a relation to many, and \"properties\" is none."},
      {"Datastreams/Thing/any()",
       "At position 1: any and all ask of a relation to many, and \"Thing\" is none."},
      {"Datastreams/any(d: Locations/any(l: l/name eq d/name))",
       "At position 20: any or all within another must begin with its variable, d."},
      {"Datastreams/any(d: d/name eq 'a') eq Locations/name",
       "At position 38: a comparison can't go through two relations to many."},
      {"Datastreams/any(d: d/id eq 1) and d/id eq 1",
       "At position 35: Thing has no \"d\". Did you mean \"id\"?"},
  };
  for (const Line& line : lines)
    EXPECT_EQ(ask_in(house_, {.type = thing, .filter = line.filter}), line.answer) << line.filter;
  EXPECT_EQ(ask_in(house_, {.type = thing, .order = "Locations/any()"}),
            "At position 1: \"Locations\" leads to many entities; a path may only follow relations "
            "to one.");
}

}  // namespace
}  // namespace duliang
