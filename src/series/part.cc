#include "series/part.h"

#include <limits>

#include "base/bytes.h"
#include "base/hash.h"
#include "series/series.h"

namespace duliang {
namespace {

constexpr std::string_view kMagic{"dulpart\0", 8};
constexpr std::string_view kEndMagic{"pend"};
constexpr uint32_t kVersion = 1;
constexpr size_t kHeaderBytes = 24;
constexpr size_t kFooterBytes = 24;
constexpr size_t kFooterChecked = 16;  // of the footer, what its CRC covers
constexpr size_t kWriteBytes = 1024 * 1024;

// The same error, naming the file and, where it is one of a piece, the piece.
Error in_part(const Error& error, const std::string& path, std::string_view piece = "") {
  if (error.code != Code::corrupt) return error;
  return Error{Code::corrupt,
               fmt::format("The part {} is not sound: {}{}.", path, piece, error.message), path};
}

std::string encode_header(const PartSummary& summary) {
  std::string out{kMagic};
  put_u32(out, kVersion);
  put_u32(out, static_cast<uint32_t>(summary.month));
  put_u64(out, summary.sequence);
  return out;
}

Status decode_header(std::string_view bytes, PartSummary& summary) {
  Reader in(bytes);
  if (in.bytes(kMagic.size()) != kMagic) return corrupt("it does not begin as a part does");
  if (const uint32_t version = in.u32(); version != kVersion) {
    return corrupt(fmt::format("its version is {}, and this program reads {}", version, kVersion));
  }
  summary.month = static_cast<int32_t>(in.u32());
  summary.sequence = in.u64();
  return {};
}

Result<std::string> read_exactly(const File& file, uint64_t offset, size_t length) {
  std::string bytes(length, '\0');
  TRY(const size_t got, file.read_at(bytes.data(), length, offset));
  if (got != length) return corrupt(fmt::format("it ends before byte {}", offset + length));
  return bytes;
}

Result<std::string> read_checked(const File& file, uint64_t offset, size_t length, uint32_t crc) {
  TRY(auto bytes, read_exactly(file, offset, length));
  if (crc32c(bytes) != crc) return corrupt("its bytes do not match its CRC");
  return bytes;
}

struct Footer {
  uint64_t root_offset = 0;
  uint64_t root_length = 0;
  uint32_t crc = 0;
};

Result<Footer> decode_footer(std::string_view bytes, uint64_t size) {
  Reader in(bytes);
  const Footer footer{in.u64(), in.u64(), in.u32()};
  if (in.bytes(kEndMagic.size()) != kEndMagic) return corrupt("its end is not that of a part");
  const uint64_t room = size - kHeaderBytes - kFooterBytes;
  if (footer.root_length > room || footer.root_offset != kHeaderBytes + room - footer.root_length)
    return corrupt("its root does not lie before its end");
  return footer;
}

Result<PartRoot> read_root(const File& file) {
  TRY(const uint64_t size, file.size());
  if (size < kHeaderBytes + kFooterBytes)
    return corrupt(fmt::format("its {} bytes are too few for a part", size));
  PartRoot root;
  TRY(const auto header, read_exactly(file, 0, kHeaderBytes));
  TRY_DO(decode_header(header, root.summary));
  TRY(const auto end, read_exactly(file, size - kFooterBytes, kFooterBytes));
  TRY(const Footer footer, decode_footer(end, size));
  TRY(const auto bytes, read_exactly(file, footer.root_offset, footer.root_length));
  const uint32_t crc =
      crc32c(std::string_view(end).substr(0, kFooterChecked), crc32c(bytes, crc32c(header)));
  if (crc != footer.crc) return corrupt("its root does not match its CRC");
  TRY_DO(decode_root(bytes, kHeaderBytes, root));
  root.summary.bytes = size;
  const Leaf& last = root.leaves.back();
  if (last.offset + last.length != footer.root_offset)
    return corrupt("its pages and leaves do not reach to its root");
  return root;
}

bool leaves_parts_unsynced() {
#ifdef DULIANG_MUTATIONS
  return Series::mutation_part_not_synced;
#else
  return false;
#endif
}

// So much memory as it takes, near enough.
size_t memory_of(const std::vector<Reading>& readings) {
  size_t bytes = readings.size() * sizeof(Reading);
  for (const Reading& reading : readings) bytes += content_bytes(reading);
  return bytes;
}

// Of the cache for each entry, near enough.
constexpr size_t kPlaceBytes = 128;

// Of readings by KeptOrder.
std::vector<StreamOnPage> streams_of(std::span<const Reading> readings) {
  std::vector<StreamOnPage> streams;
  for (const Reading& reading : readings) {
    if (streams.empty() || streams.back().stream != reading.stream) {
      streams.push_back({reading.stream, {}, reading.id, reading.id, reading.arrived_s,
                         reading.arrived_s});
    }
    StreamOnPage& its = streams.back();
    if (its.bounds.readings > 0 && reading.phenomenon_time.end > its.bounds.end)
      its.latest = reading.id;
    its.bounds.add(reading);
    its.first_arrived_s = std::min(its.first_arrived_s, reading.arrived_s);
    its.last_arrived_s = std::max(its.last_arrived_s, reading.arrived_s);
  }
  streams.shrink_to_fit();
  return streams;
}

}  // namespace

struct Part::Opened {
  Files& files;
  std::string path;
  PageCache& cache;
  File file;
  PartRoot root;
};

Part::Part(Opened opened)
    : files_(opened.files),
      path_(std::move(opened.path)),
      cache_(opened.cache),
      number_(cache_.new_part()),
      file_(std::move(opened.file)),
      root_(std::move(opened.root)) {}

Part::~Part() {
  cache_.forget_part(number_);
  if (!unused_) return;
  file_ = File();
  // Where this fails the file stays and goes at the next opening, since no manifest names it.
  (void)files_.remove(path_);
}

Result<std::shared_ptr<const Part>> Part::open(Files& files, const std::string& path,
                                               PageCache& cache) {
  TRY(auto file, File::open(files, path, OpenMode::read));
  auto root = read_root(file);
  if (!root.ok()) return in_part(root.error(), path);
  return std::make_shared<const Part>(
      Opened{files, path, cache, std::move(file), std::move(root).value()});
}

Result<Part::Entries> Part::read_leaf(size_t at) const {
  const PageCache::Key key{number_, at, PageCache::Key::Kind::leaf, {}};
  if (Entries held = cache_.find<std::vector<PageEntry>>(key)) return held;
  const Leaf& leaf = root_.leaves[at];
  auto bytes = read_checked(file_, leaf.offset, leaf.length, leaf.crc);
  auto entries = bytes.ok() ? decode_leaf(*bytes, leaf) : std::move(bytes).error();
  if (!entries.ok()) {
    return in_part(entries.error(), path_, fmt::format("leaf {} at byte {}: ", at, leaf.offset));
  }
  const bool last = at + 1 == root_.leaves.size();
  const uint64_t expected = last ? root_.summary.pages - at * kLeafPages : kLeafPages;
  if (entries->size() != expected)
    return in_part(corrupt(fmt::format("leaf {} has not its {} entries", at, expected)), path_);
  auto made = std::make_shared<const std::vector<PageEntry>>(std::move(entries).value());
  cache_.keep(key, made, made->size() * sizeof(PageEntry));
  return Entries(std::move(made));
}

Result<PageEntry> Part::entry(size_t page) const {
  CHECK(page < root_.summary.pages, "a page of the part");
  TRY(const Entries entries, read_leaf(page / kLeafPages));
  return (*entries)[page % kLeafPages];
}

Result<std::pair<size_t, size_t>> Part::pages_of(StreamId stream) const {
  // Pages before `first` end with smaller streams, pages from `behind` on begin with larger ones.
  const auto first = std::ranges::lower_bound(root_.leaves, stream, {}, &Leaf::last_stream);
  const auto behind = std::ranges::upper_bound(root_.leaves, stream, {}, &Leaf::first_stream);
  if (first >= behind) return std::pair<size_t, size_t>{};
  const auto from = static_cast<size_t>(first - root_.leaves.begin());
  const auto to = static_cast<size_t>(behind - root_.leaves.begin()) - 1;
  TRY(const Entries head, read_leaf(from));
  TRY(const Entries tail, read_leaf(to));
  const auto begin = std::ranges::lower_bound(*head, stream, {}, &PageEntry::last_stream);
  const auto end = std::ranges::upper_bound(*tail, stream, {}, &PageEntry::first_stream);
  return std::pair{from * kLeafPages + static_cast<size_t>(begin - head->begin()),
                   to * kLeafPages + static_cast<size_t>(end - tail->begin())};
}

Result<std::vector<Reading>> Part::read_page_once(size_t page) const {
  TRY(const PageEntry its_entry, entry(page));
  auto bytes = read_checked(file_, its_entry.offset, its_entry.length, its_entry.crc);
  auto readings = bytes.ok() ? decode_page(*bytes) : std::move(bytes).error();
  if (readings.ok() && readings->size() != its_entry.bounds.readings)
    readings = corrupt("it has not the readings that its entry counts");
  cache_.count_decoded();
  if (readings.ok()) return readings;
  return in_page(readings.error(), page, its_entry);
}

Result<PageColumns> Part::read_columns(size_t page, bool with_results) const {
  TRY(const PageEntry its_entry, entry(page));
  auto bytes = read_checked(file_, its_entry.offset, its_entry.length, its_entry.crc);
  auto columns =
      bytes.ok() ? decode_columns(*bytes, with_results) : std::move(bytes).error();
  if (columns.ok() && columns->ids.size() != its_entry.bounds.readings)
    columns = corrupt("it has not the readings that its entry counts");
  cache_.count_decoded();
  if (columns.ok()) return columns;
  return in_page(columns.error(), page, its_entry);
}

Error Part::in_page(const Error& error, size_t page, const PageEntry& its_entry) const {
  return in_part(error, path_, fmt::format("page {} at byte {}: ", page, its_entry.offset));
}

Result<Part::Readings> Part::read_page(size_t page) const {
  const PageCache::Key key{number_, page, PageCache::Key::Kind::page, {}};
  if (Readings held = cache_.find<std::vector<Reading>>(key)) return held;
  TRY(auto readings, read_page_once(page));
  auto made = std::make_shared<const std::vector<Reading>>(std::move(readings));
  cache_.keep(key, made, memory_of(*made));
  return Readings(std::move(made));
}

Result<Part::Streams> Part::streams_on(size_t page) const {
  const PageCache::Key key{number_, page, PageCache::Key::Kind::streams, {}};
  if (Streams held = cache_.find<std::vector<StreamOnPage>>(key)) return held;
  TRY(const auto readings, read_page_once(page));
  auto made = std::make_shared<const std::vector<StreamOnPage>>(streams_of(readings));
  cache_.keep(key, made, made->size() * sizeof(StreamOnPage) + kPlaceBytes);
  return Streams(std::move(made));
}

PageCache::Key Part::last_key(size_t page, StreamId stream) const {
  return {number_, page, PageCache::Key::Kind::last_reading, stream};
}

Part::Readings Part::known_last(size_t page, StreamId stream) const {
  return cache_.find<std::vector<Reading>>(last_key(page, stream));
}

void Part::keep_last(size_t page, std::span<const Reading* const> of_stream) const {
  constexpr size_t kKept = 2;
  std::vector<Reading> last;
  for (const Reading* reading : of_stream.last(std::min(kKept, of_stream.size()))) {
    last.push_back(*reading);
  }
  const PageCache::Key key = last_key(page, last.back().stream);
  const size_t bytes = memory_of(last) + kPlaceBytes;
  cache_.keep(key, std::make_shared<const std::vector<Reading>>(std::move(last)), bytes);
}

Result<PartWriter> PartWriter::create(Files& files, std::string path, int32_t month,
                                      uint64_t sequence, size_t page_rows) {
  CHECK(page_rows > 0 && page_rows <= kPageRows, "a page holds no more");
  TRY(auto file, File::open(files, path, OpenMode::write));
  TRY_DO(file.truncate(0));
  PartWriter writer(std::move(file));
  writer.root_.summary.month = month;
  writer.root_.summary.sequence = sequence;
  writer.page_rows_ = page_rows;
  writer.bytes_ = encode_header(writer.root_.summary);
  return writer;
}

Status PartWriter::flush() {
  TRY_DO(file_.write_at(bytes_, written_));
  written_ += bytes_.size();
  bytes_.clear();
  return {};
}

Status PartWriter::end_page() {
  PageEntry entry = describe(page_);
  const std::string page = encode_page(page_);
  entry.offset = length();
  entry.length = static_cast<uint32_t>(page.size());
  entry.crc = crc32c(page);
  bytes_ += page;
  entries_.push_back(entry);
  page_.clear();
  page_bytes_ = 0;
  if (entries_.size() == kLeafPages) end_leaf();
  return bytes_.size() >= kWriteBytes ? flush() : Status{};
}

void PartWriter::end_leaf() {
  Leaf leaf;
  leaf.first_stream = entries_.front().first_stream;
  leaf.last_stream = entries_.back().last_stream;
  leaf.first_page_at = entries_.front().offset;
  leaf.offset = length();
  const std::string bytes = encode_leaf(entries_);
  leaf.length = static_cast<uint32_t>(bytes.size());
  leaf.crc = crc32c(bytes);
  bytes_ += bytes;
  root_.leaves.push_back(leaf);
  for (const PageEntry& entry : entries_) root_.summary.bounds.add(entry.bounds);
  root_.summary.pages += entries_.size();
  entries_.clear();
}

// The last reading of a page stays until the next comes, so that the order is checked across pages.
Status PartWriter::add(const Reading& reading) {
  CHECK(page_.empty() || kept_order(page_.back()) < kept_order(reading), "by KeptOrder");
  if (page_.size() >= page_rows_ || page_bytes_ >= kPageBytes) TRY_DO(end_page());
  page_.push_back(reading);
  page_bytes_ += content_bytes(reading);
  return {};
}

Result<PartSummary> PartWriter::finish() {
  CHECK(!page_.empty(), "a part holds at least one reading");
  TRY_DO(end_page());
  if (!entries_.empty()) end_leaf();
  const std::string root = encode_root(root_);
  std::string footer;
  put_u64(footer, length());
  put_u64(footer, root.size());
  put_u32(footer, crc32c(footer, crc32c(root, crc32c(encode_header(root_.summary)))));
  footer += kEndMagic;
  bytes_ += root;
  bytes_ += footer;
  TRY_DO(flush());
  if (!leaves_parts_unsynced()) TRY_DO(file_.sync());
  root_.summary.bytes = written_;
  return root_.summary;
}

Status verify_part(Files& files, const std::string& path,
                   const std::function<Status(const Reading&)>& each) {
  TRY(auto part, Part::open(files, path));
  std::optional<KeptOrder> last;
  Bounds bounds;
  for (size_t page = 0; page < part->summary().pages; ++page) {
    TRY(const PageEntry entry, part->entry(page));
    TRY(const auto readings, part->read_page_once(page));
    PageEntry found = describe(readings);
    found.offset = entry.offset;
    found.length = entry.length;
    found.crc = entry.crc;
    const auto wrong = [&](std::string_view what) {
      return in_part(corrupt(fmt::format("page {} {}", page, what)), path);
    };
    if (found != entry) return wrong("is not what its entry says");
    if (last && kept_order(readings.front()) <= *last) return wrong("is not behind the one before");
    last = kept_order(readings.back());
    bounds.add(found.bounds);
    if (!each) continue;
    for (const Reading& reading : readings) TRY_DO(each(reading));
  }
  if (bounds != part->summary().bounds)
    return in_part(corrupt("its readings are not what its root says"), path);
  return {};
}

}  // namespace duliang
