// What readings have in common when they stand together: the bounds of a set of them, by which a
// question passes over a whole chunk or block without looking into it, and the order in which they
// are kept. Values only; any thread.
#pragma once

#include <algorithm>
#include <cstdint>

#include "model/reading.h"

namespace duliang {

// Of a set of readings; empty where `readings` is 0.
struct Bounds {
  uint64_t readings = 0;
  Time first{};  // smallest begin
  Time last{};   // largest begin
  Time end{};    // largest end
  ReadingId lowest{0};
  ReadingId highest{0};

  void add(const Bounds& other) {
    if (other.readings == 0) return;
    if (readings == 0) {
      *this = other;
      return;
    }
    readings += other.readings;
    first = std::min(first, other.first);
    last = std::max(last, other.last);
    end = std::max(end, other.end);
    lowest = std::min(lowest, other.lowest);
    highest = std::max(highest, other.highest);
  }
  void add(const Reading& reading) {
    const Interval& time = reading.phenomenon_time;
    add(Bounds{1, time.begin, time.begin, time.end, reading.id, reading.id});
  }
  friend bool operator==(const Bounds&, const Bounds&) = default;
};

// The order within a sealed chunk and within a part: stream, begin, id.
struct KeptOrder {
  StreamId stream;
  Time begin;
  ReadingId id;
  friend auto operator<=>(const KeptOrder&, const KeptOrder&) = default;
};
inline KeptOrder kept_order(const Reading& reading) {
  return {reading.stream, reading.phenomenon_time.begin, reading.id};
}

// The month of a begin, by which parts are told apart: year * 12 + month - 1, in UTC, from 1900-01
// to 2200-12; what lies outside counts to the first or the last.
inline int32_t month_of(Time begin) {
  using namespace std::chrono;
  constexpr sys_days kFirst = year{1900} / January / 1;
  constexpr sys_days kLast = year{2200} / December / 31;
  const auto day = std::clamp(floor<days>(begin), kFirst, kLast);
  const year_month_day date{day};
  return int{date.year()} * 12 + static_cast<int32_t>(unsigned{date.month()}) - 1;
}

// The sets of one stream in a list of sets that is sorted by stream.
template <typename Sets>
auto sets_of(const Sets& sets, StreamId stream) {
  return std::ranges::equal_range(sets, stream, {}, &Sets::value_type::stream);
}

}  // namespace duliang
