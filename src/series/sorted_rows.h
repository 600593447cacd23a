// Readings that stand elsewhere in memory, by KeptOrder, and where each stream begins among them:
// so that a question about one stream looks at its own rows only. Values that never change once
// made; any thread may read them as long as what holds the readings lives.
#pragma once

#include <span>
#include <vector>

#include "series/facts.h"

namespace duliang {

// The readings of one stream: a piece of `rows`.
struct StreamRows {
  StreamId stream{0};
  uint32_t offset = 0;
  Bounds bounds;
};

inline SetFacts facts_of(const StreamRows& rows) {
  SetFacts facts;
  facts.first_stream = facts.last_stream = rows.stream;
  facts.bounds = rows.bounds;
  return facts;
}

struct SortedRows {
  std::vector<const Reading*> rows;  // by KeptOrder
  std::vector<StreamRows> streams;   // by stream
  Bounds bounds;

  std::span<const Reading* const> of(const StreamRows& stream) const {
    return std::span(rows).subspan(stream.offset, stream.bounds.readings);
  }
};

// Fewer than 2^32 readings (CHECK).
SortedRows sort_rows(std::vector<const Reading*> rows);

}  // namespace duliang
