// CRC-32C finds accidents (a torn write, a flipped bit); SHA-256 finds intent and names content.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace duliang {

using Hash = std::array<uint8_t, 32>;

// Castagnoli, as in RFC 3720. With the sum of what stands before as seed it goes on from there.
uint32_t crc32c(std::string_view bytes, uint32_t seed = 0);
uint32_t crc32c_by_table(std::string_view bytes, uint32_t seed = 0);  // where SSE 4.2 is missing
Hash sha256(std::string_view bytes);
// Of what comes in pieces.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;
  void add(std::string_view bytes);
  Hash finish();  // once, at the end

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};
std::string to_hex(const Hash& hash);

}  // namespace duliang
