// Entities as JSON, in the form of SensorThings (18-088 clause 8.3.1): @iot.id, @iot.selfLink, the
// properties, a navigation link for each relation. Where a door asks for it, a to-one relation also
// shows its id, so that a page need not follow each link.
#pragma once

#include <string>

#include "doors/odata/options.h"

namespace duliang {

inline constexpr std::string_view kSensorThingsRoot = "/v1.1";
// The version before: the same entities and options, with links that stay under it.
inline constexpr std::string_view kSensorThings10Root = "/v1.0";
inline constexpr std::string_view kCityRoot = "/city/v1";
// Under which the request has come to the door of the face.
std::string_view root_of(const Request& request, Face face);

struct Rendering {
  std::string server;  // "http://127.0.0.1:8080"
  Face face{};
  std::string_view root_path;  // "/v1.1"
  bool link_ids = false;
  std::string root() const;  // "http://127.0.0.1:8080/v1.1", without a slash at the end
};
// As the door of the face shows entities to who asked for this host: SensorThings in its newest
// version.
Rendering rendering_of(std::string_view host, Face face);
// The same, in the version that the request has asked for.
Rendering rendering_of(const Request& request, Face face);

void render_entity(std::string& out, const Row& row, const Rendering& rendering,
                   const std::vector<std::string>& select);
// An entity of the other face keeps its address there.
std::string self_link(const Rendering& rendering, TypeId type, RowId id);
// An answer, and which version of it: of one entity, else empty.
struct Shown {
  Response response;
  std::string version{};
  // Whether the version is of all that is shown: not where times are computed from readings, or
  // other entities are expanded.
  bool is_all = false;
};
Shown show(const Row& row, const Rendering& rendering, const std::vector<std::string>& select);
// The whole answer to a GET below a root: one entity, a set with count and next link, or the part
// of these that the path names (target.h). `path` and `query` as they came.
Result<Shown> answer_get(const View& view, const Rendering& rendering, std::string_view path,
                         std::string_view query);
// {"value":[{"name":"Things","url":"…/Things"}, …]}, and the settings where there are any: an
// object.
std::string render_root(const Rendering& rendering, std::string_view server_settings);

}  // namespace duliang
