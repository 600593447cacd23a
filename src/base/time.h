// Moments, spans and the district's zone. A Time is microseconds since 1970 in UTC, and everything
// that is kept or sent is UTC with a Z; a Zone only helps to read and show what people write. China
// has one zone without summer time, so a Zone is a fixed offset.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"

namespace duliang {

using Duration = std::chrono::microseconds;
using Time = std::chrono::sys_time<Duration>;

// [begin, end]; an instant has end == begin (ISO 19108 TM_Instant and TM_Period).
struct Interval {
  Time begin;
  Time end;
  bool instant() const { return begin == end; }
  friend bool operator==(const Interval&, const Interval&) = default;
};

// A time that may be missing, as small as a Time: readings by the million carry one.
class OptionalTime {
 public:
  OptionalTime() = default;
  OptionalTime(Time time) : time_(time) {}  // NOLINT: a time is one
  explicit operator bool() const { return time_ != kNone; }
  Time operator*() const { return time_; }
  void reset() { time_ = kNone; }
  friend bool operator==(const OptionalTime&, const OptionalTime&) = default;

 private:
  static constexpr Time kNone = Time::min();  // 292,000 years ago: no parser gives it
  Time time_ = kNone;
};

struct Zone {
  std::chrono::minutes offset{0};
};
inline constexpr Zone kDistrictZone{std::chrono::minutes{480}};

// Microseconds since 1970, as formats keep them.
inline int64_t number(Time time) { return time.time_since_epoch().count(); }
inline Time time_at(int64_t microseconds) { return Time{Duration{microseconds}}; }
// The same without a sign, for formats in which differences wrap.
inline uint64_t bits(Time time) { return static_cast<uint64_t>(number(time)); }
inline Time time_of_bits(uint64_t bits) { return time_at(static_cast<int64_t>(bits)); }

// ISO 8601: "2026-11-24T13:20:40Z", with fraction up to 6 digits, with "+08:00" or "-0700". Without
// an offset the time is taken in `zone`. Years 0001 to 9999.
Result<Time> parse_time(std::string_view text, Zone zone = {});
// An instant, or "begin/end".
Result<Interval> parse_interval(std::string_view text);
// "90s", "5m", "2h", "1d", "250ms", or ISO 8601 "PT5M".
Result<Duration> parse_duration(std::string_view text);

// "2026-11-24T13:20:40Z"; with milliseconds or microseconds only where they are not zero.
std::string to_text(Time time);
std::string to_text(const Interval& interval);
// "2026-11-24T21:20:40+08:00".
std::string to_local_text(Time time, Zone zone);
int local_year(Time time, Zone zone);

}  // namespace duliang
