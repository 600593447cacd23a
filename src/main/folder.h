// What a data folder is for: demo data or real data, for ever, so that the two are never mixed. The
// mark is a file `demo` in the folder. Called by `serve` before anything else is in the folder, and
// by `replay`, whose new folder is of the kind of the old one.
#pragma once

#include <string>

#include "base/files.h"

namespace duliang {

// conflict where a folder with real data is wanted for the demo, or the other way round.
Status mark_folder(Files& files, const std::string& folder, bool demo);

// Marks `to` where `from` is marked.
Status copy_mark(Files& files, const std::string& from, const std::string& to);

}  // namespace duliang
