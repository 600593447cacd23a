#include "base/bytes.h"

#include <gtest/gtest.h>

#include <limits>

#include "base/random.h"

namespace duliang {
namespace {

using namespace std::string_view_literals;

std::string varint(uint64_t value) {
  std::string out;
  put_varint(out, value);
  return out;
}

TEST(Bytes, fixed_numbers_are_little_endian) {
  std::string out;
  put_u8(out, 0xfe);
  put_u16(out, 0x0102);
  put_u32(out, 0x01020304);
  put_u64(out, 0x0102030405060708);
  EXPECT_EQ(out, "\xfe\x02\x01\x04\x03\x02\x01\x08\x07\x06\x05\x04\x03\x02\x01"sv);

  Reader reader(out);
  EXPECT_EQ(reader.u8(), 0xfe);
  EXPECT_EQ(reader.u16(), 0x0102);
  EXPECT_EQ(reader.u32(), 0x01020304u);
  EXPECT_EQ(reader.u64(), 0x0102030405060708u);
  EXPECT_TRUE(reader.done());
}

TEST(Bytes, varints_take_seven_bits_a_byte) {
  EXPECT_EQ(varint(0), "\0"sv);
  EXPECT_EQ(varint(127), "\x7f"sv);
  EXPECT_EQ(varint(128), "\x80\x01"sv);
  EXPECT_EQ(varint(300), "\xac\x02"sv);
  EXPECT_EQ(varint(std::numeric_limits<uint64_t>::max()),
            "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"sv);
}

TEST(Bytes, numbers_come_back) {
  Random random(2);
  for (int i = 0; i < 10'000; ++i) {
    const uint64_t value = random.next() >> random.below(64);
    const auto signed_value = static_cast<int64_t>(random.next()) >> random.below(64);
    std::string out = varint(value);
    put_zigzag(out, signed_value);
    Reader reader(out);
    ASSERT_EQ(reader.varint(), value);
    ASSERT_EQ(reader.zigzag(), signed_value);
    ASSERT_TRUE(reader.done());
  }
}

TEST(Bytes, zigzag_keeps_small_numbers_short) {
  for (const auto& [value, bytes] : {std::pair{int64_t{0}, "\0"sv},
                                     {-1, "\x01"sv},
                                     {1, "\x02"sv},
                                     {-64, "\x7f"sv},
                                     {64, "\x80\x01"sv},
                                     {std::numeric_limits<int64_t>::min(),
                                      "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"sv},
                                     {std::numeric_limits<int64_t>::max(),
                                      "\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01"sv}}) {
    std::string out;
    put_zigzag(out, value);
    EXPECT_EQ(out, bytes) << value;
    EXPECT_EQ(Reader(out).zigzag(), value);
  }
}

TEST(Bytes, texts_come_back) {
  std::string out;
  put_text(out, "");
  put_text(out, "梁平");
  put_text(out, std::string(300, 'x'));
  Reader reader(out);
  EXPECT_EQ(reader.text(), "");
  EXPECT_EQ(reader.text(), "梁平");
  EXPECT_EQ(reader.text(), std::string(300, 'x'));
  EXPECT_TRUE(reader.done());
}

TEST(Reader, turns_bad_once_and_stays_so) {
  Reader reader("\x01\x02\x03"sv);
  EXPECT_EQ(reader.u16(), 0x0201);
  EXPECT_EQ(reader.left(), 1u);
  EXPECT_EQ(reader.u32(), 0u);
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(reader.u8(), 0);
  EXPECT_EQ(reader.varint(), 0u);
  EXPECT_EQ(reader.text(), "");
  EXPECT_EQ(reader.count(), 0u);
  EXPECT_FALSE(reader.done());
}

TEST(Reader, is_done_only_at_the_end) {
  Reader reader("\x01\x02"sv);
  reader.u8();
  EXPECT_TRUE(reader.ok());
  EXPECT_FALSE(reader.done());
  reader.u8();
  EXPECT_TRUE(reader.done());
  EXPECT_EQ(reader.bytes(0), "");
  EXPECT_TRUE(reader.done());
}

TEST(Reader, refuses_broken_varints) {
  for (const std::string_view bytes : {
           ""sv,
           "\x80"sv,                                              // cut
           "\xff\xff\xff\xff\xff\xff\xff\xff\xff"sv,              // cut
           "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02"sv,          // 65 bits
           "\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"sv,      // eleven bytes
           "\x80\x80\x80\x80\x80\x80\x80\x80\x80\x80\x01"sv,      // likewise
           "\x80\x00"sv,                                          // a longer spelling of 0
           "\xff\x80\x00"sv,                                      // of 127
       }) {
    Reader reader(bytes);
    EXPECT_EQ(reader.varint(), 0u);
    EXPECT_FALSE(reader.ok());
  }
}

TEST(Reader, a_count_cannot_ask_for_more_than_is_there) {
  Reader good("\x02xy"sv);
  EXPECT_EQ(good.count(), 2u);
  Reader bad("\x03xy"sv);
  EXPECT_EQ(bad.count(), 0u);
  EXPECT_FALSE(bad.ok());
  const std::string huge = varint(std::numeric_limits<uint64_t>::max()) + "xy";
  Reader text(huge);
  EXPECT_EQ(text.text(), "");
  EXPECT_FALSE(text.ok());
}

TEST(Reader, gives_views_into_what_it_was_given) {
  const std::string bytes = "\x02xyz";
  Reader reader(bytes);
  EXPECT_EQ(reader.text().data(), bytes.data() + 1);
  EXPECT_EQ(reader.bytes(1).data(), bytes.data() + 3);
}

}  // namespace
}  // namespace duliang
