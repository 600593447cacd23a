// For those who run it: /healthz (is it alive), /readyz (does it take and answer, with the reason
// where not), /version, /metrics (Prometheus text). No secrets, no personal data.
#pragma once

#include "doors/city/events.h"
#include "doors/http/server.h"
#include "engine/engine.h"

namespace duliang {

struct OpsDoor {
  Engine* engine;
  const Server* server;  // may be null in tests
  const EventHub* hub;
  Durability readings_durability;
};

void add_ops(Router& router, const OpsDoor& door);

}  // namespace duliang
