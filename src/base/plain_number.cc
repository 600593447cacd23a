#include "base/plain_number.h"

namespace duliang {

std::optional<PlainNumber> parse_plain(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (text.empty() || text.size() > kPlainDigits + 1) return std::nullopt;
  uint64_t digits = 0;  // holds the one digit too many that a point would have been
  size_t point = text.size();
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '.' && point == text.size()) {
      point = i;
    } else if (text[i] >= '0' && text[i] <= '9') {
      digits = digits * 10 + static_cast<uint64_t>(text[i] - '0');
    } else {
      return std::nullopt;
    }
  }
  const bool whole = point == text.size();
  if (text.size() - (whole ? 0 : 1) > kPlainDigits) return std::nullopt;
  if (point == 0 || point + 1 == text.size()) return std::nullopt;  // ".5", "5."
  if (text[0] == '0' && point > 1) return std::nullopt;             // "05"
  if (negative && digits == 0) return std::nullopt;                 // "-0.0"
  const auto value = static_cast<int64_t>(digits);
  return PlainNumber{negative ? -value : value,
                     static_cast<uint8_t>(whole ? 0 : text.size() - point - 1)};
}

void append_plain(std::string& out, PlainNumber number) {
  std::array<char, 2 * kPlainDigits + 8> letters;
  char* const end = letters.data() + letters.size();
  char* at = end;
  const auto digits = static_cast<uint64_t>(number.digits);
  uint64_t rest = number.digits < 0 ? 0 - digits : digits;
  for (size_t written = 0; rest != 0 || written <= number.decimals; ++written, rest /= 10) {
    if (written == number.decimals && written != 0) *--at = '.';
    *--at = static_cast<char>('0' + rest % 10);
  }
  if (number.digits < 0) *--at = '-';
  out.append(at, end);
}

std::optional<double> nearest_double(PlainNumber number) {
  constexpr int64_t kExact = int64_t{1} << 53;  // and so are powers of ten up to 10^22
  if (number.digits > kExact || number.digits < -kExact || number.decimals > kPlainDigits) {
    return std::nullopt;
  }
  return static_cast<double>(number.digits) / static_cast<double>(kPowersOfTen[number.decimals]);
}

}  // namespace duliang
