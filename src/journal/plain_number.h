// A number whose JSON text follows from two integers, so that columns of them need no texts. Pure
// functions, any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace duliang {

inline constexpr uint8_t kPlainDigits = 17;  // the most, so that all fits into 64 bits

// mantissa / 10^scale; its text has just `scale` digits behind the point.
struct Plain {
  int64_t mantissa = 0;
  uint8_t scale = 0;  // at most kPlainDigits
};

std::string text_of(const Plain& number);
std::optional<Plain> plain_number(std::string_view text);  // none where its text would be another
// The mantissa in another scale, cut where that is smaller; 0 where it does not fit.
int64_t rescaled(int64_t mantissa, uint8_t from, uint8_t to);

}  // namespace duliang
