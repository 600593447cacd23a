// What readings cost as rows of PostgreSQL, for information.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "model/reading.h"

namespace duliang::bench {

// A database of its own in `folder`, made and removed again: id, stream, time and the result's
// text, with a primary key and an index by stream and time. Bytes a reading with the indexes; none
// where PostgreSQL (Debian's) is not installed or does not run here.
std::optional<double> postgres_bytes(const std::string& folder, std::span<const Reading> readings);

}  // namespace duliang::bench
