#include "model/model.h"

#include <array>
#include <vector>

#include "base/check.h"

namespace duliang {
namespace {

using enum PropertyType;
using enum TypeId;

constexpr bool kRequired = true;
constexpr bool kMany = true;
constexpr bool kCityOnly = true;
constexpr bool kWhenSelected = true;
constexpr auto kRemoveToo = OnRemoval::remove_too;

// The eight of SensorThings; OGC 18-088, tables 8.x. Times of a Datastream are kept as extents.
constexpr Property kThing[] = {
    {"name", text, kRequired}, {"description", text, kRequired}, {"properties", json}};
constexpr Property kLocation[] = {{"name", text, kRequired},
                                  {"description", text, kRequired},
                                  {"encodingType", text, kRequired},
                                  {"location", json, kRequired},
                                  {"properties", json}};
constexpr Property kHistoricalLocation[] = {{"time", PropertyType::time, kRequired}};
constexpr Property kDatastream[] = {{"name", text, kRequired},
                                    {"description", text, kRequired},
                                    {"unitOfMeasurement", json, kRequired},
                                    {"observationType", text, kRequired},
                                    {"properties", json},
                                    {"observedArea", json},
                                    {"phenomenonTime", interval},
                                    {"resultTime", interval}};
constexpr Property kSensor[] = {{"name", text, kRequired},
                                {"description", text, kRequired},
                                {"encodingType", text, kRequired},
                                {"metadata", json, kRequired},
                                {"properties", json}};
constexpr Property kObservedProperty[] = {{"name", text, kRequired},
                                          {"definition", text, kRequired},
                                          {"description", text, kRequired},
                                          {"properties", json}};
constexpr Property kObservation[] = {{"phenomenonTime", interval, kRequired},
                                     {"result", json, kRequired},
                                     {"resultTime", PropertyType::time},
                                     {"resultQuality", json},
                                     {"validTime", interval},
                                     {"parameters", json},
                                     {"quality", text, !kRequired, kCityOnly}};
constexpr Property kFeatureOfInterest[] = {{"name", text, kRequired},
                                           {"description", text, kRequired},
                                           {"encodingType", text, kRequired},
                                           {"feature", json, kRequired},
                                           {"properties", json}};

// What goes with what: OGC 18-088, 10.4. A Location that goes takes its HistoricalLocations along,
// and is only unlinked from its Things.
constexpr Relation kThingRelations[] = {
    {"Locations", location, "Things", false, kMany, OnRemoval::unlink}};
constexpr Relation kHistoricalLocationRelations[] = {
    {"Thing", thing, "HistoricalLocations", kRequired, !kMany, kRemoveToo},
    {"Locations", location, "HistoricalLocations", false, kMany, kRemoveToo}};
constexpr Relation kDatastreamRelations[] = {
    {"Thing", thing, "Datastreams", kRequired, !kMany, kRemoveToo},
    {"Sensor", sensor, "Datastreams", kRequired, !kMany, kRemoveToo},
    {"ObservedProperty", observed_property, "Datastreams", kRequired, !kMany, kRemoveToo}};
constexpr Relation kObservationRelations[] = {
    {"Datastream", datastream, "Observations", kRequired, !kMany, kRemoveToo},
    {"FeatureOfInterest", feature_of_interest, "Observations", !kRequired, !kMany, kRemoveToo}};

// Which Location it was made of, for readings that name no FeatureOfInterest.
constexpr Relation kFeatureOfInterestRelations[] = {
    {"Location", location, "FeaturesOfInterest", !kRequired, !kMany, OnRemoval::stay, kCityOnly}};

// The district's own. `key` is the name that packs and people use; `…En` is the English of a text.
constexpr Property kTown[] = {{"code", text, kRequired},
                              {"name", text, kRequired},
                              {"nameEn", text},
                              {"kind", text},
                              {"location", json}};
constexpr Property kUnit[] = {
    {"key", text, kRequired}, {"name", text, kRequired}, {"nameEn", text}, {"kind", text}};
constexpr Property kPerson[] = {{"key", text, kRequired},
                                {"name", text, kRequired},
                                {"nameEn", text},
                                {"role", text},
                                {"roleEn", text}};
constexpr Property kPack[] = {{"key", text, kRequired},
                              {"version", text, kRequired},
                              {"name", text, kRequired},
                              {"nameEn", text},
                              {"hash", text},
                              {"files", json, !kRequired, !kCityOnly, kWhenSelected}};
// Of a rule and of a workflow: each version that a pack brought is a row, of which one is active.
constexpr Property kDeclared[] = {{"key", text, kRequired},
                                  {"version", text, kRequired},
                                  {"name", text, kRequired},
                                  {"nameEn", text},
                                  {"pack", text},
                                  {"active", boolean},
                                  {"declaration", json}};
constexpr Property kAlarm[] = {{"title", text, kRequired},
                               {"titleEn", text},
                               {"level", integer, kRequired},
                               {"peakLevel", integer},
                               {"state", text, kRequired},
                               {"raisedAt", PropertyType::time},
                               {"changedAt", PropertyType::time},
                               {"clearedAt", PropertyType::time},
                               {"occurrences", integer},
                               {"value", json},
                               {"threshold", number},
                               {"unitSymbol", text},
                               {"readings", json},
                               {"proof", json, !kRequired, !kCityOnly, kWhenSelected},
                               {"history", json},
                               {"townSource", text}};
constexpr Property kCase[] = {{"number", text, kRequired},
                              {"title", text, kRequired},
                              {"titleEn", text},
                              {"level", integer},
                              {"workflow", text, kRequired},
                              {"workflowVersion", text},
                              {"step", text, kRequired},
                              {"state", text, kRequired},
                              {"openedAt", PropertyType::time},
                              {"enteredAt", PropertyType::time},
                              {"dueAt", PropertyType::time},
                              {"closedAt", PropertyType::time}};
constexpr Property kTask[] = {{"step", text, kRequired},
                              {"enteredAt", PropertyType::time},
                              {"dueAt", PropertyType::time},
                              {"doneAt", PropertyType::time},
                              {"act", text},
                              {"note", text}};

// Of these none goes while something points to it: what was decided keeps what it was decided on.
// Only a Datastream does, since an alarm has its words and its proof in itself; it goes on naming
// the Datastream, whose past is kept.
constexpr Relation kUnitRelations[] = {{"Town", town, "Units"}};
constexpr Relation kPersonRelations[] = {{"Unit", unit, "People"}};
constexpr Relation kAlarmRelations[] = {
    {"Datastream", datastream, "Alarms", kRequired, !kMany, OnRemoval::stay},
    {"Rule", rule, "Alarms", kRequired},
    {"Town", town, "Alarms"}};
constexpr Relation kCaseRelations[] = {{"Alarm", alarm, "Cases"},
                                       {"Unit", unit, "Cases"},
                                       {"Town", town, "Cases"},
                                       {"Handler", person, "HandledCases"},
                                       {"Checker", person, "CheckedCases"}};
constexpr Relation kTaskRelations[] = {
    {"Case", case_file, "Tasks", kRequired}, {"Unit", unit, "Tasks"}, {"Person", person, "Tasks"}};

constexpr std::array<EntityType, kTypeCount> kTypes = {{
    {thing, "Thing", "Things", Face::sensorthings, kThing, kThingRelations},
    {location, "Location", "Locations", Face::sensorthings, kLocation, {}},
    {historical_location, "HistoricalLocation", "HistoricalLocations", Face::sensorthings,
     kHistoricalLocation, kHistoricalLocationRelations},
    {datastream, "Datastream", "Datastreams", Face::sensorthings, kDatastream,
     kDatastreamRelations},
    {sensor, "Sensor", "Sensors", Face::sensorthings, kSensor, {}},
    {observed_property,
     "ObservedProperty",
     "ObservedProperties",
     Face::sensorthings,
     kObservedProperty,
     {}},
    {observation, "Observation", "Observations", Face::sensorthings, kObservation,
     kObservationRelations},
    {feature_of_interest,
     "FeatureOfInterest",
     "FeaturesOfInterest",
     Face::sensorthings,
     kFeatureOfInterest,
     kFeatureOfInterestRelations},
    {town, "Town", "Towns", Face::city, kTown, {}},
    {unit, "Unit", "Units", Face::city, kUnit, kUnitRelations},
    {person, "Person", "People", Face::city, kPerson, kPersonRelations},
    {pack, "Pack", "Packs", Face::city, kPack, {}},
    {rule, "Rule", "Rules", Face::city, kDeclared, {}},
    {workflow, "Workflow", "Workflows", Face::city, kDeclared, {}},
    {alarm, "Alarm", "Alarms", Face::city, kAlarm, kAlarmRelations},
    {case_file, "Case", "Cases", Face::city, kCase, kCaseRelations},
    {task, "Task", "Tasks", Face::city, kTask, kTaskRelations},
}};

constexpr bool in_order_of_id() {
  for (size_t i = 0; i < kTypes.size(); ++i)
    if (static_cast<size_t>(kTypes[i].id) != i) return false;
  return true;
}
static_assert(in_order_of_id(), "type_of() finds a type by its id");

using StepTable = std::array<std::vector<NamedStep>, kTypeCount>;

Step::Kind kind_of(const Relation& relation, bool inverse) {
  if (relation.many) return inverse ? Step::Kind::many_to_many_inverse : Step::Kind::many_to_many;
  return inverse ? Step::Kind::to_many_inverse : Step::Kind::to_one;
}

// Own relations first, then those by which others point here, in the order of the types.
StepTable make_steps() {
  StepTable steps;
  for (const bool inverse : {false, true}) {
    for (const EntityType& owner : kTypes) {
      for (size_t i = 0; i < owner.relations.size(); ++i) {
        const Relation& relation = owner.relations[i];
        const Step step{kind_of(relation, inverse), owner.id, static_cast<int>(i),
                        inverse ? owner.id : relation.target};
        const TypeId from = inverse ? relation.target : owner.id;
        steps[static_cast<size_t>(from)].push_back(
            {inverse ? relation.inverse : relation.name, step});
      }
    }
  }
  return steps;
}

}  // namespace

size_t EntityType::to_one_count() const {
  size_t count = 0;
  while (count < relations.size() && !relations[count].many) ++count;
  return count;
}

int EntityType::property_index(std::string_view property) const {
  for (size_t i = 0; i < properties.size(); ++i)
    if (properties[i].name == property) return static_cast<int>(i);
  return -1;
}

int EntityType::relation_index(std::string_view relation) const {
  for (size_t i = 0; i < relations.size(); ++i)
    if (relations[i].name == relation) return static_cast<int>(i);
  return -1;
}

const EntityType& type_of(TypeId id) {
  CHECK(static_cast<size_t>(id) < kTypes.size());
  return kTypes[static_cast<size_t>(id)];
}

const EntityType* type_by_set(std::string_view set) {
  for (const EntityType& type : kTypes)
    if (type.set == set) return &type;
  return nullptr;
}

const EntityType* type_by_name(std::string_view name) {
  for (const EntityType& type : kTypes)
    if (type.name == name) return &type;
  return nullptr;
}

std::span<const EntityType> all_types() { return kTypes; }

std::span<const NamedStep> steps_of(TypeId from) {
  static const StepTable steps = make_steps();
  CHECK(static_cast<size_t>(from) < steps.size());
  return steps[static_cast<size_t>(from)];
}

const Step* find_step(TypeId from, std::string_view name) {
  for (const NamedStep& named : steps_of(from))
    if (named.name == name) return &named.step;
  return nullptr;
}

}  // namespace duliang
