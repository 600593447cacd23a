// Bytes from the net as a request, as options behind '?', percent-encoded, and as an answer that
// our client reads. Whatever comes in is taken or refused; a request means the same whole and in
// pieces.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "base/text.h"
#include "doors/http/http.h"
#include "doors/http/request_parser.h"
#include "doors/http/response_text.h"

namespace duliang {
namespace {

using Progress = RequestParser::Progress;

struct Outcome {
  Progress progress = Progress::more;
  Request request;
  size_t taken = 0;
};

// As a session does it: what the parser leaves comes again, with more behind it.
Outcome read_request(std::string_view bytes, size_t piece_bytes) {
  Outcome outcome;
  RequestParser parser;
  parser.begin(outcome.request);
  for (size_t given = 0; given < bytes.size() && outcome.progress == Progress::more;) {
    given = std::min(bytes.size(), given + piece_bytes);
    std::string_view unread = bytes.substr(outcome.taken, given - outcome.taken);
    outcome.progress = parser.read(unread);
    outcome.taken = given - unread.size();
  }
  return outcome;
}

void as_request(std::string_view bytes) {
  const Outcome whole = read_request(bytes, std::max<size_t>(1, bytes.size()));
  for (const size_t piece_bytes : {size_t{1}, size_t{7}}) {
    const Outcome pieces = read_request(bytes, piece_bytes);
    // Given in pieces, a fault is found only with the end of the header; a limit may differ a bit.
    const bool waits = pieces.progress == Progress::more && whole.progress == Progress::refused;
    CHECK(pieces.progress == whole.progress || waits || bytes.size() > 4096);
    if (whole.progress != Progress::complete || pieces.progress != Progress::complete) continue;
    CHECK(pieces.taken == whole.taken);
    CHECK(pieces.request.path == whole.request.path && pieces.request.body == whole.request.body);
    CHECK(pieces.request.actor == whole.request.actor && pieces.request.host == whole.request.host);
  }
}

void as_options(std::string_view bytes) {
  const auto options = parse_query(bytes);
  if (options.ok())
    for (const auto& [name, value] : *options) CHECK(!name.empty() && is_utf8(value));
  if (const auto decoded = decode_percent(bytes)) CHECK(decoded->size() <= bytes.size());
  CHECK(decode_percent(encode_percent(bytes)) == bytes);
}

void as_answer(std::string_view bytes) {
  const auto open = read_response(bytes, false);
  if (open.ok() && open->has_value()) CHECK((*open)->bytes <= bytes.size());
  const auto ended = read_response(bytes, true);
  CHECK(!ended.ok() || ended->has_value(), "nothing more will come");
}

}  // namespace
}  // namespace duliang

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  duliang::as_request(bytes);
  duliang::as_options(bytes);
  duliang::as_answer(bytes);
  return 0;
}
