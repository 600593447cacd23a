#include "doors/http/response_text.h"

#include <charconv>

#include "base/limits.h"
#include "base/text.h"

namespace duliang {

namespace {

const char* reason_of(int status) {
  switch (status) {
    case 200: return "OK";
    case 201: return "Created";
    case 202: return "Accepted";
    case 204: return "No Content";
    case 302: return "Found";
    case 303: return "See Other";
    case 304: return "Not Modified";
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 414: return "URI Too Long";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 500: return "Internal Server Error";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    case 507: return "Insufficient Storage";
    default: return "Other";
  }
}

void append_number(std::string& out, size_t number) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, end);
}

bool is_control(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; }

void append_header(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ");
  const size_t begin = out.size();
  out.append(value);
  out.erase(std::remove_if(out.begin() + static_cast<ptrdiff_t>(begin), out.end(), is_control),
            out.end());
  out.append("\r\n");
}

bool has_body(int status) { return status >= 200 && status != 204 && status != 304; }

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [&](char x, char y) { return lower(x) == lower(y); });
}

Error not_http(const char* what) {
  return {Code::bad_input, std::string("The answer is not HTTP/1.1: ") + what + ".", ""};
}

Error answer_too_large() {
  return {Code::too_large,
          "The answer is larger than " + std::to_string(limits::kAnswerBytes) + " bytes.", ""};
}

// What the header says about the bytes behind it.
struct Framing {
  std::optional<size_t> length;
  bool chunked = false;
  bool close = false;
};

Status read_header_line(std::string_view line, Response& response, Framing& framing) {
  const size_t colon = line.find(':');
  if (colon == 0 || colon == std::string_view::npos) return not_http("a header without a name");
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = trim(line.substr(colon + 1));
  for (const char c : name)
    if (is_control(c) || c == ' ') return not_http("a header name with a space");
  if (equals_ignoring_case(name, "Content-Length")) {
    const auto length = parse_integer(value);
    if (!length || *length < 0 || framing.length) return not_http("a wrong Content-Length");
    framing.length = static_cast<size_t>(*length);
  } else if (equals_ignoring_case(name, "Transfer-Encoding")) {
    if (!equals_ignoring_case(value, "chunked")) return not_http("an unknown Transfer-Encoding");
    framing.chunked = true;
  } else if (equals_ignoring_case(name, "Connection")) {
    framing.close = framing.close || equals_ignoring_case(value, "close");
  } else if (equals_ignoring_case(name, "Content-Type")) {
    response.content_type = value;
  } else if (equals_ignoring_case(name, "Location")) {
    response.location = value;
  } else {
    response.headers.emplace_back(name, value);
  }
  return {};
}

Status read_head(std::string_view head, Response& response, Framing& framing) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  const size_t end = std::min(head.find("\r\n"), head.size());
  const std::string_view line = head.substr(0, end);
  if (line.size() < 12 || !line.starts_with("HTTP/1.") || !is_digit(line[7]) || line[8] != ' ' ||
      (line.size() > 12 && line[12] != ' '))
    return not_http("a wrong status line");
  const auto status = parse_integer(line.substr(9, 3));
  if (!status || *status < 100 || *status > 599) return not_http("a wrong status");
  response.status = static_cast<int>(*status);
  response.content_type.clear();
  framing.close = line[7] == '0';
  for (size_t at = end; at < head.size();) {
    at += 2;
    const size_t next = std::min(head.find("\r\n", at), head.size());
    TRY_DO(read_header_line(head.substr(at, next - at), response, framing));
    at = next;
  }
  if (framing.chunked && framing.length) return not_http("both a length and chunks");
  return {};
}

