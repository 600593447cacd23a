// Small helpers for text.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace duliang {

bool is_utf8(std::string_view text);
// `text` as a message quotes it: in quotes, at most 60 bytes of it, always printable UTF-8.
// An object, because beside a function of this name the compiler would also find std::quoted.
struct Quoted {
  std::string operator()(std::string_view text) const;
};
inline constexpr Quoted quoted;

std::string_view trim(std::string_view text);  // spaces, tabs, line ends
std::vector<std::string_view> split(std::string_view text, char separator);
std::optional<int64_t> parse_integer(std::string_view text);  // the whole text, decimal
std::optional<double> parse_double(std::string_view text);    // the whole text, finite
// The nearest of `known` to a mistyped word, for "did you mean"; empty where none is near.
std::string nearest(std::string_view word, const std::vector<std::string>& known);
std::optional<std::string> decode_percent(std::string_view text);  // %XX; none where malformed
std::string encode_percent(std::string_view text);                 // all but unreserved

}  // namespace duliang
