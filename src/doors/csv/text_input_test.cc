#include "doors/csv/text_input.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include "base/sim/sim_files.h"

namespace duliang {
namespace {

std::string packed(const std::string& text) {
  z_stream stream{};
  EXPECT_EQ(deflateInit2(&stream, 9, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
  std::string out(deflateBound(&stream, text.size()) + 64, '\0');
  std::string in = text;
  stream.next_in = reinterpret_cast<Bytef*>(in.data());
  stream.avail_in = static_cast<uInt>(in.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  EXPECT_EQ(deflate(&stream, Z_FINISH), Z_STREAM_END);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

Result<std::string> read_all(const std::string& content, size_t piece = 1000) {
  SimFiles files;
  TRY_DO(replace_file(files, "f", content));
  TRY(TextInput input, TextInput::open(files, "f"));
  std::string text;
  std::string buffer(piece, '\0');
  while (true) {
    TRY(const size_t got, input.read(buffer.data(), piece));
    if (got == 0) break;
    text.append(buffer, 0, got);
  }
  EXPECT_EQ(input.share(), 1);
  return text;
}

std::string long_text() {
  std::string text;
  for (int i = 0; i < 30'000; ++i) text += std::to_string(i * 7919 % 10007) + ",";
  return text;
}

TEST(TextInput, ReadsPlainAndPackedAlike) {
  const std::string text = long_text();
  for (const size_t piece : {7U, 1000U, 1'000'000U}) {
    EXPECT_EQ(*read_all(text, piece), text);
    EXPECT_EQ(*read_all(packed(text), piece), text);
  }
  EXPECT_EQ(*read_all(packed("a,b\n") + packed("") + packed("c,d\n")), "a,b\nc,d\n");
  EXPECT_EQ(*read_all(""), "");
}

TEST(TextInput, SaysWhatItCannotRead) {
  const std::string whole = packed(long_text());
  const auto cut = read_all(whole.substr(0, whole.size() - 5));
  ASSERT_FALSE(cut.ok());
  EXPECT_EQ(cut.error().code, Code::corrupt);
  EXPECT_NE(cut.error().message.find("ends before its end"), std::string::npos);
  std::string flipped = whole;
  flipped[whole.size() / 2] ^= 1;
  const auto damaged = read_all(flipped);
  ASSERT_FALSE(damaged.ok());
  EXPECT_EQ(damaged.error().code, Code::corrupt);
  const auto zip = read_all(std::string("PK\x03\x04") + "rest");
  ASSERT_FALSE(zip.ok());
  EXPECT_NE(zip.error().message.find("unzip -p"), std::string::npos);
  SimFiles files;
  EXPECT_EQ(TextInput::open(files, "none").error().code, Code::not_found);
}

}  // namespace
}  // namespace duliang
