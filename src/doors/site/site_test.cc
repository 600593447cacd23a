#include "doors/site/site.h"

#include <gtest/gtest.h>

namespace duliang {
namespace {

constexpr SiteFile kFiles[] = {
    {"/index.html", "<html>", "gz-index"},
    {"/assets/worker-1.mjs", "worker", "gz-worker"},
};

Response get(const std::string& path, bool gzip, const std::string& if_none_match = "") {
  Router router;
  add_site(router, kFiles);
  Response answer;
  const Route* route = router.find(Method::get, path, answer);
  if (route == nullptr) return answer;
  Request request;
  request.path = path;
  request.accepts_gzip = gzip;
  request.if_none_match = if_none_match;
  route->endpoint(request, {[&answer](Response response) { answer = std::move(response); }, {}});
  return answer;
}

std::string header(const Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers) {
    if (key == name) return value;
  }
  return {};
}

TEST(Site, GivesThePageWithItsPolicy) {
  const Response page = get("/", true);
  EXPECT_EQ(page.body, "gz-index");
  EXPECT_EQ(header(page, "Content-Encoding"), "gzip");
  EXPECT_NE(header(page, "Content-Security-Policy").find("default-src 'self'"), std::string::npos);
  EXPECT_EQ(header(page, "Cache-Control"), "no-cache");
  EXPECT_EQ(get("/", false).body, "<html>");
}

TEST(Site, ThePageIsNotSentAgainToWhoHasIt) {
  const std::string etag = header(get("/", true), "ETag");
  ASSERT_TRUE(etag.starts_with("W/\"") && etag.size() > 20) << etag;
  EXPECT_EQ(header(get("/", false), "ETag"), etag);
  EXPECT_EQ(header(get("/index.html", false), "ETag"), etag);
  for (const std::string& known : {etag, etag.substr(2), "\"other\", " + etag, std::string("*")}) {
    const Response same = get("/", true, known);
    EXPECT_EQ(same.status, 304) << known;
    EXPECT_TRUE(same.body.empty());
    EXPECT_EQ(header(same, "ETag"), etag);
  }
  for (const char* unknown : {"\"other\"", "other", "W/\"\""}) {
    EXPECT_EQ(get("/", true, unknown).status, 200) << unknown;
  }
}

TEST(Site, WorkersAreScriptsAndWhatIsMissingIs404) {
  EXPECT_EQ(get("/assets/worker-1.mjs", false).content_type, "text/javascript; charset=utf-8");
  EXPECT_NE(header(get("/assets/worker-1.mjs", false), "Cache-Control").find("immutable"),
            std::string::npos);
  EXPECT_EQ(get("/assets/worker-2.mjs", false).status, 404);
}

}  // namespace
}  // namespace duliang
