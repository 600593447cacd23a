#include "doors/csv/time_pattern.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/text.h"

namespace duliang {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {"jan", "feb", "mar", "apr", "may", "jun",
                                                      "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr size_t kFractionDigits = 6;
constexpr Time kFirstMoment = std::chrono::sys_days{std::chrono::year{1} / 1 / 1};
constexpr Time kEndOfTimes = std::chrono::sys_days{std::chrono::year{10000} / 1 / 1};

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

Error wrong(std::string what) { return {Code::bad_input, std::move(what), ""}; }

// Takes a number of `least` to `most` digits off the front; -1 where none stands there.
int take_number(std::string_view& text, size_t least, size_t most) {
  int number = 0;
  size_t count = 0;
  for (; count < most && count < text.size() && is_digit(text[count]); ++count) {
    number = number * 10 + (text[count] - '0');
  }
  if (count < least) return -1;
  text.remove_prefix(count);
  return number;
}

int take_month_name(std::string_view& text) {
  std::string name(text.substr(0, 3));
  std::ranges::transform(name, name.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
  const auto found = std::ranges::find(kMonths, name);
  if (found == kMonths.end()) return -1;
  text.remove_prefix(3);
  return static_cast<int>(found - kMonths.begin()) + 1;
}

// "5" is half a second: as microseconds.
int take_fraction(std::string_view& text) {
  const size_t before = text.size();
  int number = take_number(text, 1, kFractionDigits);
  if (number < 0) return -1;
  for (size_t digits = before - text.size(); digits < kFractionDigits; ++digits) number *= 10;
  return number;
}

std::optional<Zone> take_zone(std::string_view& text) {
  const size_t most = std::min<size_t>(text.size(), 6);
  for (const size_t length : {size_t{1}, size_t{5}, size_t{6}}) {
    if (length > most) break;
    auto zone = parse_zone(text.substr(0, length));
    if (!zone.ok()) continue;
    text.remove_prefix(length);
    return *zone;
  }
  return std::nullopt;
}

struct Moment {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, micros = 0;
};

std::optional<Time> time_of(const Moment& moment, Zone zone) {
  const std::chrono::year_month_day date{std::chrono::year(moment.year),
                                         std::chrono::month(static_cast<unsigned>(moment.month)),
                                         std::chrono::day(static_cast<unsigned>(moment.day))};
  const bool end_of_day =
      moment.hour == 24 && moment.minute == 0 && moment.second == 0 && moment.micros == 0;
  if (moment.year < 1 || !date.ok() || (moment.hour > 23 && !end_of_day) || moment.minute > 59 ||
      moment.second > 59) {
    return std::nullopt;
  }
  return Time(std::chrono::sys_days(date)) + std::chrono::hours(moment.hour) +
         std::chrono::minutes(moment.minute) + std::chrono::seconds(moment.second) +
         Duration(moment.micros) - zone.offset;
}

}  // namespace

Result<TimePattern::Piece> TimePattern::piece_of(std::string_view letters) {
  struct Known {
    std::string_view letters;
    Part part;
    size_t least, most;
  };
  static constexpr Known kKnown[] = {
      {"yyyy", Part::year, 4, 4},    {"MMM", Part::month_name, 0, 0}, {"MM", Part::month, 2, 2},
      {"M", Part::month, 1, 2},      {"dd", Part::day, 2, 2},         {"d", Part::day, 1, 2},
      {"HH", Part::hour, 2, 2},      {"H", Part::hour, 1, 2},         {"mm", Part::minute, 2, 2},
      {"m", Part::minute, 1, 2},     {"ss", Part::second, 2, 2},      {"s", Part::second, 1, 2},
      {"SSS", Part::fraction, 0, 0}, {"XXX", Part::offset, 0, 0}};
  for (const Known& known : kKnown) {
    if (known.letters == letters) return Piece{known.part, known.least, known.most, ""};
  }
  return wrong(fmt::format(
      "{} is no part of a time; expected yyyy MM M MMM dd d HH H mm m ss s SSS XXX, and "
      "other letters between single quotes.",
      quoted(letters)));
}

Result<TimePattern> TimePattern::parse(std::string_view pattern) {
  TimePattern parsed;
  parsed.pattern_ = pattern;
  size_t at = 0;
  while (at < pattern.size()) {
    const size_t begin = at;
    if (pattern[at] == '\'') {
      at = pattern.find('\'', begin + 1);
      if (at == std::string_view::npos) return wrong("a single quote is opened and not closed.");
      const std::string_view literal = pattern.substr(begin + 1, at - begin - 1);
      parsed.pieces_.push_back({Part::literal, 0, 0, std::string(literal)});
      ++at;
      continue;
    }
    if (!is_letter(pattern[at])) {
      parsed.pieces_.push_back({Part::literal, 0, 0, std::string(1, pattern[at++])});
      continue;
    }
    while (at < pattern.size() && pattern[at] == pattern[begin]) ++at;
    TRY(Piece piece, piece_of(pattern.substr(begin, at - begin)));
    parsed.pieces_.push_back(std::move(piece));
  }
  const auto count = [&parsed](Part part) {
    return std::ranges::count(parsed.pieces_, part, &Piece::part);
  };
  if (count(Part::year) != 1 || count(Part::day) != 1 ||
      count(Part::month) + count(Part::month_name) != 1) {
    return wrong("year (yyyy), month (MM) and day (dd) must each stand once.");
  }
  for (const Part part : {Part::hour, Part::minute, Part::second, Part::fraction, Part::offset}) {
    if (count(part) > 1) return wrong("a part of the time stands twice.");
  }
  return parsed;
}

Result<Time> TimePattern::read(std::string_view text, Zone zone) const {
  const auto misfit = [&] {
    return wrong(fmt::format("{} is no time as {}", quoted(text), quoted(pattern_)));
  };
  std::string_view rest = text;
  Moment moment;
  for (const Piece& piece : pieces_) {
    int* number = nullptr;
    switch (piece.part) {
      case Part::literal:
        if (!rest.starts_with(piece.literal)) return misfit();
        rest.remove_prefix(piece.literal.size());
        continue;
      case Part::offset: {
        const auto given = take_zone(rest);
        if (!given) return misfit();
        zone = *given;
        continue;
      }
      case Part::month_name:
        moment.month = take_month_name(rest);
        if (moment.month < 0) return misfit();
        continue;
      case Part::fraction:
        moment.micros = take_fraction(rest);
        if (moment.micros < 0) return misfit();
        continue;
      case Part::year:
        number = &moment.year;
        break;
      case Part::month:
        number = &moment.month;
        break;
      case Part::day:
        number = &moment.day;
        break;
      case Part::hour:
        number = &moment.hour;
        break;
      case Part::minute:
        number = &moment.minute;
        break;
      case Part::second:
        number = &moment.second;
        break;
    }
    *number = take_number(rest, piece.least, piece.most);
    if (*number < 0) return misfit();
  }
  const auto time = time_of(moment, zone);
  // The zone may lead out of the years that can be shown.
  if (!rest.empty() || !time || *time < kFirstMoment || *time >= kEndOfTimes) return misfit();
  return *time;
}

Result<Zone> parse_zone(std::string_view text) {
  const auto moment = parse_time(fmt::format("2000-01-01T00:00:00{}", text));
  if (text.empty() || !moment.ok() || text.front() == '.' || text.front() == ',') {
    return wrong(fmt::format("{} is no zone; expected one as +08:00, or Z.", quoted(text)));
  }
  static const Time kReference = std::chrono::sys_days{std::chrono::year{2000} / 1 / 1};
  return Zone{std::chrono::duration_cast<std::chrono::minutes>(kReference - *moment)};
}

}  // namespace duliang
