// The body of a POST that makes a station with one stream, as a client of SensorThings sends it.
#pragma once

#include <string>

namespace duliang {

inline std::string station_body(const std::string& name, const std::string& extra = "") {
  return R"({"name":")" + name + R"(","description":"d","properties":{"town":"500155114")" + extra +
         R"(},"Locations":[{"name":"l","description":"d","encodingType":"application/geo+json",
 "location":{"type":"Point","coordinates":[107.48,30.53]}}],
 "Datastreams":[{"name":"level","description":"d","observationType":"OM_Measurement",
 "unitOfMeasurement":{"name":"metre","symbol":"m","definition":null},
 "properties":{"guaranteed_m":3.6,"warning_m":3.2},
 "Sensor":{"name":"s","description":"d","encodingType":"text/html","metadata":"m"},
 "ObservedProperty":{"name":"water_level","definition":"u","description":"d"}}]})";
}

}  // namespace duliang
