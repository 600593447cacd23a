// What the commands say on a terminal, and how they end.
#pragma once

#include <cstdio>
#include <string_view>

#include "base/result.h"

namespace duliang {

// What scripts may rely on: 0 all is well, 1 it is not (a fault was found, or the program failed),
// 2 the command line is wrong. Import and export: 1 not all was done, 2 nothing was.
constexpr int kWell = 0;
constexpr int kNotWell = 1;

// With the file or the option that it is about, where it names one.
inline int tell(const Error& error) {
  fmt::print(stderr, "duliang: {}{}\n", error.message,
             error.field.empty() ? "" : fmt::format(" ({})", error.field));
  return kNotWell;
}

inline void print_line(std::string_view line) {
  std::fwrite(line.data(), 1, line.size(), stdout);
  std::fputc('\n', stdout);
}

}  // namespace duliang
