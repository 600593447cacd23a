#include "series/directory.h"

#include <bit>
#include <limits>

#include "base/bytes.h"
#include "base/plain_number.h"
#include "series/columns.h"
#include "series/page.h"
#include "series/results.h"

namespace duliang {
namespace {

uint32_t take_u32(Reader& in) {
  const uint64_t value = in.varint();
  if (value > std::numeric_limits<uint32_t>::max()) in.fail();
  return static_cast<uint32_t>(value);
}

void put_bounds(std::string& out, const Bounds& bounds, const Bounds& before) {
  put_varint(out, bounds.readings);
  put_zigzag(out, minus(number(bounds.first), number(before.first)));
  put_zigzag(out, minus(number(bounds.last), number(bounds.first)));
  put_zigzag(out, minus(number(bounds.end), number(bounds.last)));
  put_zigzag(out, minus(number(bounds.lowest), number(before.lowest)));
  put_zigzag(out, minus(number(bounds.highest), number(bounds.lowest)));
}

Bounds take_bounds(Reader& in, const Bounds& before) {
  Bounds bounds;
  bounds.readings = in.varint();
  bounds.first = time_at(plus(number(before.first), in.zigzag()));
  bounds.last = time_at(plus(number(bounds.first), in.zigzag()));
  bounds.end = time_at(plus(number(bounds.last), in.zigzag()));
  bounds.lowest = ReadingId{plus(number(before.lowest), in.zigzag())};
  bounds.highest = ReadingId{plus(number(bounds.lowest), in.zigzag())};
  if (bounds.readings == 0 || bounds.first > bounds.last || bounds.lowest > bounds.highest)
    in.fail();
  return bounds;
}

void put_entry(std::string& out, const PageEntry& entry, const PageEntry& before) {
  put_zigzag(out, minus(number(entry.first_stream), number(before.last_stream)));
  put_zigzag(out, minus(number(entry.last_stream), number(entry.first_stream)));
  put_bounds(out, entry.bounds, before.bounds);
  put_varint(out, entry.numbers);
  if (entry.numbers != 0) {
    put_u64(out, std::bit_cast<uint64_t>(entry.least));
    put_u64(out, std::bit_cast<uint64_t>(entry.most));
  }
  put_varint(out, entry.first_arrived_s);
  put_varint(out, entry.last_arrived_s - entry.first_arrived_s);
  put_varint(out, entry.length);
  put_u32(out, entry.crc);
}

PageEntry take_entry(Reader& in, const PageEntry& before) {
  PageEntry entry;
  entry.first_stream = StreamId{plus(number(before.last_stream), in.zigzag())};
  entry.last_stream = StreamId{plus(number(entry.first_stream), in.zigzag())};
  entry.bounds = take_bounds(in, before.bounds);
  entry.numbers = take_u32(in);
  if (entry.numbers != 0) {
    entry.least = std::bit_cast<double>(in.u64());
    entry.most = std::bit_cast<double>(in.u64());
  }
  entry.first_arrived_s = take_u32(in);
  entry.last_arrived_s = entry.first_arrived_s + take_u32(in);
  entry.offset = before.offset + before.length;
  entry.length = take_u32(in);
  entry.crc = in.u32();
  if (entry.first_stream > entry.last_stream || entry.numbers > entry.bounds.readings ||
      entry.bounds.readings > kPageRows || !(entry.least <= entry.most) ||
      entry.last_arrived_s < entry.first_arrived_s) {
    in.fail();
  }
  return entry;
}

}  // namespace

PageEntry describe(std::span<const Reading> readings) {
  PageEntry entry;
  entry.first_stream = readings.front().stream;
  entry.last_stream = readings.back().stream;
  entry.first_arrived_s = entry.last_arrived_s = readings.front().arrived_s;
  for (const Reading& reading : readings) {
    entry.bounds.add(reading);
    entry.first_arrived_s = std::min(entry.first_arrived_s, reading.arrived_s);
    entry.last_arrived_s = std::max(entry.last_arrived_s, reading.arrived_s);
    const auto value = number_of(reading);
    if (!value) continue;
    entry.least = entry.numbers == 0 ? *value : std::min(entry.least, *value);
    entry.most = entry.numbers == 0 ? *value : std::max(entry.most, *value);
    ++entry.numbers;
  }
  return entry;
}

std::string encode_leaf(std::span<const PageEntry> entries) {
  std::string out;
  put_u8(out, static_cast<uint8_t>(entries.size()));
  PageEntry before;
  for (const PageEntry& entry : entries) {
    put_entry(out, entry, before);
    before = entry;
  }
  return out;
}

Result<std::vector<PageEntry>> decode_leaf(std::string_view bytes, const Leaf& leaf) {
  Reader in(bytes);
  const size_t count = in.u8();
  if (count == 0 || count > kLeafPages) return corrupt("it has no entries, or too many");
  std::vector<PageEntry> entries;
  entries.reserve(count);
  PageEntry before;
  before.offset = leaf.first_page_at;
  while (entries.size() < count) {
    entries.push_back(take_entry(in, before));
    if (!in.ok() || entries.back().first_stream < before.last_stream)
      return corrupt(fmt::format("its entry {} is not valid", entries.size() - 1));
    before = entries.back();
  }
  if (!in.done()) return corrupt("bytes follow its last entry");
  if (entries.front().first_stream != leaf.first_stream || before.last_stream != leaf.last_stream ||
      before.offset + before.length != leaf.offset) {
    return corrupt("it is not what the root says of it");
  }
  return entries;
}

std::string encode_root(const PartRoot& root) {
  std::string out;
  put_bounds(out, root.summary.bounds, {});
  put_varint(out, root.summary.pages);
  StreamId before{0};
  for (const Leaf& leaf : root.leaves) {
    put_zigzag(out, minus(number(leaf.first_stream), number(before)));
    put_zigzag(out, minus(number(leaf.last_stream), number(leaf.first_stream)));
    put_varint(out, leaf.offset - leaf.first_page_at);
    put_varint(out, leaf.length);
    put_u32(out, leaf.crc);
    before = leaf.last_stream;
  }
  return out;
}

Status decode_root(std::string_view bytes, uint64_t first_page_at, PartRoot& root) {
  Reader in(bytes);
  root.summary.bounds = take_bounds(in, {});
  root.summary.pages = in.varint();
  uint64_t at = first_page_at;
  StreamId before{std::numeric_limits<int64_t>::min()};
  while (in.ok() && in.left() > 0) {
    Leaf leaf;
    const int64_t from = root.leaves.empty() ? 0 : number(before);
    leaf.first_stream = StreamId{plus(from, in.zigzag())};
    leaf.last_stream = StreamId{plus(number(leaf.first_stream), in.zigzag())};
    leaf.first_page_at = at;
    const uint64_t pages_length = in.varint();
    if (pages_length >> 48) in.fail();  // no file is so long, and no sum of a few overflows
    leaf.offset = at + pages_length;
    leaf.length = take_u32(in);
    leaf.crc = in.u32();
    if (leaf.first_stream > leaf.last_stream || leaf.first_stream < before) in.fail();
    at = leaf.offset + leaf.length;
    before = leaf.last_stream;
    root.leaves.push_back(leaf);
  }
  if (!in.done() || root.leaves.empty()) return corrupt("its root does not decode");
  if (root.leaves.size() != (root.summary.pages + kLeafPages - 1) / kLeafPages)
    return corrupt("its root has not the leaves of its pages");
  return {};
}

}  // namespace duliang
