// Who owns which ids. A lane is a block of 256 ids (id >> 8 is the lane, id & 255 the slot in it)
// and belongs to one stream; a stream takes the next free lane when its own is full. Slot 0 of lane
// 0 is never given, so that ids begin at 1.
//
// Lanes is the writer's. A LaneView may be read by any thread while the writer goes on: pages of
// the table never move, and a lane is written once, by an atomic store.
#pragma once

#include <array>
#include <atomic>
#include <memory>
#include <unordered_map>
#include <vector>

#include "model/reading.h"
#include "sqlite/sqlite.h"

namespace duliang {

inline constexpr uint64_t kLaneIds = 256;

inline uint64_t lane_of(ReadingId id) { return static_cast<uint64_t>(id) / kLaneIds; }
inline uint64_t slot_of(ReadingId id) { return static_cast<uint64_t>(id) % kLaneIds; }

inline constexpr size_t kLanesInPage = 1024;
struct LanePage {
  std::array<std::atomic<int64_t>, kLanesInPage> streams{};  // 0: nobody's
};
using LanePages = std::vector<std::shared_ptr<LanePage>>;

struct LaneView {
  std::shared_ptr<const LanePages> pages = std::make_shared<const LanePages>();
  uint64_t end = 0;  // lanes below this one were given when the view was taken
  // StreamId{0} where the lane is nobody's.
  StreamId stream_of(uint64_t lane) const;
};

class Lanes {
 public:
  Lanes() = default;
  Lanes(const Lanes&) = delete;  // two would write into one table
  Lanes& operator=(const Lanes&) = delete;

  static Status create_tables(Connection& connection);
  Status load(Connection& connection);

  ReadingId give(StreamId stream);
  // The reading has this id already: its lane belongs to the stream (CHECK) and its slot is taken.
  void restore(ReadingId id, StreamId stream);
  LaneView view() const { return {pages_, next_lane_}; }

  // Writes the lanes that changed since the last save that was followed by saved(), which says that
  // the transaction was committed.
  Status save(Connection& connection);
  void saved() { saving_.clear(); }

 private:
  static constexpr uint64_t kNoLane = ~uint64_t{0};
  struct Current {  // the newest lane of a stream
    uint64_t lane = kNoLane;
    uint64_t next_slot = kLaneIds;
    bool changed = false;  // stands in changed_
  };
  struct Change {
    StreamId stream;
    uint64_t lane;
  };
  void own(uint64_t lane, StreamId stream);
  void note_change(StreamId stream, Current& current);

  std::shared_ptr<const LanePages> pages_ = std::make_shared<const LanePages>();
  uint64_t next_lane_ = 0;
  std::unordered_map<StreamId, Current> current_;
  std::vector<Change> changed_;
  std::vector<Change> saving_;
};

}  // namespace duliang
