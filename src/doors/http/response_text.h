// A response as bytes of HTTP/1.1: written by the server, read by the client and by tests. Knows no
// sockets, keeps no state, any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "doors/http/http.h"

namespace duliang {

struct ResponseForm {
  bool head = false;   // the request was HEAD: the length of the body, without the body
  bool close = false;  // the last response on this connection
};

// Appends status line, headers and body. Control characters in header values are left out, so that
// no value can smuggle in a header of its own. Written by hand: this is the hot path.
void append_response(std::string& out, const Response& response, ResponseForm form);

// The head of a stream of events, whose end is the end of the connection.
void append_stream_head(std::string& out);

struct ReadResponse {
  Response response;
  size_t bytes = 0;         // of the text that it took
  bool keep_alive = false;  // another request may follow on the connection
};

// The response at the start of `text`: none where more bytes are needed, bad_input where it is not
// HTTP/1.x, too_large above limits::kHeaderBytes and kAnswerBytes. `ended`: no more bytes will
// come.
Result<std::optional<ReadResponse>> read_response(std::string_view text, bool ended);

}  // namespace duliang
