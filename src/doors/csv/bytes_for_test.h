// Bytes of a text as a reader of CSV takes them, in pieces of a size. For tests and fuzzing.
#pragma once

#include <algorithm>
#include <memory>
#include <string>

#include "doors/csv/csv.h"

namespace duliang {

inline ByteSource bytes_of(std::string text, size_t piece) {
  return [text = std::make_shared<const std::string>(std::move(text)), piece, at = size_t{0}](
             char* into, size_t size) mutable -> Result<size_t> {
    const size_t count = std::min({size, piece, text->size() - at});
    std::copy_n(text->data() + at, count, into);
    at += count;
    return count;
  };
}

}  // namespace duliang
