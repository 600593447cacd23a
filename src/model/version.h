// Which state of an entity an answer shows, as ETag and If-Match say it (RFC 9110, 8.8.3 and 13.1):
// doors show it, the engine compares it when a command's turn has come. Any thread.
#pragma once

#include <string>
#include <string_view>

#include "model/row.h"

namespace duliang {

// Without quotes. Of a row its id, since one address may lead to another row, and the number of the
// frame that wrote it last: readers see what a frame has left, so one frame is one state. A reading
// is kept without its frame: of it the version is a hash of all that it says.
std::string version_of(const Row& row);

// Whether one of the entity tags of a header is this version: `"7", "9"`, or `*` for any. A weak
// tag (`W/"7"`, as a proxy may make of ours) is enough to spare an answer, never to change by.
enum class Comparison : uint8_t { strong, weak };
bool names_version(std::string_view tags, std::string_view version,
                   Comparison comparison = Comparison::strong);

}  // namespace duliang
