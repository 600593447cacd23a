#include "query/lost_plus.h"

namespace duliang {
namespace {

bool has_digits(std::string_view text, size_t at, size_t count) {
  for (size_t i = at; i < at + count; ++i)
    if (i >= text.size() || text[i] < '0' || text[i] > '9') return false;
  return true;
}

// "08:00", "0800" or "08"; whatever comes behind it.
bool begins_offset(std::string_view text) {
  if (!has_digits(text, 0, 2)) return false;
  if (text.size() > 2 && text[2] == ':') return has_digits(text, 3, 2);
  return !has_digits(text, 2, 1) || has_digits(text, 2, 2);
}

}  // namespace

bool is_lost_plus(std::string_view text, size_t place) {
  if (text[place] != ' ' || !begins_offset(text.substr(place + 1))) return false;
  const std::string_view before = text.substr(0, place);
  const size_t clock = before.find_last_of("Tt");
  if (clock == std::string_view::npos || !has_digits(before, clock + 1, 2)) return false;
  return before.find_first_not_of("0123456789:.", clock + 1) == std::string_view::npos;
}

std::string with_plus(std::string_view text) {
  std::string restored(text);
  for (size_t at = 0; at < text.size(); ++at)
    if (is_lost_plus(text, at)) restored[at] = '+';
  return restored;
}

}  // namespace duliang
