#include "doors/site/site.h"

namespace duliang {

std::span<const SiteFile> site_files() { return {}; }

}  // namespace duliang
