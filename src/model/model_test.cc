#include "model/model.h"

#include <gtest/gtest.h>

#include <set>

namespace duliang {
namespace {

std::vector<std::string_view> step_names(TypeId from) {
  std::vector<std::string_view> names;
  for (const NamedStep& step : steps_of(from)) names.push_back(step.name);
  return names;
}

TEST(Model, TypesAreFoundByIdSetAndName) {
  EXPECT_EQ(all_types().size(), kTypeCount);
  for (const EntityType& type : all_types()) {
    EXPECT_EQ(&type_of(type.id), &type);
    EXPECT_EQ(type_by_set(type.set), &type);
    EXPECT_EQ(type_by_name(type.name), &type);
  }
  EXPECT_EQ(type_by_set("Cases")->id, TypeId::case_file);
  EXPECT_EQ(type_by_name("Case")->id, TypeId::case_file);
  EXPECT_EQ(type_by_set("People")->name, "Person");
  EXPECT_EQ(type_by_set("FeaturesOfInterest")->name, "FeatureOfInterest");
  EXPECT_EQ(type_by_set("things"), nullptr);
  EXPECT_EQ(type_by_name(""), nullptr);
}

TEST(Model, EightTypesAreOfSensorThings) {
  size_t sensorthings = 0;
  for (const EntityType& type : all_types()) sensorthings += type.face == Face::sensorthings;
  EXPECT_EQ(sensorthings, 8U);
}

TEST(Model, OnlyLinksAmongManyAreUnlinkedAndTheDistrictRefuses) {
  for (const EntityType& type : all_types()) {
    for (const Relation& relation : type.relations) {
      EXPECT_TRUE(relation.many || relation.on_removal != OnRemoval::unlink) << relation.name;
      EXPECT_TRUE(!relation.many || relation.on_removal != OnRemoval::stay) << relation.name;
      const bool stays = relation.on_removal == OnRemoval::refuse ||
                         relation.on_removal == OnRemoval::stay;
      EXPECT_EQ(stays, type.face == Face::city || relation.city_only)
          << type.name << "/" << relation.name;
    }
  }
}

TEST(Model, NamesAreGivenOnce) {
  std::set<std::string_view> names;
  for (const EntityType& type : all_types()) {
    EXPECT_TRUE(names.insert(type.name).second) << type.name;
    EXPECT_TRUE(names.insert(type.set).second) << type.set;
    std::set<std::string_view> members = {"id"};
    for (const Property& property : type.properties)
      EXPECT_TRUE(members.insert(property.name).second) << type.name << "." << property.name;
    for (const NamedStep& step : steps_of(type.id))
      EXPECT_TRUE(members.insert(step.name).second) << type.name << "." << step.name;
  }
}

TEST(Model, ToOneRelationsStandBeforeTheOthers) {
  for (const EntityType& type : all_types())
    for (size_t i = 0; i < type.relations.size(); ++i)
      EXPECT_EQ(type.relations[i].many, i >= type.to_one_count()) << type.name;
}

TEST(Model, PropertiesAndRelationsHaveAPlace) {
  const EntityType& datastream = type_of(TypeId::datastream);
  EXPECT_EQ(datastream.property_index("name"), 0);
  EXPECT_EQ(datastream.properties[2].name, "unitOfMeasurement");
  EXPECT_EQ(datastream.property_index("unitOfMeasurement"), 2);
  EXPECT_EQ(datastream.property_index("Name"), -1);
  EXPECT_EQ(datastream.relation_index("Sensor"), 1);
  EXPECT_EQ(datastream.relation_index("Observations"), -1);
  EXPECT_EQ(datastream.to_one_count(), 3U);
  EXPECT_EQ(type_of(TypeId::thing).to_one_count(), 0U);
  EXPECT_EQ(type_of(TypeId::historical_location).to_one_count(), 1U);
}

TEST(Model, StepsOfTheStandard) {
  using Names = std::vector<std::string_view>;
  EXPECT_EQ(step_names(TypeId::thing), (Names{"Locations", "HistoricalLocations", "Datastreams"}));
  EXPECT_EQ(step_names(TypeId::location),
            (Names{"Things", "HistoricalLocations", "FeaturesOfInterest"}));
  EXPECT_EQ(step_names(TypeId::historical_location), (Names{"Thing", "Locations"}));
  EXPECT_EQ(step_names(TypeId::datastream),
            (Names{"Thing", "Sensor", "ObservedProperty", "Observations", "Alarms"}));
  EXPECT_EQ(step_names(TypeId::observation), (Names{"Datastream", "FeatureOfInterest"}));
  EXPECT_EQ(step_names(TypeId::person), (Names{"Unit", "HandledCases", "CheckedCases", "Tasks"}));
}

TEST(Model, AStepKnowsItsKindOwnerAndTarget) {
  struct Expected {
    TypeId from;
    std::string_view name;
    Step::Kind kind;
    TypeId owner;
    int relation;
    TypeId target;
  };
  const Expected cases[] = {
      {TypeId::datastream, "Sensor", Step::Kind::to_one, TypeId::datastream, 1, TypeId::sensor},
      {TypeId::sensor, "Datastreams", Step::Kind::to_many_inverse, TypeId::datastream, 1,
       TypeId::datastream},
      {TypeId::thing, "Locations", Step::Kind::many_to_many, TypeId::thing, 0, TypeId::location},
      {TypeId::location, "Things", Step::Kind::many_to_many_inverse, TypeId::thing, 0,
       TypeId::thing},
      {TypeId::historical_location, "Locations", Step::Kind::many_to_many,
       TypeId::historical_location, 1, TypeId::location},
      {TypeId::location, "HistoricalLocations", Step::Kind::many_to_many_inverse,
       TypeId::historical_location, 1, TypeId::historical_location},
      {TypeId::person, "CheckedCases", Step::Kind::to_many_inverse, TypeId::case_file, 4,
       TypeId::case_file},
  };
  for (const Expected& expected : cases) {
    const Step* step = find_step(expected.from, expected.name);
    ASSERT_NE(step, nullptr) << expected.name;
    EXPECT_EQ(step->kind, expected.kind) << expected.name;
    EXPECT_EQ(step->owner, expected.owner) << expected.name;
    EXPECT_EQ(step->relation, expected.relation) << expected.name;
    EXPECT_EQ(step->target, expected.target) << expected.name;
    EXPECT_EQ(step->many(), expected.kind != Step::Kind::to_one) << expected.name;
  }
  EXPECT_EQ(find_step(TypeId::thing, "Sensor"), nullptr);
  EXPECT_EQ(find_step(TypeId::thing, "locations"), nullptr);
}

}  // namespace
}  // namespace duliang
