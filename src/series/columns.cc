#include "series/columns.h"

#include <zstd.h>

#include <array>
#include <bit>
#include <memory>
#include <numeric>
#include <unordered_map>

#include "base/check.h"

namespace duliang {
namespace {

// Less than a frame of zstd takes by itself.
constexpr size_t kTooFewToCompress = 16;

uint64_t zigzag(int64_t value) {
  return (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
}
int64_t unzigzag(uint64_t value) { return static_cast<int64_t>((value >> 1) ^ (~(value & 1) + 1)); }

// Contexts are costly to make, so each thread keeps one.
ZSTD_CCtx* compressor() {
  thread_local const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(),
                                                                                  &ZSTD_freeCCtx);
  CHECK(context != nullptr, "memory for zstd");
  // Short matches cost more than the bytes that they replace: most columns are noise.
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_compressionLevel, 1);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_minMatch, 7);
  ZSTD_CCtx_setParameter(context.get(), ZSTD_c_hashLog, 11);
  return context.get();
}
ZSTD_DCtx* decompressor() {
  thread_local const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(),
                                                                                  &ZSTD_freeDCtx);
  CHECK(context != nullptr, "memory for zstd");
  return context.get();
}

// Bytes whose number the reader will know: as they are (a zero before them), or as a frame of zstd
// (its length before it).
void put_block(std::string& out, std::string_view bytes) {
  if (bytes.size() > kTooFewToCompress) {
    std::string frame(ZSTD_compressBound(bytes.size()), '\0');
    const size_t length =
        ZSTD_compress2(compressor(), frame.data(), frame.size(), bytes.data(), bytes.size());
    CHECK(ZSTD_isError(length) == 0, ZSTD_getErrorName(length));
    if (length < bytes.size()) {
      put_text(out, std::string_view(frame).substr(0, length));
      return;
    }
  }
  put_varint(out, 0);
  out += bytes;
}

void take_block(Reader& in, char* into, size_t length) {
  const std::string_view frame = in.text();
  if (frame.empty()) {
    const std::string_view bytes = in.bytes(length);
    std::copy(bytes.begin(), bytes.end(), into);
    return;
  }
  if (ZSTD_decompressDCtx(decompressor(), into, length, frame.data(), frame.size()) != length)
    in.fail();
}

// A value in the middle of some: what is near it becomes a small number.
int64_t middle_of(std::span<const int64_t> values) {
  std::array<int64_t, 15> some{};
  for (size_t i = 0; i < some.size(); ++i) some[i] = values[i * (values.size() - 1) / 14];
  std::ranges::nth_element(some, some.begin() + 7);
  return some[7];
}

// A column of numbers as what is left of them once their rule is taken away.
struct Codes {
  int64_t base = 0;
  uint64_t unit = 1;           // every value is base + some units
  std::vector<uint64_t> some;  // zigzag; empty where all are base
  uint64_t all = 0;            // their bits together
};

Codes codes_of(std::span<const int64_t> values) {
  if (values.empty()) return {};
  if (std::ranges::all_of(values, [&](int64_t value) { return value == values[0]; }))
    return {values[0], 1, {}, 0};
  Codes codes{middle_of(values), 0, std::vector<uint64_t>(values.size()), 0};
  for (size_t i = 0; i < values.size(); ++i) {
    const int64_t distance = minus(values[i], codes.base);
    codes.some[i] = static_cast<uint64_t>(distance);
    const uint64_t size = distance < 0 ? 0 - codes.some[i] : codes.some[i];
    // Most are some units already, and finding that out is quicker than a gcd.
    if (codes.unit == 1 || (codes.unit != 0 && size % codes.unit == 0)) continue;
    codes.unit = std::gcd(codes.unit, size);
  }
  // 2^63 does not fit into a signed number.
  if (codes.unit >> 63) codes.unit = 1;
  const auto unit = static_cast<int64_t>(codes.unit);
  for (uint64_t& code : codes.some) {
    const auto distance = static_cast<int64_t>(code);
    code = zigzag(unit == 1 ? distance : distance / unit);
    codes.all |= code;
  }
  return codes;
}

