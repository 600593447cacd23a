#include "series/results.h"

#include <array>
#include <cstdlib>
#include <limits>

#include "base/plain_number.h"
#include "series/columns.h"

namespace duliang {
namespace {

// How a result is given: as the number that its run's Writing makes of the digits; by a text; or,
// kDecimals + n, as the number with n decimals.
enum Form : int64_t { kAsExpected, kText, kDecimals };

// How the numbers of a stream are written. A source that drops zeros at the end has least 0, one
// that always writes as many decimals has least == most.
struct Writing {
  size_t most = 0;   // decimals: the digits are the number at this power of ten
  size_t least = 0;  // decimals that are written even where they are zeros
};

// What bits are spent on, near enough to choose: a digit more of all numbers, a letter of a number
// that is kept as text, a number whose decimals are given, a stream that has a Writing of its own.
constexpr size_t kBitsOfDigit = 3;
constexpr size_t kBitsOfLetter = 6;
constexpr size_t kBitsOfDecimals = 4;
constexpr size_t kBitsOfWriting = 32;

// Numbers by how many decimals they were written with.
struct Histogram {
  std::array<size_t, kPlainDigits + 1> numbers{};
  std::array<size_t, kPlainDigits + 1> letters{};
  size_t all = 0;

  void add(size_t decimals, size_t its_letters) {
    ++numbers[decimals];
    letters[decimals] += its_letters;
    ++all;
  }
  void add(const Histogram& other) {
    for (size_t i = 0; i <= kPlainDigits; ++i) {
      numbers[i] += other.numbers[i];
      letters[i] += other.letters[i];
    }
    all += other.all;
  }
  size_t cost(const Writing& writing) const;
  Writing best() const;
};

size_t Histogram::cost(const Writing& writing) const {
  size_t bits = kBitsOfDigit * writing.most * all;
  for (size_t i = 0; i < writing.least; ++i) bits += kBitsOfDecimals * numbers[i];
  for (size_t i = writing.most + 1; i <= kPlainDigits; ++i) bits += kBitsOfLetter * letters[i];
  return bits;
}

Writing Histogram::best() const {
  Writing best;
  size_t best_cost = cost(best);
  for (size_t most = 1; most <= kPlainDigits; ++most) {
    if (numbers[most] == 0) continue;
    const size_t its_cost = cost({most, 0});
    if (its_cost < best_cost) best.most = most, best_cost = its_cost;
  }
  while (best.least < best.most && numbers[best.least] == 0) ++best.least;
  return best;
}

using Numbers = std::vector<std::optional<PlainNumber>>;

// For each run: the one that suits most of the page, unless its own saves more than it takes.
std::vector<Writing> choose_writings(std::span<const Reading> readings, const Numbers& numbers,
                                     std::span<const int64_t> runs) {
  std::vector<Histogram> histograms(runs.size());
  Histogram page;
  size_t at = 0;
  for (size_t run = 0; run < runs.size(); ++run) {
    for (const size_t end = at + static_cast<size_t>(runs[run]); at < end; ++at) {
      if (numbers[at]) histograms[run].add(numbers[at]->decimals, readings[at].result.size());
    }
    page.add(histograms[run]);
  }
  const Writing common = page.best();
  std::vector<Writing> writings(runs.size(), common);
  for (size_t run = 0; run < runs.size(); ++run) {
    const size_t cost = histograms[run].cost(common);
    if (cost <= kBitsOfWriting) continue;
    const Writing own = histograms[run].best();
    // A larger least of its own costs nothing and spares nothing but forms, so it counts for those.
    const size_t forms = own.least > common.least ? kBitsOfDecimals * histograms[run].all : 0;
    if (histograms[run].cost(own) + kBitsOfWriting < cost + forms) writings[run] = own;
  }
  return writings;
}

size_t decimals_needed(int64_t digits, const Writing& writing) {
  size_t decimals = writing.most;
  for (; decimals > writing.least && digits % 10 == 0; digits /= 10) --decimals;
  return decimals;
}

// The digits at the power of ten of the writing; none where that would cut some off or overflow.
std::optional<int64_t> scaled(const std::optional<PlainNumber>& number, const Writing& writing) {
  if (!number || number->decimals > writing.most) return std::nullopt;
  const int64_t power = kPowersOfTen[writing.most - number->decimals];
  if (std::abs(number->digits) > std::numeric_limits<int64_t>::max() / power) return std::nullopt;
  return number->digits * power;
}

}  // namespace

void put_results(std::string& out, std::span<const Reading> readings,
                 std::span<const int64_t> runs) {
  Numbers numbers(readings.size());
  for (size_t i = 0; i < readings.size(); ++i) numbers[i] = parse_plain(readings[i].result);
  const std::vector<Writing> writings = choose_writings(readings, numbers, runs);
  std::vector<int64_t> most, least;
  std::vector<int64_t> forms(readings.size(), kText), digits(readings.size());
  std::vector<std::string_view> texts;
  size_t at = 0;
  for (size_t run = 0; run < runs.size(); ++run) {
    const Writing& writing = writings[run];
    most.push_back(static_cast<int64_t>(writing.most));
    least.push_back(static_cast<int64_t>(writing.least));
    int64_t before = 0;  // a text takes no step
    for (const size_t end = at + static_cast<size_t>(runs[run]); at < end; ++at) {
      if (const auto number = scaled(numbers[at], writing)) {
        const uint8_t decimals = numbers[at]->decimals;
        forms[at] =
            decimals == decimals_needed(*number, writing) ? kAsExpected : kDecimals + decimals;
        before = *number;
      } else {
        texts.push_back(readings[at].result);
      }
      digits[at] = before;
    }
  }
  put_numbers(out, most);
  put_numbers(out, least);
  put_numbers(out, forms);
  put_series(out, digits, runs);
  put_texts(out, texts);
}

namespace {

std::vector<Writing> take_writings(Reader& in, size_t runs) {
  std::vector<int64_t> most(runs), least(runs);
  take_numbers(in, most);
  take_numbers(in, least);
  std::vector<Writing> writings(runs);
  for (size_t run = 0; run < runs; ++run) {
    if (least[run] < 0 || least[run] > most[run] || most[run] > int64_t{kPlainDigits}) in.fail();
    writings[run] = {static_cast<size_t>(most[run]), static_cast<size_t>(least[run])};
  }
  return writings;
}

// False where so many decimals can't be.
bool append_number(std::string& out, int64_t digits, int64_t form, const Writing& writing) {
  const size_t needed =
      decimals_needed(digits, {writing.most, form == kAsExpected ? writing.least : 0});
  const auto decimals = form == kAsExpected ? needed : static_cast<size_t>(form - kDecimals);
  if (form < 0 || decimals < needed || decimals > writing.most) return false;
  append_plain(out,
               {digits / kPowersOfTen[writing.most - decimals], static_cast<uint8_t>(decimals)});
  return true;
}

// What stands in the bytes; `texts` are into `held`.
struct Taken {
  std::vector<Writing> writings;  // of each run
  std::vector<int64_t> forms;
  std::vector<int64_t> digits;
  std::vector<std::string_view> texts;
  std::string held;

