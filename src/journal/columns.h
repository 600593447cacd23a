// Columns of numbers and of texts as few bytes: numbers byte by byte of the same weight, so that
// what is alike lies together, texts one behind the other, both by zstd where that is shorter. For
// the sealed blocks of this room. Any thread; what is read may be foreign and is refused where it
// does not decode.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace duliang {

void put_bytes(std::string& out, std::string_view bytes);
// Exactly `size` bytes; the Reader turns bad where they are not there.
std::string get_bytes(Reader& in, size_t size);

// Of numbers that are differences, small ones of either sign: in units of what divides them all.
void put_numbers(std::string& out, std::span<const uint64_t> numbers);
std::vector<uint64_t> get_numbers(Reader& in, size_t count);

}  // namespace duliang
