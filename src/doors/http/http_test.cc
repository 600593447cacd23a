#include "doors/http/http.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace duliang {
namespace {

void nothing(const Request&, const Reply&) {}

Route route(Method method, std::string pattern) {
  return {method, std::move(pattern), Where::loop, nothing};
}

TEST(Router, TakesTheLongestPatternThatAnswersTheMethod) {
  Router router;
  router.add(route(Method::get, "/*"));
  router.add(route(Method::get, "/v1.1/*"));
  router.add(route(Method::post, "/v1.1/*"));
  router.add(route(Method::get, "/v1.1/Things"));
  Response refused;
  const auto pattern = [&](Method method, std::string_view path) -> std::string {
    const Route* const found = router.find(method, path, refused);
    return found == nullptr ? "" : found->pattern;
  };
  EXPECT_EQ(pattern(Method::get, "/v1.1/Things"), "/v1.1/Things");
  EXPECT_EQ(pattern(Method::post, "/v1.1/Things"), "/v1.1/*");
  EXPECT_EQ(pattern(Method::get, "/v1.1/Things(1)"), "/v1.1/*");
  EXPECT_EQ(pattern(Method::get, "/v1.1/"), "/v1.1/*");
  EXPECT_EQ(pattern(Method::get, "/v1.1"), "/*");
  EXPECT_EQ(pattern(Method::get, "/"), "/*");
}

TEST(Router, RefusesWithNotFoundOrTheMethodsThatThereAre) {
  Router router;
  router.add(route(Method::get, "/a"));
  router.add(route(Method::post, "/a"));
  router.add(route(Method::get, "/b/*"));
  Response refused;
  EXPECT_EQ(router.find(Method::get, "/c", refused), nullptr);
  EXPECT_EQ(refused.status, 404);
  EXPECT_EQ(refused.body,
            R"({"code":404,"type":"not_found","message":"There is nothing at \"/c\"."})");
  EXPECT_EQ(router.find(Method::del, "/a", refused), nullptr);
  EXPECT_EQ(refused.status, 405);
  ASSERT_EQ(refused.headers.size(), 1U);
  EXPECT_EQ(refused.headers[0].first, "Allow");
  EXPECT_EQ(refused.headers[0].second, "GET, POST");
  EXPECT_EQ(router.find(Method::other, "/b/x", refused), nullptr);
  EXPECT_EQ(refused.status, 405);
}

TEST(ErrorResponse, HasStatusTypeAndField) {
  const Response response = error_response({Code::bad_input, "wrong", "result"});
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(response.body, R"({"code":400,"type":"bad_input","message":"wrong","field":"result"})");
}

TEST(RefuseForeign, TakesLoopbackAndItsOwnPagesOnly) {
  const struct {
    const char* host;
    const char* origin;
    bool taken;
  } cases[] = {
      {"127.0.0.1", "", true},
      {"127.0.0.1:8080", "", true},
      {"127.1.2.3:1", "", true},
      {"localhost:8080", "", true},
      {"LocalHost", "", true},
      {"[::1]:8080", "", true},
      {"[::1]", "", true},
      {"", "", false},
      {"evil.example", "", false},
      {"evil.example:8080", "", false},
      {"localhost.evil.example", "", false},
      {"127.0.0.1.evil.example", "", false},
      {"127.0.0.1.5", "", false},
      {"127.0.0", "", false},
      {"127.0.0.256", "", false},
      {"127.0.0.1:80x", "", false},
      {"127.0.0.1:", "", false},
      {"10.0.0.1", "", false},
      {"[::2]", "", false},
      {"[::1", "", false},
      {"localhost:8080", "http://localhost:8080", true},
      {"localhost:8080", "http://localhost:9000", false},
      {"localhost:8080", "https://localhost:8080", false},
      {"localhost:8080", "http://127.0.0.1:8080", false},
      {"localhost:8080", "http://evil.example", false},
      {"localhost:8080", "null", false},
  };
  for (const auto& one : cases) {
    Request request;
    request.host = one.host;
    request.origin = one.origin;
    const auto refused = refuse_foreign(request);
    EXPECT_EQ(!refused.has_value(), one.taken) << one.host << " " << one.origin;
    EXPECT_EQ(refused.value_or(Response{403, "", "", "", {}}).status, 403);
  }
}

uint64_t refusals(std::string_view type) {
  for (const RefusalCount& one : refusal_counts()) {
    if (one.type == type) return one.count;
  }
  return 0;
}

TEST(RefusalCounts, CountEachTypeAndNoMoreTypesThanThereAre) {
  const uint64_t conflicts = refusals("conflict"), others = refusals("other");
  error_response({Code::conflict, "no", ""});
  error_response({Code::conflict, "no", ""});
  refusal(418, "a type that nobody knows", "no");
  EXPECT_EQ(refusals("conflict"), conflicts + 2);
  EXPECT_EQ(refusals("other"), others + 1);
  const size_t types = refusal_counts().size();
  for (int code = 0; code <= static_cast<int>(Code::corrupt); ++code) {
    const std::string_view name = info(static_cast<Code>(code)).name;
    const uint64_t before = refusals(name);
    error_response({static_cast<Code>(code), "no", ""});
    EXPECT_EQ(refusals(name), before + 1) << name;
  }
  EXPECT_EQ(refusal_counts().size(), types);
}

TEST(ParseQuery, DecodesOptionsInTheirOrder) {
  using Options = std::vector<std::pair<std::string, std::string>>;
  const struct {
    const char* query;
    Options options;
  } cases[] = {
      {"", {}},
      {"a=1", {{"a", "1"}}},
      {"b=2&a=1", {{"b", "2"}, {"a", "1"}}},
      {"$filter=result%20gt%205", {{"$filter", "result gt 5"}}},
      {"%24top=1", {{"$top", "1"}}},
      {"q=a+b%2Bc", {{"q", "a b+c"}}},
      {"a=", {{"a", ""}}},
      {"a", {{"a", ""}}},
      {"a=b=c", {{"a", "b=c"}}},
      {"a=1&&b=2&", {{"a", "1"}, {"b", "2"}}},
      {"%E6%A2%81=%E5%B9%B3", {{"梁", "平"}}},
      {"a=%26%3d%25", {{"a", "&=%"}}},
  };
  for (const auto& row : cases) {
    const auto options = parse_query(row.query);
    ASSERT_TRUE(options.ok()) << row.query;
    EXPECT_EQ(*options, row.options) << row.query;
  }
}

TEST(ParseQuery, RefusesWhatIsMalformedOrTwice) {
  const char* const cases[] = {"a=%",       "a=%4",  "a=%zz", "=1",
                               "%=1",       "a=%ff", "a=%00", "a=1&a=1",
                               "%61=1&a=2", "a&a=1", "a=%C3", "a=%F8%88%80%80%80"};
  for (const char* query : cases) {
    const auto options = parse_query(query);
    ASSERT_FALSE(options.ok()) << query;
    EXPECT_EQ(options.error().code, Code::bad_input);
  }
  EXPECT_EQ(parse_query("x=1&y=2&x=3").error().field, "x");
}

TEST(ParseQuery, RefusesTooManyOptions) {
  std::string query;
  for (size_t i = 0; i < limits::kQueryOptions; ++i) query += "&o" + std::to_string(i) + "=1";
  EXPECT_TRUE(parse_query(query).ok());
  EXPECT_FALSE(parse_query(query + "&more=1").ok());
}

}  // namespace
}  // namespace duliang
