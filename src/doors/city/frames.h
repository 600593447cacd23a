// Frames of the journal as the city door shows them, so that who did what can be proved: each with
// its hash, which the next one names.
#pragma once

#include <set>

#include "engine/engine.h"

namespace duliang {

// {"sequence":…,"time":"…","hash":"…","commands":[…]} of each of them that the journal has, in
// their order, with commas between; those are taken out of `sequences`. What is left is retired:
// corrupt where it is not. unavailable: some were retired meanwhile.
Result<std::string> frames_json(FileLog& journal, const Engine& engine,
                                std::set<uint64_t>& sequences);

}  // namespace duliang
