#include "base/hash.h"

#include <openssl/evp.h>

#include <cstring>
#include <memory>

#if defined(__x86_64__)
#include <nmmintrin.h>
#endif

#include "base/check.h"

namespace duliang {

namespace {

using Tables = std::array<std::array<uint32_t, 256>, 8>;

// tables[k][b]: what byte b does to the sum when k more bytes follow it in the word.
constexpr Tables make_tables() {
  Tables tables{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t sum = byte;
    for (int bit = 0; bit < 8; ++bit) sum = (sum >> 1) ^ ((sum & 1) != 0 ? 0x82f63b78 : 0);
    tables[0][byte] = sum;
  }
  for (size_t k = 1; k < tables.size(); ++k) {
    for (size_t byte = 0; byte < 256; ++byte) {
      const uint32_t before = tables[k - 1][byte];
      tables[k][byte] = (before >> 8) ^ tables[0][before & 0xff];
    }
  }
  return tables;
}

constexpr Tables kTables = make_tables();

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) uint32_t crc32c_by_processor(std::string_view bytes,
                                                               uint32_t seed) {
  const char* at = bytes.data();
  size_t left = bytes.size();
  uint64_t sum = ~seed;
  for (; left >= 8; at += 8, left -= 8) {
    uint64_t word;
    std::memcpy(&word, at, 8);
    sum = _mm_crc32_u64(sum, word);
  }
  auto low = static_cast<uint32_t>(sum);
  for (; left > 0; ++at, --left) low = _mm_crc32_u8(low, static_cast<uint8_t>(*at));
  return ~low;
}
#endif

using Crc = uint32_t (*)(std::string_view, uint32_t);

Crc best_crc() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("sse4.2")) return crc32c_by_processor;
#endif
  return crc32c_by_table;
}

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

void begin(EVP_MD_CTX* context) {
  // Fetched once: OpenSSL 3 searches its providers at each EVP_sha256().
  static const EVP_MD* const method = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  CHECK(EVP_DigestInit_ex2(context, method, nullptr) == 1,
        "SHA-256 needs OpenSSL's default provider");
}

Hash hash_of(EVP_MD_CTX* context) {
  Hash hash;
  CHECK(EVP_DigestFinal_ex(context, hash.data(), nullptr) == 1);
  return hash;
}

}  // namespace

uint32_t crc32c_by_table(std::string_view bytes, uint32_t seed) {
  const char* at = bytes.data();
  size_t left = bytes.size();
  uint32_t sum = ~seed;
  for (; left >= 8; at += 8, left -= 8) {
    uint64_t word;
    std::memcpy(&word, at, 8);
    word ^= sum;
    sum = 0;
    for (size_t k = 0; k < 8; ++k) sum ^= kTables[7 - k][(word >> (8 * k)) & 0xff];
  }
  for (; left > 0; ++at, --left)
    sum = (sum >> 8) ^ kTables[0][(sum ^ static_cast<uint8_t>(*at)) & 0xff];
  return ~sum;
}

uint32_t crc32c(std::string_view bytes, uint32_t seed) {
  static const Crc crc = best_crc();
  return crc(bytes, seed);
}

struct Sha256::Context {
  std::unique_ptr<EVP_MD_CTX, FreeContext> evp{EVP_MD_CTX_new()};
};

Sha256::Sha256() : context_(std::make_unique<Context>()) { begin(context_->evp.get()); }
Sha256::~Sha256() = default;

void Sha256::add(std::string_view bytes) {
  const bool added = EVP_DigestUpdate(context_->evp.get(), bytes.data(), bytes.size()) == 1;
  CHECK(added, "SHA-256 takes any bytes");
}

Hash Sha256::finish() { return hash_of(context_->evp.get()); }

Hash sha256(std::string_view bytes) {
  thread_local const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
  begin(context.get());
  CHECK(EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()) == 1);
  return hash_of(context.get());
}

std::string to_hex(const Hash& hash) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string hex;
  hex.reserve(2 * hash.size());
  for (const uint8_t byte : hash) {
    hex.push_back(kDigits[byte >> 4]);
    hex.push_back(kDigits[byte & 15]);
  }
  return hex;
}

}  // namespace duliang
