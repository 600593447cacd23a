#include "doors/http/request_parser.h"

// Beast asserts that the end of a chunked body comes in at least five bytes, which a slow client
// disproves; the parser itself copes.
#define BOOST_DISABLE_ASSERTS
#include <boost/beast/http/basic_parser.hpp>

#include "base/limits.h"
#include "base/text.h"

namespace duliang {

namespace {

namespace http = boost::beast::http;
using BeastString = boost::beast::string_view;
using BeastError = boost::beast::error_code;

std::string_view view(BeastString text) { return {text.data(), text.size()}; }

Response refuse(Code code, const std::string& message, std::string_view field = {}) {
  return error_response({code, message, std::string(field)});
}

Response header_too_large() {
  return refusal(431, info(Code::too_large).name,
                 "The header may have at most " + std::to_string(limits::kHeaderBytes) + " bytes.");
}

Response url_too_long() {
  return refusal(414, info(Code::too_large).name,
                 "The URL may have at most " + std::to_string(limits::kUrlBytes) + " bytes.");
}

Response body_too_large() {
  return refuse(Code::too_large,
                "The body may have at most " + std::to_string(limits::kBodyBytes) + " bytes.");
}

Method method_of(http::verb verb) {
  switch (verb) {
    case http::verb::get:
    case http::verb::head: return Method::get;
    case http::verb::post: return Method::post;
    case http::verb::patch: return Method::patch;
    case http::verb::put: return Method::put;
    case http::verb::delete_: return Method::del;
    case http::verb::options: return Method::options;
    default: return Method::other;
  }
}

bool takes_gzip(std::string_view accept_encoding) {
  for (const std::string_view part : split(accept_encoding, ',')) {
    const std::string_view coding = trim(part.substr(0, part.find(';')));
    if (!boost::beast::iequals(BeastString(coding.data(), coding.size()), "gzip")) continue;
    const size_t q = part.find("q=");
    if (q == std::string_view::npos) return true;
    return parse_double(trim(part.substr(q + 2))).value_or(0) > 0;
  }
  return false;
}

// Whatever its parameters are: "application/json-patch+json; charset=utf-8".
bool is_media_type(std::string_view value, std::string_view type) {
  value = trim(value.substr(0, value.find(';')));
  return boost::beast::iequals(BeastString(value.data(), value.size()),
                               BeastString(type.data(), type.size()));
}

// An emptied string keeps its room for the next request, unless it is much to hold for an idle
// peer.
constexpr size_t kKeptBytes = 64 * 1024;
void empty(std::string& text) {
  if (text.capacity() > kKeptBytes)
    std::string().swap(text);
  else
    text.clear();
}

void empty(Request& request) {
  request.method = Method::get;
  request.accepts_gzip = false;
  request.is_json_patch = false;
  for (std::string* text : {&request.path, &request.query, &request.body, &request.actor,
                            &request.host, &request.origin, &request.last_event_id,
                            &request.if_match, &request.if_none_match, &request.idempotency_key})
    empty(*text);
}

// What Beast finds, straight into the Request: no list of headers is built.
class Parser final : public http::basic_parser<true> {
 public:
  explicit Parser(Request& into) : request(into) {
    eager(true);
    header_limit(static_cast<uint32_t>(limits::kHeaderBytes));
    body_limit(limits::kBodyBytes);
  }

  Request& request;
  std::string_view input;            // what is being read, to know a folded value by its copy
  std::optional<Response> refused;   // why, where Beast did not find the fault itself
  bool head = false;
  bool expects_continue = false;
  bool http_1_0 = false;
  bool start_line_done = false;
  size_t header_bytes = 0;           // of the lines taken, without the request line

 private:
  void refuse_with(Response response, BeastError& ec) {
    refused = std::move(response);
    ec = http::error::bad_value;
  }