// About what they take, to choose between two ways.
size_t bits_of(const Codes& codes) {
  size_t bits = 0;
  for (const uint64_t code : codes.some) bits += static_cast<size_t>(std::bit_width(code));
  return bits;
}

// How many digits to the base `radix` a byte holds.
size_t digits_in_byte(unsigned radix) {
  size_t digits = 0;
  for (unsigned all = radix; all <= 256 && digits < 8; all *= radix) ++digits;
  return digits;
}

uint8_t byte_of(uint64_t code, size_t plane) { return static_cast<uint8_t>(code >> (8 * plane)); }

// One byte of each code. Where all of them are small they are digits, several in one byte.
void put_plane(std::string& out, const std::vector<uint64_t>& codes, size_t plane) {
  unsigned most = 0;
  for (const uint64_t code : codes) most = std::max<unsigned>(most, byte_of(code, plane));
  put_u8(out, static_cast<uint8_t>(most));
  if (most == 0) return;
  const unsigned radix = most + 1;
  const size_t digits = digits_in_byte(radix);
  std::string bytes((codes.size() + digits - 1) / digits, '\0');
  size_t i = 0;
  for (char& byte : bytes) {
    unsigned together = 0;
    unsigned power = 1;
    for (size_t digit = 0; digit < digits && i < codes.size(); ++digit, ++i, power *= radix)
      together += byte_of(codes[i], plane) * power;
    byte = static_cast<char>(together);
  }
  put_block(out, bytes);
}

void take_plane(Reader& in, std::span<uint64_t> codes, size_t plane) {
  const unsigned radix = in.u8() + 1U;
  if (radix == 1) return;
  const size_t digits = digits_in_byte(radix);
  std::string bytes((codes.size() + digits - 1) / digits, '\0');
  take_block(in, bytes.data(), bytes.size());
  size_t i = 0;
  for (const char byte : bytes) {
    unsigned together = static_cast<unsigned char>(byte);
    if (digits == 1) {
      codes[i++] |= static_cast<uint64_t>(together) << (8 * plane);
      continue;
    }
    for (size_t digit = 0; digit < digits && i < codes.size(); ++digit, ++i, together /= radix)
      codes[i] |= static_cast<uint64_t>(together % radix) << (8 * plane);
  }
}

size_t planes_of(uint64_t all) { return (static_cast<size_t>(std::bit_width(all)) + 7) / 8; }

void put_codes(std::string& out, const Codes& codes) {
  put_zigzag(out, codes.base);
  const size_t planes = planes_of(codes.all);
  put_u8(out, static_cast<uint8_t>(planes));
  if (planes == 0) return;
  put_varint(out, codes.unit);
  for (size_t plane = 0; plane < planes; ++plane) put_plane(out, codes.some, plane);
}

}  // namespace

void put_numbers(std::string& out, std::span<const int64_t> values) {
  if (!values.empty()) put_codes(out, codes_of(values));
}

void take_numbers(Reader& in, std::span<int64_t> values) {
  if (values.empty()) return;
  const int64_t base = in.zigzag();
  const size_t planes = in.u8();
  if (planes > sizeof(uint64_t)) in.fail();
  std::ranges::fill(values, base);
  if (planes == 0 || !in.ok()) return;
  const uint64_t unit = in.varint();
  std::vector<uint64_t> codes(values.size());
  for (size_t plane = 0; plane < planes; ++plane) take_plane(in, codes, plane);
  for (size_t i = 0; i < values.size(); ++i) {
    const auto some = static_cast<uint64_t>(unzigzag(codes[i]));
    values[i] = static_cast<int64_t>(static_cast<uint64_t>(base) + some * unit);
  }
}

namespace {

enum Order : uint8_t { kPlain, kSteps };

// The first of each run as a step from the first of the run before; then the steps within the runs.
struct Steps {
  Codes firsts;
  Codes within;
};

Steps steps_of(std::span<const int64_t> values, std::span<const int64_t> runs) {
  std::vector<int64_t> firsts;
  std::vector<int64_t> within;
  firsts.reserve(runs.size());
  within.reserve(values.size() - runs.size());
  int64_t before = 0;
  size_t at = 0;
  for (const int64_t length : runs) {
    firsts.push_back(minus(values[at], before));
    before = values[at];
    for (const size_t end = at + static_cast<size_t>(length); ++at < end;)
      within.push_back(minus(values[at], values[at - 1]));
  }
  return {codes_of(firsts), codes_of(within)};
}

}  // namespace

