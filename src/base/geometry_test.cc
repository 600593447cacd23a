#include "base/geometry.h"

#include <gtest/gtest.h>

namespace duliang {
namespace {

std::optional<Point> point_in(std::string_view text) { return point_of(parse_json(text).value()); }

TEST(Distance, is_along_the_great_circle) {
  const Point liangping{107.80, 30.67};
  EXPECT_EQ(distance_m(liangping, liangping), 0);
  // A degree of a great circle is 111,195.08 m on this sphere.
  EXPECT_NEAR(distance_m({0, 0}, {1, 0}), 111'195.08, 0.01);
  EXPECT_NEAR(distance_m({0, 0}, {0, 1}), 111'195.08, 0.01);
  EXPECT_NEAR(distance_m({0, 60}, {0.001, 60}), 55.597, 0.001);
  EXPECT_NEAR(distance_m({0, 90}, {120, 90}), 0, 0.001);
  EXPECT_NEAR(distance_m({0, 0}, {180, 0}), 20'015'114.4, 0.5);
  // Across the date line it is the short way.
  EXPECT_NEAR(distance_m({179.5, 0}, {-179.5, 0}), 111'195.08, 0.01);
  EXPECT_EQ(distance_m(liangping, {106.55, 29.56}), distance_m({106.55, 29.56}, liangping));
}

TEST(PointOf, reads_a_point_and_a_feature) {
  const Point liangping{107.80, 30.67};
  EXPECT_EQ(point_in(R"({"type":"Point","coordinates":[107.80,30.67]})"), liangping);
  EXPECT_EQ(point_in(R"({"type":"Point","coordinates":[107.80,30.67,455.5]})"), liangping);
  EXPECT_EQ(point_in(R"({"type":"Feature","properties":null,
                         "geometry":{"type":"Point","coordinates":[107.8,30.67]}})"),
            liangping);
}

TEST(PointOf, takes_the_mean_of_the_first_ring_of_a_polygon) {
  // The corner that closes the ring counts once.
  EXPECT_EQ(point_in(R"({"type":"Polygon","coordinates":
                         [[[0,0],[4,0],[4,2],[0,2],[0,0]],[[1,1],[2,1],[2,2],[1,1]]]})"),
            (Point{2, 1}));
  EXPECT_EQ(point_in(R"({"type":"Feature","geometry":
                         {"type":"Polygon","coordinates":[[[0,0],[4,0],[4,2],[0,2]]]}})"),
            (Point{2, 1}));
}

TEST(PointOf, has_none_for_anything_else) {
  for (const char* text : {
           "null", "[]", "{}", "5",
           R"({"type":"Point"})",
           R"({"coordinates":[1,2]})",
           R"({"type":7,"coordinates":[1,2]})",
           R"({"type":"Point","coordinates":[]})",
           R"({"type":"Point","coordinates":[1]})",
           R"({"type":"Point","coordinates":["1","2"]})",
           R"({"type":"Point","coordinates":{"x":1}})",
           R"({"type":"Point","coordinates":[181,0]})",
           R"({"type":"Point","coordinates":[0,-90.5]})",
           R"({"type":"Polygon","coordinates":[]})",
           R"({"type":"Polygon","coordinates":[[]]})",
           R"({"type":"Polygon","coordinates":[[[0,0],[1]]]})",
           R"({"type":"LineString","coordinates":[[0,0],[1,1]]})",
           R"({"type":"Feature"})",
           R"({"type":"Feature","geometry":null})",
           R"({"type":"Feature","geometry":{"type":"Feature","geometry":{}}})",
       })
    EXPECT_EQ(point_in(text), std::nullopt) << text;
}

}  // namespace
}  // namespace duliang
