#include "base/hash.h"

#include <gtest/gtest.h>

#include "base/random.h"

namespace duliang {
namespace {

std::string ascending(int from, int to) {
  std::string out;
  for (int i = from; i != to; i += from < to ? 1 : -1) out.push_back(static_cast<char>(i));
  return out;
}

TEST(Crc32c, matches_the_examples_of_rfc_3720) {
  for (const auto crc : {crc32c, crc32c_by_table}) {
    EXPECT_EQ(crc("", 0), 0u);
    EXPECT_EQ(crc("123456789", 0), 0xe3069283u);
    EXPECT_EQ(crc(std::string(32, '\0'), 0), 0x8a9136aau);
    EXPECT_EQ(crc(std::string(32, '\xff'), 0), 0x62a8ab43u);
    EXPECT_EQ(crc(ascending(0, 32), 0), 0x46dd794eu);
    EXPECT_EQ(crc(ascending(31, -1), 0), 0x113fdb5cu);
  }
}

TEST(Crc32c, goes_on_from_a_seed_and_both_ways_agree) {
  Random random(3);
  std::string bytes;
  for (int length = 0; length < 300; ++length) {
    const uint32_t whole = crc32c(bytes);
    ASSERT_EQ(crc32c_by_table(bytes), whole);
    const std::string_view view = bytes;
    const size_t cut = random.below(bytes.size() + 1);
    ASSERT_EQ(crc32c(view.substr(cut), crc32c(view.substr(0, cut))), whole);
    bytes.push_back(static_cast<char>(random.below(256)));
  }
}

TEST(Crc32c, sees_every_single_flipped_bit) {
  std::string bytes = ascending(0, 100);
  const uint32_t whole = crc32c(bytes);
  for (size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    const auto mask = static_cast<char>(1 << (bit % 8));
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ mask);
    ASSERT_NE(crc32c(bytes), whole);
    bytes[bit / 8] = static_cast<char>(bytes[bit / 8] ^ mask);
  }
}

TEST(Sha256, matches_the_examples_of_fips_180) {
  EXPECT_EQ(to_hex(sha256("")),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(to_hex(sha256(std::string(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Random, the_same_seed_gives_the_same_run) {
  Random a(42), b(42), c(43);
  bool differs = false;
  for (int i = 0; i < 100; ++i) {
    const uint64_t value = a.next();
    EXPECT_EQ(b.next(), value);
    differs = differs || c.next() != value;
  }
  EXPECT_TRUE(differs);
  // Of the reference implementation, seeded by splitmix64 from 0.
  EXPECT_EQ(Random(0).next(), 0x99ec5f36cb75f2b4u);
}

TEST(Random, stays_within_its_bounds) {
  Random random(5);
  int seen[6] = {};
  for (int i = 0; i < 6000; ++i) {
    ++seen[random.below(6)];
    const double part = random.uniform();
    ASSERT_GE(part, 0);
    ASSERT_LT(part, 1);
  }
  for (const int count : seen) EXPECT_NEAR(count, 1000, 150);
  EXPECT_EQ(random.below(1), 0u);
  EXPECT_FALSE(random.chance(0));
  EXPECT_TRUE(random.chance(1));
}

}  // namespace
}  // namespace duliang
