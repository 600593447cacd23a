#include "doors/csv/text_input.h"

#include <fmt/format.h>
#include <zlib.h>

#include <limits>
#include <vector>

namespace duliang {
namespace {

constexpr size_t kPieceBytes = 64 * 1024;
// zlib: the largest window, and a head of gzip rather than of zlib.
constexpr int kGzipWindow = MAX_WBITS + 16;

constexpr std::string_view kGzipMark = "\x1F\x8B";
constexpr std::string_view kZipMark = "PK\x03\x04";

}  // namespace

struct TextInput::State {
  std::string path;
  File file;
  uint64_t size = 0;
  uint64_t at = 0;  // of the file

  bool gzip = false;
  bool within_member = false;  // a file of gzip is one or more members behind each other
  z_stream stream{};
  std::vector<char> packed;

  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() {
    if (gzip) inflateEnd(&stream);
  }

  Result<size_t> read_file(char* into, size_t bytes);
  Result<size_t> unpack(char* into, size_t bytes);
  Error damaged(std::string_view how) const {
    return {Code::corrupt, fmt::format("{}: the gzip {}.", path, how), path};
  }
};

Result<size_t> TextInput::State::read_file(char* into, size_t bytes) {
  TRY(const size_t got, file.read_at(into, bytes, at));
  at += got;
  return got;
}

Result<size_t> TextInput::State::unpack(char* into, size_t bytes) {
  stream.next_out = reinterpret_cast<Bytef*>(into);
  stream.avail_out = static_cast<uInt>(std::min<size_t>(bytes, std::numeric_limits<uInt>::max()));
  const uInt wanted = stream.avail_out;
  while (stream.avail_out == wanted) {
    if (stream.avail_in == 0) {
      TRY(const size_t got, read_file(packed.data(), packed.size()));
      if (got == 0 && within_member) return damaged("ends before its end");
      if (got == 0) break;
      stream.next_in = reinterpret_cast<Bytef*>(packed.data());
      stream.avail_in = static_cast<uInt>(got);
    }
    within_member = true;
    const int state = inflate(&stream, Z_NO_FLUSH);
    if (state != Z_OK && state != Z_STREAM_END) return damaged("is damaged");
    if (state == Z_STREAM_END) {
      within_member = false;
      inflateReset(&stream);
    }
  }
  return size_t{wanted - stream.avail_out};
}

TextInput::TextInput(std::unique_ptr<State> state) : state_(std::move(state)) {}
TextInput::~TextInput() = default;
TextInput::TextInput(TextInput&&) noexcept = default;

Result<TextInput> TextInput::open(Files& files, const std::string& path) {
  auto state = std::make_unique<State>();
  state->path = path;
  TRY(state->file, File::open(files, path, OpenMode::read));
  TRY(state->size, state->file.size());
  char head[4] = {};
  TRY(const size_t got, state->file.read_at(head, sizeof head, 0));
  const std::string_view begin(head, got);
  if (begin == kZipMark) {
    return Error{Code::unsupported,
                 fmt::format("{} is a zip file or a workbook; unpack it first (unzip -p), or save "
                             "the workbook as CSV in UTF-8.",
                             path),
                 path};
  }
  if (begin.starts_with(kGzipMark)) {
    state->packed.resize(kPieceBytes);
    CHECK(inflateInit2(&state->stream, kGzipWindow) == Z_OK);
    state->gzip = true;
  }
  return TextInput(std::move(state));
}

Result<size_t> TextInput::read(char* into, size_t size) {
  return state_->gzip ? state_->unpack(into, size) : state_->read_file(into, size);
}

double TextInput::share() const {
  if (state_->size == 0) return 1;
  return static_cast<double>(state_->at) / static_cast<double>(state_->size);
}

}  // namespace duliang
