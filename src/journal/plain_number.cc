#include "journal/plain_number.h"

#include <array>
#include <charconv>

namespace duliang {
namespace {

constexpr std::array<int64_t, kPlainDigits + 1> kTens = [] {
  std::array<int64_t, kPlainDigits + 1> tens{1};
  for (size_t i = 1; i < tens.size(); ++i) tens[i] = tens[i - 1] * 10;
  return tens;
}();

}  // namespace

std::string text_of(const Plain& number) {
  const bool negative = number.mantissa < 0;
  std::string text = std::to_string(number.mantissa);
  const size_t sign = negative ? 1 : 0;
  if (text.size() - sign <= number.scale)
    text.insert(sign, number.scale + 1 - (text.size() - sign), '0');
  if (number.scale > 0) text.insert(text.size() - number.scale, 1, '.');
  return text;
}

std::optional<Plain> plain_number(std::string_view text) {
  std::array<char, kPlainDigits + 2> digits{};
  size_t size = 0;
  Plain number;
  bool fraction = false;
  for (const char c : text) {
    if (c == '.' && !fraction) {
      fraction = true;
    } else if (size < digits.size()) {
      digits[size++] = c;
      if (fraction) ++number.scale;
    } else {
      return std::nullopt;
    }
  }
  const auto read = std::from_chars(digits.data(), digits.data() + size, number.mantissa);
  if (read.ec != std::errc() || read.ptr != digits.data() + size || number.scale > kPlainDigits ||
      number.mantissa >= kTens[kPlainDigits] || number.mantissa <= -kTens[kPlainDigits] ||
      text_of(number) != text)
    return std::nullopt;
  return number;
}

int64_t rescaled(int64_t mantissa, uint8_t from, uint8_t to) {
  if (from >= to) return mantissa / kTens[from - to];
  int64_t result = 0;
  return __builtin_mul_overflow(mantissa, kTens[to - from], &result) ? 0 : result;
}

}  // namespace duliang