  void on_request_impl(http::verb verb, BeastString, BeastString target, int version,
                       BeastError& ec) override {
    start_line_done = true;
    if (target.size() > limits::kUrlBytes) return refuse_with(url_too_long(), ec);
    head = verb == http::verb::head;
    request.method = method_of(verb);
    http_1_0 = version < 11;
    std::string_view rest = view(target);
    if (rest.starts_with("http://")) {  // RFC 9112, 3.2.2: absolute-form must be understood
      rest.remove_prefix(7);
      rest.remove_prefix(std::min(rest.find('/'), rest.size()));
    }
    if (!rest.starts_with('/') && !(rest == "*" && request.method == Method::options))
      return refuse_with(refuse(Code::bad_input, "The URL must begin with '/'."), ec);
    const size_t question = std::min(rest.find('?'), rest.size());
    request.path = rest.substr(0, question);
    request.query = rest.substr(std::min(question + 1, rest.size()));
  }

  void on_field_impl(http::field field, BeastString name, BeastString value,
                     BeastError& ec) override {
    if (is_folded(name, value))
      return refuse_with(refuse(Code::bad_input, "A folded header is not taken."), ec);
    header_bytes += static_cast<size_t>(value.data() + value.size() - name.data()) + 2;
    if (header_bytes > limits::kHeaderBytes) return refuse_with(header_too_large(), ec);
    if (is_header_done()) return;  // a trailer behind chunks must not pass for a header
    if (auto wrong = take_field(field, view(name), view(value)))
      refuse_with(std::move(*wrong), ec);
  }

  // Beast joins folded lines in a buffer of its own, or skips an empty first one.
  bool is_folded(BeastString name, BeastString value) const {
    const std::less<const char*> before;
    const char* const name_end = name.data() + name.size();
    if (value.empty() && value.data() == nullptr) return false;
    if (before(value.data(), name_end) || before(input.data() + input.size(), value.data()))
      return true;
    return std::find(name_end, value.data(), '\r') != value.data();
  }

  std::optional<Response> take_field(http::field field, std::string_view name,
                                     std::string_view value) {
    switch (field) {
      case http::field::host:
        return take_once(host_seen_, request.host, name, value);
      case http::field::content_length:
        // Beast takes equal lengths repeated; two lengths are a sign of smuggling all the same.
        if (length_seen_ || value.find(',') != std::string_view::npos)
          return refuse(Code::bad_input, "Content-Length is given twice.", name);
        length_seen_ = true;
        return {};
      case http::field::transfer_encoding: return check_transfer_encoding(name, value);
      case http::field::expect:
        expects_continue =
            boost::beast::iequals(BeastString(value.data(), value.size()), "100-continue");
        return {};
      case http::field::accept_encoding:
        request.accepts_gzip = request.accepts_gzip || takes_gzip(value);
        return {};
      case http::field::content_type:
        request.is_json_patch = is_media_type(value, "application/json-patch+json");
        return {};
      case http::field::origin:
        return take_once(origin_seen_, request.origin, name, value);
      case http::field::if_match:
        return take_once(if_match_seen_, request.if_match, name, value);
      case http::field::if_none_match: request.if_none_match = value; return {};
      case http::field::unknown: return take_own_field(name, value);
      default: return {};
    }
  }

  std::optional<Response> take_own_field(std::string_view name, std::string_view value) {
    const BeastString beast_name(name.data(), name.size());
    if (boost::beast::iequals(beast_name, "Last-Event-ID")) request.last_event_id = value;
    if (boost::beast::iequals(beast_name, "Idempotency-Key")) {
      const auto plain = [](char c) { return c > ' ' && c <= '~'; };
      if (value.empty() || !std::all_of(value.begin(), value.end(), plain))
        return refuse(Code::bad_input, "Idempotency-Key expects ASCII without spaces.", name);
      return take_once(key_seen_, request.idempotency_key, name, value);
    }
    if (!boost::beast::iequals(beast_name, "X-Duliang-Actor")) return {};
    auto actor = decode_percent(value);
    if (!actor || !is_utf8(*actor) || actor->find('\0') != std::string::npos)
      return refuse(Code::bad_input, "X-Duliang-Actor must be percent-encoded UTF-8.", name);
    return take_once(actor_seen_, request.actor, name, *actor);
  }

