#include "doors/city/city.h"

#include "doors/sensorthings/sensorthings.h"

namespace duliang {
namespace {

// What stands below an entity and is no relation of it: Alarms(1)/Proof, Cases(1)/Acts. Anything
// else is read like all entities.
struct GetBelow {
  GetEntities entities;
  GetProof proof;
  GetActs acts;
  GetQuality quality;
  GetVersions versions;
  GetBuckets buckets;

  void operator()(const Request& request, Reply reply) const {
    const std::string_view path = std::string_view(request.path).substr(kCityRoot.size() + 1);
    const size_t slash = path.find('/');
    if (slash != std::string_view::npos) {
      auto segment = parse_segment(path.substr(0, slash));
      auto below = parse_segment(path.substr(slash + 1));
      if (segment.ok() && segment->id && below.ok() && !below->id) {
        if (segment->name == "Alarms" && below->name == "Proof") {
          return proof(request, std::move(reply), *segment->id);
        }
        if (segment->name == "Cases" && below->name == "Acts") {
          return acts(request, std::move(reply), *segment->id);
        }
        if (segment->name == "Observations" && below->name == "Quality") {
          return quality(request, std::move(reply), ReadingId{static_cast<int64_t>(*segment->id)});
        }
        if (segment->name == "Datastreams" && below->name == "Buckets") {
          return buckets(request, std::move(reply), StreamId{number(*segment->id)});
        }
        const EntityType* type = type_by_set(segment->name);
        if (type != nullptr && type->id != TypeId::observation && below->name == "Versions") {
          return versions(request, std::move(reply), *type, *segment->id);
        }
      }
    }
    entities(request, std::move(reply));
  }
};

}  // namespace

void add_city(Router& router, const CityDoor& door, EventHub& hub) {
  const std::string root(kCityRoot);
  Engine* engine = door.engine;
  const GetEntities entities{engine, Face::city};
  router.add({Method::get, root, Where::worker, entities});
  router.add({Method::get, root + "/Overview", Where::worker, GetOverview{engine, door.options}});
  router.add({Method::get, root + "/Stations", Where::worker, GetStations{engine}});
  router.add({Method::get, root + "/District", Where::worker, GetDistrict{engine, door.options}});
  router.add({Method::get, root + "/Events", Where::worker, GetEvents{&hub}});
  router.add({Method::get, root + "/*", Where::worker,
              GetBelow{entities, {engine, door.files, door.journal}, {engine}, {engine},
                        {engine, door.files, door.journal}, {engine}}});
  router.add({Method::post, root + "/*", Where::loop, PostAct{engine}});
  router.add({Method::patch, root + "/*", Where::loop, FlagStream{engine}});
  router.add({Method::put, root + "/*", Where::loop, ChangeQuality{engine}});
  router.add({Method::del, root + "/*", Where::loop, ChangeQuality{engine}});
}

}  // namespace duliang
