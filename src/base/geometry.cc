#include "base/geometry.h"

#include <cmath>
#include <numbers>

namespace duliang {

namespace {

constexpr double kEarthRadius = 6'371'008.8;

double radians(double degrees) { return degrees * (std::numbers::pi / 180); }

std::optional<Point> position(const Json& value) {
  if (!value.is_array() || value.items().size() < 2) return std::nullopt;
  const Json& longitude = value.items()[0];
  const Json& latitude = value.items()[1];
  if (!longitude.is_number() || !latitude.is_number()) return std::nullopt;
  const Point point{longitude.as_double(), latitude.as_double()};
  // Written so that a number that is not finite fails too.
  const bool on_earth = std::abs(point.longitude) <= 180 && std::abs(point.latitude) <= 90;
  return on_earth ? std::optional(point) : std::nullopt;
}

// A ring ends where it began (RFC 7946, 3.1.6); that corner counts once.
std::optional<Point> mean_of_ring(const Json& rings) {
  if (!rings.is_array() || rings.items().empty()) return std::nullopt;
  const Json& ring = rings.items().front();
  if (!ring.is_array() || ring.items().empty()) return std::nullopt;
  const Json::Array& corners = ring.items();
  const bool closed = corners.size() > 1 && corners.front() == corners.back();
  const size_t count = corners.size() - (closed ? 1 : 0);
  Point sum;
  for (size_t i = 0; i < count; ++i) {
    const std::optional<Point> corner = position(corners[i]);
    if (!corner) return std::nullopt;
    sum.longitude += corner->longitude;
    sum.latitude += corner->latitude;
  }
  const auto divisor = static_cast<double>(count);
  return Point{sum.longitude / divisor, sum.latitude / divisor};
}

bool has_type(const Json& geojson, std::string_view name) {
  const Json* type = geojson.find("type");
  return type != nullptr && type->is_string() && type->as_string() == name;
}

}  // namespace

double distance_m(Point a, Point b) {
  const double across = std::sin(radians(b.longitude - a.longitude) / 2);
  const double up = std::sin(radians(b.latitude - a.latitude) / 2);
  const double chord =
      up * up + std::cos(radians(a.latitude)) * std::cos(radians(b.latitude)) * across * across;
  return 2 * kEarthRadius * std::asin(std::min(1.0, std::sqrt(chord)));
}

std::optional<Point> point_of(const Json& geojson) {
  const Json* geometry = has_type(geojson, "Feature") ? geojson.find("geometry") : &geojson;
  if (geometry == nullptr) return std::nullopt;
  const Json* coordinates = geometry->find("coordinates");
  if (coordinates == nullptr) return std::nullopt;
  if (has_type(*geometry, "Point")) return position(*coordinates);
  if (has_type(*geometry, "Polygon")) return mean_of_ring(*coordinates);
  return std::nullopt;
}

}  // namespace duliang
