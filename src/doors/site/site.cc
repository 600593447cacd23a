#include "doors/site/site.h"

#include <array>

#include "base/hash.h"
#include "base/text.h"

namespace duliang {
namespace {

// Everything from here, nothing from elsewhere. MapLibre sets styles on its elements, hence the one
// 'unsafe-inline'.
constexpr const char* kContentSecurityPolicy =
    "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
    "worker-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'self'";

const char* type_of_file(std::string_view path) {
  constexpr std::array<std::pair<std::string_view, const char*>, 9> kTypes{{
      {".html", "text/html; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".mjs", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".json", "application/json"},
      {".svg", "image/svg+xml"},
      {".png", "image/png"},
      {".woff2", "font/woff2"},
      {".ico", "image/x-icon"},
  }};
  for (const auto& [ending, type] : kTypes) {
    if (path.ends_with(ending)) return type;
  }
  return "application/octet-stream";
}

Response file_response(const SiteFile& file, const Request& request) {
  Response response;
  response.content_type = type_of_file(file.path);
  const bool gzip = request.accepts_gzip && !file.gzip.empty();
  response.body = std::string(gzip ? file.gzip : file.content);
  if (gzip) response.headers.emplace_back("Content-Encoding", "gzip");
  response.headers.emplace_back("Vary", "Accept-Encoding");
  // Names below /assets/ carry a hash of their content.
  response.headers.emplace_back("Cache-Control", file.path.starts_with("/assets/")
                                                     ? "public, max-age=31536000, immutable"
                                                     : "no-cache");
  response.headers.emplace_back("Content-Security-Policy", kContentSecurityPolicy);
  response.headers.emplace_back("Referrer-Policy", "same-origin");
  return response;
}

// Weak, since it names the page however it is packed.
std::string etag_of(const SiteFile& file) {
  return "W/\"" + to_hex(sha256(file.content)).substr(0, 32) + "\"";
}

// RFC 9110, 13.1.2: a list of tags, compared weakly, or a star.
bool is_known(std::string_view if_none_match, std::string_view etag) {
  for (std::string_view one : split(if_none_match, ',')) {
    one = trim(one);
    if (one == "*") return true;
    if (one.starts_with("W/")) one.remove_prefix(2);
    if (!one.empty() && one == etag.substr(2)) return true;
  }
  return false;
}

// The page itself has one name for ever: who has it asks whether it is still the same.
Response index_response(const SiteFile& file, const std::string& etag, const Request& request) {
  Response response = file_response(file, request);
  response.headers.emplace_back("ETag", etag);
  if (is_known(request.if_none_match, etag)) {
    response.status = 304;
    response.content_type.clear();
    response.body.clear();
    std::erase_if(response.headers,
                  [](const auto& one) { return one.first == "Content-Encoding"; });
  }
  return response;
}

Response not_built() {
  Response response;
  response.status = 503;
  response.content_type = "text/plain; charset=utf-8";
  response.body =
      "This build has no page (web/ was not built); the doors are /v1.1 and /city/v1.\n";
  return response;
}

}  // namespace

void add_site(Router& router, std::span<const SiteFile> files) {
  Endpoint index = [](const Request&, const Reply& reply) { reply.send(not_built()); };
  for (const SiteFile& file : files) {
    if (file.path == "/index.html") {
      index = [&file, etag = etag_of(file)](const Request& request, const Reply& reply) {
        reply.send(index_response(file, etag, request));
      };
      router.add({Method::get, std::string(file.path), Where::loop, index});
      continue;
    }
    router.add({Method::get, std::string(file.path), Where::loop,
                [&file](const Request& request, Reply reply) {
                  reply.send(file_response(file, request));
                }});
  }
  router.add({Method::get, "/", Where::loop, std::move(index)});
}

}  // namespace duliang
