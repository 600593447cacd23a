// Building and reading our own binary formats: fixed little-endian numbers, varints (LEB128, in
// their shortest form only), zigzag for signed ones, and texts with their length before them. A
// Reader never reads past its end: it turns bad once, gives zeros from then on, and is asked at the
// end whether all was well.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace duliang {

void put_u8(std::string& out, uint8_t value);
void put_u16(std::string& out, uint16_t value);
void put_u32(std::string& out, uint32_t value);
void put_u64(std::string& out, uint64_t value);
void put_varint(std::string& out, uint64_t value);
void put_zigzag(std::string& out, int64_t value);
void put_text(std::string& out, std::string_view text);  // varint length, then the bytes

// Differences of numbers that may come from anywhere: they wrap instead of overflowing, so that
// every pair of numbers has one and it takes back exactly.
inline int64_t minus(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
}
inline int64_t plus(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}

class Reader {
 public:
  explicit Reader(std::string_view bytes) : rest_(bytes) {}

  uint8_t u8();
  uint16_t u16();
  uint32_t u32();
  uint64_t u64();
  uint64_t varint();
  int64_t zigzag();
  std::string_view text();                // a view into the bytes that were given
  std::string_view bytes(size_t length);  // likewise
  // A varint that counts things of at least one byte each: bad when more than bytes are left, so
  // that a broken length cannot ask for memory.
  size_t count();

  bool ok() const { return ok_; }
  bool done() const { return ok_ && rest_.empty(); }
  size_t left() const { return rest_.size(); }
  void fail() { ok_ = false, rest_ = {}; }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace duliang