void put_series(std::string& out, std::span<const int64_t> values, std::span<const int64_t> runs) {
  const Codes plain = codes_of(values);
  if (plain.all != 0) {
    const Steps steps = steps_of(values, runs);
    if (bits_of(steps.firsts) + bits_of(steps.within) < bits_of(plain)) {
      put_u8(out, kSteps);
      put_codes(out, steps.firsts);
      if (values.size() > runs.size()) put_codes(out, steps.within);
      return;
    }
  }
  put_u8(out, kPlain);
  put_codes(out, plain);
}

void take_series(Reader& in, std::span<int64_t> values, std::span<const int64_t> runs) {
  const uint8_t order = in.u8();
  if (order > kSteps) in.fail();
  if (order == kPlain || !in.ok()) return take_numbers(in, values);
  std::vector<int64_t> firsts(runs.size());
  std::vector<int64_t> within(values.size() - runs.size());
  take_numbers(in, firsts);
  take_numbers(in, within);
  int64_t first = 0;
  size_t at = 0;
  auto step = within.begin();
  for (size_t run = 0; run < runs.size(); ++run) {
    first = plus(first, firsts[run]);
    values[at] = first;
    for (const size_t end = at + static_cast<size_t>(runs[run]); ++at < end;)
      values[at] = plus(values[at - 1], *step++);
  }
}

namespace {

// In the column that says which text stands where: one that was not there yet. Any other number is
// 1
// + the place of the text among those that were; the empty text is the first of them.
constexpr int64_t kNewText = 0;

}  // namespace

void put_texts(std::string& out, std::span<const std::string_view> texts) {
  std::unordered_map<std::string_view, int64_t> places{{"", 1}};
  std::vector<int64_t> which;
  std::vector<int64_t> lengths;
  std::string fresh;
  which.reserve(texts.size());
  for (size_t i = 0; i < texts.size(); ++i) {
    if (i > 0 && which.back() != kNewText && texts[i] == texts[i - 1]) {
      which.push_back(which.back());
      continue;
    }
    const auto [place, is_new] = places.try_emplace(texts[i], places.size() + 1);
    which.push_back(is_new ? kNewText : place->second);
    if (!is_new) continue;
    lengths.push_back(static_cast<int64_t>(texts[i].size()));
    fresh += texts[i];
  }
  CHECK(fresh.size() <= kPageTextBytes, "a page ends before");
  put_numbers(out, which);
  put_numbers(out, lengths);
  if (!fresh.empty()) put_block(out, fresh);
}

void take_texts(Reader& in, std::span<std::string_view> texts, std::string& held) {
  std::vector<int64_t> which(texts.size());
  take_numbers(in, which);
  std::vector<int64_t> lengths(static_cast<size_t>(std::ranges::count(which, kNewText)));
  take_numbers(in, lengths);
  size_t fresh = 0;
  for (const int64_t length : lengths) {
    if (length <= 0 || static_cast<uint64_t>(length) > kPageTextBytes - fresh) return in.fail();
    fresh += static_cast<size_t>(length);
  }
  if (!in.ok()) return;
  held.resize(fresh);
  if (fresh > 0) take_block(in, held.data(), held.size());
  std::vector<std::string_view> known{""};
  std::string_view rest = held;
  size_t together = 0;
  for (size_t i = 0; i < texts.size(); ++i) {
    if (which[i] == kNewText) {
      const auto length = static_cast<size_t>(lengths[known.size() - 1]);
      known.push_back(rest.substr(0, length));
      rest.remove_prefix(length);
      texts[i] = known.back();
    } else if (which[i] > 0 && static_cast<uint64_t>(which[i]) <= known.size()) {
      texts[i] = known[static_cast<size_t>(which[i]) - 1];
    } else {
      return in.fail();
    }
    together += texts[i].size();
    if (together > 2 * kPageTextBytes) return in.fail();
  }
}

}  // namespace duliang
