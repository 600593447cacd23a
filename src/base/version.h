// The version of the program, as /version and --version tell it.
#pragma once

namespace duliang {

inline constexpr const char* kVersion = "0.1.0";

}  // namespace duliang
