// Numbers that are written as plain decimals, so that columns of them need no texts. Pure
// functions, any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace duliang {

inline constexpr size_t kPlainDigits = 18;  // any number of so many fits into 63 bits
inline constexpr std::array<int64_t, kPlainDigits + 1> kPowersOfTen = [] {
  std::array<int64_t, kPlainDigits + 1> powers{1};
  for (size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();

// 21.50 has the digits 2150, of which 2 stand behind the point; at most kPlainDigits of them.
struct PlainNumber {
  int64_t digits = 0;
  uint8_t decimals = 0;
};
// Of `-?digits(.digits)?` with at most kPlainDigits digits, no needless zeros before them and no
// "-0": what append_plain() writes the same again.
std::optional<PlainNumber> parse_plain(std::string_view text);
void append_plain(std::string& out, PlainNumber number);
// Where digits and power of ten are exact as doubles, their quotient is the double nearest to the
// number; else none.
std::optional<double> nearest_double(PlainNumber number);

}  // namespace duliang
