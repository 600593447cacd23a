// CHECK states an invariant of the program itself and is always on. A failed CHECK means that the
// program is wrong, not its input: it prints where and what, and stops the process, because state
// that cannot be trusted must not be answered from. What a caller can get wrong is a Result
// instead.
#pragma once

#include <string_view>

namespace duliang {

[[noreturn]] void check_failed(const char* condition, const char* file, int line,
                               std::string_view why);

}  // namespace duliang

// CHECK(condition) or CHECK(condition, "why it must hold").
#define CHECK(condition, ...)                                                             \
  do {                                                                                    \
    if (!(condition)) [[unlikely]]                                                        \
      ::duliang::check_failed(#condition, __FILE__, __LINE__, std::string_view{__VA_ARGS__}); \
  } while (false)
