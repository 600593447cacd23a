// The OGC SensorThings API 1.1 under /v1.1, and the same under /v1.0: creating entities and
// Observations, reading them with options. What of the standard is there so far is said by
// docs/sensorthings.md.
#pragma once

#include "doors/odata/render.h"
#include "engine/engine.h"

namespace duliang {

// GET below the root of a face: on a worker, on a View of its own.
struct GetEntities {
  Engine* engine;
  Face face;
  void operator()(const Request& request, Reply reply) const;
};

// POST below the root: a stream's Observation goes straight to the engine; anything else is a deep
// insert. Only entities of SensorThings are made here, never those of the city.
struct PostEntities {
  Engine* engine;
  std::shared_ptr<class JsonScanner> scanner;
  void operator()(const Request& request, Reply reply) const;

 private:
  void post_observation(const Request& request, Reply reply, StreamId stream) const;
  void post_with_rows(const Request& request, Reply reply, const Resource& set) const;
  void post_below(const Request& request, Reply reply, std::string_view path) const;
  void post_entity(const Request& request, Reply reply, const Resource& set) const;
  void post_link(const Request& request, Reply reply, const Resource& set, RowId to) const;
};

// POST CreateObservations: rows of many streams at once. Rows fail individually: the answer has, in
// their order, a link or what was wrong.
struct CreateObservations {
  Engine* engine;
  std::shared_ptr<class DataArrayParser> parser;
  void operator()(const Request& request, Reply reply) const;
};

// PATCH of one entity (18-088 clause 10.3), by merging or by operations, and PUT: what is not named
// is null then. What was is kept, and shown by the city door. Of `…(id)/Relation/$ref`, to which
// one it leads.
struct ChangeEntity {
  Engine* engine;
  std::shared_ptr<class JsonScanner> scanner;
  void operator()(const Request& request, Reply reply) const;
};

// DELETE of one entity, with what goes with it (18-088 clause 10.4); of `…/$ref`, of a link alone.
struct DeleteEntity {
  Engine* engine;
  void operator()(const Request& request, Reply reply) const;
};

// With its ETag; 304 without a body where the client has named it.
Response shown_response(Shown shown, std::string_view if_none_match);
// One entity as it is now, as an answer with its ETag.
Response show_entity(Engine& engine, TypeId type, RowId id, const Rendering& rendering);

void add_sensorthings(Router& router, Engine& engine);

}  // namespace duliang
