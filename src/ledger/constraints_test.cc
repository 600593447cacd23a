#include <gtest/gtest.h>

#include "ledger/fixture_for_test.h"

namespace duliang {
namespace {

using namespace test;

class ConstraintsTest : public LedgerTest {
 protected:
  // The rows that would go, in their order; or why none does.
  std::string removal(TypeId type, int64_t id, size_t most = limits::kRemovalRows) {
    const auto found = ledger_.removals(type, RowId{id}, most);
    if (!found.ok()) return found.error().message;
    std::string all;
    for (const RowChange& change : found->changes) {
      EXPECT_EQ(change.kind, RowChange::Kind::remove);
      all += fmt::format("{}{}{}", all.empty() ? "" : " ", type_of(change.row.type).name,
                         static_cast<int64_t>(change.row.id));
    }
    return all;
  }
  void put_stream(int64_t id, int64_t thing, int64_t sensor, int64_t observed) {
    Row row = make_row(TypeId::datastream, RowId{id});
    row.link("Thing") = RowId{thing};
    row.link("Sensor") = RowId{sensor};
    row.link("ObservedProperty") = RowId{observed};
    put(row);
  }
};

// For each relation of the model: one row that points to another, and what becomes of it.
TEST_F(ConstraintsTest, EveryRelationHoldsAsTheModelSays) {
  for (const EntityType& type : all_types()) {
    if (type.id == TypeId::observation) continue;
    for (size_t i = 0; i < type.relations.size(); ++i) {
      const Relation& relation = type.relations[i];
      const std::string name = fmt::format("{}/{}", type.name, relation.name);
      put(make_row(relation.target, RowId{900}));
      Row owner = make_row(type.id, RowId{901});
      if (!relation.many) owner.links[i] = RowId{900};
      put(owner);
      if (relation.many) link(type.id, relation.name, 901, 900);

      const auto dependents = ledger_.check_removal(relation.target, RowId{900}).value();
      ASSERT_EQ(dependents.size(), 1U) << name;
      EXPECT_EQ(dependents[0].owner, type.id) << name;
      EXPECT_EQ(dependents[0].relation, static_cast<int>(i)) << name;
      EXPECT_EQ(dependents[0].on_removal, relation.on_removal) << name;
      EXPECT_EQ(dependents[0].count, 1U) << name;

      const auto found = ledger_.removals(relation.target, RowId{900});
      if (relation.on_removal == OnRemoval::refuse) {
        ASSERT_FALSE(found.ok()) << name;
        EXPECT_EQ(found.error().code, Code::conflict) << name;
      } else {
        ASSERT_TRUE(found.ok()) << name;
        const size_t expected = relation.on_removal == OnRemoval::remove_too ? 2 : 1;
        ASSERT_EQ(found->changes.size(), expected) << name;
        for (const RowChange& change : found->changes)
          ASSERT_TRUE(ledger_.apply(change, 2).ok()) << name;
        EXPECT_EQ(ledger_.find(type.id, RowId{901}).value().has_value(), expected == 1) << name;
        EXPECT_FALSE(ledger_.find(relation.target, RowId{900}).value()) << name;
      }
      remove(type.id, 901);
      remove(relation.target, 900);
    }
  }
}

TEST_F(ConstraintsTest, AThingTakesItsStreamsAndItsHistoryAlong) {
  for (int64_t id = 1; id <= 2; ++id) {
    put(make_row(TypeId::thing, RowId{id}));
    put(make_row(TypeId::location, RowId{id}));
    put(make_row(TypeId::sensor, RowId{id}));
    put(make_row(TypeId::observed_property, RowId{id}));
    link(TypeId::thing, "Locations", id, id);
    Row history = make_row(TypeId::historical_location, RowId{id});
    history.link("Thing") = RowId{id};
    put(history);
    link(TypeId::historical_location, "Locations", id, id);
  }
  put_stream(1, 1, 1, 1);
  put_stream(2, 1, 2, 1);
  put_stream(3, 2, 1, 2);
  EXPECT_EQ(removal(TypeId::thing, 1), "HistoricalLocation1 Datastream1 Datastream2 Thing1");
  EXPECT_EQ(removal(TypeId::sensor, 1), "Datastream1 Datastream3 Sensor1");
  EXPECT_EQ(removal(TypeId::observed_property, 2), "Datastream3 ObservedProperty2");
  EXPECT_EQ(removal(TypeId::location, 2), "HistoricalLocation2 Location2");
  EXPECT_EQ(removal(TypeId::datastream, 3), "Datastream3");
  EXPECT_EQ(ledger_.removals(TypeId::thing, RowId{1}).value().streams,
            (std::vector{StreamId{1}, StreamId{2}}));

  for (const RowChange& change : ledger_.removals(TypeId::thing, RowId{1}).value().changes)
    ASSERT_TRUE(ledger_.apply(change, 2).ok());
  EXPECT_EQ(removal(TypeId::thing, 1), "There is no Things(1).");
  EXPECT_EQ(reached(TypeId::location, 1, "Things"), std::vector<int64_t>{});
  EXPECT_EQ(removal(TypeId::location, 1), "Location1");
  EXPECT_EQ(removal(TypeId::sensor, 2), "Sensor2");
}

TEST_F(ConstraintsTest, WhatWasDecidedKeepsWhatItWasDecidedOn) {
  put(make_row(TypeId::town, RowId{1}));
  put(make_row(TypeId::rule, RowId{2}));
  Row alarm = make_row(TypeId::alarm, RowId{7});
  alarm.link("Town") = RowId{1};
  alarm.link("Rule") = RowId{2};
  put(alarm);
  EXPECT_EQ(removal(TypeId::town, 1), "Towns(1) is needed by Alarms(7).");
  EXPECT_EQ(ledger_.removals(TypeId::town, RowId{1}).error().code, Code::conflict);
  EXPECT_EQ(removal(TypeId::rule, 2), "Rules(2) is needed by Alarms(7).");
}

TEST_F(ConstraintsTest, AnAlarmStaysAndNamesTheStreamThatWas) {
  put(make_row(TypeId::thing, RowId{1}));
  put_stream(2, 1, 0, 0);
  Row alarm = make_row(TypeId::alarm, RowId{7});
  alarm.link("Datastream") = RowId{2};
  put(alarm);
  EXPECT_EQ(removal(TypeId::thing, 1), "Datastream2 Thing1");
  for (const RowChange& change : ledger_.removals(TypeId::thing, RowId{1}).value().changes)
    ASSERT_TRUE(ledger_.apply(change, 2).ok());
  const auto left = ledger_.find(TypeId::alarm, RowId{7}).value();
  ASSERT_TRUE(left.has_value());
  EXPECT_EQ(left->link("Datastream"), RowId{2});
  EXPECT_TRUE(ledger_.find_as_of(TypeId::datastream, RowId{2}, 1).value().has_value());
}

TEST_F(ConstraintsTest, AFeatureOfInterestSaysThatItsReadingsGo) {
  put(make_row(TypeId::feature_of_interest, RowId{4}));
  const auto found = ledger_.removals(TypeId::feature_of_interest, RowId{4}).value();
  EXPECT_EQ(found.features, std::vector{RowId{4}});
  EXPECT_TRUE(found.streams.empty());
}

TEST_F(ConstraintsTest, WhatIsTooMuchIsRefused) {
  put(make_row(TypeId::thing, RowId{1}));
  for (int64_t id = 1; id <= 5; ++id) put_stream(id, 1, 0, 0);
  EXPECT_EQ(removal(TypeId::thing, 1, 6).substr(0, 11), "Datastream1");
  EXPECT_EQ(removal(TypeId::thing, 1, 5), "More than 5 rows would go at once.");
  EXPECT_EQ(ledger_.removals(TypeId::thing, RowId{1}, 5).error().code, Code::too_large);
  ASSERT_TRUE(connection_.execute("BEGIN").ok());
  for (size_t id = 6; id <= limits::kRemovalRows; ++id)
    put_stream(static_cast<int64_t>(id), 1, 0, 0);
  ASSERT_TRUE(connection_.execute("COMMIT").ok());
  EXPECT_EQ(ledger_.removals(TypeId::thing, RowId{1}).error().code, Code::too_large);
}

}  // namespace
}  // namespace duliang
