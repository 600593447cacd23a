// What exists: every entity type is declared here once, with its properties, its relations and the
// face that shows it. The ledger makes its tables from this declaration, the question language its
// names, the doors their answers. The eight of OGC SensorThings 1.1 (18-088, clause 8) stand beside
// the district's own. The declaration is constant data: all functions may be called by any thread.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

namespace duliang {

enum class RowId : int64_t {};      // of an entity within its type, from 1; below 0: not yet given
enum class StreamId : int64_t {};   // the RowId of a Datastream
enum class ReadingId : int64_t {};  // of an Observation: lane << 8 | slot, see series/
inline constexpr RowId kNoRow{0};

// An id as formats keep it.
template <typename Id>
constexpr int64_t number(Id id)
  requires std::is_enum_v<Id>
{
  return static_cast<int64_t>(id);
}

enum class TypeId : uint8_t {
  thing,
  location,
  historical_location,
  datastream,
  sensor,
  observed_property,
  observation,
  feature_of_interest,
  town,
  unit,
  person,
  pack,
  rule,
  workflow,
  alarm,
  case_file,
  task,
};
inline constexpr size_t kTypeCount = 17;

enum class Face : uint8_t { sensorthings, city };  // /v1.1 and /city/v1

enum class PropertyType : uint8_t { text, boolean, integer, number, time, interval, json };

struct Property {
  std::string_view name;
  PropertyType type;
  bool required = false;
  bool city_only = false;  // of a SensorThings type, but not of the standard: for the city door
  bool when_selected = false;  // large: shown where it is asked for by name
};

// What becomes of a row when the one that it points to is to go: it keeps that one from going, it
// goes too, only the link goes, or it stays as it is and goes on naming what was. When the row
// itself goes, its links always go with it.
enum class OnRemoval : uint8_t { refuse, remove_too, unlink, stay };

// From this type to one other (`Datastream` has one `Thing`), or, with `many`, to several on both
// sides (`Thing` and `Location`). `inverse` is the name by which the target sees it: a to-many.
struct Relation {
  std::string_view name;
  TypeId target;
  std::string_view inverse;
  bool required = false;
  bool many = false;
  OnRemoval on_removal = OnRemoval::refuse;  // of the target; unlink only with `many`, stay without
  bool city_only = false;  // between types of SensorThings, but not of the standard
};

struct EntityType {
  TypeId id;
  std::string_view name;  // "Thing"
  std::string_view set;   // "Things"
  Face face;
  std::span<const Property> properties;
  std::span<const Relation> relations;  // to-one first, then many-to-many

  size_t to_one_count() const;
  // The place of a property or to-one relation in Row::values and Row::links; -1 where none is.
  int property_index(std::string_view property) const;
  int relation_index(std::string_view relation) const;
};

const EntityType& type_of(TypeId id);
const EntityType* type_by_set(std::string_view set);    // "Things"; nullptr where unknown
const EntityType* type_by_name(std::string_view name);  // "Thing"
std::span<const EntityType> all_types();

// A step along a relation, seen from `from`: by its own name, or from the other side by its
// inverse.
struct Step {
  enum class Kind : uint8_t { to_one, to_many_inverse, many_to_many, many_to_many_inverse };
  Kind kind;
  TypeId owner;  // the type that declares the relation
  int relation;  // index in the owner's relations
  TypeId target;
  bool many() const { return kind != Kind::to_one; }
};
// `Datastreams` from Thing; none where the name is no relation of the type.
const Step* find_step(TypeId from, std::string_view name);
struct NamedStep {
  std::string_view name;
  Step step;
};
std::span<const NamedStep> steps_of(TypeId from);  // all, in the order in which links are shown

}  // namespace duliang
