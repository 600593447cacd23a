#include "journal/sealed_segment.h"

#include <algorithm>

#include "base/bytes.h"
#include "base/limits.h"
#include "journal/sealed_block.h"
#include "journal/segment.h"

namespace duliang {
namespace {

constexpr std::string_view kSealMagic = "DJSS";
constexpr uint8_t kSealVersion = 1;
constexpr size_t kHeadBytes = 8;      // magic, version, three zeros
constexpr size_t kTrailerBytes = 12;  // length and CRC of the directory, magic
// Blocks are full at kBlockBytes, so two of them have more than that together.
constexpr uint64_t kBlocksMax = 2 * limits::kSegmentBytes / kBlockBytes + 2;
constexpr size_t kDirectoryBytes = 256 + kBlocksMax * 24;


Result<std::string> read_piece(const File& file, uint64_t offset, size_t size) {
  std::string bytes(size, '\0');
  TRY(const size_t read, file.read_at(bytes.data(), size, offset));
  bytes.resize(read);
  return bytes;
}

}  // namespace

void put_summary(std::string& out, const SegmentSummary& summary) {
  put_u64(out, summary.first);
  put_u64(out, summary.first_sequence);
  put_u64(out, bits(summary.time));
  put_u64(out, summary.tail.epoch);
  put_u64(out, summary.tail.claim_id);
  put_u64(out, summary.tail.sequence);
  put_u64(out, summary.tail.place);
  const Hash& hash = summary.tail.hash;
  out.append(reinterpret_cast<const char*>(hash.data()), hash.size());
}

SegmentSummary get_summary(Reader& in) {
  SegmentSummary summary;
  summary.first = in.u64();
  summary.first_sequence = in.u64();
  summary.time = Time{Duration{static_cast<int64_t>(in.u64())}};
  summary.tail.epoch = in.u64();
  summary.tail.claim_id = in.u64();
  summary.tail.sequence = in.u64();
  summary.tail.place = in.u64();
  const std::string_view hash = in.bytes(sizeof(Hash));
  std::copy(hash.begin(), hash.end(), summary.tail.hash.begin());
  return summary;
}

Status summarize(SegmentSummary& summary, Place place, std::string_view bytes) {
  TRY(const Record record, decode_record(bytes));
  const Verdict verdict = admit(summary.tail, place, record);
  if (verdict == Verdict::corrupt)
    return Error{Code::corrupt, "The claim at place " + to_hex(place) + " does not check.", ""};
  if (verdict != Verdict::valid) return {};
  if (summary.first_sequence == 0) summary.first_sequence = record.header.sequence;
  summary.time = std::max(summary.time, record.header.time);
  return {};
}

Error SealedSegment::corrupt(const std::string& what) const {
  return {Code::corrupt, "The sealed segment is damaged: " + what + ".", path_};
}

Result<SealedSegment> SealedSegment::open(Files& files, const std::string& path) {
  SealedSegment segment;
  segment.path_ = path;
  TRY(segment.file_, File::open(files, path, OpenMode::read));
  TRY_DO(segment.read_directory());
  return segment;
}

Status SealedSegment::read_directory() {
  TRY(const uint64_t size, file_.size());
  if (size < kHeadBytes + kTrailerBytes) return corrupt("it is shorter than its frame");
  TRY(const std::string head, read_piece(file_, 0, kHeadBytes));
  if (!head.starts_with(kSealMagic)) return corrupt("it does not begin as one");
  if (head.size() == kHeadBytes && static_cast<uint8_t>(head[kSealMagic.size()]) != kSealVersion)
    return Error{Code::unsupported,
                 "The sealed segment is of a version that this program "
                 "cannot read.",
                 path_};
  TRY(const std::string trailer, read_piece(file_, size - kTrailerBytes, kTrailerBytes));
  Reader end(trailer);
  const uint32_t length = end.u32();
  const uint32_t crc = end.u32();
  if (end.bytes(kSealMagic.size()) != kSealMagic || length > kDirectoryBytes ||
      length > size - kHeadBytes - kTrailerBytes)
    return corrupt("it does not end as one");
  const uint64_t directory_at = size - kTrailerBytes - length;
  TRY(const std::string directory, read_piece(file_, directory_at, length));
  if (crc32c(directory) != crc) return corrupt("its directory does not check");
  Reader in(directory);
  summary_ = get_summary(in);
  Block next{summary_.first, kHeadBytes, 0, 0, 0};
  for (size_t left = in.count(); left > 0 && in.ok(); --left) {
    next.size = in.u32();
    next.length = in.u32();
    next.crc = in.u32();
    if (next.size == 0 || next.size > kBlockBytes + limits::kFrameBytes) in.fail();
    blocks_.push_back(next);
    next.place += next.size;
    next.offset += next.length;
  }
  if (!in.done() || next.place != summary_.tail.place || next.offset != directory_at)
    return corrupt("its directory contradicts itself");
  return {};
}

size_t SealedSegment::block_at(Place place) const {
  CHECK(place >= summary_.first && place < summary_.tail.place);
  const auto behind = std::ranges::upper_bound(blocks_, place, {}, &Block::place);
  return static_cast<size_t>(behind - blocks_.begin()) - 1;
}

Result<std::string> SealedSegment::read_block(size_t at) const {
  const Block& block = blocks_[at];
  TRY(const std::string bytes, read_piece(file_, block.offset, block.length));
  if (bytes.size() != block.length || crc32c(bytes) != block.crc)
    return corrupt("its block at place " + to_hex(block.place) + " does not check");
  auto records = open_block(bytes, block.place, block.size);
  if (!records.ok())
    return corrupt("its block at place " + to_hex(block.place) + " does not decode");
  return records;
}

Result<SealedWriter> SealedWriter::create(Files& files, const std::string& path) {
  SealedWriter writer;
  TRY(writer.file_, File::open(files, path, OpenMode::create));
  std::string head(kSealMagic);
  put_u8(head, kSealVersion);
  head.resize(kHeadBytes);
  TRY_DO(writer.file_.write_at(head, 0));
  writer.offset_ = head.size();
  return writer;
}

Status SealedWriter::add(std::string_view records, Place place) {
  const std::string block = seal_block(records, place);
  TRY_DO(file_.write_at(block, offset_));
  blocks_.push_back({place, offset_, static_cast<uint32_t>(block.size()), crc32c(block),
                     static_cast<uint32_t>(records.size())});
  offset_ += block.size();
  return {};
}

Status SealedWriter::finish(const SegmentSummary& summary) {
  std::string directory;
  put_summary(directory, summary);
  put_varint(directory, blocks_.size());
  for (const SealedSegment::Block& block : blocks_) {
    put_u32(directory, block.size);
    put_u32(directory, block.length);
    put_u32(directory, block.crc);
  }
  std::string end = directory;
  put_u32(end, static_cast<uint32_t>(directory.size()));
  put_u32(end, crc32c(directory));
  end += kSealMagic;
  TRY_DO(file_.write_at(end, offset_));
  return file_.sync();
}

}  // namespace duliang
