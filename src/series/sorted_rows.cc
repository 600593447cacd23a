#include "series/sorted_rows.h"

#include <array>
#include <limits>

namespace duliang {
namespace {

struct Place {
  uint64_t stream;
  const Reading* reading;
};

// By stream, those of one stream left as they came: a radix sort, which passes over bytes that all
// streams have in common. Streams are small dense numbers, so two passes do where sorting by
// comparison would cost several times as much for each reading that comes in.
void group_by_stream(std::vector<Place>& places) {
  constexpr size_t kBuckets = 256;
  uint64_t differ = 0;
  for (const Place& place : places) differ |= place.stream ^ places.front().stream;
  std::vector<Place> sorted(places.size());
  for (int shift = 0; shift < 64; shift += 8) {
    if (((differ >> shift) & (kBuckets - 1)) == 0) continue;
    std::array<size_t, kBuckets> next{};
    for (const Place& place : places) ++next[(place.stream >> shift) & (kBuckets - 1)];
    size_t sum = 0;
    for (size_t& count : next) sum += std::exchange(count, sum);
    for (const Place& place : places) {
      sorted[next[(place.stream >> shift) & (kBuckets - 1)]++] = place;
    }
    places.swap(sorted);
  }
}

}  // namespace

SortedRows sort_rows(std::vector<const Reading*> rows) {
  CHECK(rows.size() <= std::numeric_limits<uint32_t>::max());
  std::vector<Place> places;
  places.reserve(rows.size());
  for (const Reading* row : rows) places.push_back({static_cast<uint64_t>(row->stream), row});
  group_by_stream(places);

  SortedRows sorted;
  sorted.rows = std::move(rows);
  const auto by_time = [](const Reading* reading) { return kept_order(*reading); };
  for (size_t begin = 0; begin < places.size();) {
    StreamRows stream{
        StreamId{static_cast<int64_t>(places[begin].stream)}, static_cast<uint32_t>(begin), {}};
    size_t end = begin;
    for (; end < places.size() && places[end].stream == places[begin].stream; ++end) {
      sorted.rows[end] = places[end].reading;
      stream.bounds.add(*places[end].reading);
    }
    // Most streams come in the order of their time.
    const auto those = std::span(sorted.rows).subspan(begin, end - begin);
    if (!std::ranges::is_sorted(those, {}, by_time)) std::ranges::sort(those, {}, by_time);
    sorted.bounds.add(stream.bounds);
    sorted.streams.push_back(stream);
    begin = end;
  }
  sorted.streams.shrink_to_fit();
  return sorted;
}

}  // namespace duliang
