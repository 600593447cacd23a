#include "base/time.h"

#include <fmt/format.h>

#include "base/text.h"

namespace duliang {

namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr int64_t kMicros = 1'000'000;  // in a second
constexpr int kFractionDigits = 6;
// 0001-01-01 to 9999-12-31, as days since 1970.
constexpr int64_t kFirstDay = -719162;
constexpr int64_t kLastDay = 2932896;
// Longer spans are a mistake, and their sum with a moment could overflow.
constexpr int64_t kLongestSeconds = 10'000LL * 366 * 86'400;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Takes a text apart from its front. What does not fit makes it bad, once and for all.
class Scan {
 public:
  explicit Scan(std::string_view text) : rest_(text) {}

  // Exactly `count` digits.
  int digits(size_t count) {
    int value = 0;
    if (rest_.size() < count) return fail();
    for (size_t i = 0; i < count; ++i) {
      if (!is_digit(rest_[i])) return fail();
      value = value * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(count);
    return value;
  }

  bool take(char c) {
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void expect(char c) {
    if (!take(c)) fail();
  }

  // ".25" as 250,000 microseconds; 0 where no fraction stands.
  int64_t fraction() {
    if (!take('.') && !take(',')) return 0;
    int64_t micros = 0;
    int count = 0;
    for (; !rest_.empty() && is_digit(rest_.front()); ++count) {
      if (count == kFractionDigits) return fail();
      micros = micros * 10 + (rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    if (count == 0) return fail();
    for (; count < kFractionDigits; ++count) micros *= 10;
    return micros;
  }

  // One to eleven digits: more is longer than any span.
  int64_t number() {
    int64_t value = 0;
    size_t count = 0;
    while (count < rest_.size() && is_digit(rest_[count])) {
      if (count == 11) return fail();
      value = value * 10 + (rest_[count++] - '0');
    }
    if (count == 0) return fail();
    rest_.remove_prefix(count);
    return value;
  }

  bool ok() const { return ok_; }
  bool done() const { return ok_ && rest_.empty(); }
  std::string_view rest() const { return rest_; }
  void skip(size_t count) { rest_.remove_prefix(count); }
  int fail() {
    ok_ = false;
    rest_ = {};
    return 0;
  }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

Error no_time(std::string_view text) {
  return {Code::bad_input,
          fmt::format("{} is no time; expected one as 2026-11-24T13:20:40Z or "
                      "2026-11-24T21:20:40.5+08:00, in the years 0001 to 9999.",
                      quoted(text)),
          {}};
}

// "Z", "+08:00", "+0800", "+08"; the zone where nothing stands.
minutes scan_offset(Scan& scan, Zone zone) {
  if (scan.rest().empty()) return zone.offset;
  if (scan.take('Z') || scan.take('z')) return minutes(0);
  const bool west = scan.take('-');
  if (!west) scan.expect('+');
  const int hour = scan.digits(2);
  const bool more = scan.take(':') || !scan.rest().empty();
  const int minute = more ? scan.digits(2) : 0;
  if (hour > 23 || minute > 59) scan.fail();
  const minutes offset = hours(hour) + minutes(minute);
  return west ? -offset : offset;
}

// The days since 1970 of a date; bad where the calendar has no such day.
int64_t scan_date(Scan& scan) {
  const int year = scan.digits(4);
  scan.expect('-');
  const int month = scan.digits(2);
  scan.expect('-');
  const int day = scan.digits(2);
  const std::chrono::year_month_day date{std::chrono::year(year),
                                         std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (year < 1 || !date.ok()) return scan.fail();
  return std::chrono::sys_days(date).time_since_epoch().count();
}

struct Date {
  int64_t year;
  unsigned month;
  unsigned day;
};

// The calendar for any int64 of days, which std::chrono::year cannot hold. After Howard Hinnant,
// "chrono-Compatible Low-Level Date Algorithms", civil_from_days.
Date date_of(int64_t since_1970) {
  const int64_t shifted = since_1970 + 719468;
  const int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
  const auto of_era = static_cast<unsigned>(shifted - era * 146097);
  const unsigned year_of_era =
      (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
  const unsigned of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const unsigned from_march = (5 * of_year + 2) / 153;
  const unsigned day = of_year - (153 * from_march + 2) / 5 + 1;
  const unsigned month = from_march < 10 ? from_march + 3 : from_march - 9;
  return {static_cast<int64_t>(year_of_era) + era * 400 + (month <= 2 ? 1 : 0), month, day};
}

char* put_digits(char* out, uint64_t value, int count) {
  for (int i = count - 1; i >= 0; --i, value /= 10) out[i] = static_cast<char>('0' + value % 10);
  return out + count;
}

// Microseconds since 1970 as "2026-11-24T13:20:40.5", without any offset.
std::string local_text(int64_t micros) {
  const Duration since(micros);
  const auto day = std::chrono::floor<days>(since);
  const auto of_day = static_cast<uint64_t>((since - day).count());
  const Date date = date_of(day.count());
  const uint64_t second = of_day / kMicros;
  const uint64_t fraction = of_day % kMicros;

  std::string text;
  // Beyond four digits a sign stands before the year (ISO 8601, expanded representation).
  if (date.year < 0 || date.year > 9999) text = fmt::format("{:+07d}", date.year);
  char rest[32];
  char* out = rest;
  if (text.empty()) out = put_digits(out, static_cast<uint64_t>(date.year), 4);
  *out++ = '-';
  out = put_digits(out, date.month, 2);
  *out++ = '-';
  out = put_digits(out, date.day, 2);
  *out++ = 'T';
  out = put_digits(out, second / 3600, 2);
  *out++ = ':';
  out = put_digits(out, second / 60 % 60, 2);
  *out++ = ':';
  out = put_digits(out, second % 60, 2);
  if (fraction != 0) {
    *out++ = '.';
    out = fraction % 1000 == 0 ? put_digits(out, fraction / 1000, 3) : put_digits(out, fraction, 6);
  }
  text.append(rest, static_cast<size_t>(out - rest));
  return text;
}

Error no_duration(std::string_view text) {
  return {Code::bad_input,
          fmt::format("{} is no span of time; expected one as 250ms, 90s, 5m, 2h, 1d or PT5M, of "
                      "at most 10,000 years.",
                      quoted(text)),
          {}};
}

struct Unit {
  std::string_view name;
  int64_t micros;
};
constexpr Unit kShortUnits[] = {{"ms", 1000},
                                {"s", kMicros},
                                {"m", 60 * kMicros},
                                {"h", 3600 * kMicros},
                                {"d", 86'400 * kMicros}};
constexpr Unit kDateUnits[] = {{"W", 7 * 86'400 * kMicros}, {"D", 86'400 * kMicros}};
constexpr Unit kTimeUnits[] = {{"H", 3600 * kMicros}, {"M", 60 * kMicros}, {"S", kMicros}};

// A number with one of `units` behind it; each unit stands once and in their order, so it and those
// before it are taken out of `units`.
int64_t scan_part(Scan& scan, std::span<const Unit>& units) {
  const int64_t whole = scan.number();
  const int64_t fraction = scan.fraction();
  for (size_t i = 0; i < units.size(); ++i) {
    const Unit unit = units[i];
    if (!scan.rest().starts_with(unit.name)) continue;
    units = units.subspan(i + 1);
    scan.skip(unit.name.size());
    const int64_t part = fraction * unit.micros;  // in millionths of a microsecond
    const bool fits = whole <= kLongestSeconds / std::max<int64_t>(1, unit.micros / kMicros);
    // Only the last part may have a fraction (ISO 8601), and none is silently rounded.
    const bool exact = part % kMicros == 0 && (fraction == 0 || scan.rest().empty());
    return fits && exact ? whole * unit.micros + part / kMicros : scan.fail();
  }
  return scan.fail();
}

int64_t scan_iso_duration(Scan& scan) {
  int64_t micros = 0;
  std::span<const Unit> units = kDateUnits;
  while (scan.ok() && !scan.rest().empty() && scan.rest().front() != 'T')
    micros += scan_part(scan, units);
  if (scan.take('T')) {
    units = kTimeUnits;
    do {
      micros += scan_part(scan, units);
    } while (scan.ok() && !scan.rest().empty());
  }
  return micros;
}

}  // namespace

Result<Time> parse_time(std::string_view text, Zone zone) {
  Scan scan(text);
  const int64_t day = scan_date(scan);
  if (!scan.take('T')) scan.expect('t');
  const int hour = scan.digits(2);
  scan.expect(':');
  const int minute = scan.digits(2);
  int second = 0;
  int64_t micros = 0;
  if (scan.take(':')) {
    second = scan.digits(2);
    micros = scan.fraction();
  }
  const minutes offset = scan_offset(scan, zone);
  if (!scan.done() || hour > 23 || minute > 59 || second > 59) return no_time(text);
  const Time time =
      Time(days(day) + hours(hour) + minutes(minute) + seconds(second) + Duration(micros) - offset);
  // The offset may have led out of the years that can be written.
  const bool writable = time >= Time(days(kFirstDay)) && time < Time(days(kLastDay + 1));
  if (!writable) return no_time(text);
  return time;
}

Result<Interval> parse_interval(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) {
    TRY(const Time instant, parse_time(text));
    return Interval{instant, instant};
  }
  TRY(const Time begin, parse_time(text.substr(0, slash)));
  TRY(const Time end, parse_time(text.substr(slash + 1)));
  if (end < begin)
    return Error{Code::bad_input,
                 fmt::format("{} ends before it begins; expected begin/end.", quoted(text)),
                 {}};
  return Interval{begin, end};
}

Result<Duration> parse_duration(std::string_view text) {
  Scan scan(text);
  int64_t micros = 0;
  if (scan.take('P')) {
    if (scan.rest().empty()) return no_duration(text);
    micros = scan_iso_duration(scan);
  } else {
    std::span<const Unit> units = kShortUnits;
    micros = scan_part(scan, units);
  }
  if (!scan.done() || micros > kLongestSeconds * kMicros) return no_duration(text);
  return Duration(micros);
}

std::string to_text(Time time) { return local_text(time.time_since_epoch().count()) + "Z"; }

std::string to_text(const Interval& interval) {
  if (interval.instant()) return to_text(interval.begin);
  return to_text(interval.begin) + "/" + to_text(interval.end);
}

std::string to_local_text(Time time, Zone zone) {
  std::string text = local_text((time + zone.offset).time_since_epoch().count());
  const int64_t offset = std::abs(zone.offset.count());
  fmt::format_to(std::back_inserter(text), "{}{:02}:{:02}", zone.offset.count() < 0 ? '-' : '+',
                 offset / 60, offset % 60);
  return text;
}

int local_year(Time time, Zone zone) {
  const auto day = std::chrono::floor<days>((time + zone.offset).time_since_epoch());
  return static_cast<int>(date_of(day.count()).year);
}

}  // namespace duliang
