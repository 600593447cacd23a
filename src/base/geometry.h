// The little plane geometry that the thread needs: WGS-84 longitude and latitude in degrees.
#pragma once

#include <optional>

#include "base/json.h"

namespace duliang {

struct Point {
  double longitude = 0;
  double latitude = 0;
  friend bool operator==(const Point&, const Point&) = default;
};

// Great-circle distance in metres on a sphere of 6,371,008.8 m (the mean radius of IUGG).
double distance_m(Point a, Point b);
// The point of a GeoJSON Point, of a Feature with one, or the mean of the first ring of a Polygon.
std::optional<Point> point_of(const Json& geojson);

}  // namespace duliang
