// Times as they stand in the options of a URL, where a plus that nobody has encoded arrives as a
// space: `2026-11-24T08:00:00 08:00`. Behind a time without a zone nothing else is written so, so
// that it can be told. Pure.
#pragma once

#include <string>
#include <string_view>

namespace duliang {

// Whether the space at this place stands for the plus of the zone of the time before it.
bool is_lost_plus(std::string_view text, size_t place);
std::string with_plus(std::string_view text);

}  // namespace duliang