  Taken(Reader& in, size_t readings, std::span<const int64_t> runs)
      : writings(take_writings(in, runs.size())), forms(readings), digits(readings) {
    take_numbers(in, forms);
    take_series(in, digits, runs);
    texts.resize(static_cast<size_t>(std::ranges::count(forms, kText)));
    take_texts(in, texts, held);
  }
  Taken(const Taken&) = delete;
  Taken& operator=(const Taken&) = delete;
};

double number_or_nan(std::string text) {
  Reading reading;
  reading.result = std::move(text);
  return number_of(reading).value_or(std::numeric_limits<double>::quiet_NaN());
}

}  // namespace

void take_results(Reader& in, std::span<Reading> readings, std::span<const int64_t> runs) {
  const Taken taken(in, readings.size(), runs);
  if (!in.ok()) return;
  size_t at = 0;
  auto text = taken.texts.begin();
  for (size_t run = 0; run < runs.size(); ++run) {
    for (const size_t end = at + static_cast<size_t>(runs[run]); at < end; ++at) {
      std::string& result = readings[at].result;
      result.clear();
      if (taken.forms[at] == kText) {
        result = *text++;
      } else if (!append_number(result, taken.digits[at], taken.forms[at], taken.writings[run])) {
        return in.fail();
      }
    }
  }
}

void take_result_numbers(Reader& in, std::span<double> numbers, std::span<const int64_t> runs) {
  const Taken taken(in, numbers.size(), runs);
  if (!in.ok()) return;
  size_t at = 0;
  auto text = taken.texts.begin();
  for (size_t run = 0; run < runs.size(); ++run) {
    const Writing& writing = taken.writings[run];
    for (const size_t end = at + static_cast<size_t>(runs[run]); at < end; ++at) {
      if (taken.forms[at] == kText) {
        numbers[at] = number_or_nan(std::string(*text++));
      } else if (const auto number = nearest_double(
                     {taken.digits[at], static_cast<uint8_t>(writing.most)})) {
        numbers[at] = *number;
      } else {
        std::string written;
        if (!append_number(written, taken.digits[at], taken.forms[at], writing)) return in.fail();
        numbers[at] = number_or_nan(std::move(written));
      }
    }
  }
}

}  // namespace duliang
