#include "query/functions.h"

#include <cmath>

#include "query/values.h"

namespace duliang {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// What a call was given; the evaluator has seen to the kinds.

const std::string& text(const Call& call, size_t operand) {
  return std::get<std::string>(call.operands[operand]);
}
int64_t integer(const Call& call, size_t operand) {
  return std::get<int64_t>(call.operands[operand]);
}
Interval interval(const Call& call, size_t operand) {
  return *interval_of(call.operands[operand]);
}

// Texts. Characters are code points, and a text is UTF-8, so that a part is found only where a
// character begins.

bool begins_character(char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }

int64_t characters(std::string_view text) {
  return std::count_if(text.begin(), text.end(), begins_character);
}

// The place of the character of this number, from 0; the end where there are not so many.
size_t place_of(std::string_view text, int64_t character) {
  for (size_t at = 0; at < text.size(); ++at)
    if (begins_character(text[at]) && character-- == 0) return at;
  return text.size();
}

Value startswith(const Call& call) { return text(call, 0).starts_with(text(call, 1)); }
Value endswith(const Call& call) { return text(call, 0).ends_with(text(call, 1)); }
Value contains(const Call& call) {
  return text(call, 0).find(text(call, 1)) != std::string::npos;
}
Value substringof(const Call& call) {
  return text(call, 1).find(text(call, 0)) != std::string::npos;
}
Value length(const Call& call) { return characters(text(call, 0)); }

Value indexof(const Call& call) {
  const std::string& whole = text(call, 0);
  const size_t at = whole.find(text(call, 1));
  if (at == std::string::npos) return int64_t{-1};
  return characters(std::string_view(whole).substr(0, at));
}

// A start below 0 counts from the end.
Value substring(const Call& call) {
  std::string_view rest = text(call, 0);
  int64_t start = integer(call, 1);
  if (start < 0) start = std::max<int64_t>(0, characters(rest) + start);
  rest.remove_prefix(place_of(rest, start));
  if (call.operands.size() == 3) rest = rest.substr(0, place_of(rest, integer(call, 2)));
  return std::string(rest);
}

template <char kFrom, char kTo>
Value with_case(const Call& call) {
  std::string changed = text(call, 0);
  for (char& c : changed)
    if (c >= kFrom && c <= kFrom + 25) c = static_cast<char>(c - kFrom + kTo);
  return changed;
}

// Unicode's White_Space, in UTF-8; U+2000 to U+200A are one row.
constexpr std::string_view kSpaces[] = {
    " ",            "\t",           "\n",           "\v",           "\f",
    "\r",           "\xc2\x85",     "\xc2\xa0",     "\xe1\x9a\x80", "\xe2\x80\x80",
    "\xe2\x80\x81", "\xe2\x80\x82", "\xe2\x80\x83", "\xe2\x80\x84", "\xe2\x80\x85",
    "\xe2\x80\x86", "\xe2\x80\x87", "\xe2\x80\x88", "\xe2\x80\x89", "\xe2\x80\x8a",
    "\xe2\x80\xa8", "\xe2\x80\xa9", "\xe2\x80\xaf", "\xe2\x81\x9f", "\xe3\x80\x80"};

Value trim(const Call& call) {
  std::string_view rest = text(call, 0);
  const auto before = [&](std::string_view space) { return rest.starts_with(space); };
  const auto behind = [&](std::string_view space) { return rest.ends_with(space); };
  for (auto* space = std::ranges::find_if(kSpaces, before); space != std::end(kSpaces);
       space = std::ranges::find_if(kSpaces, before))
    rest.remove_prefix(space->size());
  for (auto* space = std::ranges::find_if(kSpaces, behind); space != std::end(kSpaces);
       space = std::ranges::find_if(kSpaces, behind))
    rest.remove_suffix(space->size());
  return std::string(rest);
}

Value concat(const Call& call) { return text(call, 0) + text(call, 1); }

// Times, in UTC as they are kept; an interval counts by its begin. A date is the moment at which
// its day begins, a time of day is the duration since then.

Time day_of(const Call& call) { return std::chrono::floor<days>(interval(call, 0).begin); }

std::chrono::year_month_day date_of(const Call& call) {
  return std::chrono::floor<days>(interval(call, 0).begin);
}

Value year(const Call& call) { return int64_t{static_cast<int>(date_of(call).year())}; }
Value month(const Call& call) { return int64_t{static_cast<unsigned>(date_of(call).month())}; }
Value day(const Call& call) { return int64_t{static_cast<unsigned>(date_of(call).day())}; }

// None for a duration that is no time of day.
std::optional<Duration> time_of_day(const Call& call) {
  const auto* given = std::get_if<Duration>(&call.operands[0]);
  if (given == nullptr) return interval(call, 0).begin - day_of(call);
  const bool within = *given >= Duration{0} && *given < hours{24};
  return within ? std::optional(*given) : std::nullopt;
}

template <typename Unit, int64_t kInTheNext>
Value part_of_day(const Call& call) {
  const auto time = time_of_day(call);
  if (!time) return {};
  return int64_t{std::chrono::floor<Unit>(*time).count() % kInTheNext};
}

Value fractionalseconds(const Call& call) {
  const auto time = time_of_day(call);
  if (!time) return {};
  const std::chrono::duration<double> fraction = *time % seconds{1};
  return Decimal{fraction.count(), ""};
}

Value date(const Call& call) { return day_of(call); }
Value time(const Call& call) { return *time_of_day(call); }
Value totaloffsetminutes(const Call&) { return int64_t{0}; }
Value now(const Call& call) { return call.now; }
Value mindatetime(const Call&) { return kFirstTime; }
Value maxdatetime(const Call&) { return kTimeEnd - Duration{1}; }

// Numbers. What is whole within 64 bits is an integer; decimals beyond are whole as they are.

double rounded(double value) { return std::round(value); }
double rounded_down(double value) { return std::floor(value); }
double rounded_up(double value) { return std::ceil(value); }

template <double (*kRound)(double)>
Value whole(const Call& call) {
  const Decimal* decimal = std::get_if<Decimal>(&call.operands[0]);
  if (decimal == nullptr) return call.operands[0];
  const double value = kRound(decimal->value);
  if (value < -kIntegerEnd || value >= kIntegerEnd) return call.operands[0];
  return static_cast<int64_t>(value);
}

// Intervals against intervals; an instant is one whose ends are one.

Value before(const Call& call) {
  const Interval a = interval(call, 0), b = interval(call, 1);
  return a.end <= b.begin && a.begin < b.begin;
}
Value after(const Call& call) {
  const Interval a = interval(call, 0), b = interval(call, 1);
  return a.begin >= b.end && a.begin > b.begin;
}
Value meets(const Call& call) {
  const Interval a = interval(call, 0), b = interval(call, 1);
  return a.begin == b.end || a.end == b.begin;
}
Value during(const Call& call) {
  const Interval a = interval(call, 0), b = interval(call, 1);
  return b.begin <= a.begin && a.begin < b.end && a.end <= b.end;
}
Value overlaps(const Call& call) {
  const Interval a = interval(call, 0), b = interval(call, 1);
  return a.begin == b.begin || (a.begin < b.end && b.begin < a.end);
}
Value starts(const Call& call) { return interval(call, 0).begin == interval(call, 1).begin; }
Value finishes(const Call& call) { return interval(call, 0).end == interval(call, 1).end; }

// Texts, times, numbers, then times against each other (these are an extension, as is contains).
// Geometry is not offered yet: geo.* and st_* follow at the end, with a kind of their own.
constexpr Function kFunctions[] = {
    {"startswith", {kText, kText}, 2, 2, kBoolean, startswith},
    {"endswith", {kText, kText}, 2, 2, kBoolean, endswith},
    {"contains", {kText, kText}, 2, 2, kBoolean, contains},
    {"substringof", {kText, kText}, 2, 2, kBoolean, substringof},
    {"length", {kText}, 1, 1, kNatural, length},
    {"indexof", {kText, kText}, 2, 2, kInteger, indexof},
    {"substring", {kText, kInteger, kNatural}, 2, 3, kText, substring},
    {"tolower", {kText}, 1, 1, kText, with_case<'A', 'a'>},
    {"toupper", {kText}, 1, 1, kText, with_case<'a', 'A'>},
    {"trim", {kText}, 1, 1, kText, trim},
    {"concat", {kText, kText}, 2, 2, kText, concat},
    {"year", {kTime}, 1, 1, kNatural, year},
    {"month", {kTime}, 1, 1, kNatural, month},
    {"day", {kTime}, 1, 1, kNatural, day},
    {"hour", {kClock}, 1, 1, kNatural, part_of_day<hours, 24>},
    {"minute", {kClock}, 1, 1, kNatural, part_of_day<minutes, 60>},
    {"second", {kClock}, 1, 1, kNatural, part_of_day<seconds, 60>},
    {"fractionalseconds", {kClock}, 1, 1, kDecimal, fractionalseconds},
    {"date", {kTime}, 1, 1, kInstant, date},
    {"time", {kTime}, 1, 1, kDuration, time},
    {"totaloffsetminutes", {kTime}, 1, 1, kNatural, totaloffsetminutes},
    {"now", {}, 0, 0, kInstant, now},
    {"mindatetime", {}, 0, 0, kInstant, mindatetime},
    {"maxdatetime", {}, 0, 0, kInstant, maxdatetime},
    {"round", {kNumber}, 1, 1, kNumber, whole<rounded>},
    {"floor", {kNumber}, 1, 1, kNumber, whole<rounded_down>},
    {"ceiling", {kNumber}, 1, 1, kNumber, whole<rounded_up>},
    {"before", {kTime, kTime}, 2, 2, kBoolean, before},
    {"after", {kTime, kTime}, 2, 2, kBoolean, after},
    {"meets", {kTime, kTime}, 2, 2, kBoolean, meets},
    {"during", {kTime, kInterval}, 2, 2, kBoolean, during},
    {"overlaps", {kTime, kTime}, 2, 2, kBoolean, overlaps},
    {"starts", {kTime, kTime}, 2, 2, kBoolean, starts},
    {"finishes", {kTime, kTime}, 2, 2, kBoolean, finishes},
};

}  // namespace

std::span<const Function> all_functions() { return kFunctions; }

bool depends_on_now(const Function& function) { return function.result == now; }

bool takes(const Function& function, size_t operand, const Value& value) {
  const bool instant = std::holds_alternative<Time>(value);
  const Kinds kinds = instant ? kTime : kind_of(value);
  return (function.takes[operand] & kinds) != 0;
}

}  // namespace duliang
