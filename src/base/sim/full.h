// Whether a test is to prove all that it can, however long that takes: `./dev test --full` says so.
#pragma once

#include <cstdlib>
#include <string_view>

namespace duliang {

inline bool is_full() {
  const char* full = std::getenv("DULIANG_FULL");
  return full != nullptr && std::string_view(full) == "1";
}

}  // namespace duliang
