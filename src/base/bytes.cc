#include "base/bytes.h"

#include <bit>
#include <cstring>

namespace duliang {

namespace {

static_assert(std::endian::native == std::endian::little, "the formats are written as they lie");

template <typename T>
void put_fixed(std::string& out, T value) {
  char bytes[sizeof(T)];
  std::memcpy(bytes, &value, sizeof(T));
  out.append(bytes, sizeof(T));
}

template <typename T>
T take_fixed(Reader& reader) {
  const std::string_view bytes = reader.bytes(sizeof(T));
  T value = 0;
  if (bytes.size() == sizeof(T)) std::memcpy(&value, bytes.data(), sizeof(T));
  return value;
}

}  // namespace

void put_u8(std::string& out, uint8_t value) { out.push_back(static_cast<char>(value)); }
void put_u16(std::string& out, uint16_t value) { put_fixed(out, value); }
void put_u32(std::string& out, uint32_t value) { put_fixed(out, value); }
void put_u64(std::string& out, uint64_t value) { put_fixed(out, value); }

void put_varint(std::string& out, uint64_t value) {
  char bytes[10];
  size_t length = 0;
  while (value >= 0x80) {
    bytes[length++] = static_cast<char>((value & 0x7f) | 0x80);
    value >>= 7;
  }
  bytes[length++] = static_cast<char>(value);
  out.append(bytes, length);
}

void put_zigzag(std::string& out, int64_t value) {
  put_varint(out, (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63));
}

void put_text(std::string& out, std::string_view text) {
  put_varint(out, text.size());
  out.append(text);
}

uint8_t Reader::u8() { return take_fixed<uint8_t>(*this); }
uint16_t Reader::u16() { return take_fixed<uint16_t>(*this); }
uint32_t Reader::u32() { return take_fixed<uint32_t>(*this); }
uint64_t Reader::u64() { return take_fixed<uint64_t>(*this); }

uint64_t Reader::varint() {
  uint64_t value = 0;
  for (size_t i = 0; i < rest_.size() && i < 10; ++i) {
    const auto byte = static_cast<uint8_t>(rest_[i]);
    // The tenth byte holds bit 63 alone, and a last byte of 0 would be a second spelling.
    if (i == 9 && byte > 1) break;
    value |= static_cast<uint64_t>(byte & 0x7f) << (7 * i);
    if (byte < 0x80) {
      if (byte == 0 && i > 0) break;
      rest_.remove_prefix(i + 1);
      return value;
    }
  }
  fail();
  return 0;
}

int64_t Reader::zigzag() {
  const uint64_t value = varint();
  return static_cast<int64_t>((value >> 1) ^ (~(value & 1) + 1));
}

std::string_view Reader::text() { return bytes(count()); }

std::string_view Reader::bytes(size_t length) {
  if (length > rest_.size()) {
    fail();
    return {};
  }
  const std::string_view taken = rest_.substr(0, length);
  rest_.remove_prefix(length);
  return taken;
}

size_t Reader::count() {
  const uint64_t value = varint();
  if (value > rest_.size()) {
    fail();
    return 0;
  }
  return static_cast<size_t>(value);
}

}  // namespace duliang
