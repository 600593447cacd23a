#include "base/bytes.h"

#include <gtest/gtest.h>

namespace duliang {
namespace {

TEST(Bytes, little_endian) {
  std::string out;
  put_u32(out, 0x01020304);
  EXPECT_EQ(out, std::string("\x04\x03\x02\x01"));
}

}  // namespace
}  // namespace duliang
