#include "journal/columns.h"

#include <zstd.h>

#include <algorithm>
#include <memory>
#include <numeric>

#include "base/check.h"

namespace duliang {
namespace {

// Planes of a block are short: a high level has little to find in them.
constexpr int kLevel = 6;

enum class Packing : uint8_t { constant, plain, zstd };

struct FreeContext {
  void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
};

std::string compressed(std::string_view bytes) {
  thread_local const std::unique_ptr<ZSTD_CCtx, FreeContext> context(ZSTD_createCCtx());
  std::string out(ZSTD_compressBound(bytes.size()), '\0');
  const size_t size =
      ZSTD_compressCCtx(context.get(), out.data(), out.size(), bytes.data(), bytes.size(), kLevel);
  CHECK(ZSTD_isError(size) == 0, ZSTD_getErrorName(size));
  out.resize(size);
  return out;
}

uint64_t zigzag(uint64_t difference) { return difference << 1 ^ (0 - (difference >> 63)); }
uint64_t from_zigzag(uint64_t coded) { return coded >> 1 ^ (0 - (coded & 1)); }
uint64_t magnitude(uint64_t difference) { return difference >> 63 ? 0 - difference : difference; }

// What divides all of them; 1 where they are all 0.
uint64_t unit_of(std::span<const uint64_t> numbers) {
  uint64_t unit = 0;
  for (size_t i = 0; i < numbers.size() && unit != 1; ++i)
    unit = std::gcd(unit, magnitude(numbers[i]));
  return std::max<uint64_t>(unit, 1);
}

uint64_t in_units(uint64_t difference, uint64_t unit) {
  const uint64_t units = magnitude(difference) / unit;
  return zigzag(difference >> 63 ? 0 - units : units);
}

bool decompress(std::string_view bytes, std::string& into) {
  thread_local const std::unique_ptr<ZSTD_DCtx, FreeContext> context(ZSTD_createDCtx());
  return ZSTD_decompressDCtx(context.get(), into.data(), into.size(), bytes.data(), bytes.size()) ==
         into.size();
}

}  // namespace

void put_bytes(std::string& out, std::string_view bytes) {
  if (bytes.empty()) return;
  if (bytes.find_first_not_of(bytes[0]) == std::string_view::npos) {
    put_u8(out, static_cast<uint8_t>(Packing::constant));
    out.push_back(bytes[0]);
    return;
  }
  const std::string packed = compressed(bytes);
  const bool shorter = packed.size() < bytes.size();
  put_u8(out, static_cast<uint8_t>(shorter ? Packing::zstd : Packing::plain));
  if (shorter) {
    put_text(out, packed);
  } else {
    out += bytes;
  }
}

std::string get_bytes(Reader& in, size_t size) {
  if (size == 0) return {};
  switch (static_cast<Packing>(in.u8())) {
    case Packing::constant: {
      const auto byte = static_cast<char>(in.u8());
      return in.ok() ? std::string(size, byte) : std::string();
    }
    case Packing::plain:
      return std::string(in.bytes(size));
    case Packing::zstd: {
      const std::string_view packed = in.text();
      std::string bytes(in.ok() ? size : 0, '\0');
      if (!in.ok() || !decompress(packed, bytes)) in.fail();
      return bytes;
    }
  }
  in.fail();
  return {};
}

void put_numbers(std::string& out, std::span<const uint64_t> numbers) {
  const uint64_t unit = unit_of(numbers);
  uint64_t bits = 0;
  for (const uint64_t number : numbers) bits |= in_units(number, unit);
  uint8_t planes = 0;
  while (planes < 8 && bits >> (8 * planes) != 0) ++planes;
  put_varint(out, unit);
  put_u8(out, planes);
  std::string plane(numbers.size(), '\0');
  for (uint8_t at = 0; at < planes; ++at) {
    std::ranges::transform(numbers, plane.begin(), [at, unit](uint64_t number) {
      return static_cast<char>(in_units(number, unit) >> (8 * at) & 0xff);
    });
    put_bytes(out, plane);
  }
}

std::vector<uint64_t> get_numbers(Reader& in, size_t count) {
  const uint64_t unit = in.varint();
  const uint8_t planes = in.u8();
  if (planes > 8) in.fail();
  std::vector<uint64_t> numbers(in.ok() ? count : 0);
  for (uint8_t at = 0; at < planes && in.ok(); ++at) {
    const std::string plane = get_bytes(in, count);
    if (!in.ok()) break;
    for (size_t i = 0; i < count; ++i)
      numbers[i] |= static_cast<uint64_t>(static_cast<unsigned char>(plane[i])) << (8 * at);
  }
  for (uint64_t& number : numbers) number = from_zigzag(number) * unit;
  return numbers;
}

}  // namespace duliang
