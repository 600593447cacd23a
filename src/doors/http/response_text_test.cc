#include "doors/http/response_text.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace duliang {
namespace {

std::string text_of(const Response& response, ResponseForm form = {}) {
  std::string out;
  append_response(out, response, form);
  return out;
}

TEST(AppendResponse, WritesHeadersAndBody) {
  Response response = json_response(201, "{}");
  response.location = "/v1.1/Things(1)";
  response.headers.emplace_back("ETag", "\"7\"");
  EXPECT_EQ(text_of(response),
            "HTTP/1.1 201 Created\r\nX-Content-Type-Options: nosniff\r\n"
            "Content-Type: application/json\r\nContent-Length: 2\r\n"
            "Location: /v1.1/Things(1)\r\nETag: \"7\"\r\n\r\n{}");
}

TEST(AppendResponse, LeavesOutWhatTheFormLeavesOut) {
  const Response response = json_response(200, "{}");
  EXPECT_TRUE(text_of(response, {true, false}).ends_with("Content-Length: 2\r\n\r\n"));
  EXPECT_NE(text_of(response, {false, true}).find("\r\nConnection: close\r\n"), std::string::npos);
  const std::string without_body = text_of(json_response(204, "never sent"));
  EXPECT_EQ(without_body, "HTTP/1.1 204 No Content\r\nX-Content-Type-Options: nosniff\r\n\r\n");
}

TEST(AppendResponse, LetsNoValueSmuggleInAHeader) {
  Response response = json_response(201, "");
  response.location = "/a\r\nSet-Cookie: x\r\n\r\nbody";
  EXPECT_NE(text_of(response).find("Location: /aSet-Cookie: xbody\r\n"), std::string::npos);
}

TEST(ReadResponse, TakesWhatAppendResponseWrites) {
  Response response = json_response(404, "{\"code\":404}");
  response.headers.emplace_back("Allow", "GET");
  const std::string text = text_of(response) + "HTTP/1.1 200";
  const auto read = read_response(text, false);
  ASSERT_TRUE(read.ok() && read->has_value());
  EXPECT_EQ((*read)->bytes, text.size() - 12);
  EXPECT_TRUE((*read)->keep_alive);
  EXPECT_EQ((*read)->response.status, 404);
  EXPECT_EQ((*read)->response.body, response.body);
  EXPECT_EQ((*read)->response.content_type, "application/json");
}

TEST(ReadResponse, WaitsAtEveryCut) {
  const std::string texts[] = {
      text_of(json_response(200, "[1,2]")),
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n[1,\r\n2;x=y\r\n2]\r\n0\r\n\r\n",
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n[1,2]"};
  for (const std::string& text : texts) {
    for (size_t cut = 0; cut < text.size(); ++cut) {
      const auto read = read_response(std::string_view(text).substr(0, cut), false);
      ASSERT_TRUE(read.ok()) << cut << read.error().message;
      EXPECT_FALSE(read->has_value()) << cut;
      EXPECT_FALSE(read_response(std::string_view(text).substr(0, cut), true).ok()) << cut;
    }
    const auto read = read_response(text, false);
    ASSERT_TRUE(read.ok() && read->has_value()) << text;
    EXPECT_EQ((*read)->response.body, "[1,2]");
    EXPECT_EQ((*read)->bytes, text.size());
  }
}

TEST(ReadResponse, WithoutLengthGoesToTheEnd) {
  const std::string text = "HTTP/1.1 200 OK\r\n\r\nall of it";
  EXPECT_FALSE(read_response(text, false)->has_value());
  const auto read = read_response(text, true);
  ASSERT_TRUE(read.ok() && read->has_value());
  EXPECT_EQ((*read)->response.body, "all of it");
  EXPECT_FALSE((*read)->keep_alive);
}

TEST(ReadResponse, RefusesWhatIsNotHttp) {
  const char* const cases[] = {
      "SSH-2.0-OpenSSH\r\n\r\n",
      "HTTP/2.0 200 OK\r\n\r\n",
      "HTTP/1.1 2x0 OK\r\n\r\n",
      "HTTP/1.1 900 OK\r\n\r\n",
      "HTTP/1.1 2000 OK\r\n\r\n",
      "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
      "HTTP/1.1 200 OK\r\n: x\r\n\r\n",
      "HTTP/1.1 200 OK\r\nA b: x\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\nx",
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n\r\n",
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n",
  };
  for (const char* text : cases) EXPECT_FALSE(read_response(text, false).ok()) << text;
}

TEST(ReadResponse, RefusesWhatIsTooLarge) {
  const std::string head = "HTTP/1.1 200 OK\r\nX: " + std::string(limits::kHeaderBytes, 'x');
  EXPECT_EQ(read_response(head, false).error().code, Code::too_large);
  const std::string above = std::to_string(limits::kAnswerBytes + 1);
  EXPECT_EQ(read_response("HTTP/1.1 200 OK\r\nContent-Length: " + above + "\r\n\r\n", false)
                .error()
                .code,
            Code::too_large);
  EXPECT_EQ(read_response("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4000001\r\n", false)
                .error()
                .code,
            Code::too_large);
}

}  // namespace
}  // namespace duliang
