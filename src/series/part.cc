#include "series/part.h"

#include <limits>

#include "base/bytes.h"
#include "base/hash.h"
#include "series/series.h"

namespace duliang {
namespace {

constexpr std::string_view kMagic{"dulpart\0", 8};
constexpr std::string_view kEndMagic{"pend"};
constexpr uint32_t kVersion = 0;
constexpr size_t kHeaderBytes = 28;
constexpr size_t kFooterBytes = 24;
constexpr size_t kFooterChecked = 16;  // of the footer, what its CRC covers
constexpr size_t kWriteBytes = 1024 * 1024;

Error fault(std::string what) { return Error{Code::corrupt, std::move(what), ""}; }

int64_t number_of(Time time) { return time.time_since_epoch().count(); }
size_t content_bytes(const Reading& reading) {
  return reading.result.size() + reading.extras.size();
}
Time time_of(int64_t number) { return Time{Duration{number}}; }
// Differences of numbers that may come from anywhere: they wrap instead of overflowing.
int64_t minus(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
}
int64_t plus(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
}

std::string encode_header(uint64_t sequence, uint64_t readings) {
  std::string out{kMagic};
  put_u32(out, kVersion);
  put_u64(out, sequence);
  put_u64(out, readings);
  return out;
}

void encode_entry(std::string& out, const PartBlock& block, const PartBlock& before) {
  const Bounds& bounds = block.bounds;
  put_zigzag(out, minus(static_cast<int64_t>(block.stream), static_cast<int64_t>(before.stream)));
  put_varint(out, bounds.readings);
  put_varint(out, block.length);
  put_u32(out, block.crc);
  put_zigzag(out, minus(number_of(bounds.first), number_of(before.bounds.first)));
  put_zigzag(out, minus(number_of(bounds.last), number_of(bounds.first)));
  put_zigzag(out, minus(number_of(bounds.end), number_of(bounds.last)));
  put_zigzag(out, minus(static_cast<int64_t>(bounds.lowest),
                        static_cast<int64_t>(before.bounds.lowest)));
  put_zigzag(out, minus(static_cast<int64_t>(bounds.highest), static_cast<int64_t>(bounds.lowest)));
}

PartBlock decode_entry(Reader& in, const PartBlock& before) {
  PartBlock block;
  Bounds& bounds = block.bounds;
  block.stream = StreamId{plus(static_cast<int64_t>(before.stream), in.zigzag())};
  bounds.readings = in.varint();
  const uint64_t length = in.varint();
  if (length > std::numeric_limits<uint32_t>::max()) in.fail();
  block.length = static_cast<uint32_t>(length);
  block.offset = before.offset + before.length;
  block.crc = in.u32();
  bounds.first = time_of(plus(number_of(before.bounds.first), in.zigzag()));
  bounds.last = time_of(plus(number_of(bounds.first), in.zigzag()));
  bounds.end = time_of(plus(number_of(bounds.last), in.zigzag()));
  bounds.lowest = ReadingId{plus(static_cast<int64_t>(before.bounds.lowest), in.zigzag())};
  bounds.highest = ReadingId{plus(static_cast<int64_t>(bounds.lowest), in.zigzag())};
  return block;
}

// What stands before the first block.
PartBlock before_first() {
  PartBlock block;
  block.offset = kHeaderBytes;
  return block;
}

// Each reading takes a byte at least, so that a broken count cannot ask for memory.
bool sound(const PartBlock& block, const PartBlock& before) {
  const Bounds& bounds = block.bounds;
  return block.stream > StreamId{0} && bounds.readings > 0 && bounds.readings <= block.length &&
         bounds.first <= bounds.last && bounds.lowest > ReadingId{0} &&
         bounds.lowest <= bounds.highest &&
         (before.stream < block.stream ||
          (before.stream == block.stream && before.bounds.last <= bounds.first));
}

// Collects the bytes of a part and hands them to the file in large pieces.
class PartWriter {
 public:
  static Result<PartWriter> start(Files& files, const std::string& path);
  Status write(const PartContent& content);
  uint64_t length() const { return offset_ + bytes_.size(); }

 private:
  explicit PartWriter(File file) : file_(std::move(file)) {}
  size_t write_block(std::span<const Reading* const> rest, size_t block_rows);
  Status flush();

