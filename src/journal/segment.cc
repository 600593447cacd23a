#include "journal/segment.h"

#include <algorithm>
#include <cstring>

#include "base/limits.h"
#include "journal/file_log.h"
#include "journal/frame.h"

namespace duliang {
namespace {

constexpr size_t kPiece = 256 * 1024;  // read at once
constexpr size_t kPlaceDigits = 16;
constexpr std::string_view kEnding = ".log";
constexpr std::string_view kSealed = ".sealed";
constexpr std::string_view kSealing = ".sealing";

std::optional<Place> place_of(std::string_view name, std::string_view ending) {
  if (name.size() != kPlaceDigits + ending.size() || !name.ends_with(ending)) return {};
  Place place = 0;
  for (const char digit : name.substr(0, kPlaceDigits)) {
    const size_t value = std::string_view("0123456789abcdef").find(digit);
    if (value == std::string_view::npos) return {};
    place = place << 4 | value;
  }
  return place;
}

// Whole words at a time; the library's find_last_not_of goes by bytes.
bool all_zeros(std::string_view bytes) {
  return bytes.empty() ||
         (bytes[0] == 0 && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

bool believes_every_record() {
#ifdef DULIANG_MUTATIONS
  return FileLog::mutation_no_frame_check;
#else
  return false;
#endif
}

// A record cannot know of a sync behind itself; one that says so is not believed in this.
Place believed(Place synced, Place place) { return synced <= place ? synced : 0; }

}  // namespace

std::string to_hex(Place place) {
  std::string digits(kPlaceDigits, '0');
  for (size_t i = kPlaceDigits; i-- > 0; place >>= 4) digits[i] = "0123456789abcdef"[place & 15];
  return digits;
}

std::string segment_name(Place first) { return to_hex(first) + std::string(kEnding); }

std::string sealed_name(Place first) { return to_hex(first) + std::string(kSealed); }
std::string sealing_name(Place first) { return to_hex(first) + std::string(kSealing); }

std::optional<Place> segment_place(std::string_view name) { return place_of(name, kEnding); }
std::optional<Place> sealed_place(std::string_view name) { return place_of(name, kSealed); }
std::optional<Place> sealing_place(std::string_view name) { return place_of(name, kSealing); }

Result<std::string_view> Window::at(const File& file, uint64_t offset, size_t wanted,
                                    uint64_t limit) {
  if (offset >= limit) return std::string_view();
  wanted = static_cast<size_t>(std::min<uint64_t>(wanted, limit - offset));
  if (size_ == 0 || offset < offset_ || offset + wanted > offset_ + size_) {
    const auto piece =
        static_cast<size_t>(std::min<uint64_t>(std::max(wanted, kPiece), limit - offset));
    if (buffer_.size() < piece) buffer_.resize(piece);
    size_ = 0;
    TRY(size_, file.read_at(buffer_.data(), piece, offset));
    offset_ = offset;
  }
  return std::string_view(buffer_).substr(offset - offset_, size_ - (offset - offset_));
}

Result<Walk> walk_segment(const File& file, Place first, uint64_t offset) {
  TRY(const uint64_t size, file.size());
  Walk walk{offset, 0};
  Window window;
  while (true) {
    TRY(std::string_view bytes, window.at(file, walk.end, kRecordPrefix, size));
    const size_t length = record_length(bytes);
    if (length == 0) return walk;
    if (bytes.size() < length) {
      TRY(bytes, window.at(file, walk.end, length, size));
      if (bytes.size() < length) return walk;
    }
    if (!believes_every_record()) {
      const Result<Record> record = decode_record(bytes.substr(0, length));
      if (!record.ok() && record.error().code == Code::unsupported) return record.error();
      if (!record.ok()) return walk;
      walk.synced = std::max(walk.synced, believed(record->header.synced, first + walk.end));
    }
    walk.end += length;
  }
}

Result<Rest> read_rest(const File& file, uint64_t offset) {
  TRY(const uint64_t size, file.size());
  Rest rest;
  std::string piece;
  for (uint64_t end = size; end > offset && rest.used == 0; end -= piece.size()) {
    piece.resize(static_cast<size_t>(std::min<uint64_t>(end - offset, kPiece)));
    const uint64_t begin = end - piece.size();
    TRY(const size_t read, file.read_at(piece.data(), piece.size(), begin));
    const std::string_view bytes = std::string_view(piece).substr(0, read);
    if (!all_zeros(bytes))
      rest.used = static_cast<size_t>(begin - offset) + bytes.find_last_not_of('\0') + 1;
  }
  if (rest.used == 0) return rest;
  rest.bytes.resize(
      static_cast<size_t>(std::min<uint64_t>(rest.used + limits::kFrameBytes, size - offset)));
  TRY(const size_t read, file.read_at(rest.bytes.data(), rest.bytes.size(), offset));
  rest.bytes.resize(read);
  return rest;
}

Place synced_in_rest(std::string_view rest, Place at) {
  Place synced = 0;
  for (size_t i = 0; i + kRecordPrefix <= rest.size();) {
    i = rest.find(kRecordMagic, i);
    if (i == std::string_view::npos) break;
    const size_t length = record_length(rest.substr(i));
    if (length == 0 || length > rest.size() - i) {
      ++i;
      continue;
    }
    const Result<Record> record = decode_record(rest.substr(i, length));
    if (record.ok()) synced = std::max(synced, believed(record->header.synced, at + i));
    i += record.ok() ? length : 1;
  }
  return synced;
}

}  // namespace duliang