// The chunks at the start of `text` into `body`; the bytes they took, none where more are needed.
Result<std::optional<size_t>> read_chunks(std::string_view text, std::string& body) {
  size_t at = 0;
  while (true) {
    const size_t end = text.find("\r\n", at);
    if (end == std::string_view::npos) {
      if (text.size() - at > limits::kHeaderBytes) return not_http("a chunk without a length");
      return std::optional<size_t>();
    }
    const std::string_view line = text.substr(at, end - at);
    const std::string_view digits = line.substr(0, line.find(';'));
    size_t size = 0;
    const auto [stop, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), size, 16);
    if (error != std::errc() || stop != digits.data() + digits.size())
      return not_http("a wrong length of a chunk");
    if (size > limits::kAnswerBytes - body.size()) return answer_too_large();
    at = end + 2;
    if (text.size() - at < size + 2) return std::optional<size_t>();
    if (text.substr(at + size, 2) != "\r\n") return not_http("a chunk longer than it says");
    body.append(text.substr(at, size));
    at += size + 2;
    if (size == 0) return std::optional<size_t>(at);  // trailers are not ours to understand
  }
}

// The body at the start of `text` into `read`; false where more bytes are needed.
Result<bool> read_body(std::string_view text, const Framing& framing, bool ended,
                       ReadResponse& read) {
  if (framing.chunked) {
    TRY(const auto took, read_chunks(text, read.response.body));
    if (took) read.bytes += *took;
    return took.has_value();
  }
  if (framing.length ? *framing.length > limits::kAnswerBytes : text.size() > limits::kAnswerBytes)
    return answer_too_large();
  if (framing.length ? text.size() < *framing.length : !ended) return false;
  const size_t length = framing.length.value_or(text.size());
  read.response.body = text.substr(0, length);
  read.bytes += length;
  return true;
}

}  // namespace

void append_response(std::string& out, const Response& response, ResponseForm form) {
  CHECK(response.status >= 200 && response.status <= 599, "an answer has a final status");
  out.append("HTTP/1.1 ");
  append_number(out, static_cast<size_t>(response.status));
  out.append(" ").append(reason_of(response.status));
  out.append("\r\nX-Content-Type-Options: nosniff\r\n");
  const bool with_body = has_body(response.status);
  if (with_body) {
    if (!response.body.empty()) append_header(out, "Content-Type", response.content_type);
    out.append("Content-Length: ");
    append_number(out, response.body.size());
    out.append("\r\n");
  }
  if (!response.location.empty()) append_header(out, "Location", response.location);
  for (const auto& [name, value] : response.headers) append_header(out, name, value);
  if (form.close) out.append("Connection: close\r\n");
  out.append("\r\n");
  if (with_body && !form.head) out.append(response.body);
}

void append_stream_head(std::string& out) {
  out.append(
      "HTTP/1.1 200 OK\r\nX-Content-Type-Options: nosniff\r\nContent-Type: text/event-stream\r\n"
      "Cache-Control: no-store\r\nConnection: close\r\n\r\n");
}

Result<std::optional<ReadResponse>> read_response(std::string_view text, bool ended) {
  ReadResponse read;
  while (true) {
    const std::string_view rest = text.substr(read.bytes);
    const size_t head_bytes = rest.find("\r\n\r\n");
    if (std::min(head_bytes, rest.size()) > limits::kHeaderBytes)
      return Error{Code::too_large, "The header of the answer is too large.", ""};
    if (head_bytes == std::string_view::npos) break;
    Framing framing;
    read.response = {};
    TRY_DO(read_head(rest.substr(0, head_bytes), read.response, framing));
    read.bytes += head_bytes + 4;
    if (read.response.status < 200) continue;  // "100 Continue" is only a foreword
    const bool with_body = has_body(read.response.status);
    if (with_body) {
      TRY(const bool whole, read_body(text.substr(read.bytes), framing, ended, read));
      if (!whole) break;
    }
    const bool framed = !with_body || framing.chunked || framing.length.has_value();
    read.keep_alive = framed && !framing.close;
    return std::optional<ReadResponse>(std::move(read));
  }
  if (ended) return not_http("it ends in the middle");
  return std::optional<ReadResponse>();
}

}  // namespace duliang