  File file_;
  uint64_t offset_ = 0;  // of what is in the file
  std::string bytes_;    // what is not yet
  std::vector<PartBlock> blocks_;
};

Result<PartWriter> PartWriter::start(Files& files, const std::string& path) {
  TRY(auto file, File::open(files, path, OpenMode::write));
  TRY_DO(file.truncate(0));
  return PartWriter(std::move(file));
}

Status PartWriter::flush() {
  TRY_DO(file_.write_at(bytes_, offset_));
  offset_ += bytes_.size();
  bytes_.clear();
  return {};
}

// One block from the front of `rest`; returns how many readings it took.
size_t PartWriter::write_block(std::span<const Reading* const> rest, size_t block_rows) {
  PartBlock block;
  block.stream = rest.front()->stream;
  block.offset = length();
  const size_t start = bytes_.size();
  Reading none;
  none.stream = block.stream;
  const Reading* before = &none;
  size_t taken = 0;
  size_t content = 0;
  while (taken < rest.size() && taken < block_rows && rest[taken]->stream == block.stream &&
         content < kBlockBytes) {
    encode(bytes_, *rest[taken], *before);
    block.bounds.add(*rest[taken]);
    before = rest[taken];
    content += content_bytes(*before);
    ++taken;
  }
  CHECK(bytes_.size() - start <= std::numeric_limits<uint32_t>::max());
  block.length = static_cast<uint32_t>(bytes_.size() - start);
  block.crc = crc32c(std::string_view(bytes_).substr(start));
  blocks_.push_back(block);
  return taken;
}

Status PartWriter::write(const PartContent& content) {
  CHECK(!content.readings.empty(), "a part holds at least one reading");
  const std::string header = encode_header(content.sequence, content.readings.size());
  bytes_ = header;
  for (auto rest = content.readings; !rest.empty();) {
    rest = rest.subspan(write_block(rest, content.block_rows));
    if (bytes_.size() >= kWriteBytes) TRY_DO(flush());
  }
  std::string checked = header;
  const uint64_t directory_offset = length();
  put_varint(checked, blocks_.size());
  PartBlock before = before_first();
  for (const PartBlock& block : blocks_) {
    encode_entry(checked, block, before);
    before = block;
  }
  const size_t directory_length = checked.size() - header.size();
  put_u64(checked, directory_offset);
  put_u64(checked, directory_length);
  put_u32(checked, crc32c(checked));
  bytes_ += std::string_view(checked).substr(header.size());
  bytes_ += kEndMagic;
  TRY_DO(flush());
  return file_.sync();
}

Result<std::string> read_exactly(const File& file, uint64_t offset, size_t length) {
  std::string bytes(length, '\0');
  TRY(const size_t got, file.read_at(bytes.data(), length, offset));
  if (got != length) return fault(fmt::format("it ends before byte {}", offset + length));
  return bytes;
}

struct Footer {
  uint64_t directory_offset;
  uint64_t directory_length;
  uint32_t crc;
};

Result<Footer> read_footer(const File& file, uint64_t size, std::string& bytes) {
  TRY(bytes, read_exactly(file, size - kFooterBytes, kFooterBytes));
  Reader in(bytes);
  const Footer footer{in.u64(), in.u64(), in.u32()};
  if (in.bytes(kEndMagic.size()) != kEndMagic) return fault("its end is not that of a part");
  const uint64_t room = size - kHeaderBytes - kFooterBytes;
  if (footer.directory_length > room ||
      footer.directory_offset != kHeaderBytes + room - footer.directory_length) {
    return fault("its directory does not lie before its end");
  }
  return footer;
}

Result<PartDirectory> read_directory(const File& file) {
  TRY(const uint64_t size, file.size());
  if (size < kHeaderBytes + kFooterBytes) {
    return fault(fmt::format("its {} bytes are too few for a part", size));
  }
  TRY(auto header, read_exactly(file, 0, kHeaderBytes));
  Reader in(header);
  if (in.bytes(kMagic.size()) != kMagic) return fault("it does not begin as a part does");
  if (const uint32_t version = in.u32(); version != kVersion) {
    return fault(fmt::format("its version is {}, and this program reads {}", version, kVersion));
  }
  PartDirectory directory;
  directory.sequence = in.u64();
  const uint64_t readings = in.u64();
  std::string footer_bytes;
  TRY(const Footer footer, read_footer(file, size, footer_bytes));
  TRY(auto bytes, read_exactly(file, footer.directory_offset, footer.directory_length));
  const uint32_t crc = crc32c(std::string_view(footer_bytes).substr(0, kFooterChecked),
                              crc32c(bytes, crc32c(header)));
  if (crc != footer.crc) return fault("its directory does not match its CRC");
  TRY(directory.blocks, decode_directory(bytes));
  uint64_t end = kHeaderBytes;
  for (const PartBlock& block : directory.blocks) {
    directory.bounds.add(block.bounds);
    end = block.offset + block.length;
  }
  if (end != footer.directory_offset) return fault("its blocks do not reach to its directory");
  if (directory.bounds.readings != readings) {
    return fault(fmt::format("its header counts {} readings, its directory {}", readings,
                             directory.bounds.readings));
  }
  return directory;
}

// The same error, naming the file.
Error in_part(Error error, const std::string& path) {
  if (error.code != Code::corrupt) return error;
  return Error{Code::corrupt, fmt::format("The part {} is not sound: {}.", path, error.message),
               path};
}

}  // namespace

Result<std::vector<PartBlock>> decode_directory(std::string_view bytes) {
  Reader in(bytes);
  std::vector<PartBlock> blocks;
  const size_t count = in.count();
  blocks.reserve(count);
  PartBlock before = before_first();
  for (size_t i = 0; i < count && in.ok(); ++i) {
    PartBlock block = decode_entry(in, before);
    if (!in.ok() || !sound(block, before)) {
      return fault(fmt::format("entry {} of its directory is not valid", i));
    }
    before = block;
    blocks.push_back(block);
  }
  if (!in.done()) return fault("its directory does not end where its entries do");
  if (blocks.empty()) return fault("its directory is empty");
  return blocks;
}

Result<std::vector<Reading>> decode_block(std::string_view bytes, const PartBlock& block) {
  if (block.bounds.readings > bytes.size()) return fault("it is too short for its readings");
  Reader in(bytes);
  std::vector<Reading> readings;
  readings.reserve(block.bounds.readings);
  Reading none;
  none.stream = block.stream;
  Bounds bounds;
  size_t content = 0;
  while (readings.size() < block.bounds.readings) {
    const Reading& before = readings.empty() ? none : readings.back();
    TRY(Reading reading, decode_reading(in, before));
    if (reading.stream != block.stream) return fault("a reading is of another stream");
    if (!readings.empty() && kept_order(reading) <= kept_order(before)) {
      return fault("its readings are not in order");
    }
    if (content >= kBlockBytes) return fault("its readings are more than a block holds");
    content += content_bytes(reading);
    bounds.add(reading);
    readings.push_back(std::move(reading));
  }
  if (!in.done()) return fault("bytes follow its last reading");
  if (bounds != block.bounds) return fault("its readings lie outside the bounds of its entry");
  return readings;
}

Part::Part(std::string path, File file, PartDirectory directory)
    : path_(std::move(path)), file_(std::move(file)), directory_(std::move(directory)) {}

Result<std::shared_ptr<const Part>> Part::open(Files& files, const std::string& path) {
  TRY(auto file, File::open(files, path, OpenMode::read));
  auto directory = read_directory(file);
  if (!directory.ok()) return in_part(std::move(directory).error(), path);
  return std::make_shared<const Part>(path, std::move(file), std::move(directory).value());
}

Result<std::vector<Reading>> Part::read_block(size_t at) const {
  const PartBlock& block = directory_.blocks[at];
  auto bytes = read_exactly(file_, block.offset, block.length);
  if (!bytes.ok()) return in_part(std::move(bytes).error(), path_);
  auto readings = crc32c(*bytes) == block.crc
                      ? decode_block(*bytes, block)
                      : Result<std::vector<Reading>>(fault("its bytes do not match its CRC"));
  if (readings.ok()) return readings;
  return in_part(fault(fmt::format("block {} at byte {}: {}", at, block.offset,
                                   readings.error().message)),
                 path_);
}

Result<uint64_t> write_part_file(Files& files, const std::string& path,
                                 const PartContent& content) {
  TRY(auto writer, PartWriter::start(files, path));
  TRY_DO(writer.write(content));
  return writer.length();
}

Status verify_part(Files& files, const std::string& path) {
  TRY(auto part, Part::open(files, path));
  std::optional<KeptOrder> last;
  for (size_t at = 0; at < part->directory().blocks.size(); ++at) {
    TRY(auto readings, part->read_block(at));
    if (last && kept_order(readings.front()) <= *last) {
      return in_part(fault(fmt::format("block {} is not behind the one before it", at)), path);
    }
    last = kept_order(readings.back());
  }
  return {};
}

}  // namespace duliang
