#include "doors/sensorthings/conformance.h"

#include <array>

namespace duliang {
namespace {

// A requirement is named where all that it asks for is there, and a class of requirements where
// all of them are.
constexpr std::string_view kRequirements = "http://www.opengis.net/spec/iot_sensing/1.1/req/";
constexpr std::array kMet = {
    "datamodel/entity-control-information",
    "datamodel/thing",
    "datamodel/location",
    "datamodel/historical-location/properties",
    "datamodel/datastream",
    "datamodel/sensor",
    "datamodel/observed-property",
    "datamodel/observation",
    "datamodel/feature-of-interest",
    "resource-path",
    "request-data/order",
    "request-data/expand",
    "request-data/select",
    "request-data/status-code",
    "request-data/query-status-code",
    "request-data/orderby",
    "request-data/top",
    "request-data/skip",
    "request-data/count",
    "request-data/filter",
    "request-data/built-in-filter-operations",
    "request-data/pagination",
    "create-update-delete/create-entity",
    "create-update-delete/link-to-existing-entities",
    "create-update-delete/deep-insert",
    "create-update-delete/deep-insert-status-code",
    "create-update-delete/update-entity",
    "create-update-delete/update-entity-put",
    "create-update-delete/update-entity-jsonpatch",
    "create-update-delete/delete-entity",
    "create-update-delete/historical-location-auto-creation",
    "create-update-delete/historical-location-manual-creation",
    "data-array",
};

}  // namespace

std::string server_settings(const Rendering& rendering) {
  if (rendering.root_path != kSensorThingsRoot) return {};
  std::string out = R"({"conformance":[)";
  for (const std::string_view requirement : kMet) {
    if (out.back() != '[') out += ',';
    out.append("\"").append(kRequirements).append(requirement).append("\"");
  }
  return out + "]}";
}

}  // namespace duliang
