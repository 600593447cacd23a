#include "base/geometry.h"
#include "packs/yaml.h"

namespace duliang::source {
namespace {

Json read_point(const Field& field) {
  if (!field.present()) return {};
  const std::vector<Field> pair = field.items();
  if (pair.size() != 2) {
    field.fail("expected [longitude, latitude] in degrees of WGS-84.");
    return {};
  }
  const double longitude = pair[0].number(-180, 180);
  const double latitude = pair[1].number(-90, 90);
  Json point = Json::object();
  point["type"] = Json("Point");
  point["coordinates"] = Json(Json::Array{Json(longitude), Json(latitude)});
  return point;
}

void read_towns(const Field& list, Pack& pack) {
  Unique codes;
  for (const Field& field : list.items()) {
    field.expect_keys({"code", "name", "kind", "point"});
    pack.towns.push_back({field.at("code").text(), field.at("name").words(),
                          field.at("kind").text_or_empty(), read_point(field.at("point"))});
    codes.add(field.at("code"), pack.towns.back().code);
  }
}

void read_units(const Field& list, Pack& pack) {
  Unique keys;
  for (const Field& field : list.items()) {
    field.expect_keys({"key", "name", "kind", "town"});
    pack.units.push_back({field.at("key").key(), field.at("name").words(), field.at("kind").key(),
                          field.at("town").text_or_empty()});
    keys.add(field.at("key"), pack.units.back().key);
  }
}

void read_people(const Field& list, Pack& pack) {
  Unique keys;
  for (const Field& field : list.items()) {
    field.expect_keys({"key", "name", "role", "unit"});
    pack.people.push_back({field.at("key").key(), field.at("name").words(),
                           field.at("role").words_or_empty(), field.at("unit").key()});
    keys.add(field.at("key"), pack.people.back().key);
  }
}

}  // namespace

void read_places(const Field& root, Pack& pack) {
  root.expect_keys({"towns", "units", "people"});
  read_towns(root.at("towns"), pack);
  read_units(root.at("units"), pack);
  read_people(root.at("people"), pack);
}

}  // namespace duliang::source