  std::optional<Response> take_once(bool& seen, std::string& into, std::string_view name,
                                    std::string_view value) {
    if (seen) return refuse(Code::bad_input, std::string(name) + " is given twice.", name);
    seen = true;
    into = value;
    return {};
  }

  std::optional<Response> check_transfer_encoding(std::string_view name, std::string_view value) {
    if (http_1_0) return refuse(Code::bad_input, "HTTP/1.0 has no Transfer-Encoding.", name);
    if (!boost::beast::iequals(BeastString(value.data(), value.size()), "chunked"))
      return refuse(Code::unsupported, "The only Transfer-Encoding taken is chunked.", name);
    return {};
  }

  void on_header_impl(BeastError& ec) override {
    if (!host_seen_)  // also of HTTP/1.0: without it nobody knows whom the peer meant
      refuse_with(refuse(Code::bad_input, "A request needs the header Host.", "Host"), ec);
  }
  void on_body_init_impl(const boost::optional<uint64_t>& length, BeastError&) override {
    if (length) request.body.reserve(std::min<size_t>(*length, kKeptBytes));
  }
  size_t on_body_impl(BeastString bytes, BeastError&) override {
    request.body.append(bytes.data(), bytes.size());
    return bytes.size();
  }
  size_t on_chunk_body_impl(uint64_t, BeastString bytes, BeastError&) override {
    request.body.append(bytes.data(), bytes.size());
    return bytes.size();
  }
  void on_response_impl(int, BeastString, int, BeastError&) override {}
  void on_chunk_header_impl(uint64_t, BeastString, BeastError&) override {}
  void on_finish_impl(BeastError&) override {}

  bool host_seen_ = false;
  bool actor_seen_ = false;
  bool key_seen_ = false;
  bool if_match_seen_ = false;
  bool origin_seen_ = false;
  bool length_seen_ = false;
};

Response refusal_of(Parser& parser, const BeastError& error) {
  if (parser.refused) return std::move(*parser.refused);
  if (error == http::error::header_limit)
    return parser.start_line_done ? header_too_large() : url_too_long();
  if (error == http::error::body_limit) return body_too_large();
  return refuse(Code::bad_input, "The request is not valid HTTP/1.1: " + error.message() + ".");
}

}  // namespace

struct RequestParser::State {
  std::optional<Parser> parser;
  bool begun = false;
  Response refused;
};

RequestParser::RequestParser() : state_(std::make_unique<State>()) {}
RequestParser::~RequestParser() = default;

void RequestParser::begin(Request& request) {
  empty(request);
  state_->parser.emplace(request);
  state_->begun = false;
}

RequestParser::Progress RequestParser::read(std::string_view& bytes) {
  CHECK(state_->parser.has_value(), "begin() comes first");
  Parser& parser = *state_->parser;
  if (bytes.empty()) return Progress::more;
  state_->begun = true;
  BeastError error;
  parser.input = bytes;
  const size_t taken = parser.put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
  bytes.remove_prefix(taken);
  if (!error && parser.is_done()) return Progress::complete;
  if (error && error != http::error::need_more) {
    state_->refused = refusal_of(parser, error);
    return Progress::refused;
  }
  // Beast bounds what is unread; headers taken one by one, and lines among chunks, are bounded
  // here.
  const size_t header_bytes = parser.is_header_done() ? 0 : parser.header_bytes;
  if (header_bytes + bytes.size() > limits::kHeaderBytes) {
    state_->refused = parser.start_line_done ? header_too_large() : url_too_long();
    return Progress::refused;
  }
  return Progress::more;
}

const Response& RequestParser::refused() const { return state_->refused; }
bool RequestParser::begun() const { return state_->begun; }
bool RequestParser::head() const { return state_->parser->head; }
bool RequestParser::keep_alive() const {
  return !state_->parser->http_1_0 && state_->parser->keep_alive();
}
bool RequestParser::awaits_continue() const {
  return state_->parser->expects_continue && state_->parser->is_header_done() &&
         !state_->parser->is_done();
}

}  // namespace duliang
