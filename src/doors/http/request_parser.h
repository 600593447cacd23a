// The bytes of one connection into Requests, strictly: what RFC 9112 leaves to choice and what
// attackers live on (folded headers, two lengths, a bare line feed) is refused. The only face of
// Beast's parser; its source is the one file that includes Beast. One a connection, on the loop.
#pragma once

#include <memory>
#include <string_view>

#include "doors/http/http.h"

namespace duliang {

class RequestParser {
 public:
  enum class Progress : unsigned char {
    more,      // the rest must be given again with more bytes behind it
    complete,  // the request is whole; what follows belongs to the next
    refused,   // refused() says why; the connection can't be used any more
  };

  RequestParser();
  ~RequestParser();
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  // Begins a request, into `request`, which is cleared and must stay where it is until the next
  // begin.
  void begin(Request& request);
  // Takes bytes from the front of `bytes`, which shrinks by what was taken.
  Progress read(std::string_view& bytes);

  const Response& refused() const;
  bool begun() const;             // a byte of the request has been taken
  bool head() const;              // HEAD; the Request says get
  bool keep_alive() const;        // of a complete request
  bool awaits_continue() const;  // the header is whole, the body is not: "100-continue"

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace duliang
