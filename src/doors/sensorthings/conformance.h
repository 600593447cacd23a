// What the root of /v1.1 says of this server (18-088 clause 9.2.1): the requirements that it meets.
// Who adds what is missing of one adds its name here.
#pragma once

#include "doors/odata/render.h"

namespace duliang {

// An object; empty under a root that has none: that of /v1.0 and of the city.
std::string server_settings(const Rendering& rendering);

}  // namespace duliang
