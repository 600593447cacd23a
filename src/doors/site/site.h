// The page: files built from web/ that are part of the program. `/` and the page's own addresses
// give index.html; what is missing below /assets/ is 404, never the page (a worker script that
// turns out to be HTML fails without a word). index.html has an ETag, so that it is sent again only
// where it has changed.
#pragma once

#include <span>
#include <string_view>

#include "doors/http/http.h"

namespace duliang {

struct SiteFile {
  std::string_view path;  // "/assets/index-4f2a.js"
  std::string_view content;
  std::string_view gzip;
};

// Made at build time from web/dist; empty where the page was not built.
std::span<const SiteFile> site_files();

void add_site(Router& router, std::span<const SiteFile> files);

}  // namespace duliang
