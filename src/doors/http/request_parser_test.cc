#include "doors/http/request_parser.h"

#include <gtest/gtest.h>

#include "base/limits.h"

namespace duliang {
namespace {

using Progress = RequestParser::Progress;

// Gives the parser `text` in pieces as a socket would: what it leaves comes again with the next
// piece.
Progress read_in_pieces(RequestParser& parser, const std::vector<std::string_view>& pieces,
                        std::string& left) {
  Progress progress = Progress::more;
  for (const std::string_view piece : pieces) {
    left += piece;
    std::string_view bytes = left;
    progress = parser.read(bytes);
    left = std::string(bytes);
    if (progress != Progress::more) break;
  }
  return progress;
}

const char* const kChunkedRequest =
    "PATCH /v1.1/Things(1)?a=b HTTP/1.1\r\nHost: h:1\r\nX-Duliang-Actor: %E6%9D%8E\r\n"
    "idempotency-key: k-1\r\nLast-Event-ID: 7\r\nIf-None-Match: \"e\"\r\n"
    "If-Match: \"f\"\r\nOrigin: http://h:1\r\n"
    "Content-Type: Application/JSON-Patch+json; charset=utf-8\r\n"
    "Accept-Encoding: br, gzip\r\nTransfer-Encoding: chunked\r\n\r\n"
    "5;x=y\r\nhello\r\n6\r\n world\r\n0\r\nX-Duliang-Actor: forged\r\n\r\n";

void expect_chunked_request(const Request& request) {
  EXPECT_EQ(request.method, Method::patch);
  EXPECT_EQ(request.path, "/v1.1/Things(1)");
  EXPECT_EQ(request.query, "a=b");
  EXPECT_EQ(request.host, "h:1");
  EXPECT_EQ(request.actor, "李");
  EXPECT_EQ(request.idempotency_key, "k-1");
  EXPECT_EQ(request.last_event_id, "7");
  EXPECT_EQ(request.if_none_match, "\"e\"");
  EXPECT_EQ(request.if_match, "\"f\"");
  EXPECT_EQ(request.origin, "http://h:1");
  EXPECT_TRUE(request.accepts_gzip);
  EXPECT_TRUE(request.is_json_patch);
  EXPECT_EQ(request.body, "hello world");
}

TEST(RequestParser, ReadsARequestCutAnywhere) {
  const std::string_view text = kChunkedRequest;
  for (size_t cut = 0; cut <= text.size(); ++cut) {
    RequestParser parser;
    Request request;
    parser.begin(request);
    std::string left;
    ASSERT_EQ(read_in_pieces(parser, {text.substr(0, cut), text.substr(cut)}, left),
              Progress::complete)
        << cut << parser.refused().body;
    EXPECT_TRUE(left.empty());
    expect_chunked_request(request);
  }
}

TEST(RequestParser, ReadsARequestByteByByte) {
  for (const std::string_view text :
       {std::string_view(kChunkedRequest),
        std::string_view("POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                         "0\r\n\r\n")}) {
    RequestParser parser;
    Request request;
    parser.begin(request);
    std::vector<std::string_view> pieces;
    for (size_t i = 0; i < text.size(); ++i) pieces.push_back(text.substr(i, 1));
    std::string left;
    ASSERT_EQ(read_in_pieces(parser, pieces, left), Progress::complete) << parser.refused().body;
    EXPECT_TRUE(parser.keep_alive());
  }
}

TEST(RequestParser, LeavesTheNextRequestAndClearsTheLast) {
  RequestParser parser;
  Request request;
  parser.begin(request);
  std::string_view bytes =
      "POST /a?q=1 HTTP/1.1\r\nHost: h\r\nX-Duliang-Actor: wang\r\nContent-Length: 3\r\n\r\nabc"
      "HEAD /b HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
  ASSERT_EQ(parser.read(bytes), Progress::complete);
  EXPECT_EQ(request.body, "abc");
  EXPECT_FALSE(parser.head());
  parser.begin(request);
  EXPECT_FALSE(parser.begun());
  ASSERT_EQ(parser.read(bytes), Progress::complete);
  EXPECT_TRUE(bytes.empty());
  EXPECT_EQ(request.method, Method::get);
  EXPECT_TRUE(parser.head());
  EXPECT_FALSE(parser.keep_alive());
  EXPECT_EQ(request.path, "/b");
  EXPECT_EQ(request.query + request.body + request.actor + request.origin, "");
}

TEST(RequestParser, UnderstandsTheFormsOfTheTarget) {
  const struct {
    const char* line;
    const char* path;
    const char* query;
  } cases[] = {
      {"GET / HTTP/1.1", "/", ""},          {"GET /a?b HTTP/1.1", "/a", "b"},
      {"GET /a?b?c HTTP/1.1", "/a", "b?c"}, {"GET http://host:80/a?b HTTP/1.1", "/a", "b"},
      {"OPTIONS * HTTP/1.1", "*", ""},
  };
  for (const auto& row : cases) {
    RequestParser parser;
    Request request;
    parser.begin(request);
    const std::string text = std::string(row.line) + "\r\nHost: h\r\n\r\n";
    std::string_view bytes = text;
    ASSERT_EQ(parser.read(bytes), Progress::complete) << row.line;
    EXPECT_EQ(request.path, row.path);
    EXPECT_EQ(request.query, row.query);
  }
}

TEST(RequestParser, KnowsWhoTakesGzip) {
  const std::pair<const char*, bool> cases[] = {
      {"gzip", true},         {"GZIP;q=1.0", true}, {"br;q=1, gzip", true}, {"gzip;q=0", false},
      {"gzip; q=0.0", false}, {"identity", false},  {"gzipped", false}};
  for (const auto& [value, takes] : cases) {
    RequestParser parser;
    Request request;
    parser.begin(request);
    const std::string text =
        std::string("GET / HTTP/1.1\r\nHost: h\r\nAccept-Encoding: ") + value + "\r\n\r\n";
    std::string_view bytes = text;
    ASSERT_EQ(parser.read(bytes), Progress::complete);
    EXPECT_EQ(request.accepts_gzip, takes) << value;
  }
}

TEST(RequestParser, SaysWhenTheBodyWaitsForContinue) {
  RequestParser parser;
  Request request;
  parser.begin(request);
  std::string_view bytes =
      "POST /a HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
  EXPECT_EQ(parser.read(bytes), Progress::more);
  EXPECT_TRUE(parser.awaits_continue());
  bytes = "ab";
  EXPECT_EQ(parser.read(bytes), Progress::complete);
  EXPECT_FALSE(parser.awaits_continue());
}

TEST(RequestParser, RefusesWhatIsMalformed) {
  const std::pair<const char*, int> cases[] = {
      {"nonsense\r\n\r\n", 400},
      {"GET / HTTP/2.0\r\nHost: h\r\n\r\n", 400},
      {"GET  / HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"GET /\x01 HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"GET a HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"GET * HTTP/1.1\r\nHost: h\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\n\r\n", 400},
      {"GET / HTTP/1.0\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: h\r\nOrigin: http://h\r\nOrigin: http://h\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", 400},
      {"GET / HTTP/1.1\nHost: h\n\n", 400},
      {"GET / HTTP/1.1\r\nHost: h\nX: y\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost : h\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n \r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: h\r\nX:\r\n b\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: h\r\nX: a\x01z\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: h\r\nX-Duliang-Actor: %zz\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: h\r\nX-Duliang-Actor: %ff\r\n\r\n", 400},
      {"GET / HTTP/1.1\r\nHost: h\r\nX-Duliang-Actor: a\r\nX-Duliang-Actor: b\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: x\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: -1\r\n\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: +1\r\n\r\na", 400},
      {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na", 400},
      {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1, 1\r\n\r\na", 400},
      {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
       "\r\n",
       400},
      {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n"
       "\r\n",
       400},
      {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n", 400},
      {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501},
      {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n", 501},
      {"POST / HTTP/1.0\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
  };
  for (const auto& [text, status] : cases) {
    RequestParser parser;
    Request request;
    parser.begin(request);
    std::string_view bytes = text;
    ASSERT_EQ(parser.read(bytes), Progress::refused) << text;
    EXPECT_EQ(parser.refused().status, status) << text << parser.refused().body;
  }
}

int refused_status(const std::string& text, size_t piece_bytes) {
  RequestParser parser;
  Request request;
  parser.begin(request);
  std::vector<std::string_view> pieces;
  for (size_t at = 0; at < text.size(); at += piece_bytes)
    pieces.push_back(std::string_view(text).substr(at, piece_bytes));
  std::string left;
  if (read_in_pieces(parser, pieces, left) != Progress::refused) return 0;
  return parser.refused().status;
}

TEST(RequestParser, RefusesWhatIsAboveALimitWholeOrInPieces) {
  const auto filled = [](size_t bytes) { return std::string(bytes, 'x'); };
  const std::string host = " HTTP/1.1\r\nHost: h\r\n";
  std::string many_headers = "GET /" + host;
  while (many_headers.size() < limits::kHeaderBytes + 200)
    many_headers += "X: " + filled(90) + "\r\n";
  const std::string chunked = "POST /" + host + "Transfer-Encoding: chunked\r\n\r\n";
  const std::pair<std::string, int> cases[] = {
      {"GET /" + filled(limits::kUrlBytes) + host + "\r\n", 414},
      {"GET /" + filled(limits::kUrlBytes - 1) + host + "\r\n", 0},
      {"GET /" + filled(3 * limits::kHeaderBytes), 414},
      {"GET /" + host + "X: " + filled(limits::kHeaderBytes) + "\r\n\r\n", 431},
      {"GET /" + host + "X: " + filled(limits::kHeaderBytes - 100) + "\r\n\r\n", 0},
      {many_headers + "\r\n", 431},
      {"POST /" + host + "Content-Length: " + std::to_string(limits::kBodyBytes + 1) + "\r\n\r\n",
       413},
      {"POST /" + host + "Content-Length: 99999999999999999999999\r\n\r\n", 400},
      {chunked + "100001\r\n", 413},
      {chunked + "ffffffffffffffffffff\r\n", 400},
      {chunked + "1;" + filled(2 * limits::kHeaderBytes), 431},
      {chunked + "0\r\nX: " + filled(2 * limits::kHeaderBytes), 431},
  };
  for (const auto& [text, status] : cases)
    for (const size_t piece_bytes : {text.size(), size_t{1000}, size_t{97}})
      EXPECT_EQ(refused_status(text, piece_bytes), status)
          << text.substr(0, 60) << " in pieces of " << piece_bytes;
}

}  // namespace
}  // namespace duliang
