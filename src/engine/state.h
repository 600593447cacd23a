// What an open data folder is made of. Private to engine/.
#pragma once

#include <deque>
#include <mutex>

#include "engine/engine.h"
#include "engine/frame_index.h"
#include "engine/house.h"

namespace duliang {

// Reader connections that are not in use.
struct ReaderPool {
  std::mutex mutex;
  std::vector<std::unique_ptr<Connection>> idle;
};

struct Engine::State {
  State(EngineOptions given, Clock& clock_, Files& files_)
      : options(std::move(given)), clock(clock_), files(files_) {}

  EngineOptions options;
  Clock& clock;
  Files& files;
  File lock;
  Connection connection;
  std::unique_ptr<Series> series;
  std::unique_ptr<House> house;
  std::unique_ptr<FileLog> log;
  std::unique_ptr<Journal> journal;
  FrameIndex frames;

  std::deque<std::pair<Command, Done>> queue;
  std::vector<FeedSink> feed;
  EngineCounts counts;
  uint64_t checkpoint_sequence = 0;
  Time last_time{};  // the latest of any frame
  std::string halted;
  bool declarations_restored = false;  // a pack was loaded behind the checkpoint

  // Held while a commit and what belongs to it in memory change together, and while a reader takes
  // both.
  std::mutex publish;
  std::shared_ptr<ReaderPool> readers = std::make_shared<ReaderPool>();

  // open.cc
  Status open_folder();
  Status restore();
  Status restore_frame(Frame& frame, uint64_t rows_applied);
  // turn.cc
  Status run_group();
  Status make_durable(const FrameBody& body, uint64_t sequence);
  Status commit(uint64_t sequence);
  // engine.cc
  Status write_checkpoint();
  void look_at_clock();
};

// Where a checkpoint stands: the journal's tail, and the latest time of a frame before it.
struct Checkpoint {
  Tail tail;
  Time time{};
};
std::string encode_checkpoint(const Checkpoint& checkpoint);
Result<Checkpoint> decode_checkpoint(std::string_view text);  // {} of an empty text

}  // namespace duliang
