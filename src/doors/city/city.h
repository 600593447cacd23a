// The city door, /city/v1: docs/city.md is its manual. Reading entities is shared with SensorThings
// (doors/odata); here stands what only a district has: overview, stations, acts, proofs, live
// events.
#pragma once

#include "doors/city/events.h"
#include "doors/odata/render.h"
#include "engine/engine.h"
#include "packs/pack.h"

namespace duliang {

struct CityOptions {
  bool demo = false;
};

// GET /city/v1/Overview: what the first screen counts.
struct GetOverview {
  Engine* engine;
  CityOptions options;
  void operator()(const Request& request, Reply reply) const;
};

// GET /city/v1/Stations: Things that have a place, with the newest reading of each stream.
struct GetStations {
  Engine* engine;
  void operator()(const Request& request, Reply reply) const;
};

// The first Location of a Thing. A Thing without one is no station.
Result<std::optional<Row>> location_of(const View& view, RowId thing);
// What the row of a workflow declares; corrupt where that can't be read.
Result<WorkflowDeclaration> declaration_of(const Row& workflow);

// GET /city/v1/District: name, outline and neighbours, from the pack that declares the district.
struct GetDistrict {
  Engine* engine;
  CityOptions options;
  void operator()(const Request& request, Reply reply) const;
};

// GET /city/v1/Alarms(1)/Proof: from the readings to the closing act.
struct GetProof {
  Engine* engine;
  Files* files;
  std::string journal;
  void operator()(const Request& request, Reply reply, RowId alarm) const;
};

// GET /city/v1/Cases(1)/Versions: what an entity was, newest first, and the frames that made it so.
struct GetVersions {
  Engine* engine;
  Files* files;
  std::string journal;
  void operator()(const Request& request, Reply reply, const EntityType& type, RowId id) const;
};

// GET and POST /city/v1/Cases(1)/Acts: what the actor may do now, and doing it.
struct GetActs {
  Engine* engine;
  void operator()(const Request& request, Reply reply, RowId case_id) const;
};
struct PostAct {
  Engine* engine;
  void operator()(const Request& request, Reply reply) const;
};

// GET /city/v1/Datastreams(1)/Buckets?from=&to=&step=: what its readings come to in each span.
struct GetBuckets {
  Engine* engine;
  void operator()(const Request& request, Reply reply, StreamId stream) const;
};

// GET, PUT and DELETE /city/v1/Observations(1)/Quality: what is said of a reading, how it changed
// and who changed it; saying it, with a corrected result where there is one; taking it back.
struct GetQuality {
  Engine* engine;
  void operator()(const Request& request, Reply reply, ReadingId reading) const;
};
struct ChangeQuality {
  Engine* engine;
  void operator()(const Request& request, Reply reply) const;
};

// PATCH /city/v1/Datastreams(1)/Quality: what is said of all readings of a span of time.
struct FlagStream {
  Engine* engine;
  void operator()(const Request& request, Reply reply) const;
};

struct CityDoor {
  Engine* engine;
  Files* files;         // to read the journal: proofs, and events that a reader missed
  std::string journal;  // its folder
  CityOptions options;
};
// `hub` must be subscribed to the engine's feed by the caller and live as long as the router.
void add_city(Router& router, const CityDoor& door, EventHub& hub);

}  // namespace duliang
