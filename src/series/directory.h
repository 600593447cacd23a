// What a part file says of its pages without their being decoded: an entry for each page, the
// entries of 64 pages together as a leaf behind them, and a root for the whole file, which is all
// that an open part holds in memory (some 50 bytes for 130,000 readings). Values and pure
// functions of any thread; decoders take bytes from anywhere and answer corrupt.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/reading.h"
#include "series/facts.h"

namespace duliang {

struct PageEntry {
  StreamId first_stream{0};  // a page holds readings of many streams, by KeptOrder
  StreamId last_stream{0};
  Bounds bounds;     // of all its readings
  double least = 0;  // of its results that are numbers; numbers == 0: none
  double most = 0;
  uint32_t numbers = 0;  // how many results are numbers
  uint32_t first_arrived_s = 0;
  uint32_t last_arrived_s = 0;
  uint64_t offset = 0;  // in the file
  uint32_t length = 0;
  uint32_t crc = 0;  // CRC-32C of its bytes
  friend bool operator==(const PageEntry&, const PageEntry&) = default;
};

inline SetFacts facts_of(const PageEntry& page) {
  return {page.first_stream, page.last_stream, page.bounds,
          true,              page.numbers,     page.least,
          page.most,         page.first_arrived_s, page.last_arrived_s};
}

struct PartSummary {
  int32_t month = 0;      // of its readings, see month_of()
  uint64_t sequence = 0;  // holds readings of frames up to here
  Bounds bounds;
  uint64_t pages = 0;
  uint64_t bytes = 0;  // of the file
  friend bool operator==(const PartSummary&, const PartSummary&) = default;
};

inline constexpr size_t kLeafPages = 64;  // in each leaf but the last, which may have fewer

struct Leaf {
  StreamId first_stream{0};
  StreamId last_stream{0};
  uint64_t first_page_at = 0;  // in the file; its pages stand one behind the other
  uint64_t offset = 0;         // in the file, behind its last page
  uint32_t length = 0;
  uint32_t crc = 0;  // CRC-32C of its bytes
};

struct PartRoot {
  PartSummary summary;
  std::vector<Leaf> leaves;
};

// All of the entry but offset, length and CRC. At least one reading.
PageEntry describe(std::span<const Reading> readings);

std::string encode_leaf(std::span<const PageEntry> entries);
Result<std::vector<PageEntry>> decode_leaf(std::string_view bytes, const Leaf& leaf);

// Month, sequence and length of the file stand elsewhere.
std::string encode_root(const PartRoot& root);
Status decode_root(std::string_view bytes, uint64_t first_page_at, PartRoot& root);

}  // namespace duliang
