// A part file: readings of one month, sorted by stream and time, in pages that are decoded one by
// one. It is written once and never changed. The bytes are in FORMAT.md.
//
// An open Part holds the root of its directory; pages and leaves of the directory are read when
// they are asked for and kept in a PageCache for a while. Any thread may ask, because
// Files::read_at of the real files has no position of its own. What can fail is reading (io) and
// bytes that do not check (corrupt, naming the file).
#pragma once

#include <atomic>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "base/files.h"
#include "series/directory.h"
#include "series/page.h"
#include "series/page_cache.h"

namespace duliang {

// What a page holds of one stream.
struct StreamOnPage {
  StreamId stream{0};
  Bounds bounds;
  ReadingId first{0};   // one that begins at bounds.first
  ReadingId latest{0};  // one that ends at bounds.end
  uint32_t first_arrived_s = 0;
  uint32_t last_arrived_s = 0;
};

class Part {
 public:
  using Readings = std::shared_ptr<const std::vector<Reading>>;

  static Result<std::shared_ptr<const Part>> open(Files& files, const std::string& path,
                                                  PageCache& cache = PageCache::of_process());
  struct Opened;
  explicit Part(Opened opened);  // by open()
  ~Part();                       // removes its file where remove_when_unused() was called
  Part(const Part&) = delete;
  Part& operator=(const Part&) = delete;

  const PartSummary& summary() const { return root_.summary; }
  Result<PageEntry> entry(size_t page) const;
  // [first, behind the last) of the pages that may hold the stream.
  Result<std::pair<size_t, size_t>> pages_of(StreamId stream) const;
  // Its readings by KeptOrder, shared with whoever else reads the page now.
  Result<Readings> read_page(size_t page) const;
  // The same, passing by the cache: for who reads a part once and whole.
  Result<std::vector<Reading>> read_page_once(size_t page) const;
  // By stream. It is kept for longer than the page, as it is small.
  using Streams = std::shared_ptr<const std::vector<StreamOnPage>>;
  Result<Streams> streams_on(size_t page) const;
  // What its readings are judged by, passing by the cache.
  Result<PageColumns> read_columns(size_t page, bool with_results) const;
  // The last readings of a stream on a page, where somebody who decoded it has left them; else
  // null. So the newest of many streams, asked for again and again, do not cost a page each. Two of
  // them: who wants one also wants to know whether there are more.
  Readings known_last(size_t page, StreamId stream) const;
  void keep_last(size_t page, std::span<const Reading* const> of_stream) const;
  // A merge has replaced it: the file goes with the last who holds the part.
  void remove_when_unused() const { unused_ = true; }

 private:
  using Entries = std::shared_ptr<const std::vector<PageEntry>>;
  Result<Entries> read_leaf(size_t leaf) const;
  PageCache::Key last_key(size_t page, StreamId stream) const;
  Error in_page(const Error& error, size_t page, const PageEntry& its_entry) const;

  Files& files_;
  const std::string path_;
  PageCache& cache_;
  const uint64_t number_;  // in the cache
  File file_;
  const PartRoot root_;
  mutable std::atomic<bool> unused_ = false;
};

// Writes a part from readings that come one by one, in bounded memory. A file that was not finished
// is no part, and whoever wanted it removes it.
class PartWriter {
 public:
  // Over anything that stood there.
  static Result<PartWriter> create(Files& files, std::string path, int32_t month, uint64_t sequence,
                                   size_t page_rows = kPageRows);
  Status add(const Reading& reading);  // by KeptOrder (CHECK)
  // Writes the directory and syncs the file; its name is not yet durable. At least one reading has
  // been added (CHECK).
  Result<PartSummary> finish();

 private:
  explicit PartWriter(File file) : file_(std::move(file)) {}
  Status end_page();
  void end_leaf();
  Status flush();
  uint64_t length() const { return written_ + bytes_.size(); }

  File file_;
  size_t page_rows_ = kPageRows;
  std::vector<Reading> page_;  // that is being filled
  size_t page_bytes_ = 0;
  std::vector<PageEntry> entries_;  // of the leaf that is being filled
  PartRoot root_;                   // of what came before
  std::string bytes_;               // behind `written_` in the file
  uint64_t written_ = 0;
};

}  // namespace duliang
